import numpy as np
import pandas as pd
import pytest

from perflib.infer.rates import rate_intervals


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
    variance = 4 * 0.1**2 / (4 - 2)
    assert table["se"].tolist() == pytest.approx([np.sqrt(variance / 2)] * 2)
    size = (
        4.302653**2 * (variance / 2) / (0.65 * 0.35)
    )  # t with 4 − 2 degrees of freedom; score interval around 0.5
    half = np.sqrt(size * (0.5 * 0.5 + size / 4)) / (1 + size)
    assert table["high"].iloc[0] == pytest.approx((0.5 + size / 2) / (1 + size) + half)
    assert table["low"].ge(0).all() and table["high"].le(1).all()


def test_each_kind_has_its_own_spread():
    """Salaries within a point, works within thirty: the first kind's group is sure, whatever the second does."""
    rng = np.random.default_rng(3)
    rates = np.concatenate([1 - 0.01 * rng.random(60), 1 - 0.6 * rng.random(60)])
    rows = rated(np.repeat(["staff", "works"], 60), [1.0] * 120, rates)
    table = rate_intervals(rows.assign(**{"class": rows["d"]}), by=["d"]).set_index("d")
    width = table["high"] - table["low"]
    assert width["staff"] < 0.003 < 0.05 < width["works"]


def test_one_project_turns_nothing_and_a_finding_says_whether_it_hangs_on_one():
    """The largest project of one group at zero: no other group's error or verdict moves much."""
    rng = np.random.default_rng(5)
    groups = np.repeat([f"g{i}" for i in range(10)], 60)
    rates = np.clip(0.9 + rng.normal(0, 0.05, 600) - 0.06 * (groups == "g1"), 0, 1)
    budgets = rng.pareto(1.5, 600) + 1
    plain = rate_intervals(rated(groups, budgets, rates), by=["d"]).set_index("d")
    largest = np.flatnonzero(groups == "g0")[np.argmax(budgets[groups == "g0"])]
    rates[largest] = 0
    turned = rate_intervals(rated(groups, budgets, rates), by=["d"]).set_index("d")
    others = turned.index != "g0"
    assert (turned["se"] / plain["se"])[others].max() < 1.6
    assert (
        plain.loc["g1", "verdict"] == turned.loc["g1", "verdict"] == "below" and turned.loc["g1", "is_firm"]
    )
    assert not turned.loc["g0", "is_firm"]


def test_what_a_group_funds_is_told_from_how_it_executes():
    """A group of works only is below the whole, and like other works."""
    rng = np.random.default_rng(6)
    kind = np.array(["staff", "works"] * 300)
    groups = np.where(np.arange(600) % 6 == 1, "builders", np.array(list("abc") * 200))
    rates = np.where(kind == "staff", 1 - 0.01 * rng.random(600), 1 - 0.5 * rng.random(600))
    rows = rated(groups, [1.0] * 600, rates).assign(category=kind)
    row = rate_intervals(rows, by=["d"]).set_index("d").loc["builders"]
    assert row["verdict"] == "below" and row["verdict_alike"] == "alike"
    assert row["centre"] == pytest.approx(0.75, abs=0.02)


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
        wrong += rate_intervals(rows, by=["d"], draws=2000)["verdict"].isin(["below", "above"]).any()
    assert wrong / 200 <= 0.10


def test_a_verdict_does_not_hang_on_the_seed():
    """Groups from far off to alike: two seeds, the same words, and a p-value within its Monte Carlo error."""
    rng = np.random.default_rng(12)
    groups = np.repeat([f"g{i:02d}" for i in range(12)], 60)
    rates = np.clip(0.9 + rng.normal(0, 0.08, 720) - 0.01 * (np.arange(720) // 60), 0, 1)
    rows = rated(groups, rng.lognormal(0, 1, 720), rates)
    one, two = (rate_intervals(rows, by=["d"], seed=seed) for seed in (1, 2))
    assert one["verdict"].nunique() > 1 and (one["verdict"] == two["verdict"]).all()
    assert ((one["p_value"] - two["p_value"]).abs() <= 4 * np.hypot(one["p_error"], two["p_error"])).all()
