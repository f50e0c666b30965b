"""A heat table: every cell prints its number."""

import numpy as np
import pandas as pd
import pytest

from perflib.show import plots, theme
from perflib.show.plots.panels import BLACK, contrast, on_scale, readable

CELLS = pd.DataFrame({"n": ["b", "b", "a"], "year": [2021, 2022, 2022], "rate": [0.5, 1.0, 0.75]})


def test_cells_stand_in_the_order_in_which_they_come_and_a_missing_one_is_a_dash():
    ax = plots.heat(CELLS, y="n", lang="en")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b", "a"]
    assert sorted(t.get_text() for t in ax.texts) == sorted(["50.0%", "100.0%", "75.0%", "—"])


@pytest.mark.parametrize("middle", [None, 0.5])
def test_every_number_stands_out_from_its_shade(middle):
    cells = pd.DataFrame({"n": "a", "year": range(41), "rate": np.linspace(0, 1, 41)})
    ax = plots.heat(cells, y="n", middle=middle, lang="en")
    shades = ax.images[0].get_array()[0]
    assert min(contrast(text.get_color(), shade) for text, shade in zip(ax.texts, shades, strict=True)) >= 4.5
    assert {readable(shade) for shade in shades} == {BLACK, theme.PAPER}


def test_below_the_middle_is_told_by_more_than_colour_unless_it_prints_the_same():
    cells = pd.DataFrame({"n": "a", "year": [1, 2, 3], "rate": [0.9, 0.99999, 1.0]})
    told = [t.get_text() for t in plots.heat(cells, y="n", middle=1.0, lang="en").texts]
    assert told == ["▼ 90.0%", "100.0%", "100.0%"]


def test_one_odd_value_does_not_pale_the_others_where_the_scale_has_limits():
    values = np.array([[0.65, 1.0, 4.7]])
    assert on_scale(values, 1.0, None)[0, 0] == pytest.approx(0.5 + (0.65 - 1) / 3.7 / 2)
    assert on_scale(values, 1.0, (0.5, 1.5))[0].tolist() == pytest.approx(
        [0.5 + (0.65 - 1) / 0.5 / 2, 0.5, 1.0]
    )


def test_the_own_row_comes_first_and_a_break_stands_before_its_cell():
    breaks = pd.DataFrame({"n": ["a"], "year": [2022]})
    ax = plots.heat(CELLS, y="n", mark="a", breaks=breaks, lang="en")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]
    (x, low), (_, high) = ax.collections[-1].get_segments()[0]
    assert (x, low, high) == (1, 0, 1)


def test_thirteen_years_of_districts_with_long_names_have_room_for_their_numbers():
    years = range(2011, 2024)
    rows = [
        (f"Sample Long-Named {n} District", year, 0.88 + 0.01 * ((n + year) % 4))
        for n in range(9)
        for year in years
    ]
    ax = plots.heat(pd.DataFrame(rows, columns=["n", "year", "rate"]), y="n", middle=0.895, lang="en")
    told = [text.get_text() for text in ax.texts]
    assert {"▼88.0", "91.0"} < set(told)
    ax.figure.draw_without_rendering()
    wide = [text.get_window_extent().width for text in ax.texts]
    assert max(wide) < ax.get_window_extent().width / len(years)
