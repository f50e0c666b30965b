import pandas as pd
import pytest

from perflib.data.rules import load_rules
from perflib.measure.consequences import (
    by_action,
    check_cuts,
    decided,
    deciding_evaluation,
    propose,
    summary,
)

RULE = {"excellent": "priority", "good": "keep", "fair": "compress", "poor": "cancel"}
PROJECTS = pd.DataFrame(
    {
        "district": "x",
        "year": 2022,
        "project": ["p1", "p2", "p3", "p4", "p5"],
        "name": list("甲乙丙丁戊"),
        "department": "教育局",
        "initial_budget": [100.0, 200, 300, 400, 0],
        "adjusted_budget": [100.0, 200, 300, 400, 0],
        "lapsed": [0.0, 5.5, None, 0, 0],
    }
)


def _evaluations(rows):
    table = pd.DataFrame(rows, columns=["subject", "kind", "round", "score", "grade"])
    return table.assign(district="x", year=2022, subject_kind="project")


EVALUATIONS = _evaluations(
    [
        ("p1", "self", 1, 95.0, "excellent"),
        ("p2", "self", 1, 96.0, "excellent"),
        ("p2", "finance", 1, 72.0, "fair"),
        ("p3", "self", 1, 91.0, "excellent"),
        ("p3", "self", 2, 85.0, "good"),
        ("p3", "spot_check", 1, None, None),
        ("p5", "self", 1, 50.0, "poor"),
    ]
)


def _adjustments(rows):
    columns = ["adjustment", "project", "basis", "stage", "amount"]
    return pd.DataFrame(rows, columns=columns).assign(district="x", year=2022)


MOVES = _adjustments(
    [
        ("a1", "p1", "budget", "mid_year", -10.10),
        ("a2", "p1", "budget", "mid_year", -0.20),
        ("a3", "p1", "request", "ex_ante", -40.0),
        ("a4", "p2", "budget", "results", -7.0),
        ("a5", "p2", "budget", "supplement", 50.0),
        ("a6", "p2", "budget", "virement", -9.0),
    ]
)


def test_the_highest_body_with_a_grade_decides_and_its_latest_round():
    table = deciding_evaluation(EVALUATIONS).set_index("subject")
    assert table["kind"].to_dict() == {"p1": "self", "p2": "finance", "p3": "self", "p5": "self"}
    assert table["grade"].to_dict() == {"p1": "excellent", "p2": "fair", "p3": "good", "p5": "poor"}
    assert table["n_evaluations"].sum() == len(EVALUATIONS)


def test_every_project_gets_the_consequence_of_its_grade():
    table = propose(
        PROJECTS, deciding_evaluation(EVALUATIONS), consequences=RULE, adjustments=MOVES, compress_by=0.1
    ).set_index("project")
    assert table["consequence"].fillna("").to_list() == ["priority", "compress", "keep", "", "cancel"]
    assert table["reason"].fillna("").to_list() == ["", "", "", "not_evaluated", "no_budget"]
    assert table.loc["p2", ["proposed_cut", "proposed_budget", "take_back"]].to_list() == [20.0, 180.0, 5.5]
    assert table.loc["p1", ["cut_mid_year", "cut_ex_ante", "cut_results"]].to_list() == [10.3, 40.0, 0.0]
    assert pd.isna(table.loc["p4", "proposed_cut"])


def test_without_a_rate_of_compression_the_amount_stays_open():
    table = propose(PROJECTS, deciding_evaluation(EVALUATIONS), consequences=RULE).set_index("project")
    assert table.loc["p2", "consequence"] == "compress"
    assert pd.isna(table.loc["p2", "proposed_cut"])
    assert table.filter(like="cut_").to_numpy().sum() == 0


def test_an_overdue_finding_costs_the_priority():
    findings = pd.DataFrame(
        {
            "district": "x",
            "subject_kind": "project",
            "subject": ["p1", "p5", "p9"],
            "is_overdue": [True, True, True],
        }
    )
    table = propose(
        PROJECTS, deciding_evaluation(EVALUATIONS), consequences=RULE, findings=findings
    ).set_index("project")
    assert table.loc["p1", ["consequence", "n_overdue", "reason"]].to_list() == [
        "compress",
        1,
        "overdue_findings",
    ]
    assert table.loc["p5", "consequence"] == "cancel"


def test_a_grade_that_the_rule_does_not_know_is_said():
    decided = deciding_evaluation(EVALUATIONS.assign(grade="合格"))
    table = propose(PROJECTS, decided, consequences=RULE)
    assert table["reason"].value_counts().to_dict() == {"grade_without_rule": 4, "not_evaluated": 1}
    assert table["consequence"].isna().all()


@pytest.mark.parametrize(("amount", "is_over"), [(-249.99, False), (-250.00, False), (-250.01, True)])
def test_a_cut_may_reach_the_budget_but_not_exceed_it(amount, is_over):
    moves = _adjustments(
        [("a1", "p2", "budget", "supplement", 50.0), ("a2", "p2", "budget", "mid_year", amount)]
    )
    found = check_cuts(moves, PROJECTS)
    assert (found["reason"].to_list() == ["cut_exceeds_budget"]) == is_over
    assert len(found) == int(is_over)


def test_cuts_of_a_request_and_other_faults_are_listed():
    moves = _adjustments(
        [
            ("a1", "p1", "request", "ex_ante", -500.0),
            ("a2", "p9", "budget", "mid_year", -1.0),
            ("a3", "p1", "budget", "mid_year", 3.0),
            ("a4", "p3", "request", "ex_ante", -5.0),
            ("a5", "p8", "request", "ex_ante", -90.0),
        ]
    )
    # p8 was refused and never became a project, but its request is known.
    asked = pd.DataFrame(
        {
            "district": "x",
            "budget_year": 2022,
            "subject": ["p1", "p8"],
            "round": 1,
            "requested": [450.0, 90.0],
        }
    )
    found = check_cuts(moves, PROJECTS, appraisals=asked).set_index("adjustment")
    assert found["reason"].to_dict() == {
        "a1": "cut_exceeds_request",
        "a2": "unknown_project",
        "a3": "cut_with_wrong_sign",
    }
    assert found.loc["a1", "limit"] == 450


@pytest.mark.parametrize(
    ("score", "action"),
    [(90, "priority"), (89.99, "keep"), (80, "keep"), (79.99, "compress"), (59, "compress")],
)
def test_the_rule_decides_by_the_unrounded_score(score, action):
    rules = load_rules("binjiang-2023")
    found = decided(_evaluations([("p1", "self", 1, score, None)]).assign(status="accepted"), rules)
    assert propose(PROJECTS, found, consequences=rules["consequences"])["consequence"].iloc[0] == action


def test_a_returned_evaluation_does_not_stand():
    rows = _evaluations([("p1", "self", 1, 95.0, None), ("p2", "self", 1, 95.0, None)])
    found = decided(rows.assign(status=["returned", None]), load_rules("binjiang-2023"))
    assert found["subject"].tolist() == ["p2"] and found["grade"].tolist() == ["excellent"]


def test_projects_and_money_of_each_consequence_add_up():
    chosen = deciding_evaluation(EVALUATIONS)
    table = propose(PROJECTS, chosen, consequences=RULE)
    actions = by_action(table).set_index("consequence")
    assert actions["projects"].to_dict() == {"priority": 1, "keep": 1, "compress": 1, "cancel": 1}
    assert actions["adjusted_budget"].to_dict() == {
        "priority": 100,
        "keep": 300,
        "compress": 200,
        "cancel": 0,
    }
    found = summary(table[table["project"] != "p1"], chosen).iloc[0]
    assert found[["evaluated", "not_evaluated", "ended", "open_amounts"]].tolist() == [3, 1, 1, 1]
    assert found[["take_back", "take_back_projects"]].tolist() == [5.5, 1]
