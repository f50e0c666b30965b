"""The figures of the chapter on self-evaluation."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.scatter_band import scatter_band
from perflib.show.figures.score_histogram import score_histogram
from perflib.show.figures.score_scatter import score_scatter

BAND = 0.10


def add_figures(chapter: Chapter, rated: pd.DataFrame, attained: pd.DataFrame, rules: Rules) -> None:
    """Add the spread of scores and execution against score; without scores, attainment against execution."""
    if rated["score"].notna().any():
        marks = {float(b.lower): b.label(chapter.lang) for b in rules.grades if b.lower > 0}
        figure = score_histogram(rated, column="score", marks=marks, ceiling=float(rules.scoring.score_max),
                                 **figure_words(chapter, "histogram"))  # fmt: skip
        chapter.add_figure("histogram", figure)
        _add_score_scatter(chapter, rated, rules)
    elif attained["execution_rate"].notna().any():
        _add_scatter(chapter, "attainment", attained, "execution_rate", "attained_share")


def _add_score_scatter(chapter: Chapter, rated: pd.DataFrame, rules: Rules) -> None:
    points = rated.dropna(subset=["rate", "score"])
    if points.empty:
        return
    best = max(rules.grades, key=lambda b: b.lower)
    words = {part: chapter.phrase(f"{part}_scatter") for part in ("x_label", "y_label", "corner_label")}
    figure = score_scatter(
        points, x="rate", y="score", x_line=float(rules.reasons.execution_below), y_line=float(best.lower),
        ceiling=float(rules.scoring.score_max), **words, **figure_words(chapter, "scatter"),
    )  # fmt: skip
    chapter.add_figure("scatter", figure)


def _add_scatter(chapter: Chapter, id: str, points: pd.DataFrame, x: str, y: str) -> None:
    if points.empty:
        return
    labels = {"x_label": chapter.phrase(f"x_{id}"), "y_label": chapter.phrase(f"y_{id}")}
    figure = scatter_band(
        points, x=x, y=y, label="subject_name", band=BAND, **labels, **figure_words(chapter, id)
    )
    chapter.add_figure(id, figure)
