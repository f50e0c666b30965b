"""How the rates of projects are spread, on a few projects that can be counted by hand."""

import pandas as pd
import pytest

from perflib.measure.rates import project_rates
from perflib.measure.spread import head_of, over_budget, spread_of_rates, unspent_money


def rated(*pairs):
    """Rated projects from (adjusted budget, executed)."""
    frame = pd.DataFrame(pairs, columns=["adjusted_budget", "executed"], dtype=float)
    return project_rates(frame.assign(project=[f"p{i}" for i in range(len(frame))]), base="adjusted")


@pytest.mark.parametrize(("executed", "below"), [(89.99, 1), (90.0, 0), (90.01, 0)])
def test_below_the_line_is_judged_to_the_cent(executed, below):
    row = spread_of_rates(rated((100, executed), (100, 100)), line=0.9).iloc[0]
    assert row["below_line"] == below
    assert row["below_line_unspent"] == pytest.approx(below * (100 - executed))
    assert row["full_share"] == 1 / 2


def test_projects_without_a_rate_are_counted_apart():
    row = spread_of_rates(rated((100, 50), (0, 0), (None, 5)), line=0.9).iloc[0]
    assert (row["projects"], row["defined"], row["undefined"], row["below_line"]) == (3, 1, 2, 1)
    nothing = spread_of_rates(rated((0, 0)), line=0.9).iloc[0]
    assert pd.isna(nothing["full_share"]) and nothing["reason"] == "no_budget"


def test_unspent_money_is_listed_largest_first_with_its_share():
    table = unspent_money(rated((100, 90), (100, 60), (100, 110)), largest=1)
    assert table["project"].tolist() == ["p1"] and table["unspent"].tolist() == [40]
    assert table["share"].item() == 40 / (10 + 40)


def test_spending_above_the_budget_is_listed_by_its_excess():
    assert over_budget(rated((100, 101), (100, 100), (10, 20)))["excess"].tolist() == [10, 1]


def test_units_are_the_heads_where_all_belong_to_one_department():
    frame = pd.DataFrame({"department": ["a", "a"], "unit": ["x", "y"]})
    assert head_of(frame) == "unit"
    assert head_of(frame.assign(department=["a", "b"])) == "department"
    assert head_of(frame.assign(unit=None)) == "department"
