"""From one finding to all its like: the named rule screens every project, and the mended are counted."""

import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.data.rules import load_rules
from perflib.measure.screening import count_screened, screen_findings

RULES = load_rules("binjiang-2023")
FINDINGS = pd.DataFrame(
    {
        "district": "a",
        "finding": ["f1", "f2", "f3"],
        "subject": ["p1", "p9", "p1"],
        "source": "audit",
        "rule": ["no_unit", "zero_target", None],
    }
)


def indicators(units):
    return pd.DataFrame(
        {
            "district": "a",
            "year": 2023,
            "subject_kind": "project",
            "subject": ["p1", "p2", "p3", "p4"],
            "indicator": "i",
            "name": "培训人次",
            "unit": units,
            "direction": "at_least",
            "target": [10.0, 20.0, 30.0, 40.0],
        }
    )


BEFORE = screen_findings(FINDINGS, indicators([None, None, "人", None]), RULES)


def test_one_finding_screens_every_project_of_the_year():
    assert BEFORE["finding"].tolist() == ["f1"] * 3
    assert BEFORE["subject"].tolist() == ["p1", "p2", "p4"] and BEFORE["is_origin"].tolist() == [
        True,
        False,
        False,
    ]


def test_what_was_mended_is_counted():
    after = screen_findings(FINDINGS, indicators(["人", "人", "人", None]), RULES)
    table = count_screened(FINDINGS, BEFORE, after).set_index("finding")
    assert table.loc["f1", ["found", "subjects", "mended", "open"]].tolist() == [3, 2, 2, 1]
    assert table.loc["f2", ["found", "subjects", "mended", "open"]].tolist() == [0, 0, 0, 0]
    assert "f3" not in table.index


def test_a_rule_that_is_no_check_is_an_error():
    with pytest.raises(ArgumentError, match="faulty_target") as caught:
        screen_findings(FINDINGS.assign(rule="faulty_target"), indicators(["人"] * 4), RULES)
    assert "没有名为“faulty_target”的指标检查规则" in caught.value.sentence("zh")


def test_other_districts_are_left_alone():
    assert screen_findings(FINDINGS.assign(district="b"), indicators([None] * 4), RULES).empty
