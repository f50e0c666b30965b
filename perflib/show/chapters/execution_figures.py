"""The figures of the chapter on execution rates."""

import pandas as pd

from perflib.measure.bridge import group_contributions
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.bridge_waterfall import bridge_waterfall
from perflib.show.figures.budget_flow import budget_flow
from perflib.show.figures.ranked_dots import ranked_dots
from perflib.show.figures.rates_histogram import rates_histogram
from perflib.show.labels import column

FLOW = ("initial_budget", "adjusted_budget", "executed", "carried_over", "lapsed")
LEFT = ("carried_over", "lapsed")
MOST = 30  # departments in the figure: those with most money


def add_figures(
    chapter: Chapter, *, rated: pd.DataFrame, totals: pd.Series, departments: pd.DataFrame, head: str
) -> None:
    """Add the four figures: flow of money, spread of rates, bridge of the means, departments."""
    _add_flow(chapter, totals)
    if rated["rate"].notna().any():
        _add_histogram(chapter, rated)
        _add_bridge(chapter, rated, head)
        _add_departments(chapter, departments, head)


def _add_flow(chapter: Chapter, totals: pd.Series) -> None:
    known = totals.reindex(FLOW).dropna()
    labels = {name: column(name).label(chapter.lang) for name in known.index}
    frame = pd.DataFrame({"amount_name": [labels[n] for n in known.index], "amount": known.to_numpy()})
    remainder = tuple(labels[n] for n in LEFT if n in labels)
    figure = budget_flow(
        frame, label="amount_name", value="amount", remainder=remainder, currency=chapter.currency,
        **figure_words(chapter, "flow"),
    )  # fmt: skip
    chapter.add_figure("flow", figure)


def _add_histogram(chapter: Chapter, rated: pd.DataFrame) -> None:
    chapter.add_figure(
        "histogram", rates_histogram(rated, column="rate", **figure_words(chapter, "histogram"))
    )


def _add_bridge(chapter: Chapter, rated: pd.DataFrame, head: str) -> None:
    parts = group_contributions(rated, group=head)
    defined = rated[rated["rate"].notna()]
    weighted = defined["executed"].sum() / defined["budget"].sum()
    figure = bridge_waterfall(
        parts, label=head, contribution="contribution", start=float(defined["rate"].mean()),
        end=float(weighted), start_label=chapter.phrase("start_bridge"), end_label=chapter.phrase("end_bridge"),
        **figure_words(chapter, "bridge"),
    )  # fmt: skip
    chapter.add_figure("bridge", figure)


def _add_departments(chapter: Chapter, departments: pd.DataFrame, head: str) -> None:
    order = departments.sort_values(["budget", head], ascending=[False, True]).head(MOST)
    tiers = {v: chapter.phrase(f"tier_{v}") for v in ("below", "alike", "above", "too_few")}
    figure = ranked_dots(
        order.assign(tier=order["verdict"].map(tiers)), label=head, value="execution_rate",
        lower="rate_low", upper="rate_high", tier="tier",
        reference=chapter.facts["execution_rate"].value, reference_label=chapter.phrase("reference_departments"),
        **figure_words(chapter, "departments"),
    )  # fmt: skip
    chapter.add_figure("departments", figure)
