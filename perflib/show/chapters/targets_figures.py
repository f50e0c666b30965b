"""The figures of the chapter on targets."""

import pandas as pd

from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.paired_bars import paired_bars
from perflib.show.figures.share_bars import share_bars

MOST = 15  # departments in the figure: those with most faults


def add_figures(
    chapter: Chapter, by_rule: pd.DataFrame, departments: pd.DataFrame, *, has_initial: bool
) -> None:
    """Add faults by rule and by department: before and after, where targets as approved are known."""
    shown = {"rules": (by_rule, "rule_label"), "departments": (departments.head(MOST), "department")}
    for id, (frame, label) in shown.items():
        if frame.empty:
            continue
        words = figure_words(chapter, id)
        if has_initial:
            pair = {"first": "before", "second": "after"}
            names = {f"{place}_label": chapter.phrase(column) for place, column in pair.items()}
            figure = paired_bars(frame, label=label, **pair, **names, **words)
        else:
            figure = share_bars(frame, label=label, value="after", unit="count", **words)
        chapter.add_figure(id, figure)
