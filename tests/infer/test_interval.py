"""Intervals against the test table of PHEindicatormethods, and against their own definition."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from perflib.data.errors import ArgumentError
from perflib.infer.interval import (
    byar_interval,
    exact_poisson_interval,
    exact_proportion_interval,
    wilson_interval,
)


@pytest.fixture
def table(oracles):
    table = pd.read_csv(oracles / "phe_byars_wilson.csv")
    return table.assign(confidence=table["confidence"].str.rstrip("%").astype(float) / 100)


@pytest.mark.parametrize("method", ["Byars", "Wilson"])
def test_published_limits(table, method):
    for confidence, rows in table[table["method"] == method].groupby("confidence"):
        if method == "Byars":
            got = byar_interval(rows["x"], confidence=confidence)
        else:
            got = wilson_interval(rows["x"], rows["n"], confidence=confidence)
        # One published lower limit is blank: the formula is below 0 there, and we give 0.
        np.testing.assert_allclose(got["low"], rows["lowercl"].fillna(0), rtol=1e-10)
        np.testing.assert_allclose(got["high"], rows["uppercl"], rtol=1e-10)


def test_exact_limits_leave_the_tail_that_they_promise():
    row = exact_poisson_interval([7]).iloc[0]
    assert stats.poisson.sf(6, row["low"]) == pytest.approx(0.025)
    assert stats.poisson.cdf(7, row["high"]) == pytest.approx(0.025)
    row = exact_proportion_interval([3], [20]).iloc[0]
    assert stats.binom.sf(2, 20, row["low"]) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 20, row["high"]) == pytest.approx(0.025)


def test_ends_and_nothing():
    assert exact_poisson_interval([0])["low"].tolist() == [0]
    ends = exact_proportion_interval([0, 5], [5, 5])
    assert (ends["low"].iloc[0], ends["high"].iloc[1]) == (0, 1)
    assert wilson_interval([0], [0])["value"].isna().all()
    assert exact_proportion_interval([0], [0])[["low", "high"]].isna().all(axis=None)


def test_a_confidence_in_per_cent_is_refused():
    with pytest.raises(ArgumentError, match=r"between 0 and 1 .* not 95"):
        wilson_interval([1], [2], confidence=95)
