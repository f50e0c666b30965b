import numpy as np
import pandas as pd
import pytest

from perflib.data.book import complete, load_book
from perflib.data.rules import load_rules
from perflib.infer.leads import first_test_year, risk_study

RULES = load_rules("binjiang-2023")


@pytest.fixture(scope="module")
def study():
    book = load_book("sample")
    tables = [book.rows(name) for name in ("projects", "findings", "evaluations")]
    return risk_study(*tables, rules=RULES, year=2023)


def test_leads_are_the_riskiest_and_go_two_ways(study):
    assert study.projects["risk"].is_monotonic_decreasing and study.projects["risk"].between(0, 1).all()
    assert study.leads["project"].tolist() == study.projects["project"].head(20).tolist()
    large = study.leads["adjusted_budget"] >= float(RULES.ex_ante.threshold)
    assert study.leads["lead_use"].tolist() == np.where(large, "key_evaluation", "spot_check").tolist()
    counts = study.summary.iloc[0]
    assert counts["leads_key"] + counts["leads_check"] == counts["leads"] == 20 and counts["leads_tied"] == 0
    assert study.projects["lead_use"].notna().sum() == 20


def test_the_summary_says_what_the_tables_say(study):
    said, first = study.summary.iloc[0], study.lift.iloc[0]
    assert said[["top_k", "precision", "lift"]].tolist() == first[["top_k", "precision", "lift"]].tolist()
    assert said["lift"] == pytest.approx(said["precision"] / said["base_rate"])
    assert said["audited"] == study.calibration["audited_projects"].sum()
    mean = np.average(study.calibration["predicted"], weights=study.calibration["audited_projects"])
    assert said["mean_risk"] == pytest.approx(mean)


def rows_of(**columns) -> tuple:
    row = {"district": "x", "year": 2023, "class": "specific", "initial_budget": 1e6, "adjusted_budget": 1e6,
           "executed": 9e5, "carried_over": 0.0}  # fmt: skip
    projects = pd.DataFrame([{**row, "project": f"P{i}", **columns} for i in range(30)])
    found = {"district": "x", "finding": "W1", "year": 2023, "subject_kind": "project", "subject": "P1",
             "source": "audit", "severity": "material", "amount": 1.0}  # fmt: skip
    findings = complete(pd.DataFrame([found]), "findings")
    return projects, findings, complete(pd.DataFrame({"kind": []}, dtype="str"), "evaluations")


def test_with_few_findings_the_rates_by_class_are_used_and_not_judged():
    study = risk_study(*rows_of(), rules=RULES, year=2023)
    assert study.summary["risk_method"].item() == "class_rates"
    assert study.summary["lift"].isna().item() and study.lift.empty and study.calibration.empty


def test_of_equal_risks_the_larger_are_leads_and_the_others_counted():
    projects, findings, checks = rows_of()
    projects["adjusted_budget"] = np.arange(30) * 1e5
    study = risk_study(projects, findings, checks, rules=RULES, year=2023)
    assert study.projects["risk"].nunique() == 1
    assert study.leads["project"].tolist() == [f"P{i}" for i in range(29, 9, -1)]
    assert study.summary["leads_tied"].item() == 10


def test_without_findings_nothing_is_learnt():
    projects, findings, checks = rows_of()
    study = risk_study(projects, findings[:0], checks, rules=RULES, year=2023)
    assert study.projects.empty and study.leads.empty
    assert study.summary["leads"].item() == 0 and study.summary["risk_method"].isna().item()


@pytest.mark.parametrize(
    ("counts", "want"), [([20, 20, 19, 13], 2022), ([30, 20, 1, 0], 2021), ([50, 1], 2020)]
)
def test_tests_begin_where_the_years_before_hold_enough(counts, want):
    years = np.repeat(np.arange(2019, 2019 + len(counts)), counts)
    table = pd.DataFrame({"year": years, "is_material": 1.0})
    assert first_test_year(table) == want
