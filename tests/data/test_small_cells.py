import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.data.edition import SMALLEST, is_small, suppress_small_cells


@pytest.mark.parametrize(("count", "small"), [(0, False), (1, True), (4, True), (5, False), (None, False)])
def test_one_to_four_are_small(count, small):
    assert is_small(count) is small


def blanked(counts: list[int], **options) -> list:
    frame = pd.DataFrame({"n": counts, "v": [float(c) for c in counts], **options.pop("columns", {})})
    done = suppress_small_cells(frame, count="n", related=["v"], **options)
    assert done["n"].isna().equals(done["v"].isna())
    return done["n"].isna().tolist()


def test_a_lone_small_cell_is_protected_by_the_smallest_other():
    assert blanked([3, 40, 9, 0]) == [True, False, True, False]


def test_two_small_cells_that_hold_five_protect_each_other():
    assert blanked([3, 4, 40]) == [True, True, False]


def test_two_small_cells_that_hold_fewer_do_not():
    assert blanked([1, 2, 40, 9]) == [True, True, False, True]


def test_groups_are_protected_one_by_one():
    assert blanked([3, 40, 9, 8], by=["g"], columns={"g": ["a", "a", "b", "b"]}) == [True, True, False, False]


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12))
def test_no_small_cell_comes_back_by_subtraction(counts):
    hidden = [c for c, gone in zip(counts, blanked(counts), strict=True) if gone]
    shown = [c for c, gone in zip(counts, blanked(counts), strict=True) if not gone]
    assert not any(0 < c < SMALLEST for c in shown)
    # The total less what is shown is a sum of several cells, unless nothing else was there to hide it.
    assert not hidden or (len(hidden) >= 2 and sum(hidden) >= SMALLEST) or not any(shown)
