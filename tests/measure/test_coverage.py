"""Coverage of every stage: by count and amount, by department, class and fund; nothing lost."""

import pandas as pd

from perflib.data.rules import load_rules
from perflib.measure.coverage import STAGES, coverage, split_by_fund, stage_coverage

RULES = load_rules("binjiang-2023")
KEY = {"district": "a", "year": 2022}
PROJECTS = pd.DataFrame(
    {
        **KEY,
        "project": ["p1", "p2", "p3", "p4"],
        "department": ["D", "D", "E", "E"],
        "class": ["specific", "specific", "specific", None],
        "is_new": [True, False, True, False],
        "initial_budget": [5e6, 1e6, 6e6, 1e6],
        "adjusted_budget": [5e6, 1e6, 6e6, 1e6],
    }
)
CATALOGUE = pd.DataFrame(
    [{**KEY, "scope": "class", "item": "specific", "targets": True, "monitoring": True,
      "self_evaluation": True, "spot_check": True, "key_evaluation": False}]
)  # fmt: skip
EVALUATIONS = pd.DataFrame(
    {
        **KEY,
        "subject_kind": "project",
        "subject": ["p1", "p1", "p2", "p3", "p4"],
        "kind": ["self", "self", "self", "finance", "self"],
        "evaluator": "unit",
        "round": [1, 2, 1, 1, 1],
        "status": ["returned", "accepted", "returned", "accepted", "submitted"],
    }
)
APPRAISALS = pd.DataFrame(
    {"district": "a", "budget_year": 2022, "subject": ["p1", "p3"], "is_assessed": [True, False]}
)
INDICATORS = pd.DataFrame({**KEY, "subject": ["p1", "p2", "p1"], "month": [12, 12, 6]})
TABLES = {"evaluations": EVALUATIONS, "appraisals": APPRAISALS, "indicators": INDICATORS}


def test_every_stage_is_counted_by_number_and_amount():
    table = coverage(stage_coverage(PROJECTS, CATALOGUE, TABLES, RULES)).set_index("duty")
    assert list(table.index) == list(STAGES)
    counts = table[["owing", "done", "missing", "voluntary", "unknown"]]
    assert counts.loc["appraisal"].tolist() == [2, 1, 1, 0, 0]
    assert counts.loc["targets"].tolist() == [3, 2, 1, 0, 1]
    assert counts.loc["monitoring"].tolist() == [3, 1, 2, 0, 1]
    assert counts.loc["self_evaluation"].tolist() == [3, 1, 2, 0, 1]  # p2 was returned, p4 is unknown
    assert counts.loc["key_evaluation"].tolist() == [0, 0, 0, 1, 1]
    assert table.loc["self_evaluation", "share"] == 1 / 3
    assert table.loc["self_evaluation", "amount_share"] == 5e6 / (5e6 + 1e6 + 6e6)
    assert pd.isna(table.loc["key_evaluation", "share"])


def test_departments_sum_to_the_whole():
    rows = stage_coverage(PROJECTS, CATALOGUE, TABLES, RULES)
    whole, parts = coverage(rows), coverage(rows, by=["department"])
    columns = ["owing", "done", "missing", "voluntary", "unknown", "amount_owing", "amount_done"]
    summed = parts.groupby("duty")[columns].sum().loc[list(STAGES)].reset_index(drop=True)
    pd.testing.assert_frame_equal(summed, whole[columns])
    assert len(rows) == len(PROJECTS) * len(STAGES)


def test_by_class_keeps_the_unclassed():
    table = coverage(stage_coverage(PROJECTS, CATALOGUE, TABLES, RULES), by=["class"])
    assert table["class"].isna().sum() == len(STAGES)


def test_a_project_stands_under_each_of_its_funds():
    funds = pd.DataFrame(
        {
            **KEY,
            "project": ["p1", "p1", "p2"],
            "fund": ["general", "own", "general"],
            "adjusted_budget": [4e6, 1e6, 1e6],
        }
    )
    rows = split_by_fund(stage_coverage(PROJECTS, CATALOGUE, TABLES, RULES), funds)
    table = coverage(rows, by=["fund"])
    owed = table[table["duty"] == "self_evaluation"].set_index(
        table["fund"].fillna("-")[table["duty"] == "self_evaluation"]
    )
    assert owed["amount_owing"].to_dict() == {"general": 5e6, "own": 1e6, "-": 6e6}
    assert owed["amount_owing"].sum() == 12e6


def test_without_a_catalogue_only_the_appraisal_is_known():
    table = coverage(stage_coverage(PROJECTS, None, TABLES, RULES)).set_index("duty")
    assert table.loc["appraisal", "owing"] == 2 and table.loc["targets", "unknown"] == len(PROJECTS)


def test_without_any_other_table_nothing_is_done():
    table = coverage(stage_coverage(PROJECTS, CATALOGUE, {}, RULES))
    assert table["done"].sum() == 0 and table["owing"].sum() == 2 + 3 * 4
