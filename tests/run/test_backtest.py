"""The backtest command on a made-up panel: its table, its goals, its files, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.infer.backtest import judge_goals
from perflib.measure.monitored import KEYS, count_oddities, monitored_rows
from perflib.run.backtest import (
    check_years,
    page,
    parse_months,
    printed_text,
    run_backtest,
    summarise,
    write_files,
)

YEARS, UNITS = (2018, 2019, 2020, 2021), 40


class MadeUp:
    """A book with the two tables that the backtest reads: half the projects spend in December only."""

    def __init__(self, years=YEARS):
        rng = np.random.default_rng(3)
        project = pd.DataFrame(
            {"project": [f"P{i:02d}" for i in range(UNITS)], "late": np.arange(UNITS) % 2 == 1}
        )
        project["budget"] = rng.uniform(1e4, 1e6, UNITS).round(2)
        grid = project.merge(pd.DataFrame({"year": list(years)}), how="cross")
        grid["rate"] = rng.choice([0.5, 0.95], len(grid))
        rows = grid.merge(pd.DataFrame({"month": [5, 6, 12]}), how="cross")
        share = np.where(
            rows["late"], np.where(rows["month"] == 12, 1, 0.01 * rows["month"]), rows["month"] / 12
        )
        spent = (rows["budget"] * rows["rate"] * share).round(2)
        progress = rows[["year", "month", "project"]].assign(
            district=np.where(rows["late"], "01", "00"), initial_budget=rows["budget"],
            adjusted_budget=rows["budget"], executed=spent,
        )  # fmt: skip
        projects = grid[["year", "project"]].assign(
            district=np.where(grid["late"], "01", "00"),
            department="d",
            category=np.where(grid["late"], "b", "a"),
        )
        kinds = pd.DataFrame({"district": ["00", "01"], "kind": ["city", "district"]})
        self.tables = {"progress": progress, "projects": projects, "districts": kinds}

    def table(self, name):
        return self.tables[name]


@pytest.fixture(scope="module")
def tested():
    rows = monitored_rows(MadeUp().tables)
    years = range(2020, 2022)
    return run_backtest(rows, units="projects", years=years, months=[6], seed=1, rounds=30, models=1), years


@pytest.fixture(scope="module")
def found(tested):
    rows = monitored_rows(MadeUp().tables)
    return summarise(*tested, rows) | {
        "oddities": count_oddities(rows, keys=KEYS["projects"], years=tested[1])
    }


def test_the_year_before_is_forecast_too_for_calibration(tested):
    assert sorted(tested[0]["year"].unique()) == [2019, 2020, 2021]


def test_lines_add_up_what_projects_share():
    rows = monitored_rows(MadeUp().tables)
    out = run_backtest(rows, units="lines", years=range(2021, 2022), months=[6], seed=1, rounds=20, models=1)
    assert len(out[out["year"] == 2021]) == 2  # one department, two types, each of its own district
    whole = rows[(rows["year"] == 2021) & (rows["month"] == 12)]["executed"].sum()
    assert out.loc[out["year"] == 2021, "outturn"].sum() == pytest.approx(whole, abs=0.01)


def test_every_table_is_there_with_a_row(found):
    assert list(found) == ["errors", "coverage", "flags", "lists", "joins", "oddities"]
    assert all(len(table) for table in found.values())


def test_alarms_are_the_red_light_and_the_lines(tested, found):
    """June 2021, by hand: red below 60 % of half the budget, the line at 40 % of it."""
    part = tested[0][tested[0]["year"] == 2021]
    share = part["executed"] / part["adjusted_budget"]
    flags = found["flags"].query("span == '2021' and order == 'ours'").set_index("alarm")
    assert flags.loc["red", "flagged"] == (share < 0.3).sum()
    assert flags.loc["line", "flagged"] == (share < 0.4).sum()
    fails = part["outturn"] < 0.8 * part["adjusted_budget"]
    assert flags.loc["red", "caught"] == ((share < 0.3) & fails).sum()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_code_is_left_in_what_is_printed(found, lang):
    goals = judge_goals(found)
    for text in (printed_text(found, goals, lang), page(found, goals, lang)):
        for code in ("straight_line", "without_2020", "whole_error", "money_error", "list_failing", "nan",
                     "rule_in_use", "column_", "joined_", "goal_", "other_types", "order_false"):  # fmt: skip
            assert code not in text


def test_the_three_files_are_written_together_or_not_at_all(found, tmp_path, monkeypatch):
    goals, folder = judge_goals(found), tmp_path / "out"
    write_files(folder, found, goals, "zh")
    assert sorted(p.name for p in folder.iterdir()) == ["backtest.csv", "backtest.html", "backtest.json"]
    held = json.loads((folder / "backtest.json").read_text("utf-8"))
    assert len(held["errors"]) == len(found["errors"])
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    monkeypatch.setattr(json, "dumps", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_files(folder, found, goals, "en")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("given", ["", "0", "12", "4..", "a", "11..4"])
def test_bad_months_are_refused_with_the_ways_to_write_them(given):
    with pytest.raises(ArgumentError, match=r"4\.\.11"):
        parse_months(given)


def test_years_without_a_past_are_refused_with_those_that_can_be_tested():
    rows = monitored_rows(MadeUp().tables)
    check_years(rows, range(2019, 2022), [6])
    with pytest.raises(ArgumentError, match="2019, 2020, 2021"):
        check_years(rows, range(2018, 2022), [6])


def test_a_month_that_a_year_lacks_is_refused_with_those_it_has():
    rows = monitored_rows(MadeUp().tables)
    rows = rows[(rows["year"] != 2020) | (rows["month"] != 6)]
    with pytest.raises(ArgumentError, match="2020 has no data for month 6; it has months 5, 12"):
        check_years(rows, range(2019, 2022), [6])
