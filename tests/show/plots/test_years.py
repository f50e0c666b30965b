"""Years, and those around a start."""

import pandas as pd

from perflib.show import plots, theme
from perflib.show.plots.chart import framed

WORDS = {"title": "t", "subtitle": "s", "source": "q", "lang": "en"}


def test_years_before_the_start_are_placebos():
    rows = pd.DataFrame({"event_time": [-1, 0, 1], "value": [0.1, 2.0, 3.0], "low": [-1, 1, 2], "high": [1, 3, 4],
                         "is_placebo": [True, False, False]})  # fmt: skip
    ax = plots.event(rows, lang="en")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1 before", "first year", "1 after"]
    assert framed(ax, **WORDS).alt_text.endswith("3 points in time, 1 of them before the start.")


def test_nothing_is_drawn_across_a_break():
    rows = pd.DataFrame({"year": [2019, 2020, 2021, 2022], "rate": [0.5, 0.6, 0.9, 0.8]})
    ax = plots.lines(rows, breaks=[2021], lang="en")
    drawn = [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "o"]
    assert drawn == [[2019, 2020], [2021, 2022]]


def test_lines_are_called_at_their_ends_with_the_last_value():
    rows = pd.DataFrame({"year": [2021, 2022] * 2, "rate": [0.5, 0.6, 0.7, 0.601], "n": ["a", "a", "b", "b"]})
    ax = plots.lines(rows, by="n", mark="b", lang="en")
    assert [(t.get_text(), t.get_color()) for t in ax.texts] == [
        ("a 60.0%", theme.GREY),
        ("b 60.1%", theme.BLUE),
    ]
    boxes = [t.get_window_extent() for t in ax.texts]
    assert not boxes[0].overlaps(boxes[1])
    alt = framed(ax, **WORDS).alt_text
    assert alt.endswith("From 2021 to 2022; in the last year they lie between 60.0% and 60.1%.")
