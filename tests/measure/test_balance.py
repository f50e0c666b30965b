"""Carry-over, lapse, adjustment and availability, each with its two sides."""

import json

import duckdb
import pandas as pd
import polars as pl
import pytest

from perflib.measure.balance import balance_rates

PROJECTS = pd.DataFrame(
    {
        "district": ["a", "a", "b"],
        "category": ["x", "y", "x"],
        "initial_budget": [100.0, 100.0, 0.0],
        "adjusted_budget": [120.0, 60.0, 50.0],
        "received": [90.0, None, 50.0],
        "executed": [80.0, 50.0, 50.0],
        "carried_over": [30.0, None, 0.0],
        "lapsed": [10.0, None, 0.0],
    }
)


def measured(frame=PROJECTS, **options):
    return balance_rates(frame, by=["district"], **options).set_index(["district", "measure"])


def test_both_published_definitions_of_carry_over():
    rates = measured()
    assert rates.loc[("a", "carry_over_of_budget"), "rate"] == (30 + 10) / 120
    assert rates.loc[("a", "carry_over_of_spending"), "rate"] == (30 + 10) / 80
    assert rates.loc[("a", "lapse_rate"), "rate"] == 10 / 120


def test_a_project_that_reports_one_side_only_is_in_neither_sum():
    row = measured().loc[("a", "availability_rate")]
    assert (row["numerator"], row["denominator"]) == (90, 120)
    assert (row["projects"], row["counted"]) == (2, 1)


def test_gross_adjustment_does_not_cancel():
    rates = measured()
    assert rates.loc[("a", "gross_adjustment_rate"), "rate"] == (20 + 40) / 200
    assert rates.loc[("a", "net_adjustment_rate"), "rate"] == (20 - 40) / 200
    assert rates.loc[("b", "gross_adjustment_rate"), "reason"] == "spent_without_budget"


@pytest.mark.parametrize(
    ("adjusted", "asked"), [(129.99, False), (130.0, False), (130.01, True), (69.99, True)]
)
def test_reason_is_asked_above_30_per_cent(adjusted, asked):
    frame = pd.DataFrame({"initial_budget": [100.0], "adjusted_budget": [adjusted]})
    assert balance_rates(frame, measures=["gross_adjustment_rate"])["needs_reason"].tolist() == [asked]


def test_a_missing_column_is_not_reported():
    rates = balance_rates(PROJECTS[["executed"]]).set_index("measure")
    assert (rates["reason"] == "not_reported").all()


def test_engines_agree():
    expected = balance_rates(PROJECTS, by=["district"])
    for frame in (pl.from_pandas(PROJECTS), duckdb.connect().from_df(PROJECTS)):
        pd.testing.assert_frame_equal(balance_rates(frame, by=["district"]), expected, check_exact=True)


def test_published_change_of_budget(oracles):
    """The working paper: the budget rose by 4,968.30 from 9,274.21, or 53.6 %."""
    checks = json.loads((oracles / "cn_selfreview_worked_numbers.json").read_text("utf-8"))["checks"]
    rise = next(c for c in checks if c["name"] == "增幅%")
    frame = pd.DataFrame({"initial_budget": [9274.21], "adjusted_budget": [9274.21 + 4968.30]})
    row = balance_rates(frame, measures=["net_adjustment_rate"]).iloc[0]
    assert row["numerator"] == rise["num"] == 4968.3
    assert round(100 * row["rate"], 1) == rise["pct"]
