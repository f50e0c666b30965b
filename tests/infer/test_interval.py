"""Intervals against the test table of PHEindicatormethods, and against their own definition."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.infer.interval import wilson_interval


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
