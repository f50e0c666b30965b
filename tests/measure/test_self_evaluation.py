"""Self-evaluations: last rounds, status, repeats, and reported against recomputed."""

from pathlib import Path

import pandas as pd
import pytest

from perflib.data.rules import load_rules
from perflib.measure.calendar import of_work_year
from perflib.measure.rates import project_rates
from perflib.measure.self_evaluation import (
    compare_scores,
    count_statuses,
    latest_rounds,
    repeated_evaluations,
    self_evaluation_status,
)
from perflib.measure.self_scores import missing

RULES = load_rules("national-2020")
KEY = {"district": "a", "year": 2022}
ROOT = Path(__file__).resolve().parents[2]


def evaluation(subject, **values):
    row = {
        **KEY,
        "subject_kind": "project",
        "subject": subject,
        "kind": "self",
        "evaluator": "unit",
        "round": 1,
    }
    return {**row, "status": "accepted", "score": 95.0, "grade": "优", "reported_rate": 1.0, **values}


EVALUATIONS = pd.DataFrame(
    [
        evaluation("p1", status="returned", score=99.0),
        evaluation("p1", round=2, status="submitted", score=96.0),
        evaluation("p2", status="returned"),
        evaluation("p3"),
        evaluation("p4", status=None),
        evaluation("p5", kind="finance"),
    ]
)
PROJECTS = pd.DataFrame(
    {
        **KEY,
        "project": ["p1", "p2", "p3", "p4", "p5"],
        "section": ["s", "s", "t", "t", "t"],
        "initial_budget": [100.0, 100.0, 100.0, 0.0, 100.0],
        "adjusted_budget": [100.0, 131.0, 130.0, 50.0, 0.0],
        "executed": [90.0, 131.0, 100.0, 50.0, 0.0],
    }
)


def test_the_last_round_holds():
    last = latest_rounds(EVALUATIONS)
    assert last[last["kind"] == "self"].set_index("subject")["score"].to_dict()["p1"] == 96
    assert len(last) == 5


def test_status_counts_every_project():
    status = self_evaluation_status(PROJECTS, EVALUATIONS)
    assert status["status"].tolist() == ["submitted", "returned", "accepted", "unstated", "none"]
    table = count_statuses(status, by=["section"])
    assert table["section"].tolist() == ["s", "t"] and table["projects"].tolist() == [2, 3]
    assert table["arrived"].tolist() == [2, 2] and table["arrived_share"].tolist() == [1, 2 / 3]
    assert count_statuses(status)["projects"].tolist() == [5]
    assert missing(status)["project"].tolist() == ["p2", "p5"]


def test_an_evaluator_twice_for_one_project_is_listed_whole():
    twice = pd.DataFrame([evaluation("p1", score=90.0), evaluation("p1", score=80.0), evaluation("p2")])
    listed = repeated_evaluations(twice)
    assert listed["score"].tolist() == [90, 80] and listed["times"].tolist() == [2, 2]
    assert len(latest_rounds(twice)) == 2 and repeated_evaluations(EVALUATIONS).empty


@pytest.mark.parametrize(
    ("reported", "words", "by_rule", "expect"),
    [
        (
            95.0,
            "优",
            95.0,
            {"deviation": 0, "is_apart": False, "is_rounding": False, "is_other_grade": False},
        ),
        (95.04, "优", 95.0, {"is_rounding": True, "is_apart": False}),
        (95.05, "优", 95.0, {"is_rounding": True}),
        (95.06, "优", 95.0, {"is_rounding": False}),
        (90.0, "优", 85.0, {"deviation": 5, "is_apart": False, "is_other_grade": True}),
        (90.01, "优", 85.0, {"is_apart": True, "grade": "excellent", "grade_by_rule": "good"}),
        (79.995, "良", 79.995, {"grade": "fair", "is_grade_misread": True}),
        (105.0, "优", 99.0, {"score_reason": "above_range", "is_apart": True}),
    ],
)
def test_reported_against_the_rule(reported, words, by_rule, expect):
    recomputed = pd.DataFrame(
        [{**KEY, "subject_kind": "project", "subject": "p", "score": by_rule, "reason": None}]
    )
    found = compare_scores(
        pd.DataFrame([evaluation("p", score=reported, grade=words)]), recomputed, RULES
    ).iloc[0]
    assert {name: found[name] for name in expect} == expect


@pytest.mark.parametrize(
    ("reported", "beyond"), [(95.0, False), (95.05, False), (95.06, True), (64.95, False), (64.94, True)]
)
def test_a_score_outside_its_bounds_is_flagged(reported, beyond):
    bounds = {"score": None, "score_low": 65.0, "score_high": 95.0, "reason": "indicators_unscored"}
    recomputed = pd.DataFrame([{**KEY, "subject_kind": "project", "subject": "p", **bounds}])
    found = compare_scores(pd.DataFrame([evaluation("p", score=reported)]), recomputed, RULES).iloc[0]
    assert bool(found["is_beyond"]) == beyond and pd.isna(found["deviation"])
    known = recomputed.assign(score=80.0)  # with a score by the rule the deviation tells, not the bounds
    found = compare_scores(pd.DataFrame([evaluation("p", score=reported)]), known, RULES).iloc[0]
    assert not found["is_beyond"]


def test_scores_without_a_twin_keep_their_row_and_a_reason():
    recomputed = pd.DataFrame(
        [{**KEY, "subject_kind": "project", "subject": "x", "score": 1.0, "reason": None}]
    )
    found = compare_scores(EVALUATIONS, recomputed, RULES)
    assert len(found) == 4 and set(found["reason"]) == {"no_indicators"} and not found["is_apart"].any()


def test_the_sample_district_reports_961_at_95_per_cent():
    """Published summary of work year 2023, to which the sample is calibrated."""
    rules = load_rules("binjiang-2023")
    tables = {
        n: pd.read_parquet(ROOT / "data" / "sample" / f"{n}.parquet") for n in ("projects", "evaluations")
    }
    evaluations = of_work_year(tables["evaluations"], "self_evaluation", rules, 2023)
    projects = of_work_year(tables["projects"], "self_evaluation", rules, 2023)
    home = projects[projects["district"].isin(evaluations["district"])].reset_index(drop=True)
    found = self_evaluation_status(home, evaluations)
    judged = found[found["status"] != "none"].merge(project_rates(home, base="adjusted")[["project", "rate"]])
    assert len(judged) == 961 and set(judged["status"]) == {"accepted"}
    assert judged["rate"].mean() == pytest.approx(0.953, abs=0.0005)
