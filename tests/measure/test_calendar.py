"""The calendar: which fiscal year each stage judges, and which rows belong to a work year."""

import pandas as pd

from perflib.data.rules import load_rules
from perflib.measure.calendar import of_work_year

RULES = load_rules("binjiang-2023")


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
