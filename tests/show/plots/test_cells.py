"""A heat table: every cell prints its number."""

import pandas as pd

from perflib.show import plots

CELLS = pd.DataFrame({"n": ["b", "b", "a"], "year": [2021, 2022, 2022], "rate": [0.5, 1.0, 0.75]})


def test_cells_stand_in_the_order_in_which_they_come_and_a_missing_one_is_a_dash():
    ax = plots.heat(CELLS, y="n", lang="en")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b", "a"]
    assert sorted(t.get_text() for t in ax.texts) == sorted(["50.0%", "100.0%", "75.0%", "—"])
