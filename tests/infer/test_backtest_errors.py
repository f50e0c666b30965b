"""Errors, pinball losses and coverage on frames small enough to compute by hand."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.backtest import LEVELS, coverage_table, error_table, join_table
from perflib.infer.conformal import yearly_intervals


@pytest.fixture(scope="module")
def tested():
    """Five years of 60 units, two kinds; ours errs by noise of a tenth, the straight line by 0.3."""
    rng = np.random.default_rng(5)
    years = np.repeat(np.arange(2018, 2023), 60)
    budget = rng.uniform(50, 150, 300).round(2)
    end = budget * rng.uniform(0.4, 1.0, 300)
    kind = np.where(np.arange(300) % 3 == 0, "other / b", "district / a")
    return pd.DataFrame(
        {
            "year": years, "month": 6, "kind": kind, "size": "small", "is_district": kind == "district / a",
            "adjusted_budget": budget, "outturn": end, "straight_line": end + 0.3 * budget, "last_year": end,
            "value": end + 0.1 * budget * rng.normal(size=300), "joined_1": "same", "past": "past", "is_moved": False,
        }
    )  # fmt: skip


def test_the_table_is_sums_over_sums_by_part_and_span(tested):
    table = error_table(tested, range(2019, 2023), methods=["straight_line", "value"])
    table = table.set_index(["part", "span", "method"])
    assert set(table.index.get_level_values("span")) == {
        "2019",
        "2020",
        "2021",
        "2022",
        "all",
        "without_2020",
    }
    part = tested[(tested["year"] == 2021) & tested["is_district"]]
    expected = (part["value"] - part["outturn"]).abs().sum() / part["outturn"].sum()
    assert table.loc[("districts", "2021", "value"), "money_error"] == pytest.approx(expected)
    others = tested[tested["year"].isin([2019, 2021, 2022])]
    expected = 0.3 * others["adjusted_budget"].sum() / others["outturn"].sum()
    assert table.loc[("whole", "without_2020", "straight_line"), "money_error"] == pytest.approx(expected)


def test_a_bias_that_never_changes_costs_no_pinball_but_at_the_median(tested):
    """Quantiles come from past errors: a constant error of 0.3 is learned, and only the median still misses."""
    table = error_table(tested, range(2022, 2023), methods=["straight_line", "value"]).set_index(
        ["part", "method"]
    )
    part = tested[tested["year"] == 2022]
    expected = 0.5 * 0.3 * part["adjusted_budget"].sum() / 5 / part["outturn"].sum()
    assert table.loc[("whole", "straight_line"), "pinball"].iloc[0] == pytest.approx(expected)
    assert table.loc[("whole", "value"), "pinball"].iloc[0] < expected


def test_coverage_by_type_adds_up_to_the_whole(tested):
    table = coverage_table(tested, range(2019, 2023))
    for promised, own in table.groupby("promised"):
        whole, types = own[own["type"] == "all"].iloc[0], own[own["type"] != "all"]
        assert types["counted"].sum() == whole["counted"] == 240
        inside = (types["coverage"] * types["counted"]).sum()
        assert inside == pytest.approx(whole["coverage"] * whole["counted"])
        assert whole["off"] == pytest.approx(whole["coverage"] - promised)
    assert set(zip(table["place"], table["type"], strict=True)) == {
        ("all", "all"), ("district", "a"), ("other", "b"),
    }  # fmt: skip


def test_joins_are_counted_at_the_first_month_only(tested):
    twice = pd.concat([tested, tested.assign(month=7)])
    spent = tested.groupby("year")["outturn"].sum() + 7
    found = join_table(twice.assign(joined_1=["same", "family", "none"] * 200), spent)
    assert found["made_later"].round(2).tolist() == [7] * 5
    assert found["units"].tolist() == [60] * 5
    assert found[["joined_same", "joined_family", "joined_none"]].sum().tolist() == [100] * 3


def test_units_without_a_last_year_get_intervals_of_their_own(tested):
    """Every fourth unit errs five times as much: held to all units it would be covered far too rarely."""
    is_new = np.arange(len(tested)) % 4 == 0
    wild = tested["outturn"] + (tested["value"] - tested["outturn"]) * 5
    changed = tested.assign(
        value=tested["value"].where(~is_new, wild),
        past=np.where(is_new, "new", "past"),
        scale=tested["adjusted_budget"],
    )
    held = {}
    for name, levels in (("own", LEVELS), ("all", [["kind"], []])):
        spans = yearly_intervals(changed, levels=levels, confidence=0.8)
        end, is_in = changed.loc[spans.index, "outturn"], changed.loc[spans.index, "past"] == "new"
        held[name] = ((end >= spans["low"]) & (end <= spans["high"]))[is_in].mean()
    assert held["own"] > 0.7 > 0.6 > held["all"]
