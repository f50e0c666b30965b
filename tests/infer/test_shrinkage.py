"""Variance between units and empirical Bayes, against published analyses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.infer.comparison import between_variance, shrink_estimates

# BCG vaccine trials (Colditz et al. 1994): cases and others, vaccinated and control.
BCG = np.array(
    [
        [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
        [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892],
        [29, 7470, 45, 7232], [17, 1699, 65, 1600], [186, 50448, 141, 27197], [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    dtype=float,
)  # fmt: skip
# Efron & Morris (1975): batting averages after 45 at bats, and over the rest of 1970, in thousandths.
BATTING = 1e-3 * np.array(
    [400, 378, 356, 333, 311, 311, 289, 267, 244, 244, 222, 222, 222, 222, 222, 200, 178, 156]
)
REST = 1e-3 * np.array(
    [346, 298, 276, 222, 273, 270, 263, 210, 269, 230, 264, 256, 303, 264, 226, 285, 316, 200]
)


def log_risk_ratios():
    a, b, c, d = BCG.T
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def test_paule_mandel_solves_its_equation():
    y, v = log_risk_ratios()
    w = 1 / (v + between_variance(y, v))
    assert (w * (y - (w * y).sum() / w.sum()) ** 2).sum() == pytest.approx(len(y) - 1)


def test_batting_averages():
    """Shrinking cuts the total squared error by a factor of 3.5 (the paper: 0.077 to 0.022)."""
    y = BATTING
    se = np.full(len(y), np.sqrt(y.mean() * (1 - y.mean()) / 45))
    shrunken = shrink_estimates(pd.DataFrame({"value": y, "se": se}))
    before, after = (((x - REST) ** 2).sum() for x in (y, shrunken["value"]))
    assert before == pytest.approx(0.0753, abs=5e-4)
    assert before / after == pytest.approx(3.5, abs=0.1)
    assert 1 - shrunken["shrinkage"].iloc[0] == pytest.approx(0.212, abs=0.005)


units = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 3)), min_size=1, max_size=25)


@settings(max_examples=50, deadline=None)
@given(units)
def test_shrunken_lies_between_own_and_mean(rows):
    table = shrink_estimates(pd.DataFrame(rows, columns=["value", "se"]))
    low, high = table[["own", "mean"]].min(axis=1) - 1e-9, table[["own", "mean"]].max(axis=1) + 1e-9
    assert table["value"].between(low, high).all()
    assert (table["high"] >= table["low"]).all()
    assert table["shrinkage"].between(0, 1).all()


def test_intervals_cover_the_true_values():
    """95 % intervals over 150 worlds of 12 units, accepted 93.5-97.5 %."""
    rng = np.random.default_rng(8)
    hits = []
    for _ in range(150):
        truth, se = rng.normal(0.8, 0.1, 12), rng.uniform(0.03, 0.15, 12)
        table = shrink_estimates(pd.DataFrame({"value": rng.normal(truth, se), "se": se}))
        hits.append(np.mean((table["low"] <= truth) & (truth <= table["high"])))
    assert 0.935 <= np.mean(hits) <= 0.975


def test_no_error_no_shrinkage_and_a_reason():
    table = shrink_estimates(
        pd.DataFrame({"value": [0.5, 0.6, 0.7, 0.8, 0.9], "se": [0.1, 0.1, 0.1, 0.1, np.nan]})
    )
    assert table["reason"].isna().tolist() == [True] * 4 + [False]
    assert table["reason"].iloc[4] == "no_standard_error"
    assert np.isnan(table["value"].iloc[4])


def test_two_units_learn_nothing_from_each_other():
    table = shrink_estimates(pd.DataFrame({"value": [0.5, 0.9], "se": [0.1, 0.1]}))
    assert table["value"].tolist() == [0.5, 0.9]
    assert table["reason"].unique().tolist() == ["too_few_units"]


def test_equal_units_have_no_variance_between_them():
    assert between_variance([0.7] * 5, [0.01] * 5) == 0


@pytest.mark.parametrize("se", [0.0, np.nan])
def test_units_without_any_error_stay_without_an_estimate(se):
    table = shrink_estimates(pd.DataFrame({"value": [0.9, 0.8, 0.7, 0.6], "se": se}))
    assert table[["value", "low", "high", "shrinkage"]].isna().all(axis=None)
    assert table["reason"].tolist() == ["no_standard_error"] * 4
