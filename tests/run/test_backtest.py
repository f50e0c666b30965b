"""The backtest command on a made-up panel: its table, its goals, its files, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.run.backtest import (
    judge_goals,
    parse_months,
    run_backtest,
    summarise,
    unit_lines,
)
from perflib.run.backtest_page import page, printed_text, write_files

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
        rows = grid.merge(pd.DataFrame({"month": range(3, 13)}), how="cross")
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
    lines = unit_lines(MadeUp(), "projects")
    years = range(2020, 2022)
    return run_backtest(lines, units="projects", years=years, months=[6], seed=1, rounds=30, models=1), years


@pytest.fixture(scope="module")
def found(tested):
    return summarise(*tested)


def test_the_year_before_is_forecast_too_for_calibration(tested):
    assert sorted(tested[0]["year"].unique()) == [2019, 2020, 2021]


def test_errors_stand_year_by_year_with_2020_apart(found):
    errors = found["errors"]
    assert set(errors["span"]) == {"2020", "2021", "all", "without_2020"}
    straight = errors[(errors["method"] == "straight_line") & (errors["part"] == "whole")].set_index("span")
    assert straight.loc["2021", "money_error"] == straight.loc["without_2020", "money_error"]
    assert set(errors["part"]) == {"whole", "districts"}


def test_the_table_is_the_sum_over_units(tested, found):
    part = tested[0][tested[0]["year"] == 2021]
    expected = (part["pooled"] - part["outturn"]).abs().sum() / part["outturn"].sum()
    errors = found["errors"].set_index(["part", "span", "method"])
    assert errors.loc[("whole", "2021", "pooled"), "money_error"] == pytest.approx(expected)


def test_lines_add_up_what_projects_share():
    lines = unit_lines(MadeUp(), "lines")
    out = run_backtest(lines, units="lines", years=range(2021, 2022), months=[6], seed=1, rounds=20, models=1)
    assert len(out[out["year"] == 2021]) == 2  # one department, two types, each of its own district
    whole = lines[(lines["year"] == 2021) & (lines["month"] == 12)]["executed"].sum()
    assert out.loc[out["year"] == 2021, "outturn"].sum() == pytest.approx(whole, abs=0.01)


def test_goals_say_met_or_missed_by_their_own_numbers(found):
    goals = judge_goals(found).set_index("goal")
    for name, row in goals.iterrows():
        is_met = {"most": row["reached"] <= row["aim"], "below": row["reached"] < row["aim"],
                  "least": row["reached"] >= row["aim"]}[row["way"]]  # fmt: skip
        assert row["is_met"] == is_met, name
    worst = found["errors"].query("method == 'pooled' and part == 'whole' and span in ['2020', '2021']")
    assert goals.loc["whole_each_year", "reached"] == worst["versus_last_year"].max()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_code_is_left_in_what_is_printed(found, lang):
    goals = judge_goals(found)
    for text in (printed_text(found, goals, lang), page(found, goals, lang)):
        for code in ("straight_line", "without_2020", "whole_error", "money_error", "list_failing", "nan"):
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
    from perflib.run.backtest import _check_years

    lines = unit_lines(MadeUp(), "projects")
    _check_years(lines, range(2019, 2022))
    with pytest.raises(ArgumentError, match="2019, 2020, 2021"):
        _check_years(lines, range(2018, 2022))
