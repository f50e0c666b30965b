"""The figures of the chapter on ex-ante appraisal."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.appraisal import request_to_approval
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.budget_flow import budget_flow
from perflib.show.figures.ranked_dots import ranked_dots
from perflib.show.labels import column

STEPS = ("requested", "recommended", "approved")
MOST = 24  # projects in the figure of scores: the latest


def add_figures(chapter: Chapter, own: pd.DataFrame, judged: pd.DataFrame, rules: Rules) -> None:
    """Add the way from request to approval, and the panels' scores with their intervals."""
    total = request_to_approval(own)
    if len(total) and total["requested"].iloc[0] > 0:
        _add_steps(chapter, total.iloc[0])
    if judged["value"].notna().any():
        _add_scores(chapter, judged, rules)


def _add_steps(chapter: Chapter, total: pd.Series) -> None:
    names = [column(s).label(chapter.lang) for s in STEPS]
    frame = pd.DataFrame({"step": names, "amount": [total[s] for s in STEPS]}).dropna()
    figure = budget_flow(
        frame, label="step", value="amount", currency=chapter.currency, **figure_words(chapter, "steps")
    )
    chapter.add_figure("steps", figure)


def _add_scores(chapter: Chapter, judged: pd.DataFrame, rules: Rules) -> None:
    shown = judged.head(MOST)
    labels = {b.key: b.label(chapter.lang) for b in rules.verdicts}
    shown = shown.assign(
        tier=shown["panel_verdict"].map(labels).fillna("—"),
        label=shown["budget_year"].astype("str") + " " + shown["subject_name"],
    )
    figure = ranked_dots(shown, label="label", value="value", lower="low", upper="high", tier="tier", unit="score",
                         **figure_words(chapter, "scores"))  # fmt: skip
    chapter.add_figure("scores", figure)
