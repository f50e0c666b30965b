"""The figures of the chapter on spot checks."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.difference_plot import difference_plot
from perflib.show.figures.ranked_dots import ranked_dots


def add_figures(chapter: Chapter, pairs: pd.DataFrame, limits: pd.DataFrame, rounds: pd.DataFrame) -> None:
    """Add the plot of differences, and the inflation by round: weighted beside naive."""
    good = pairs[pairs["reason"].isna()]
    if len(limits):
        _add_differences(chapter, good, limits["value"])
    if not chapter.facts["inflation"].is_missing:
        _add_rounds(chapter, rounds)


def _add_differences(chapter: Chapter, good: pd.DataFrame, values: pd.Series) -> None:
    lang = chapter.lang
    figure = difference_plot(
        good, first="self_score", second="check_score", bias=float(values["bias"]),
        lower=float(values["lower_limit"]), upper=float(values["upper_limit"]),
        x_label=say("show_evaluation.mean_of_scores", lang), y_label=say("show_evaluation.self_less_check", lang),
        **figure_words(chapter, "differences"),
    )  # fmt: skip
    chapter.add_figure("differences", figure)


def _add_rounds(chapter: Chapter, rounds: pd.DataFrame) -> None:
    known = rounds[rounds["point_value"].notna()]
    years = known["round_year"].astype("Int64").astype("str")
    name = years.where(known["round_year"].notna(), say("show_evaluation.pooled", chapter.lang))
    parts = []
    for kind, prefix in (("weighted", "point"), ("naive", "naive")):
        word = say(f"show_evaluation.{kind}", chapter.lang)
        part = known[[f"{prefix}_value", f"{prefix}_low", f"{prefix}_high"]]
        part = part.set_axis(["value", "low", "high"], axis=1).astype(float)
        parts.append(part.assign(kind=word, label=name + " · " + word))
    # Round by round, the two estimates side by side.
    pairs = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    figure = ranked_dots(pairs, is_ranked=False, label="label", value="value", lower="low", upper="high", tier="kind", unit="score", **figure_words(chapter, "rounds"))  # fmt: skip
    chapter.add_figure("rounds", figure)
