import numpy as np
import pandas as pd
import pytest

from perflib.infer.rate import rate_intervals


def rated(groups, budgets, rates) -> pd.DataFrame:
    frame = pd.DataFrame({"d": groups, "budget": budgets, "rate": rates})
    return frame.assign(executed=frame["budget"] * frame["rate"])


def test_value_is_the_weighted_rate_and_undefined_projects_stay_out():
    rows = rated(["a", "a", "b", "b", "b"], [100.0, 300.0, 50.0, 50.0, np.nan], [0.5, 0.9, 1.0, 0.8, np.nan])
    table = rate_intervals(rows, by=["d"]).set_index("d")
    assert table.loc["a", "rate"] == pytest.approx((100 * 0.5 + 300 * 0.9) / 400)
    assert table["projects"].tolist() == [2, 2]
    assert (table["verdict"] == "too_few").all()


def test_spread_is_the_pooled_variance_over_the_effective_number():
    rows = rated(["a"] * 2 + ["b"] * 2, [1.0] * 4, [0.4, 0.6, 0.7, 0.9])
    table = rate_intervals(rows, by=["d"])
    sigma = np.sqrt((4 * 0.1**2) / (2 * 2 * (1 - 1 / 2)))
    quantile = 4.302653  # of t with (2 − 1) + (2 − 1) degrees of freedom
    assert (table["high"] - table["rate"]).tolist() == pytest.approx([quantile * sigma / np.sqrt(2)] * 2)


@pytest.mark.parametrize(("shift", "verdict"), [(-0.2, "below"), (0.0, "alike"), (0.2, "above")])
def test_verdict_is_earned(shift, verdict):
    rng = np.random.default_rng(7)
    groups = np.repeat([f"g{i}" for i in range(10)], 60)
    rates = 0.6 + rng.normal(0, 0.1, 600) + np.where(groups == "g0", shift, 0)
    table = rate_intervals(rated(groups, rng.lognormal(0, 0.5, 600), rates), by=["d"]).set_index("d")
    assert table.loc["g0", "verdict"] == verdict


def test_identical_groups_are_rarely_told_apart():
    """Twelve groups of one process, heavy-tailed budgets: a verdict in at most 10 % of 200 draws (5 % nominal)."""
    rng = np.random.default_rng(11)
    groups = np.repeat([f"g{i:02d}" for i in range(12)], 80)
    wrong = 0
    for _ in range(200):
        rows = rated(groups, rng.lognormal(0, 1.3, 960), np.clip(rng.beta(8, 1.5, 960), 0, 1))
        wrong += rate_intervals(rows, by=["d"])["verdict"].isin(["below", "above"]).any()
    assert wrong / 200 <= 0.10
