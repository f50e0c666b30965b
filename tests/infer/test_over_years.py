"""Years together: who lies apart in the mean of the years, and whether all moved."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.over_years import over_years

MEANS = pd.DataFrame(
    {2021: [0.70, 0.80, 0.84], 2022: [0.74, 0.86, 0.82], 2023: [0.80, 0.89, 0.90]}, index=list("abc")
)


def projects(means: pd.DataFrame = MEANS, spread: float = 0.04, budget: float = 100.0) -> pd.DataFrame:
    """Eight projects of one size a district and year, half of them above its mean and half below."""
    cells = means.stack().rename_axis(["district", "year"]).rename("mean").reset_index()
    rows = cells.merge(pd.DataFrame({"project": range(8), "off": [spread, -spread] * 4}), how="cross")
    return rows.assign(adjusted_budget=budget, executed=budget * (rows["mean"] + rows["off"]))


def test_with_cells_alike_a_gap_is_the_mean_of_the_years_gaps():
    table = over_years(projects()).set_index("district")
    gaps = MEANS.mean(axis=1) - MEANS.mean(axis=1).mean()
    assert table["value"].tolist() == pytest.approx(gaps.tolist())
    left = MEANS.sub(MEANS.mean(axis=1), axis=0).sub(MEANS.mean() - MEANS.mean().mean())
    error = np.sqrt(
        (left**2).to_numpy().sum() / (2 * 2) * (1 - 1 / 3) / 3
    )  # of one of three means of three years
    assert table["se"].tolist() == pytest.approx([error] * 3)
    assert table.loc["a", "high"] == pytest.approx(gaps["a"] + stats.t.isf(0.025, 4) * error)
    assert table.loc["a", ["rate", "years", "years_below"]].tolist() == [pytest.approx(2.24 / 3), 3, 3]
    assert table["verdict"].tolist() == ["below", "above", "above"]


def test_all_together_rose_by_so_much():
    row = over_years(projects(), joint=True).iloc[0]
    moved = (MEANS[2023] - MEANS[2021]).to_numpy()
    assert (row["rate_before"], row["rate_after"]) == pytest.approx((MEANS[2021].mean(), MEANS[2023].mean()))
    error = np.sqrt(3 / 2 * (((moved - moved.mean()) / 3) ** 2).sum())
    assert (row["value"], row["se"]) == pytest.approx((moved.mean(), error))
    assert (row["rose"], row["fell"], row["verdict"]) == (3, 0, "rose")
    assert row["p_sign"] == pytest.approx(2 / 2**3)


def test_a_district_with_a_break_of_definition_takes_no_part_in_the_change():
    row = over_years(projects(), joint=True, breaks=pd.DataFrame({"district": ["a"], "year": [2022]})).iloc[0]
    assert (row["groups"], row["rate_before"]) == (2, pytest.approx((0.80 + 0.84) / 2))


def test_groups_and_years_of_too_few_projects_claim_nothing():
    rows = projects()
    few = rows[rows["project"] < 2]
    assert set(over_years(few)["verdict"]) == {"too_few"}
    row = over_years(few, joint=True).iloc[0]
    assert np.isnan(row["p_value"]) and not row["is_apart"]
    thin = rows[(rows["year"] != 2022) | (rows["project"] < 2)]
    without = rows[rows["year"] != 2022]
    p = [over_years(frame, joint=True)["p_value"].item() for frame in (thin, without)]
    assert p[0] == p[1] > 0.05


def test_a_district_that_alone_can_be_judged_is_compared_with_nobody():
    rows = projects()
    few = rows["district"].ne("a") & rows["project"].ge(
        4
    )  # four projects each are below the five that a verdict needs
    table = over_years(rows[~few])
    assert set(table["verdict"]) == {"too_few"} and table[["value", "p_value"]].isna().all(axis=None)


def test_nothing_that_hangs_on_one_decision_is_claimed():
    rows = projects(spread=0.01)
    largest = (rows["district"] == "b") & (rows["project"] == 0)
    rows = rows.assign(
        adjusted_budget=np.where(largest, 400.0, 100.0), executed=rows["executed"] * np.where(largest, 0.5, 1)
    )
    table = over_years(rows).set_index("district")
    assert table.loc["b", "value"] < -0.1 and table.loc["b", "verdict"] == "alike"


def test_districts_of_one_process_are_rarely_told_apart():
    """Twelve districts, five years, heavy-tailed budgets: no more often than a rate of 7 % explains in 15 panels."""
    rng, wrong = np.random.default_rng(5), 0
    grid = pd.MultiIndex.from_product(
        [range(12), range(2019, 2024), range(30)], names=["district", "year", "project"]
    )
    for _ in range(15):
        rows = grid.to_frame(index=False).assign(adjusted_budget=rng.pareto(1.5, len(grid)) + 1)
        rows["executed"] = rows["adjusted_budget"] * np.where(
            rng.random(len(grid)) < 0.5, 1, rng.beta(4, 1.5, len(grid))
        )
        wrong += over_years(rows)["verdict"].isin(["below", "above"]).any()
    assert wrong <= stats.binom.ppf(0.99, 15, 0.07)


def test_madrid_rose_together_and_its_districts_differ(madrid_programmes):
    rows = madrid_programmes.query("year >= 2019").rename(
        columns={"budget": "adjusted_budget", "programme": "project"}
    )
    row = over_years(rows.drop(columns="rate"), joint=True, draws=500).iloc[0]
    assert (row["rate_before"], row["rate_after"]) == pytest.approx((0.785, 0.938), abs=5e-4)
    assert (row["rose"], row["groups"], row["verdict"], row["is_apart"]) == (20, 21, "rose", True)


@pytest.mark.parametrize("rows", [projects(MEANS[:2]), projects(MEANS[[2023]])])
def test_two_districts_or_one_year_are_refused(rows):
    with pytest.raises(DataError, match="years taken together need three units and two years"):
        over_years(rows)
