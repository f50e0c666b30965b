"""What a forecast is made for: lines and projects, none lost on the way."""

import pandas as pd
import pytest

from perflib.measure.monitored import latest_names, monitored_rows

PROJECTS = pd.DataFrame(
    {
        "district": ["01", "01", "01", "00", "01"],
        "year": [2021, 2021, 2022, 2021, 2020],
        "project": ["a", "b", "a", "a", "c"],
        "department": ["Old", "Old", "New", "City", "Old"],
        "policy": ["P1", None, "P1", "P9", "P2"],
        "category": ["works", "works", "works", "staff", "staff"],
        "function": ["f", "f", "f", None, "f"],
    }
)
PROGRESS = pd.DataFrame(
    {
        "district": ["01", "01", "01", "00", "01", "01"],
        "year": [2021, 2021, 2022, 2021, 2021, 2021],
        "month": 6,
        "project": ["a", "b", "a", "a", "c", "nobody"],
        "adjusted_budget": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "executed": 0.5,
    }
)
LINEAGE = pd.DataFrame(
    {
        "subject_kind": ["department", "department", "department", "project"],
        "from": ["Old", "New", "Split", "Old"],
        "to": ["New", "Newest", "X", "Y"],
        "year": [2022, 2023, 2022, 2024],
        "share": [1.0, 1.0, 0.5, 1.0],
    }
)
DISTRICTS = pd.DataFrame({"district": ["00", "01"], "kind": ["city", "district"]})
TABLES = {"progress": PROGRESS, "projects": PROJECTS, "lineage": LINEAGE, "districts": DISTRICTS}


def test_no_row_is_lost_and_each_says_how_it_found_its_project():
    rows = monitored_rows(TABLES)
    assert rows["adjusted_budget"].tolist() == PROGRESS["adjusted_budget"].tolist()
    assert rows["about"].tolist() == ["same", "same", "same", "same", "other", "none"]


def test_a_line_is_the_policy_then_the_department_under_its_latest_name_then_the_project():
    rows = monitored_rows(TABLES)
    assert rows["line"].tolist() == ["P1", "Newest", "P1", "P9", "P2", "nobody"]
    assert rows["function"].tolist() == ["f", "f", "f", "P9", "f", "nobody"]


def test_districts_are_kinds_of_their_own():
    rows = monitored_rows(TABLES)
    assert rows["kind"].tolist() == ["district / works"] * 3 + [
        "other / staff",
        "district / staff",
        "district / —",
    ]
    without = monitored_rows({"progress": PROGRESS, "projects": PROJECTS})
    assert not without["is_district"].any()


def test_the_nearest_year_lends_and_the_earlier_of_two_as_near():
    known = PROJECTS.iloc[[0, 0]].assign(year=[2020, 2022], policy=["before", "after"])
    rows = monitored_rows({"progress": PROGRESS.iloc[[0]], "projects": known})
    assert rows["line"].tolist() == ["before"]


@pytest.mark.parametrize(("smallest", "kind"), [(1, "district / works"), (2, "district / other_types")])
def test_rare_kinds_are_pooled(smallest, kind):
    rows = monitored_rows(TABLES, smallest_kind=smallest)
    assert rows["kind"].iloc[0] == kind  # two projects in 2021 and one in 2022: 1.5 in a mean year


def test_only_whole_renamings_of_departments_are_followed_and_circles_end():
    assert latest_names(LINEAGE) == {"Old": "Newest", "New": "Newest"}
    circle = pd.DataFrame(
        {"subject_kind": "department", "from": ["A", "B"], "to": ["B", "A"], "year": 1, "share": 1.0}
    )
    assert latest_names(circle) == {"A": "B", "B": "A"}
    assert latest_names(None) == {}
