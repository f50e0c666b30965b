"""The figures of the chapter on targets."""

import pandas as pd

from perflib.show.chapter import Chapter
from perflib.show.chapters.appraisal_figures import figure_words
from perflib.show.figures.paired_bars import paired_bars

MOST = 15  # departments in the figure: those with most faults


def add_figures(chapter: Chapter, by_rule: pd.DataFrame, departments: pd.DataFrame) -> None:
    """Add faults by rule and by department, before and after rectification."""
    shown = {"rules": (by_rule, "rule_label"), "departments": (departments.head(MOST), "department")}
    for id, (frame, label) in shown.items():
        if len(frame):
            figure = paired_bars(frame, label=label, first="before", second="after",
                                 first_label=chapter.phrase("before"), second_label=chapter.phrase("after"),
                                 **figure_words(chapter, id))  # fmt: skip
            chapter.add_figure(id, figure)
