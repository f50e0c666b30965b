"""Alerts: every vector of the deployed system, its known defects beside our answer, Sichuan's lines."""

import json

import pandas as pd
import pytest

from perflib.data.rules import load_rules
from perflib.measure.warning import read_levels, warn_lines, warn_pace

INCUMBENT, SICHUAN, NATIONAL = (load_rules(n) for n in ("incumbent", "sichuan-2025", "national-2020"))


@pytest.fixture(scope="module")
def vectors(oracles):
    """Alert and scoring rules of a deployed subsystem, restated from its public source."""
    return json.loads((oracles / "incumbent_cn_warning_rules.json").read_text("utf-8"))["vectors"]


def test_incumbent_pace_of_execution(vectors):
    cases = pd.DataFrame(vectors["budget"])
    frame = cases.rename(columns={"spent": "executed", "budget": "adjusted_budget"}).astype(
        {"executed": float}
    )
    assert warn_pace(frame, INCUMBENT)["colour"].tolist() == cases["expect"].tolist()


def forms(cases):
    names = {"ind": "indicator_points", "budget": "adjusted_budget", "spent": "executed"}
    return pd.DataFrame(cases).rename(columns=names).astype(dict.fromkeys(names.values(), float))


def test_overspending_is_green_there_and_warned_here():
    frame = pd.DataFrame({"executed": [120.0, 5.0], "adjusted_budget": [100.0, 0.0], "month": [6, 6]})
    assert warn_pace(frame, INCUMBENT)["colour"].tolist() == ["green", "red"]
    ours = warn_lines(frame, NATIONAL)
    assert ours["is_overspent"].all()
    assert ours["reason"].tolist()[1] == "spent_without_budget"


def test_pace_without_a_budget_has_a_reason():
    frame = pd.DataFrame(
        {"executed": [0.0, None, 1.0], "adjusted_budget": [0.0, 5.0, -1.0], "month": [6, 6, 6]}
    )
    found = warn_pace(frame, INCUMBENT)
    assert found["reason"].tolist() == ["no_budget", "not_reported", "negative_budget"]
    assert found["pace"].isna().all() and found["colour"].fillna("").tolist() == ["red", "", ""]


@pytest.mark.parametrize(
    ("month", "executed", "below"),
    [(4, 24.99, True), (4, 25, False), (6, 39.99, True), (6, 40, False), (8, 59.99, True), (8, 60, False),
     (10, 79.99, True), (10, 80, False), (5, 1, False)],
)  # fmt: skip
def test_sichuan_lines(month, executed, below):
    frame = pd.DataFrame({"executed": [float(executed)], "adjusted_budget": [100.0], "month": [month]})
    assert warn_lines(frame, SICHUAN)["is_below_line"].tolist() == [below]


def test_the_gap_is_exact():
    """0.7 - 0.9 is below -0.2 in binary: such a project must not be further behind than it is."""
    frame = pd.DataFrame({"executed": [90.0] * 2, "adjusted_budget": [100.0] * 2, "month": [7] * 2})
    found = warn_lines(frame.assign(goal_progress=[0.7, None]), SICHUAN)
    assert found["gap"].tolist()[0] == -0.2 and found["gap"].isna().tolist()[1]
    assert found["line"].isna().all()


def test_levels_are_read_from_the_lowest():
    words = pd.Series(["已达成", "部分达成", "没有达成", "其他", None])
    assert read_levels(words, NATIONAL).fillna("").tolist() == ["reached", "partly", "missed", "", ""]


def test_empty_tables_come_back_empty():
    frame = pd.DataFrame({"executed": [], "adjusted_budget": [], "month": []}, dtype=float)
    assert len(warn_pace(frame, INCUMBENT)) == 0 and len(warn_lines(frame, SICHUAN)) == 0
