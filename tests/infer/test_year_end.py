"""The forecast of anything: parts that add up, intervals that hold what is spent."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.infer import outlook
from perflib.infer.year_end import forecast

YEARS = (2021, 2022, 2023)


def tables(years=YEARS, count=30):
    """Project k spends k/count of its budget by December, evenly, a little less or more each year."""
    rng = np.random.default_rng(4)
    grid = pd.MultiIndex.from_product([years, range(count)], names=["year", "k"]).to_frame(index=False)
    grid = grid.assign(project="P" + grid["k"].astype("str"), district="d", adjusted_budget=1000.0,
                       department=np.where(grid["k"] % 2, "a", "b"), category="works",
                       end=1000 * (grid["k"] + 1) / count * rng.uniform(0.8, 1, len(grid)))  # fmt: skip
    months = grid.merge(pd.DataFrame({"month": range(1, 13)}), how="cross")
    months = months.assign(executed=(months["end"] * months["month"] / 12).round(2), goal_progress=np.nan,
                           planned_share=np.nan)  # fmt: skip
    amounts = ["adjusted_budget", "executed", "goal_progress", "planned_share"]
    about = grid[["year", "district", "project", "department", "category"]]
    months = months[months["month"].isin([3, 4, 5, 6, 7, 12])]
    return months[["year", "district", "month", "project", *amounts]], about


@pytest.fixture(scope="module")
def levels():
    return {by: forecast(*tables(), year=2023, month=6, by=by) for by in ("project", "department", ())}


def test_projects_departments_and_the_whole_add_up(levels):
    for column in ("budget", "executed", "value", "outturn", "projects"):
        whole = levels[()][column].iloc[0]
        assert levels["department"][column].sum() == pytest.approx(whole)
        assert levels["project"][column].sum() == pytest.approx(whole)


@pytest.mark.parametrize("by", ["project", "department", ()])
def test_the_forecast_lies_in_its_interval_and_that_above_what_is_spent(levels, by):
    table = levels[by]
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    assert (table["low"] >= table["executed"]).all()
    assert (table["month"] == 6).all()
    assert (table["rate"] == table["value"] / table["budget"]).all()


def test_a_first_year_has_a_forecast_within_the_budget_and_no_interval():
    table = forecast(*tables(years=(2023,)), year=2023, month=6, by="department")
    assert (table["method"] == "straight_line").all() and table["low"].isna().all()
    assert (table["value"] <= table["budget"]).all()


def test_a_column_that_projects_lack_is_named():
    with pytest.raises(ArgumentError, match="colour"):
        forecast(*tables(), year=2023, month=6, by="colour")


def test_an_outlook_is_made_once_for_all_groupings(monkeypatch):
    made = []

    make = outlook.make_outlook

    def counted(rows, **options):
        made.append(options["month"])
        return make(rows, **options)

    monkeypatch.setattr(outlook, "make_outlook", counted)
    progress, about = tables(years=(2023,), count=3)
    for by in ((), "department"):
        forecast(progress, about, year=2023, month=7, by=by)
    assert made == [7]


def test_several_months_stand_below_each_other(levels):
    table = forecast(*tables(), year=2023, month=[5, 6])
    assert table["month"].tolist() == [5, 6]
    assert table["value"].iloc[1] == levels[()]["value"].iloc[0]


def test_projects_of_two_districts_keep_their_codes():
    progress, about = tables(years=(2023,), count=2)
    both = [pd.concat([t, t.assign(district="e")], ignore_index=True) for t in (progress, about)]
    table = forecast(*both, year=2023, month=6, by=["district", "project"])
    assert table[["district", "project"]].to_numpy().tolist() == [
        ["d", "P0"],
        ["d", "P1"],
        ["e", "P0"],
        ["e", "P1"],
    ]
