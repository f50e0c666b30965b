"""The common core of panels that change."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from perflib.infer.expert_panel import complete_core


def test_raters_of_every_year_are_the_core():
    wide = pd.DataFrame(
        {"A": [1.0, 2, 3, 4], "B": [2.0, 2, 3, 5], "old": [1.0, 2, None, None], "new": [None, None, 3, 4]}
    )
    core = complete_core(wide)
    assert list(core.columns) == ["A", "B"]
    assert core.size == 4 * 2


def test_complete_table_is_its_own_core():
    wide = pd.DataFrame({"A": [1.0, 2], "B": [2.0, 2], "C": [3.0, 1]})
    assert complete_core(wide).shape == (2, 3)


def test_panels_that_share_nobody_have_no_core():
    wide = pd.DataFrame({"A": [1.0, None], "B": [None, 2.0]})
    assert complete_core(wide).empty


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=4, max_size=4), min_size=1, max_size=8
    )
)
def test_core_has_no_gap_and_is_part_of_the_table(rows):
    wide = pd.DataFrame(rows, columns=list("ABCD"), dtype="float64")
    core = complete_core(wide)
    assert not core.isna().any().any()
    pd.testing.assert_frame_equal(core, wide.loc[core.index, core.columns])
