import pandas as pd
import pytest

from perflib.data.book import complete
from perflib.data.rules import load_rules
from perflib.measure.reviews import against_peers, latest

PROJECTS = complete(
    pd.DataFrame({"district": ["x"], "year": [2022], "project": ["P1"], "name": ["道路"]}), "projects"
)


def evaluation(subject: str, score: float, **columns) -> dict:
    row = {"district": "x", "year": 2022, "subject_kind": "project", "subject": subject, "kind": "finance",
           "evaluator": "处室", "round": 1, "score": score}  # fmt: skip
    return {**row, **columns}


def table(*rows) -> pd.DataFrame:
    return latest(complete(pd.DataFrame(rows), "evaluations"), PROJECTS, load_rules("binjiang-2023"))


def test_kinds_of_review_last_rounds_and_grades_by_the_rule():
    found = table(
        evaluation("P1", 70), evaluation("P1", 90, round=2), evaluation("P2", 80, evaluator_kind="joint_audit"),
        evaluation("P3", 59, kind="department", evaluator_kind="third_party"), evaluation("P4", 99, kind="self"),
        evaluation("P5", 99, level="city"),
    ).set_index("subject")  # fmt: skip
    assert found["review"].to_dict() == {
        "P1": "finance_own", "P2": "joint_audit", "P3": "department_third_party",
    }  # fmt: skip
    assert found["grade_key"].to_dict() == {"P1": "excellent", "P2": "good", "P3": "poor"}
    assert found.loc["P1", "subject_name"] == "道路" and found.loc["P1", "score"] == 90


def test_peers_are_the_others_and_not_the_subject_itself():
    points = {"points_decision": 10.0, "points_process": 10.0, "points_output": 20.0}
    rows = table(
        evaluation("P1", 80, **points), evaluation("P2", 80, **{**points, "points_output": 30.0}),
        evaluation("P3", 80, **{**points, "points_output": 40.0}),
        evaluation("P4", 80, kind="department", **{**points, "points_output": 1.0}),
    )  # fmt: skip
    gaps = against_peers(rows[rows["subject"] == "P1"], rows).set_index("evaluation_dimension")
    assert gaps["peer_mean"].to_dict() == {"decision": 10, "process": 10, "output": (30 + 40) / 2}
    assert gaps.loc["output", "peer_gap"] == 20 - 35  # effect has no points, and no row


@pytest.mark.parametrize("n", [0, 1])
def test_without_peers_nothing_is_compared(n):
    rows = table(evaluation("P1", 80, points_output=20.0))[:n]
    assert against_peers(rows, rows).empty
