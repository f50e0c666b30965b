"""Change over the years: breaks of definition aren't changes, and short series aren't cut."""

import numpy as np
import pytest

from perflib.data.errors import DataError
from perflib.infer.readings import change_points


def test_the_nile_changes_in_1898():
    from statsmodels.datasets import nile

    table = change_points(nile.load_pandas().data["volume"], draws=200, seed=1)
    assert table["value"].tolist() == [28]
    assert table["low"].iloc[0] <= 28 <= table["high"].iloc[0] <= 35
    assert table["change"].iloc[0] == pytest.approx(-247.8, abs=0.1)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_readings_that_remember_are_seldom_cut(memory):
    """100 series of 60 readings: 5 % aimed at, so 11 or more of 100 come about once in a hundred times."""
    rng, found = np.random.default_rng(3), 0
    for _ in range(100):
        x = rng.normal(size=60)
        for t in range(1, 60):
            x[t] += memory * x[t - 1]
        found += len(change_points(x, draws=10)) > 0
    assert found <= 10


def test_a_trend_is_no_change_of_level():
    y = 0.2 * np.arange(60) + np.resize([0.0, 1.0, -1.0, 0.5], 60)
    assert change_points(y).empty


def test_a_step_beside_a_trend_is_told_without_the_trend():
    noise = np.resize([0.0, 0.4, -0.4, 0.1, -0.1], 60)
    table = change_points(0.1 * np.arange(60) + 4 * (np.arange(60) >= 30) + noise)
    assert table["value"].tolist() == [30]
    assert table["change"].iloc[0] == pytest.approx(4, abs=0.3)


def test_two_changes_are_found_in_a_long_series():
    y = np.repeat([0.0, 5.0, -3.0], 40) + np.resize([0.0, 0.4, -0.4, 0.1, -0.1], 120)
    assert change_points(y)["value"].tolist() == [40, 80]


def test_a_constant_series_is_not_cut():
    assert change_points(np.full(40, 0.9), draws=10).empty


def test_short_series_are_refused():
    with pytest.raises(DataError, match=r"35 values.* at least 36"):
        change_points(np.arange(35))
