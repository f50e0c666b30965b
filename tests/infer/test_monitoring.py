"""Monitoring: what is looked at, who is listed by what, and earlier years in hindsight."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.honesty import listed_in_vain
from perflib.data.errors import ArgumentError
from perflib.data.rules import load_rules
from perflib.infer import monitoring
from perflib.infer.outlook import NEVER_SURE, chosen_month, make_outlook

YEARS = (2020, 2021, 2022, 2023)
SICHUAN = load_rules("sichuan-2025")
NAMES = ["year", "month", "project"]


def months(*, years=YEARS, count=30, until=(5, 6, 7, 12)):
    """Even-handed projects: project k spends k/count of its budget by December, evenly."""
    keys = [range(1, 31), years, until]
    grid = pd.MultiIndex.from_product(keys, names=["k", "year", "month"]).to_frame(index=False)
    grid = grid[grid["k"] <= count]
    done = (1000 * grid["k"] / count * grid["month"] / 12).round(2)
    return grid.assign(
        project=["P" + f"{k:02d}" for k in grid["k"]],
        district="330199",
        initial_budget=1000.0,
        adjusted_budget=1000.0,
        executed=done,
        committed=done,
        goal_progress=(grid["month"] / 12).round(4),
        planned_share=float("nan"),
    )


def projects(progress):
    ids = progress[["district", "year", "project"]].drop_duplicates()
    return ids.assign(name=ids["project"] + "名", department="教育局", category="工程建设")


def standing(progress, **options):
    return monitoring.standing(
        progress, projects(progress), **{"rules": SICHUAN, "year": 2023, "month": 6, "lang": "en", **options}
    ).set_index("project")


def test_nothing_after_the_cutoff_is_looked_at():
    whole = months().assign(type="a")
    later = (whole["year"] == 2023) & (whole["month"] > 6)
    spoilt = whole.assign(
        executed=whole["executed"].where(~later, 0.0), goal_progress=whole["goal_progress"].where(~later, 0.1)
    )
    one, other, cut = (make_outlook(f, year=2023, month=6).now for f in (whole, spoilt, whole[~later]))
    seen = ["project", "value", "low", "high", "p_failing"]
    pd.testing.assert_frame_equal(one[seen], other[seen])
    pd.testing.assert_frame_equal(one[seen], cut[seen])


def test_a_steady_world_is_forecast_to_the_cent_by_type_and_unit():
    now = make_outlook(months().assign(type="a"), year=2023, month=6).now.set_index("project")
    # Last year's own rate, the chain ladder, and 1/2 of the kind's rate (465/900) on top of what is spent.
    spent, end, kind = 1000 * 15 / 30 / 2, 1000 * 15 / 30, sum(range(1, 31)) / 900
    expected = (end + spent * 2 + spent + 1000 * kind / 2) / 3
    assert now.loc["P15", "value"] == pytest.approx(expected, abs=0.02)


def test_a_month_without_data_is_told_with_those_there_are():
    some = months(until=range(1, 6))
    with pytest.raises(ArgumentError, match="1, 2, 3, 4, 5"):
        chosen_month(some, year=2023, month=6)
    assert chosen_month(some, year=2023, month=0) == chosen_month(some, year=2023, month="5") == 5
    assert chosen_month(months(), year=2023, month=0) == 7
    for month in (12, 13, -1, "June", 6.5):
        with pytest.raises(ArgumentError, match="1 to 11"):
            chosen_month(some, year=2023, month=month)


def test_in_december_nothing_is_forecast_and_the_list_goes_by_what_was_spent():
    lines = pd.concat(
        [
            months().query("month < 7"),
            months().query("month == 7").assign(month=12, executed=lambda d: d["executed"] * 12 / 7),
        ]
    )
    table = standing(lines, month=12)
    assert table["forecast"].equals(table["executed_to_date"]) and table["p_failing"].isna().all()
    low = table["executed_to_date"] < 0.8 * table["adjusted_budget"]
    assert table["is_forecast_low"].equals(low) and low.any() and not low.all()
    assert table.loc[low, "action_reason"].str.contains("less than four fifths spent").all()


@pytest.fixture(scope="module")
def now():
    return standing(months())


def test_no_chance_is_none_or_certain(now):
    assert now["p_failing"].between(*NEVER_SURE).all()
    assert now.loc["P01", "p_failing"] > 0.9 and now.loc["P30", "p_failing"] < 0.5


def test_with_a_past_the_list_goes_by_the_chance_and_the_money_at_risk(now):
    assert (now["is_listed"] == (now["p_failing"] >= 0.5)).all()
    assert set(now.loc[now["is_listed"], "listed_by"]) == {"chance"}
    assert now["money_at_risk"].is_monotonic_decreasing
    assert (now["action"] != "continue").equals(now["is_listed"])
    assert now["action_reason"].notna().equals(now["is_listed"])


def test_in_a_first_year_there_is_a_list_by_the_rules():
    rows = months(
        years=(2023,), count=4
    )  # a quarter, a half, three quarters and all of the budget by December
    late = (rows["project"] == "P04") & (rows["month"] == 6)
    rows["goal_progress"] = rows["goal_progress"].mask(late, 0.1)  # spent 0.5: 0.4 behind
    rows["executed"] = rows["executed"].mask((rows["project"] == "P01") & (rows["month"] == 6), 0.0)
    found = standing(rows)
    assert found["p_failing"].isna().all() and found["is_listed"].all()
    assert set(found["action"]) == {"explain"} and set(found["listed_by"]) == {"rules"}
    told = found["action_reason"].str.split("; ")
    assert told["P01"] == ["nothing spent", "below the line", "less than four fifths forecast"]
    assert told["P02"] == ["below the line", "less than four fifths forecast"]
    assert told["P03"] == ["below the line", "less than four fifths forecast"]
    assert told["P04"] == ["goals far behind money"]


def test_a_first_year_without_fault_has_no_list():
    found = standing(months(years=(2023,), count=1))
    assert not found["is_listed"].any() and found["action_reason"].isna().all()


def test_earlier_years_are_judged_by_what_came():
    past = monitoring.earlier(months(), projects(months()), year=2023, month=6)
    errors = monitoring.errors(past)
    assert errors["tested_year"].tolist()[:2] == [2022, 2021] and pd.isna(errors["tested_year"].iloc[-1])
    own = past[past["year"] == 2022]
    assert errors["ours_error"].iloc[0] == pytest.approx(
        (own["value"] - own["outturn"]).abs().sum() / own["outturn"].sum()
    )
    assert errors["straight_error"].iloc[0] == pytest.approx(0, abs=1e-4)  # all spend evenly
    table = monitoring.hindsight(past, past[:0]).set_index("listed_year")
    assert table.index.tolist() == [2022]  # nothing taught a chance in 2021
    assert table.loc[2022, "failed"] == 23  # k/30 < 0.8
    left = (own["adjusted_budget"] - own["outturn"])[own["p_failing"] >= 0.5].sum()
    money = table.loc[2022, ["unspent", "actually_cut", "still_idle"]].tolist()
    assert money == pytest.approx([left, 0, left]) and left > 0


def test_quadrants_add_up(now):
    table = monitoring.quadrants(now.reset_index())
    assert table["projects"].sum() == 30
    assert monitoring.usual(now.reset_index())["projects"].sum() == 30


def test_the_last_quarter_is_of_the_last_whole_year():
    rows = months(until=(6, 9, 11, 12), count=2)
    table = monitoring.rush(rows, projects(rows), year=2023, by="department")
    assert table["rush_year"].tolist() == [2022]
    assert table["last_quarter_share"].tolist() == pytest.approx([3 / 12])
    assert monitoring.rush(rows, projects(rows), year=2020).empty


def test_lists_of_all_months_hold_mostly_projects_that_fail():
    vain, listed = np.sum([listed_in_vain(np.random.default_rng(seed), n=90) for seed in (3, 5)], axis=0)
    assert listed >= 20 and vain <= listed / 2
