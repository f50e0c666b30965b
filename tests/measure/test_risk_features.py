import pandas as pd

from perflib.data.book import complete
from perflib.measure.risk_features import risk_projects, without_screens


def finding(code: str, **columns) -> dict:
    row = {"district": "x", "finding": code, "year": 2023, "subject_kind": "project", "subject": "P1",
           "source": "audit", "severity": "material", "amount": 100.0}  # fmt: skip
    return {**row, **columns}


def project(code: str = "P1", **columns) -> dict:
    row = {"district": "x", "year": 2023, "project": code, "initial_budget": 100.0, "adjusted_budget": 100.0}
    return {**row, "executed": 90.0, "carried_over": 5.0, **columns}


def test_past_findings_are_of_earlier_years_only():
    found = complete(pd.DataFrame([finding("W1", year=2022), finding("W2", severity="minor")]), "findings")
    projects = pd.DataFrame([project(year=y) for y in (2022, 2023, 2024)])
    checks = complete(pd.DataFrame({"kind": []}, dtype="str"), "evaluations")
    table = risk_projects(projects, found, checks).sort_values("year")
    assert table["past_findings"].tolist() == [0, 1, 2]
    assert table["past_material"].tolist() == [0, 1, 1]
    assert table["is_audited"].tolist() == [True, True, False]
    assert table["is_material"].fillna(-1).tolist() == [1, 0, -1]
    assert table["unspent_share"].tolist() == [1 - 90 / 100] * 3
    assert table["carried_share"].tolist() == [5 / 100] * 3


def test_a_spot_check_is_a_look_with_its_probability():
    check = {"district": "x", "year": 2023, "kind": "spot_check", "subject_kind": "project", "subject": "P2"}
    checks = complete(pd.DataFrame([{**check, "inclusion_probability": 0.25}]), "evaluations")
    table = risk_projects(
        pd.DataFrame([project(), project("P2")]), complete(pd.DataFrame([finding("W1")]), "findings"), checks
    ).set_index("project")
    assert table["is_material"].to_dict() == {"P1": 1, "P2": 0}
    assert table["audit_probability"].fillna(0).to_dict() == {"P1": 0, "P2": 0.25}


def test_a_screen_of_all_projects_is_no_look_at_any():
    rows = [finding(f"W{i}", subject=f"P{i}", source="finance", rule="no_quantity") for i in range(5)]
    rows.append(finding("W9"))
    projects = pd.DataFrame([project(f"P{i}") for i in range(10)])
    left = without_screens(complete(pd.DataFrame(rows), "findings"), projects)
    assert left["finding"].tolist() == ["W9"]
