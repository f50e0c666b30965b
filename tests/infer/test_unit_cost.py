"""Costs per unit as estimates: dear on every output, or not said to be dear."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.programme import cost_spread, judge_costs, relative_costs

NAMES = [f"d{i:02d}" for i in range(12)]
YEARS = range(2018, 2023)


def costs(
    *, factor: dict | None = None, seed: int = 0, noise: float = 0.08, mix: dict | None = None
) -> pd.DataFrame:
    """Two outputs, money that follows them; `factor` makes a district dearer, `mix` on the second output only."""
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product([NAMES, YEARS], names=["district", "year"]).to_frame(index=False)
    money = rng.uniform(50, 150, len(grid)) * 1e4
    parts = []
    for output, price in (("x", 10.0), ("y", 400.0)):
        dear = grid["district"].map(factor or {}).fillna(1.0)
        if output == "y" and mix:
            dear = dear * grid["district"].map(mix).fillna(1.0)
        actual = money / (price * dear * np.exp(rng.normal(0, noise, len(grid))))
        parts.append(grid.assign(output=output, executed=money, actual=actual, unit_cost=money / actual))
    return pd.concat(parts, ignore_index=True)


def verdicts(table: pd.DataFrame) -> pd.Series:
    return judge_costs(relative_costs(table, ["x", "y"]), year=2022).set_index("district")["verdict"]


def of_x(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["output"] == "x"]
    return rows.assign(cost=rows["unit_cost"], least=rows["unit_cost"], most=rows["unit_cost"])


def test_relative_cost_by_hand():
    table = pd.DataFrame({
        "district": ["a", "b", "a", "b"], "year": 2022, "output": ["x", "x", "y", "y"],
        "executed": [30.0, 70.0, 30.0, 70.0], "actual": [1.0, 1.0, 6.0, 4.0], "unit_cost": [30.0, 70.0, 5.0, 17.5],
    })  # fmt: skip
    row = relative_costs(table, ["x", "y"]).set_index("district").loc["a"]
    assert row["most"] == pytest.approx((30 / 100) / (1 / 2)) and row["least"] == pytest.approx(
        (30 / 100) / (6 / 10)
    )
    assert row["cost"] == pytest.approx(np.sqrt(0.6 * 0.5))


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_whatever_the_weights_the_cost_lies_between_least_and_most(weight):
    table = costs(factor={"d03": 1.4}, mix={"d05": 0.5})
    rows = relative_costs(table, ["x", "y"])
    now = table[table["year"] == 2022].pivot(index="district", columns="output", values="actual")
    money = table[table["year"] == 2022].drop_duplicates("district").set_index("district")["executed"]
    volume = weight * now["x"] / now["x"].sum() + (1 - weight) * now["y"] / now["y"].sum()
    ratio = (money / money.sum()) / volume
    bounds = rows[rows["year"] == 2022].set_index("district")
    assert ((ratio >= bounds["least"] - 1e-12) & (ratio <= bounds["most"] + 1e-12)).all()


def test_a_dear_and_a_cheap_district_are_found():
    found = verdicts(costs(factor={"d03": 1.5, "d07": 0.6}))
    assert found["d03"] == "dearer" and found["d07"] == "cheaper"
    assert (found.drop(["d03", "d07"]) == "alike").sum() >= 9


def test_dear_on_one_output_only_hangs_on_the_weights():
    found = verdicts(costs(factor={"d03": 0.8}, mix={"d03": 4.0}, noise=0.03))
    assert found["d03"] == "mix"


def test_equal_districts_are_seldom_said_to_differ():
    wrong = [(verdicts(costs(seed=seed)) != "alike").any() for seed in range(40)]
    assert sum(wrong) <= 6  # at most 5 % of comparisons on average: 2 of 40 expected


def test_the_interval_covers_a_new_year_of_the_same_process():
    inside = []
    for seed in range(40):
        bounds = judge_costs(of_x(costs(seed=seed)), year=2022).set_index("district")
        inside += [(bounds["low"] <= 10.0) & (bounds["high"] >= 10.0)]
    assert 0.93 <= np.concatenate(inside).mean() <= 0.97


def test_one_year_or_two_districts_give_no_verdict():
    table = costs()
    one = judge_costs(relative_costs(table[table["year"] == 2022], ["x", "y"]), year=2022)
    assert (
        (one["verdict"] == "unknown").all()
        and (one["reason"] == "one_year").all()
        and one["low"].isna().all()
    )
    two = judge_costs(relative_costs(table[table["district"].isin(NAMES[:2])], ["x", "y"]), year=2022)
    assert (two["reason"] == "few_districts").all()


def test_a_district_without_an_output_takes_no_part():
    table = costs()
    table.loc[(table["district"] == "d00") & (table["output"] == "y"), "unit_cost"] = np.nan
    assert "d00" not in set(relative_costs(table, ["x", "y"])["district"])


def test_the_spread_is_what_years_leave_after_district_and_year():
    table = costs(noise=0.1, factor={"d01": 2.0})
    spread, freedom = cost_spread(of_x(table))
    assert spread == pytest.approx(0.1, abs=0.02) and freedom == 12 * 5 - 12 - 5 + 1
