"""What a subject is called in a chapter."""

import pandas as pd

from perflib.show.chapters.whole import named, policy_names

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
