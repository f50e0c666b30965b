"""Who is looked at next: criteria one by one, and who can't be drawn."""

import pandas as pd
import pytest

from perflib.infer.sampling import plan_sample
from perflib.measure.selection import key_candidates, lead_counts, spot_check_frame

NONE = pd.DataFrame(columns=["district", "year", "kind", "subject", "subject_kind", "severity", "source", "finding",
                             "scope", "item", "key_evaluation"])  # fmt: skip


def _projects(**columns) -> pd.DataFrame:
    base = {
        "district": "d", "year": 2023, "project": ["a", "b", "c", "e"], "name": ["A", "B", "C", "E"],
        "policy": ["roads", "roads", "parks", None], "theme": ["green", None, None, None],
        "class": ["specific", "specific", "public", "specific"],
        "adjusted_budget": [60.0, 20.0, 15.0, 5.0], "executed": [50.0, 20.0, 15.0, 5.0],
    }  # fmt: skip
    return pd.DataFrame({**base, **columns})


def _finding(**fields) -> pd.DataFrame:
    row = {"district": "d", "finding": "F", "year": 2022, "subject_kind": "project", "subject": "a",
           "source": "audit", "severity": "grave"}  # fmt: skip
    return pd.DataFrame([row | fields])


@pytest.mark.parametrize(
    ("fields", "counted"),
    [({}, 1), ({"year": 2021}, 1), ({"year": 2020}, 0), ({"year": 2024}, 0), ({"severity": "minor"}, 0),
     ({"source": "self"}, 0), ({"subject_kind": "policy"}, 0), ({"subject_kind": None}, 1)],
)  # fmt: skip
def test_leads_are_recent_material_findings_about_projects(fields, counted):
    assert lead_counts(_finding(**fields), year=2023)["leads"].sum() == counted


def test_every_criterion_by_itself():
    evaluations = pd.DataFrame(
        {
            "kind": "finance",
            "year": [2018, 2022, 2023],
            "subject_kind": "policy",
            "subject": ["roads", "parks", "roads"],
        }
    )
    catalogue = pd.DataFrame(
        {"district": "d", "year": [2023, 2022], "scope": ["policy", "project"], "item": ["parks", "e"],
         "key_evaluation": [True, True]}
    )  # fmt: skip
    table = key_candidates(_projects(), evaluations, _finding(), catalogue, year=2023, theme="green")
    rows = table.set_index("subject")
    assert rows["amount"].to_dict() == {"roads": 60 + 20, "parks": 15, "e": 5}
    assert rows["by_theme"].to_dict() == {"roads": True, "parks": False, "e": False}
    assert rows["by_catalogue"].to_dict() == {"roads": False, "parks": True, "e": False}  # 2022 is past
    assert rows["by_amount"].to_dict() == {"roads": True, "parks": False, "e": False}
    assert rows["by_age"].to_dict() == {"roads": True, "parks": False, "e": True}  # 2023 − 2018 = 5; 1; never
    assert rows["by_leads"].to_dict() == {"roads": True, "parks": False, "e": False}
    assert table["subject"].tolist() == ["roads", "parks", "e"]
    assert table["criteria"].tolist() == [4, 1, 1]
    assert table["projects"].sum() == 4  # nothing lost


def test_without_other_tables_only_amount_and_age_speak():
    table = key_candidates(_projects(), NONE, NONE, NONE, year=2023)
    assert not table[["by_catalogue", "by_theme", "by_leads"]].any(axis=None)
    assert table["by_age"].all() and table["last_year"].isna().all()


def test_of_equal_amounts_all_are_large_or_none():
    table = key_candidates(_projects(policy=None, adjusted_budget=10.0), NONE, NONE, NONE, year=2023)
    assert table["by_amount"].all()
    table = key_candidates(
        _projects(policy=None, adjusted_budget=[90.0, 5, 5, 5]), NONE, NONE, NONE, year=2023
    )
    assert table["by_amount"].tolist() == [True, False, False, False]


def test_input_is_unchanged_and_empty_works():
    projects = _projects()
    before = projects.copy()
    key_candidates(projects, NONE, NONE, NONE, year=2023)
    pd.testing.assert_frame_equal(projects, before)
    assert key_candidates(projects[:0], NONE, NONE, NONE, year=2023).empty
    assert spot_check_frame(projects[:0], NONE, NONE, year=2023).empty


def test_who_cannot_be_drawn_is_listed_with_the_reason():
    catalogue = pd.DataFrame(
        {"district": "d", "year": 2023, "scope": "class", "item": ["public", "specific"],
         "targets": True, "monitoring": True, "self_evaluation": True,
         "spot_check": [False, True], "key_evaluation": False}
    )  # fmt: skip
    projects = _projects(adjusted_budget=[60.0, 0.0, 15.0, 5.0], executed=[50.0, 0.0, 15.0, 5.0])
    frame = spot_check_frame(projects, catalogue, _finding(), year=2023)
    assert frame["risk"].tolist() == [1 + 1, 1, 1, 1]
    plan = plan_sample(frame, 1, seed=1, risk="risk", excluded="excluded")
    assert plan[plan["reason"].notna()].set_index("project")["reason"].to_dict() == {
        "b": "nothing_to_check", "c": "not_owed",
    }  # fmt: skip
    can = plan[plan["reason"].isna()]
    assert (can["inclusion_probability"] > 0).all()
    assert can["inclusion_probability"].sum() == pytest.approx(1)


def test_an_amount_not_reported_does_not_bar_a_project():
    projects = _projects(adjusted_budget=[None] * 4, executed=[None] * 4)
    assert spot_check_frame(projects, NONE, NONE, year=2023)["excluded"].isna().all()


def _risks(**columns) -> pd.DataFrame:
    base = {
        "district": "d",
        "project": ["a", "b", "c"],
        "risk": [0.1, 0.6, 0.2],
        "is_lead": [False, True, False],
        "method": "class_rates",
    }
    return pd.DataFrame({**base, **columns})


def test_a_risk_score_is_the_risk_of_the_plan():
    frame = spot_check_frame(_projects(), NONE, _finding(), year=2023, risks=_risks()).set_index("project")
    assert frame["risk"].to_dict() == pytest.approx(
        {"a": 0.1, "b": 0.6, "c": 0.2, "e": (0.1 + 0.6 + 0.2) / 3}  # without a score: the mean
    )
    assert frame["is_lead"].to_dict() == {"a": False, "b": True, "c": False, "e": False}
    assert frame["leads"]["a"] == 1  # the findings themselves are still told


def test_the_leads_of_the_score_are_those_of_key_evaluations():
    table = key_candidates(_projects(), NONE, _finding(), NONE, year=2023, risks=_risks()).set_index(
        "subject"
    )
    assert table["risk_leads"].to_dict() == {"roads": 1, "parks": 0, "e": 0}
    assert table["by_leads"].to_dict() == {"roads": True, "parks": False, "e": False}
    other = _risks(is_lead=[False, False, True])
    table = key_candidates(_projects(), NONE, _finding(), NONE, year=2023, risks=other).set_index("subject")
    assert table["by_leads"].to_dict() == {"roads": False, "parks": True, "e": False}
    assert table["leads"].to_dict() == {"roads": 1, "parks": 0, "e": 0}


def test_a_catalogue_of_other_years_keeps_nobody_from_being_drawn():
    projects = pd.DataFrame({"district": "d", "year": 2023, "project": ["p", "q"], "adjusted_budget": [1.0, 2.0],
                             "executed": [1.0, 1.0]})  # fmt: skip
    catalogue = pd.DataFrame(
        {"district": ["d"], "year": [2019], "scope": ["project"], "item": ["p"], "spot_check": [False]}
    )
    assert spot_check_frame(projects, catalogue, NONE, year=2023)["excluded"].isna().all()
