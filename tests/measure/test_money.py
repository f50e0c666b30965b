"""Sums of money in whole cents: no engine and no order changes them."""

import duckdb
import pandas as pd
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.measure.money import sum_amounts

amounts = st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), min_size=1, max_size=40)


@settings(max_examples=15, deadline=None)
@given(amounts, st.randoms(use_true_random=False))
def test_order_and_engine_do_not_matter(cents, random):
    frame = pd.DataFrame({"x": [None if c is None else c / 100 for c in cents]}, dtype="float64")
    mixed = frame.sample(frac=1, random_state=random.randint(0, 99))
    expected = sum(c for c in cents if c is not None) / 100
    for each in (frame, mixed, pl.from_pandas(mixed), duckdb.connect().from_df(mixed)):
        total = sum_amounts(each, ["x"])["x"].iloc[0]
        assert pd.isna(total) if all(c is None for c in cents) else total == expected


def test_nothing_but_na_is_na():
    table = sum_amounts(pd.DataFrame({"g": ["a", "b"], "x": [None, 0.0]}), ["x"], by=["g"])
    assert pd.isna(table["x"].iloc[0]) and table["x"].iloc[1] == 0


def test_groups_without_a_name_are_kept():
    table = sum_amounts(pd.DataFrame({"g": ["a", None], "x": [1.0, 2.0]}), ["x"], by=["g"])
    assert table["x"].tolist() == [1, 2]


def test_half_a_cent_goes_up_on_every_engine():
    frame = pd.DataFrame({"x": [0.125, -0.125]})
    for each in (frame, pl.from_pandas(frame), duckdb.connect().from_df(frame)):
        assert sum_amounts(each, ["x"])["x"].tolist() == [0.01]
