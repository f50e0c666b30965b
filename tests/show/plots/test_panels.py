"""Small multiples: one scale, cut where a definition broke."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from perflib.show import plots
from perflib.show.plots.panels import without_common

YEARS = pd.DataFrame({"n": ["a"] * 4 + ["b"] * 2, "year": [2019, 2020, 2021, 2022, 2021, 2022],
                      "rate": [0.5, 0.6, 0.9, 0.8, 0.7, None], "segment": [0, 0, 1, 1, 0, 0]})  # fmt: skip


def test_a_line_is_cut_where_the_segment_changes_and_the_break_is_marked():
    breaks = pd.DataFrame({"n": ["a"], "year": [2021]})
    axes = plots.small_multiples(YEARS, by="n", segment="segment", breaks=breaks, lang="en")
    drawn = [list(line.get_xdata()) for line in axes[0].lines if line.get_linewidth() == 1.6]
    assert drawn == [[2019, 2020], [2021, 2022]]
    behind = [list(line.get_xdata()) for line in axes[1].lines if line.get_linewidth() == 0.7]
    assert [2019, 2020] in behind and [
        2019,
        2020,
        2021,
        2022,
    ] not in behind  # nor is it drawn through in grey
    marked = [line for line in axes[0].lines if np.allclose(line.get_xdata(), 2021 - 0.5)]
    assert len(marked) == 1 and not [
        line for line in axes[1].lines if np.allclose(line.get_xdata(), 2021 - 0.5)
    ]


def test_the_last_known_value_is_printed():
    axes = plots.small_multiples(YEARS, by="n", lang="en")
    assert [ax.texts[0].get_text() for ax in axes[:2]] == ["80.0%", "70.0%"]


def test_the_own_panel_comes_first_and_no_title_runs_into_a_value():
    rows = YEARS.replace({"n": {"a": "Sample North District", "b": "Sample Long-Named-Riverside District"}})
    axes = plots.small_multiples(rows, by="n", mark="Sample Long-Named-Riverside District", lang="en")
    assert [ax.get_title(loc="left") for ax in axes[:2]] == ["Long-Named-Riverside", "North"]
    axes[0].figure.draw_without_rendering()
    for ax in axes[:2]:
        title = next(text for text in ax.findobj(Text) if text.get_text() == ax.get_title(loc="left"))
        assert not title.get_window_extent().overlaps(ax.texts[0].get_window_extent())


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["A x", "A y"], ["x", "y"]),
        (["A x B", "A y z B"], ["x", "y z"]),
        (["A", "A x"], ["A", "A x"]),
        (["A x"], ["A x"]),
        (["甲区", "乙区"], ["甲区", "乙区"]),
    ],
)
def test_words_that_all_names_share_are_left_out(names, told):
    assert without_common(names) == told


def test_a_value_stands_below_a_line_that_falls_to_it_and_above_one_that_rises():
    rows = pd.DataFrame({"n": ["a", "a", "b", "b"], "year": [2021, 2022] * 2, "rate": [0.5, 0.6, 0.6, 0.5]})
    rising, falling = (ax.texts[0] for ax in plots.small_multiples(rows, by="n", lang="en")[:2])
    assert rising.xyann[1] > 0 > falling.xyann[1]
