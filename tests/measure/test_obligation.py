"""Duties by the catalogue: the most specific row wins, and what it does not say stays unknown."""

import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.data.rules import load_rules
from perflib.measure.coverage import DUTIES, appraisal_duty, project_duties

RULES = load_rules("binjiang-2023")
PLACE = {"district": "a", "year": 2022}


def project(code, **values):
    return {**PLACE, "project": code, "class": "specific", "policy": None, **values}


def row(scope, item, **flags):
    return {**PLACE, "scope": scope, "item": item, **dict.fromkeys(DUTIES), **flags}


PROJECTS = pd.DataFrame(
    [project("p1"), project("p2", policy="housing"), project("p3"), project("p4", **{"class": None})]
)
CATALOGUE = pd.DataFrame(
    [
        row("class", "specific", targets=True, self_evaluation=True, spot_check=False),
        row("policy", "housing", self_evaluation=True, spot_check=True),
        row("project", "p3", self_evaluation=False),
    ]
)


def duty(found, code, name):
    return found[(found["project"] == code) & (found["duty"] == name)].iloc[0]


def test_the_most_specific_row_wins():
    found = project_duties(PROJECTS, CATALOGUE)
    assert len(found) == len(PROJECTS) * len(DUTIES)
    assert duty(found, "p1", "spot_check")["owed"] == False  # noqa: E712 it is a nullable boolean
    assert duty(found, "p2", "spot_check")["owed"] and duty(found, "p2", "spot_check")["scope"] == "policy"
    assert not duty(found, "p3", "self_evaluation")["owed"]
    assert duty(found, "p3", "self_evaluation")["scope"] == "project"


def test_a_blank_cell_leaves_it_to_the_next_row():
    found = project_duties(PROJECTS, CATALOGUE)
    assert duty(found, "p3", "targets")["owed"] and duty(found, "p3", "targets")["scope"] == "class"


def test_what_the_catalogue_does_not_say_is_unknown():
    found = project_duties(PROJECTS, CATALOGUE)
    unknown = duty(found, "p4", "targets")
    assert pd.isna(unknown["owed"]) and unknown["reason"] == "not_in_catalogue"
    other = pd.concat([PROJECTS, PROJECTS.assign(year=2021)], ignore_index=True)
    found = project_duties(other, CATALOGUE)
    assert set(found.loc[found["year"] == 2021, "reason"]) == {"no_catalogue"}


def test_a_catalogue_without_the_year_is_an_error():
    with pytest.raises(DataError, match=r"no row for fiscal year 2023; it has 2022") as caught:
        project_duties(PROJECTS.assign(year=2023), CATALOGUE)
    assert "没有 2023 年度的行，现有年度：2022" in caught.value.sentence("zh")


@pytest.mark.parametrize(
    ("initial", "adjusted", "is_new", "owed"),
    [
        (5_000_000, 0, True, True), (4_999_999.99, 9e9, True, False), (5_000_000.01, 0, True, True),
        (0, 5_000_000, True, True), (None, 6e6, True, True), (9e6, 9e6, False, False),
        (None, None, True, None), (9e6, 9e6, None, None), (1.0, 1.0, None, False),
    ],
)  # fmt: skip
def test_five_million_and_more_owe_an_appraisal(initial, adjusted, is_new, owed):
    row = {**PLACE, "project": "p", "initial_budget": initial, "adjusted_budget": adjusted, "is_new": is_new}
    frame = pd.DataFrame([row]).astype(
        {"initial_budget": float, "adjusted_budget": float, "is_new": "boolean"}
    )
    found = appraisal_duty(frame, RULES).iloc[0]
    if owed is None:
        assert pd.isna(found["owed"]) and found["reason"] == "not_reported"
    else:
        assert found["owed"] == owed and pd.isna(found["reason"])


def test_the_input_stays_as_it_was():
    before = PROJECTS.copy(), CATALOGUE.copy()
    project_duties(PROJECTS, CATALOGUE)
    pd.testing.assert_frame_equal(PROJECTS, before[0])
    pd.testing.assert_frame_equal(CATALOGUE, before[1])
