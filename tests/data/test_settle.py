"""Rows of one key summed, and cents that add up."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.columns import to_whole_cents, total_cents
from perflib.data.contract import table
from perflib.data.files import Grid
from perflib.data.piece import Piece
from perflib.data.settle import merge_keys


def piece(**columns) -> Piece:
    grid = Grid("f.csv", "", np.empty((0, 0), object), "")
    frame = pd.DataFrame(columns)
    return Piece(table("projects"), frame, np.arange(2, len(frame) + 2), grid)


def test_rows_of_one_key_are_summed_in_cents_and_other_columns_keep_the_first():
    made = piece(district=["d"] * 4, year=[2022] * 4, project=["A", "B", "A", "A"], name=["x", "y", "z", "z"],
                 executed=[0.1, 5.0, 0.2, np.nan])  # fmt: skip
    merge_keys(made)
    assert made.frame["project"].tolist() == ["A", "B"] and made.frame["name"].tolist() == ["x", "y"]
    assert made.frame["executed"].tolist() == [0.3, 5.0]
    assert made.rows.tolist() == [2, 3] and made.rows_merged == 2


def test_sum_of_nothing_but_na_is_na():
    made = piece(district=["d"] * 2, year=[2022] * 2, project=["A"] * 2, executed=[np.nan] * 2)
    merge_keys(made)
    assert made.frame["executed"].isna().tolist() == [True]


def test_fractions_of_a_cent_are_added_before_they_are_rounded():
    made = piece(district=["d"] * 3, year=[2022] * 3, project=["A", "A", "B"], executed=[1.005, 1.005, 3.0])
    merge_keys(made)
    assert made.frame["executed"].tolist() == [2.01, 3.0]


@settings(deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40))
def test_whole_cents_sum_to_the_rounded_sum(hundredths):
    amounts = np.array(hundredths) / 10_000
    cents = np.rint(to_whole_cents(piece(), "executed", amounts) * 100)
    assert int(cents.sum()) == total_cents(amounts)
    assert (np.abs(cents - amounts * 100) < 1 + 1e-6).all()
