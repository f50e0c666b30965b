"""What a subject is called, and whose it is."""

import pandas as pd

from perflib.measure.subjects import named, owned, policy_names

PROJECTS = pd.DataFrame(
    {
        "project": ["p1", "p2", "p3", "p4", "p5"], "name": ["甲", "乙", "丙", "丁", "戊"], "department": "局",
        "policy": ["001-17102", "001-17102", "养老服务", "002-1", "002-1"],
        "unit": ["ZONAS VERDES", "ZONAS VERDES", "一中心", "二中心", "三中心"],
    }
)  # fmt: skip


def test_a_policy_in_words_is_itself_and_a_bare_code_is_its_programme():
    assert policy_names(PROJECTS).to_dict() == {
        "001-17102": "ZONAS VERDES", "养老服务": "养老服务", "002-1": "002-1",
    }  # fmt: skip


def test_projects_policies_and_unknown_subjects_all_have_a_name():
    rows = pd.DataFrame({"subject": ["p2", "001-17102", "养老服务", "x"]})
    assert named(rows, PROJECTS)["subject_name"].tolist() == ["乙", "ZONAS VERDES", "养老服务", "x"]
    assert named(rows, PROJECTS.assign(policy=None))["subject_name"].tolist() == [
        "乙",
        "001-17102",
        "养老服务",
        "x",
    ]


def test_a_policy_of_one_department_is_its_own_and_a_shared_one_nobodys():
    projects = PROJECTS.assign(
        district="a", year=2023, section="科", department=["甲局", "甲局", "乙局", "甲局", "乙局"]
    )
    kinds = ["project", "policy", "policy", "department", "project"]
    rows = pd.DataFrame({"subject": ["p3", "001-17102", "002-1", "乙局", "p9"], "subject_kind": kinds})
    found = owned(rows.assign(district="a", year=2023), projects)
    assert found["department"].fillna("-").tolist() == ["乙局", "甲局", "-", "乙局", "-"]
    assert found["is_linked"].tolist() == [True, True, True, True, False]
    assert found["subject_name"].tolist() == ["丙", "ZONAS VERDES", "002-1", "乙局", "p9"]
