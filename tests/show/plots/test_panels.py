"""Small multiples: one scale, cut where a definition broke."""

import numpy as np
import pandas as pd

from perflib.show import plots

YEARS = pd.DataFrame({"n": ["a"] * 4 + ["b"] * 2, "year": [2019, 2020, 2021, 2022, 2021, 2022],
                      "rate": [0.5, 0.6, 0.9, 0.8, 0.7, None], "segment": [0, 0, 1, 1, 0, 0]})  # fmt: skip


def test_a_line_is_cut_where_the_segment_changes_and_the_break_is_marked():
    breaks = pd.DataFrame({"n": ["a"], "year": [2021]})
    axes = plots.small_multiples(YEARS, by="n", segment="segment", breaks=breaks, lang="en")
    own = [line for line in axes[0].lines if line.get_linewidth() == 1.9]
    assert [list(line.get_xdata()) for line in own] == [[2019, 2020], [2021, 2022]]
    marked = [line for line in axes[0].lines if np.allclose(line.get_xdata(), 2021 - 0.5)]
    assert len(marked) == 1 and not [
        line for line in axes[1].lines if np.allclose(line.get_xdata(), 2021 - 0.5)
    ]


def test_the_last_known_value_is_printed():
    axes = plots.small_multiples(YEARS, by="n", lang="en")
    assert [ax.texts[0].get_text() for ax in axes[:2]] == ["80.0%", "70.0%"]
