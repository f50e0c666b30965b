"""Rank correlation against its definition and scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from perflib.infer.interval import rank_correlation


def test_pairs_with_a_missing_side_are_left_out():
    x, y = pd.Series([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), pd.Series([9, 8, 7, 5, 6, np.nan])
    row = rank_correlation(x, y).iloc[0]
    assert row["rows"] == 5 and row["value"] == pytest.approx(1 - 6 * (16 + 4 + 0 + 9 + 9) / (5 * 24))
    assert row["low"] < row["value"] < row["high"]


def test_the_interval_is_fishers_with_the_variance_of_bonett_and_wright():
    rng = np.random.default_rng(1)
    x = pd.Series(rng.normal(size=50))
    y = x + rng.normal(size=50)
    row = rank_correlation(x, y).iloc[0]
    rho = stats.spearmanr(x, y).statistic
    half = stats.norm.isf(0.025) * np.sqrt((1 + rho**2 / 2) / 47)
    assert (row["value"], row["low"]) == pytest.approx((rho, np.tanh(np.arctanh(rho) - half)))


@pytest.mark.parametrize("y", [[1.0], [1.0] * 6])
def test_too_few_or_constant_says_nothing(y):
    row = rank_correlation(pd.Series(range(len(y))), pd.Series(y)).iloc[0]
    assert pd.isna(row["value"]) and row["reason"] == "too_few_scores"
