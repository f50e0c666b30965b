"""Ex-ante appraisal: 5,000,000 is in, requests become approvals, and reasons sum to the cut."""

from pathlib import Path

import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.data.rules import load_rules
from perflib.measure.appraisal import (
    appraisals_owed,
    appraised,
    judge_scores,
    latest_appraisals,
    request_to_approval,
)
from perflib.measure.calendar import of_work_year
from perflib.measure.coverage import coverage

RULES = load_rules("binjiang-2023")
ROOT = Path(__file__).resolve().parents[2]


def appraisal(subject, requested, approved, **values):
    row = {
        "district": "a",
        "budget_year": 2024,
        "subject": subject,
        "round": 1,
        "name": subject,
        "department": "D",
    }
    amounts = {"requested": requested, "reviewed": requested, "recommended": approved, "approved": approved}
    return {**row, **amounts, "is_assessed": True, "cut_reason": "单价偏高", **values}


APPRAISALS = pd.DataFrame(
    [
        appraisal("p1", 18.6e6, 13.2e6),
        appraisal("p2", 12.85e6, 8.6344e6, cut_reason="重复建设"),
        appraisal("p3", 5e6, 4.75e6),
        appraisal("p4", 4_999_999.99, None, is_assessed=False),
        appraisal("p5", 6e6, None, is_assessed=False),
        appraisal("p6", 9e6, None, is_assessed=True),
        appraisal("p7", 8e6, 8e6, cut_reason=None),
        appraisal("p7", 9e6, None, round=0),
    ]
)
PROJECTS = pd.DataFrame(
    {
        "district": "a",
        "year": 2024,
        "project": ["p3", "q1", "q2", "q3", "q4", "q5"],
        "name": "x",
        "department": "D",
        "class": ["specific", "specific", "specific", "specific", "personnel", None],
        "is_new": [True, True, True, False, True, True],
        "initial_budget": [4.75e6, 5e6, 4_999_999.99, 9e6, 9e6, 7e6],
        "adjusted_budget": 1.0,
    }
)


def test_new_projects_without_an_appraisal_are_listed():
    owed = appraisals_owed(PROJECTS, APPRAISALS, RULES)
    found = owed[~owed["has"]].set_index("subject")
    assert found["origin"].to_dict() == {"p5": "request", "q1": "budget", "q5": "budget"}
    assert coverage(owed)[["owing", "done", "missing"]].iloc[0].tolist() == [8, 8 - 3, 3]


def test_five_million_requested_is_owed_although_less_was_approved():
    owed = appraisals_owed(PROJECTS, APPRAISALS, RULES).set_index("subject")
    assert owed.loc["p3", "has"] and owed.loc["p3", "origin"] == "request"
    assert "p4" not in owed.index and "q2" not in owed.index and "q3" not in owed.index
    assert owed.index.is_unique and len(owed) == 8


def test_from_request_to_approval():
    table = request_to_approval(APPRAISALS).iloc[0]
    assert (table["subjects"], table["decided"]) == (5, 4)
    asked, given = 18.6e6 + 12.85e6 + 5e6 + 8e6, 13.2e6 + 8.6344e6 + 4.75e6 + 8e6
    assert table["cut"] == asked - given == 9_865_600
    assert table["cut_rate"] == (asked - given) / asked
    assert table["requested"] == asked + 9e6 and table["approved"] == given
    assert appraised(APPRAISALS)["cut"].sum() == table["cut"]


def test_an_open_request_is_no_cut():
    table = request_to_approval(APPRAISALS[APPRAISALS["subject"] == "p6"]).iloc[0]
    assert pd.isna(table["cut_rate"]) and table["reason"] == "no_appraisals"


def test_reasons_sum_to_the_cut():
    cut = appraised(APPRAISALS).query("cut > 0")
    table = request_to_approval(cut, by="cut_reason")
    assert table["cut_reason"].tolist() == ["单价偏高", "重复建设"] and table["subjects"].tolist() == [2, 1]
    assert table["cut"].sum() == request_to_approval(APPRAISALS)["cut"].iloc[0]


def test_the_last_round_holds():
    assert latest_appraisals(APPRAISALS).set_index("subject").loc["p7", "requested"] == 8e6


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(90, "support"), (89.99, "adjust"), (70, "adjust"), (69.995, "refuse"), (None, None)],
)
def test_verdicts_by_the_rule(score, verdict):
    found = judge_scores(pd.Series([score], dtype=float), RULES)["verdict"].iloc[0]
    assert found == verdict if verdict else pd.isna(found)


def test_a_set_without_verdicts_says_so():
    with pytest.raises(DataError, match="`verdicts`"):
        judge_scores(pd.Series([90.0]), load_rules("national-2020"))


def test_empty_appraisals():
    none = APPRAISALS.head(0)
    assert request_to_approval(none, by=["department"]).empty
    assert appraisals_owed(PROJECTS, none, RULES)["subject"].tolist() == ["q1", "q5"]


def test_a_set_without_a_threshold_owes_nothing():
    assert appraisals_owed(PROJECTS, APPRAISALS, load_rules("national-2020")).empty


def test_the_sample_district_appraised_three_and_cut_9_8656_million():
    """Published summary of work year 2023, to which the sample is calibrated."""
    appraisals = pd.read_parquet(ROOT / "data" / "sample" / "appraisals.parquet")
    table = request_to_approval(of_work_year(appraisals, "appraisal", RULES, 2023)).iloc[0]
    assert table["subjects"] == 3 and table["cut"] == 9_865_600
