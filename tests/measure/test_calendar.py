"""The calendar: which fiscal year each stage judges, and which rows belong to a work year."""

import pandas as pd

from perflib.data.rules import load_rules
from perflib.measure.calendar import calendar_table, judged_year, of_work_year, off_calendar

RULES = load_rules("binjiang-2023")


def test_evaluations_judge_the_year_before():
    table = calendar_table(RULES, 2023).set_index("stage")
    assert (
        table.loc[["self_evaluation", "spot_check", "key_evaluation"], "judged_year"].tolist() == [2022] * 3
    )
    assert table.loc[["monitoring", "assessment", "targets"], "judged_year"].tolist() == [2023] * 3
    assert judged_year(RULES, "appraisal", 2023) is None and table.loc["appraisal", "is_by_date"]


def test_rows_of_a_work_year():
    evaluations = pd.DataFrame({"year": [2021, 2022, 2023], "subject": ["a", "b", "c"]})
    assert of_work_year(evaluations, "self_evaluation", RULES, 2023)["subject"].tolist() == ["b"]
    assert of_work_year(evaluations, "monitoring", RULES, 2023)["subject"].tolist() == ["c"]


def test_appraisals_go_by_the_date_of_the_decision():
    dates = pd.to_datetime(["2023-11-01", "2022-11-01", None, None])
    appraisals = pd.DataFrame(
        {"budget_year": [2024, 2023, 2024, 2023], "done_on": dates, "subject": list("abcd")}
    )
    assert of_work_year(appraisals, "appraisal", RULES, 2023)["subject"].tolist() == ["a", "c"]
    undated = appraisals.drop(columns="done_on")
    assert of_work_year(undated, "appraisal", RULES, 2023)["subject"].tolist() == ["a", "c"]


def test_work_done_in_another_year_is_listed():
    done = pd.to_datetime(["2023-04-01", "2024-04-01", None, "2022-12-01"])
    evaluations = pd.DataFrame(
        {"year": 2022, "kind": ["self", "self", "self", "finance"], "done_on": done, "subject": list("abcd")}
    )
    listed = off_calendar(evaluations, RULES)
    assert listed["subject"].tolist() == ["b", "d"] and listed["expected_year"].tolist() == [2023, 2023]
