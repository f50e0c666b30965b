import datetime as dt

import pandas as pd
import pytest

from perflib.data.rules import load_rules
from perflib.measure.findings import (
    by_scope,
    join_findings,
    known,
    mark_material,
    rectified,
    recurrence,
    track_rectification,
)

PROJECTS = pd.DataFrame(
    {
        "district": "x",
        "year": [2022, 2022, 2021],
        "project": ["p1", "p2", "p3"],
        "name": ["道路", "学校", "旧项目"],
        "department": ["住建局", "教育局", "民政局"],
        "class": "specific",
    }
)


def _findings(rows):
    columns = ["finding", "year", "subject_kind", "subject", "source", "type", "severity", "amount"]
    blank = {"found_on": None, "due_on": None, "closed_on": None, "status": "open", "recovered": 0.0}
    return pd.DataFrame(rows, columns=columns).assign(district="x", **blank)


FINDINGS = _findings(
    [
        ("f1", 2022, "project", "p1", "audit", "资金闲置", "material", 100.0),
        ("f2", 2022, "project", "p9", "audit", "资金闲置", "minor", 5.0),
        ("f3", 2022, "project", "p3", "finance", "目标不实", "grave", 30.0),
        ("f4", 2022, "department", "教育局", "self", "目标不实", "minor", None),
        ("f5", 2022, "department", "无此局", "audit", None, "minor", None),
        ("f6", 2021, "policy", "产业政策", "congress", "目标不实", "material", 1.0),
        ("f7", 2023, "project", "p1", "audit", "资金闲置", "minor", 7.0),
    ]
)


def test_every_finding_is_kept_and_says_how_it_was_joined():
    joined = join_findings(FINDINGS, PROJECTS).set_index("finding")
    assert joined["join_reason"].fillna("").to_dict() == {
        "f1": "",
        "f2": "unknown_project",
        "f3": "other_year",
        "f4": "",
        "f5": "unknown_department",
        "f6": "not_joined",
        "f7": "other_year",
    }
    assert joined["department"].fillna("").to_list() == ["住建局", "", "民政局", "教育局", "", "", "住建局"]
    assert joined["amount"].sum() == FINDINGS["amount"].sum()


def test_recurrence():
    table = recurrence(FINDINGS).set_index("type")
    assert table.loc[
        "资金闲置", ["n_findings", "n_years", "n_subjects", "n_repeats", "n_material"]
    ].to_list() == [3, 2, 2, 1, 1]
    assert table.loc["资金闲置", "amount"] == 100 + 5 + 7
    assert table.loc["目标不实", "is_recurring"]
    assert table["n_findings"].sum() == len(FINDINGS)


def _tracked():
    day = lambda m, d: dt.date(2023, m, d)  # noqa: E731
    frame = FINDINGS.assign(
        found_on=[day(1, 10)] * 7,
        due_on=[day(6, 30), day(6, 30), day(7, 1), None, day(6, 30), day(1, 1), day(6, 30)],
        closed_on=[day(6, 1), None, None, None, day(7, 5), None, day(8, 1)],
        status=["closed", "open", "open", "in_progress", "closed", "closed", "open"],
        recovered=[100.0, 0, 0, 0, 0, 0, 0],
    )
    return track_rectification(frame, as_of=day(7, 1)).set_index("finding")


def test_where_each_finding_stands_on_the_day():
    t = _tracked()
    assert t["is_closed"].to_list() == [True, False, False, False, False, True, False]
    assert t.loc[["f1", "f2", "f3"], "is_overdue"].to_list() == [False, True, False]
    assert pd.isna(t.loc["f4", "is_overdue"])
    assert t.loc["f2", "days_overdue"] == 1
    assert t.loc["f1", "days_open"] == (dt.date(2023, 6, 1) - dt.date(2023, 1, 10)).days
    assert t["fault"].fillna("").to_dict() | {"f1": ""} == {
        "f1": "", "f2": "", "f3": "", "f4": "", "f5": "",
        "f6": "closed_without_date", "f7": "date_without_closing",
    }  # fmt: skip


@pytest.mark.parametrize(("due", "is_overdue"), [(29, True), (30, False)])
def test_the_due_day_itself_is_in_time(due, is_overdue):
    frame = FINDINGS.head(1).assign(found_on=dt.date(2023, 1, 1), due_on=dt.date(2023, 6, due))
    assert track_rectification(frame, as_of=dt.date(2023, 6, 30))["is_overdue"].item() == is_overdue


def test_shares_of_findings_and_of_money():
    table = rectified(_tracked().reset_index()).set_index("source")
    assert table.loc["audit", ["n_findings", "closed", "overdue"]].to_list() == [4, 1, 3]
    assert table.loc["audit", "closed_share"] == 1 / 4
    assert table.loc["audit", "closed_amount_share"] == 100 / (100 + 5 + 7)
    assert pd.isna(table.loc["self", "closed_amount_share"])


DATED = FINDINGS.assign(
    rule=[None, None, "no_quantity", None, None, None, None],
    found_on=["2021-03-01", "2022-12-31", "2022-05-01", "2022-06-01", None, "2021-12-01", "2023-01-01"],
    due_on=["2021-06-01", "2023-03-01", "2022-11-30", "2022-12-31", None, None, None],
    closed_on=["2021-05-20", None, None, "2022-12-01", None, None, None],
    status=["closed", "open", "open", "closed", "open", "open", "open"],
)


def test_what_is_known_at_the_end_of_a_year():
    found = known(DATED, PROJECTS, year=2022)
    assert found["finding"].tolist() == ["f1", "f2", "f3", "f4", "f5", "f6"]  # f7 was made a day later
    assert found.loc[found["is_overdue"].fillna(False), "finding"].tolist() == ["f3"]
    without_date = DATED.assign(found_on=None, closed_on=None)
    assert known(without_date, PROJECTS, year=2021)["finding"].tolist() == ["f6"]


def test_the_same_findings_in_two_scopes():
    found = known(DATED, PROJECTS, year=2022)
    scopes = by_scope(found, load_rules("binjiang-2023"), year=2022).set_index("scope")
    # f1 and f6 were made in 2021; f5 has no date and is about 2022
    counts = ["findings", "audit", "material", "target_findings", "unknown", "closed", "overdue"]
    assert scopes.loc["all", counts].tolist() == [6, 3, 3, 1, 2, 2, 1]
    assert scopes.loc["year", counts].tolist() == [4, 2, 1, 1, 2, 1, 1]
    assert scopes.loc["year", "closed_share"] == 1 / 4
    assert scopes.loc["all", ["amount", "overdue_amount"]].tolist() == [100 + 5 + 30 + 1, 30]


def test_without_findings_there_is_no_share():
    found = known(DATED[:0], PROJECTS, year=2022)
    scopes = by_scope(found, load_rules("binjiang-2023"), year=2022)
    assert scopes["findings"].tolist() == [0, 0] and scopes["closed_share"].isna().all()


def test_material_outcomes_for_the_risk_score():
    table = mark_material(PROJECTS, FINDINGS).set_index("project")
    assert table.loc["p1", "is_material"] == 1
    assert not table.loc["p2", "is_audited"]
    assert pd.isna(table.loc["p2", "is_material"])
    listed = mark_material(PROJECTS, FINDINGS, audited=PROJECTS.iloc[[1]]).set_index("project")
    assert listed.loc["p2", "is_material"] == 0
    assert listed.loc["p1", "is_audited"]
