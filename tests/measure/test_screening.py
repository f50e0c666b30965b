"""From one finding to all its like: the named rule screens every project, and the mended are counted."""

import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.data.rules import load_rules
from perflib.measure.appraisal import screened
from perflib.measure.targets import target_faults

RULES = load_rules("binjiang-2023")
FINDINGS = pd.DataFrame(
    {
        "district": "a", "finding": ["f1", "f0", "f2", "f3"], "subject": ["p1", "p4", "p9", "p1"],
        "source": ["audit", "self", "audit", "audit"], "rule": ["zero_target", "zero_target", "no_unit", None],
        "found_on": pd.to_datetime(["2023-05-01", "2023-02-01", "2023-03-01", "2023-03-01"]),
    }
)  # fmt: skip
INDICATORS = pd.DataFrame(
    {
        "district": "a", "year": 2023, "subject_kind": "project", "subject": ["p1", "p2", "p3", "p4"], "indicator": "i",
        "name": "培训人次", "unit": "人", "direction": "at_least", "target_initial": [0.0, 0.0, 30.0, 0.0],
        "target": [10.0, 20.0, 30.0, 0.0],
    }
)  # fmt: skip
FAULTS = target_faults(INDICATORS, RULES, year=2023)


def test_one_finding_screens_every_project_and_what_was_mended_is_counted():
    table = screened(FINDINGS, FAULTS).set_index("target_rule")
    assert table.loc["zero_target", ["finding", "findings"]].tolist() == ["f1", 2]
    assert table.loc["zero_target", ["found_like", "subjects", "mended", "open"]].tolist() == [3, 2, 2, 1]
    assert table.loc["no_unit", ["found_like", "subjects", "mended", "open"]].tolist() == [0, 0, 0, 0]
    assert len(table) == 2


def test_without_targets_as_approved_the_faults_as_they_stand_are_screened():
    faults = target_faults(INDICATORS.assign(target_initial=None), RULES, year=2023)
    table = screened(FINDINGS, faults).set_index("target_rule")
    assert table.loc["zero_target", ["found_like", "mended", "open"]].tolist() == [1, 0, 1]


def test_a_rule_that_is_no_check_is_an_error():
    with pytest.raises(ArgumentError, match="faulty_target") as caught:
        screened(FINDINGS.assign(rule="faulty_target"), FAULTS)
    assert "没有名为“faulty_target”的指标检查规则" in caught.value.sentence("zh")


def test_without_findings_there_is_nothing_to_screen_by():
    assert screened(FINDINGS.head(0), FAULTS).empty
