"""Rates of districts by year, and whose change is more than chance."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.district_trend import changes_to, mark_breaks, rate_series
from perflib.measure.rates import decisions


def rates(
    seed: int = 0, *, drop: float = 0.0, districts: str = "abcdef", years=(2019, 2020, 2021)
) -> pd.DataFrame:
    """Forty projects a district and year at 90 %; those of district a lose `drop` in the last year."""
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product(
        [list(districts), years, range(40)], names=["district", "year", "project"]
    )
    table = grid.to_frame(index=False).assign(budget=lambda d: rng.integers(50, 150, len(d)) * 100.0)
    rate = rng.uniform(0.85, 0.95, len(table))
    rate -= np.where((table["district"] == "a") & (table["year"] == years[-1]), drop, 0)
    table["executed"] = (table["budget"] * rate).round(2)
    return table.assign(
        rate=table["executed"] / table["budget"], unit="u" + (table["project"] % 20).astype(str)
    )


def test_the_value_is_the_published_rate_spending_without_a_budget_included():
    rows = pd.DataFrame({
        "district": "a", "year": 2020, "project": ["p", "q", "r"], "unit": "u", "executed": [80.0, 10.0, np.nan],
        "budget": [100.0, 0.0, 50.0], "rate": [0.8, np.nan, np.nan],
    })  # fmt: skip
    series = rate_series(rows, cluster="unit")
    assert series["rate"].tolist() == [(80 + 10) / 100]
    assert series["mean_rate"].tolist() == [0.8] and series["projects"].tolist() == [3]


def test_spending_of_a_unit_without_any_budget_counts_too():
    rows = pd.DataFrame({
        "district": "a", "year": 2020, "project": ["p", "q", "r"], "unit": ["u", "u", "bare"],
        "executed": [80.0, 90.0, 10.0], "budget": [100.0, 100.0, 0.0], "rate": [0.8, 0.9, np.nan],
    })  # fmt: skip
    one = rate_series(rows, cluster="project").iloc[0]
    assert one["rate"] == pytest.approx((80 + 90 + 10) / (100 + 100)) and one["executed"] == 180
    assert 0 <= one["low"] < one["rate"] < one["high"]


def test_what_was_decided_as_one_counts_once():
    alone, by_unit = (rate_series(rates(), cluster=c) for c in ("project", "unit"))
    assert by_unit["rate"].tolist() == pytest.approx(alone["rate"].tolist())
    assert (by_unit["effective"] < alone["effective"]).all()


def test_a_fall_is_found_and_its_district_only():
    table = changes_to(rate_series(rates(drop=0.15)), base_year=2019, year=2021).set_index("district")
    assert table.loc["a", "verdict"] == "fell" and table.loc["a", "value"] == pytest.approx(-0.15, abs=0.03)
    assert (table.drop("a")["verdict"] == "alike").all()


def test_equal_districts_are_seldom_said_to_have_changed():
    found = [
        (changes_to(rate_series(rates(seed)), base_year=2019, year=2021)["verdict"] != "alike").any()
        for seed in range(40)
    ]
    assert sum(found) <= 5  # at most 5 % of families on average: 2 of 40 expected


def test_verdict_p_value_and_bounds_say_the_same():
    for seed in range(12):
        found = rates(seed, drop=0.03 * (seed % 4), districts="a")
        rows = decisions(found, by=["district", "year"])
        row = changes_to(rate_series(found), base_year=2019, year=2021, rows=rows).iloc[0]
        assert (row["verdict"] == "alike") == (row["low"] <= 0 <= row["high"]) == (row["p_value"] > 0.05)


def test_one_project_makes_no_change():
    found = rates(districts="a", years=(2019, 2021))
    large = (found["project"] == 0) & (found["year"] == 2021)
    found["budget"] = found["budget"].mask(found["project"] == 0, found["budget"].sum() / 20)
    found["rate"] = found["rate"].mask(large, 0.0)
    found["executed"] = found["budget"] * found["rate"]
    with_rows = {"rows": decisions(found, by=["district", "year"]), "base_year": 2019, "year": 2021}
    row = changes_to(rate_series(found), **with_rows).iloc[0]
    assert row["value"] < -0.04 and row["high"] > 0 and row["verdict"] == "alike"


def test_few_decisions_are_no_surer_than_their_projects():
    rng = np.random.default_rng(0)
    found = pd.concat([rates(districts="a")] * 6, ignore_index=True)
    found["rate"] = np.where(rng.random(len(found)) < 0.2, 0.3, 1.0)
    found["executed"], found["unit"] = found["budget"] * found["rate"], np.arange(len(found)) % 25
    for each, together in zip(
        rate_series(found)["se"], rate_series(found, cluster="unit")["se"], strict=True
    ):
        assert together >= each


def test_a_broken_definition_is_counted_from_its_first_year():
    breaks = pd.DataFrame({"district": ["a", "b"], "year": [2020, 2021]})
    series = rate_series(rates(), breaks=breaks)
    table = changes_to(series, base_year=2019, year=2021).set_index("district")
    assert table.loc["a", ["base_year", "is_rebased"]].tolist() == [2020, True]
    value = series.set_index(["district", "year"])["rate"]
    assert table.loc["a", "value"] == pytest.approx(value["a", 2021] - value["a", 2020])
    assert table.loc["b", "reason"] == "break_of_definition" and table.loc["b", "verdict"] == "unknown"
    assert not table.loc["c", "is_rebased"]


def test_a_district_without_the_last_year_is_unknown():
    rows = rates()
    gone = rows[~((rows["district"] == "b") & (rows["year"] == 2021))]
    table = changes_to(rate_series(gone), base_year=2019, year=2021).set_index("district")
    assert table.loc["b", ["verdict", "reason"]].tolist() == ["unknown", "no_data"]


@pytest.mark.parametrize("year", [2019, 2021])
def test_nothing_is_said_of_a_district_with_few_projects_in_one_of_the_years(year):
    rows = rates(drop=0.5)
    few = rows[(rows["district"] != "a") | (rows["year"] != year) | (rows["project"] < 4)]
    table = changes_to(rate_series(few), base_year=2019, year=2021).set_index("district")
    assert table.loc["a", ["verdict", "reason"]].tolist() == ["unknown", "too_few"]
    assert table.loc["a", "value"] == pytest.approx(-0.5, abs=0.1) and table.loc["a", "low"] < -0.5
    assert np.isnan(table.loc["a", "p_value"])
    assert (table.drop("a")["verdict"] == "alike").all()


def test_input_is_unchanged():
    rows = rates()
    before = rows.copy()
    rate_series(rows, cluster="unit")
    pd.testing.assert_frame_equal(rows, before)


SERIES = pd.DataFrame(
    {
        "district": ["a"] * 4 + ["b"] * 3,
        "year": [2018, 2019, 2020, 2021, 2018, 2019, 2021],
    }
)


def test_a_break_of_one_district_is_its_own():
    breaks = pd.DataFrame({"district": ["a", None], "year": [2019, 2021]})
    marked = mark_breaks(SERIES, breaks).set_index(["district", "year"])["segment"]
    assert marked.loc["a"].tolist() == [0, 1, 1, 2]
    assert marked.loc["b"].tolist() == [0, 0, 1]
