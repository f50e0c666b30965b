"""Execution rates: every base, every reason, and the same numbers on three engines."""

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.errors import ArgumentError
from perflib.measure.money import sum_amounts
from perflib.measure.rates import execution_rates, project_rates
from perflib.measure.ratio import REASONS, add_ratio
from perflib.measure.tally import collect

PROJECTS = pd.DataFrame(
    {
        "district": ["a", "a", "a", "a", "b", "b", "b"],
        "name": ["school", "road", "flood", "moved", "new", "blank", "idle"],
        "initial_budget": [100.0, 300.0, 0.0, 50.0, 0.0, 10.0, 0.0],
        "adjusted_budget": [100.0, 200.0, 40.0, 0.0, 0.0, None, 0.0],
        "received": [80.0, 200.0, 40.0, 0.0, 5.0, 10.0, None],
        "executed": [80.0, 150.0, 40.0, 0.0, 5.0, 10.0, 0.0],
    }
)


def as_duckdb(frame: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    return duckdb.connect().from_df(frame)


ENGINES = {"polars": pl.from_pandas, "polars_lazy": lambda f: pl.from_pandas(f).lazy(), "duckdb": as_duckdb}


def test_every_reason_is_told_apart():
    rated = project_rates(PROJECTS, base="adjusted").set_index("name")
    assert rated["rate"].dropna().to_dict() == {"school": 80 / 100, "road": 150 / 200, "flood": 40 / 40}
    assert rated["reason"].dropna().to_dict() == {
        "moved": "adjusted_to_zero",
        "new": "spent_without_budget",
        "blank": "not_reported",
        "idle": "no_budget",
    }


def test_a_rate_never_travels_alone():
    rated = project_rates(PROJECTS, base="initial")
    assert {"budget", "executed", "rate", "reason", "base"} <= set(rated.columns)
    assert (rated["rate"].isna() == rated["reason"].notna()).all()


def test_group_rate_is_total_over_total_and_its_mean_is_of_projects():
    rate = execution_rates(PROJECTS, by=["district"], bases=["adjusted"]).set_index("district")
    assert rate.loc["a", "rate"] == (80 + 150 + 40 + 0) / (100 + 200 + 40 + 0)
    assert rate.loc["a", "mean_rate"] == pytest.approx((80 / 100 + 150 / 200 + 40 / 40) / 3, abs=1e-11)
    assert rate.loc["a", ["projects", "counted", "defined", "adjusted_to_zero"]].tolist() == [4, 4, 3, 1]


def test_spending_without_a_budget_stays_in_the_total_and_is_counted():
    rate = execution_rates(PROJECTS, bases=["initial"]).iloc[0]
    assert rate["rate"] == (80 + 150 + 40 + 0 + 5 + 10 + 0) / (100 + 300 + 50 + 10)
    assert rate["rate_defined"] == (80 + 150 + 0 + 10) / (100 + 300 + 50 + 10)
    assert (rate["executed_without_budget"], rate["spent_without_budget"]) == (40 + 5, 2)


def test_a_group_without_a_budget_has_no_rate_but_a_reason():
    rate = execution_rates(PROJECTS, by=["district"], bases=["adjusted"]).set_index("district").loc["b"]
    assert pd.isna(rate["rate"]) and pd.isna(rate["mean_rate"])
    assert rate["reason"] == "spent_without_budget"
    assert rate["not_reported"] == 1


def test_reasons_and_defined_rows_add_up_to_the_projects():
    rate = execution_rates(PROJECTS, by=["district"])
    assert (rate["defined"] + rate[list(REASONS)].sum(axis=1) == rate["projects"]).all()


def test_a_base_without_its_column_is_not_reported():
    rate = execution_rates(PROJECTS.drop(columns="received"), bases=["received"]).iloc[0]
    assert rate["not_reported"] == rate["projects"] == 7
    assert rate["reason"] == "not_reported"


def test_unknown_base_says_which_there_are():
    with pytest.raises(ArgumentError, match="one of initial, adjusted, received, not `revised`"):
        execution_rates(PROJECTS, bases=["revised"])


def test_a_rate_above_one_is_shown_raw():
    over = pd.DataFrame({"executed": [150.0], "adjusted_budget": [100.0]})
    assert execution_rates(over, bases=["adjusted"])["rate"].tolist() == [1.5]


def test_a_negative_budget_has_no_rate():
    under = pd.DataFrame({"a": [1.0], "b": [-2.0]})
    assert add_ratio(under, "a", "b")["reason"].tolist() == ["negative_budget"]


@pytest.mark.parametrize("engine", list(ENGINES))
def test_engines_give_identical_numbers(engine):
    expected = execution_rates(PROJECTS, by=["district"])
    pd.testing.assert_frame_equal(
        execution_rates(ENGINES[engine](PROJECTS), by=["district"]), expected, check_exact=True
    )
    rates = project_rates(ENGINES[engine](PROJECTS), base="adjusted")
    pd.testing.assert_frame_equal(
        rates.sort_values("name", ignore_index=True),
        project_rates(PROJECTS, base="adjusted").sort_values("name", ignore_index=True),
        check_exact=True,
    )


amounts = st.one_of(st.none(), st.floats(0, 1e9).map(lambda x: round(x, 3)))
rows = st.lists(st.tuples(st.sampled_from("ab"), amounts, amounts), min_size=1, max_size=30)


@settings(max_examples=8, deadline=None)
@given(rows)
def test_engines_agree_on_any_amounts(rows):
    frame = pd.DataFrame(rows, columns=["district", "adjusted_budget", "executed"])
    frame = frame.astype({"adjusted_budget": "float64", "executed": "float64"})
    expected = execution_rates(frame, by=["district"], bases=["adjusted"])
    sums = sum_amounts(frame, ["executed"], by=["district"])
    for convert in ENGINES.values():
        got = execution_rates(convert(frame), by=["district"], bases=["adjusted"])
        pd.testing.assert_frame_equal(got, expected, check_exact=True)
        pd.testing.assert_frame_equal(
            sum_amounts(convert(frame), ["executed"], by=["district"]), sums, check_exact=True
        )


def test_nan_in_polars_counts_as_missing():
    frame = pl.DataFrame({"executed": [1.0, float("nan")], "adjusted_budget": [2.0, 2.0]})
    assert execution_rates(frame, bases=["adjusted"])["not_reported"].tolist() == [1]
    assert collect(sum_amounts(frame, ["executed"]))["executed"].tolist() == [1.0]


def test_input_is_left_as_it_was():
    before = PROJECTS.copy(deep=True)
    execution_rates(PROJECTS, by=["district"])
    pd.testing.assert_frame_equal(PROJECTS, before)
