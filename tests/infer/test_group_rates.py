"""Rates of districts as estimates: the formulas by hand, coverage by simulation."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.rates import group_rates

RATES = pd.DataFrame(
    {
        "district": ["a", "a", "a", "b", "b", "c"],
        "budget": [10.0, 20, 70, 5, 5, 9],
        "executed": [9.0, 10, 63, 4, 5, 9],
    }
)


def test_a_rate_and_its_effective_number_by_hand():
    row = group_rates(RATES).set_index("district").loc["a"]
    assert row["rate"] == 82 / 100
    assert row["effective"] == pytest.approx(100**2 / (10**2 + 20**2 + 70**2))


def test_pooled_error_is_the_textbook_one_mixed_with_the_groups_own():
    """σ² pooled within groups; a group's own squares, the largest brought in to the next, weigh 11 against 50."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"district": np.repeat(["a", "b"], 12), "budget": 1.0, "executed": rng.random(24)})
    means = frame.groupby("district")["executed"].transform("mean")
    squares = (frame["executed"] - means) ** 2
    sigma2 = squares.sum() / (24 - 2)
    own = np.sort(squares[frame["district"] == "a"])
    factor = ((own[:-1].sum() + own[-2]) / sigma2 + 50) / (11 + 50)
    assert group_rates(frame)["se"].iloc[0] == pytest.approx(np.sqrt(sigma2 * factor / 12))


def test_whole_cents_do_not_overflow():
    """Budgets of 90 billion in whole cents: their squares are beyond 64 bits."""
    cents = RATES.assign(
        budget=RATES["budget"].astype("int64") * 10**12, executed=RATES["executed"].astype("int64") * 10**12
    )
    pd.testing.assert_series_equal(group_rates(cents)["se"], group_rates(RATES)["se"])


def test_one_project_says_so_and_has_the_error_of_all():
    row = group_rates(RATES).set_index("district").loc["c"]
    assert row["se"] > 0 and row["reason"] == "one_project"


def test_pooled_intervals_cover():
    """95 % intervals over 150 worlds of 10 districts with skewed budgets: 93.5-96.5 % (two s.e. of chance)."""
    rng = np.random.default_rng(2)
    hits = []
    for _ in range(150):
        district = np.repeat(np.arange(10), rng.integers(20, 80, 10))
        budget = np.exp(rng.normal(0, 1, len(district)))
        frame = pd.DataFrame({"district": district, "budget": budget})
        table = group_rates(frame.assign(executed=budget * rng.beta(6, 2, len(district))))
        hits.append(((table["low"] <= 0.75) & (table["high"] >= 0.75)).mean())
    assert 0.935 <= np.mean(hits) <= 0.965


def test_clusters_are_added_first():
    frame = RATES.assign(department=["p", "p", "q", "p", "q", "p"])
    assert group_rates(frame, cluster="department")["projects"].tolist() == [2, 2, 1]
