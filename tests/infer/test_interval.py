"""Intervals against the test table of PHEindicatormethods, and against their own definition."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.data.errors import ArgumentError
from perflib.infer.interval import difference, wilson_interval


@pytest.fixture
def table(oracles):
    table = pd.read_csv(oracles / "phe_byars_wilson.csv")
    return table.assign(confidence=table["confidence"].str.rstrip("%").astype(float) / 100)


def test_published_limits(table):
    for confidence, rows in table[table["method"] == "Wilson"].groupby("confidence"):
        got = wilson_interval(rows["x"], rows["n"], confidence=confidence)
        # One published lower limit is blank: the formula is below 0 there, and we give 0.
        np.testing.assert_allclose(got["low"], rows["lowercl"].fillna(0), rtol=1e-10)
        np.testing.assert_allclose(got["high"], rows["uppercl"], rtol=1e-10)


def test_ends_and_nothing():
    assert wilson_interval([0], [0])["value"].isna().all()


def test_a_confidence_in_per_cent_is_refused():
    with pytest.raises(ArgumentError, match=r"between 0 and 1 .* not 95"):
        wilson_interval([1], [2], confidence=95)


@given(*[st.tuples(*[st.floats(0, 1)] * 3)] * 2)
def test_a_difference_of_rates_stays_within_what_is_possible(one, two):
    (low, value, high), (other_low, other, other_high) = sorted(one), sorted(two)
    found = difference(value, low, high, other, other_low, other_high)
    assert (
        low - other_high - 1e-12
        <= found["low"]
        <= found["value"]
        <= found["high"]
        <= high - other_low + 1e-12
    )
