"""Checks of targets: each finds its fault and nothing else, and what was mended is counted."""

import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.data.rule_shape import CHECKS
from perflib.data.rules import load_rules
from perflib.data.text import say
from perflib.measure.subjects import owned
from perflib.measure.targets import (
    check_targets,
    checks_run,
    count_faults,
    target_faults,
    with_initial_targets,
)

RULES = load_rules("binjiang-2023")
KEY = {"district": "a", "year": 2023, "subject_kind": "project", "subject": "p"}
SOUND = {
    "indicator": "i1", "level1": "产出指标", "level2": "数量指标", "name": "培训人次", "unit": "人次",
    "direction": "at_least", "target": 100.0, "target_text": None, "weight": 60.0, "basis": "实施方案",
    "month": 12,
}  # fmt: skip
COST = {
    **SOUND, "indicator": "i2", "level1": "成本指标", "level2": "经济成本指标", "name": "人均成本",
    "unit": "元", "direction": "at_most", "target": 300.0, "weight": 20.0,
}  # fmt: skip
SURVEYED = {
    **SOUND, "indicator": "i3", "level1": "满意度指标", "level2": "服务对象满意度", "name": "学员满意度",
    "unit": "%", "target": 95.0, "weight": 10.0, "basis": "问卷调查",
}  # fmt: skip
QUALITATIVE = {
    **SOUND, "indicator": "i4", "subject": "q", "direction": "qualitative", "target": None, "unit": None,
    "target_text": "通过省级验收", "weight": 90.0, "level2": "成本指标",
}  # fmt: skip
GOOD = [SOUND, COST, SURVEYED]
OWN_RULES = """id = "mine"
inherits = "national-2020"
valid_from = 2024-01-01
title = { zh = "本区规则", en = "Ours" }
source = { zh = "本区文件", en = "Our paper", sureness = "own_choice" }
checks = { no_unit = { on = false } }
"""


def table(rows):
    return pd.DataFrame([{**KEY, **row} for row in rows]).astype({"target": float})


def rules_of(rows, last_year=None):
    return check_targets(table([*rows, QUALITATIVE]), RULES, last_year=last_year)["rule"].tolist()


def test_sound_targets_have_no_fault():
    assert rules_of(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"target": None}, "no_quantity"),
        ({"unit": None}, "no_unit"),
        ({"unit": "  "}, "no_unit"),
        ({"direction": None}, "no_direction"),
        ({"target": None, "target_text": "约100人次"}, "text_for_quantity"),
        ({"target": None, "target_text": "按计划完成"}, "no_quantity"),
        ({"target": 0.0}, "zero_target"),
        ({"direction": "qualitative", "target": None, "target_text": "明显提升"}, "vague_wording"),
        ({"direction": "qualitative", "target": None}, "no_words"),
        ({"weight": 80.0}, "weights_off"),
        ({"unit": "个", "target": 2.5}, "impossible_combination"),
        ({"unit": "个", "target": -2.0}, "impossible_combination"),
        ({"unit": "%", "target": 120.0, "name": "覆盖率"}, "impossible_combination"),
        ({"level1": "成本指标"}, "impossible_combination"),
        ({"name": "合格率", "direction": "at_most", "unit": "%", "target": 90.0}, "impossible_combination"),
    ],
)
def test_each_fault_is_found_alone(changes, rule):
    assert rules_of([{**SOUND, **changes}, COST, SURVEYED]) == [rule]


@pytest.mark.parametrize(
    ("changes", "ok"),
    [
        ({"direction": "at_most", "target": 0.0, "name": "安全事故次数"}, True),
        ({"direction": "equal", "target": 0.0}, True),
        ({"unit": "%", "target": 100.0}, True),
        ({"unit": "%", "target": 120.0, "name": "产值增长率"}, True),
        ({"direction": "qualitative", "target": None, "target_text": "显著提升，达到国家二级标准"}, False),
        ({"direction": "qualitative", "target": None, "target_text": "显著提升至90%以上"}, True),
    ],
)
def test_what_only_looks_like_a_fault(changes, ok):
    found = rules_of([{**SOUND, **changes}, COST, SURVEYED])
    assert (found == []) == ok


def test_equal_to_nothing_is_told_twice_over():
    found = rules_of([{**SOUND, "direction": "equal", "target": None}, COST, SURVEYED])
    assert found == ["no_quantity", "equal_without_target"]


def test_satisfaction_needs_a_survey_and_a_project_a_cost():
    assert rules_of([SOUND, COST, {**SURVEYED, "basis": "经验估计"}]) == ["satisfaction_without_survey"]
    assert rules_of([SOUND, COST, {**SURVEYED, "basis": None}]) == ["satisfaction_without_survey"]
    assert rules_of([{**SOUND, "weight": 80.0}, SURVEYED]) == ["no_cost_indicator"]


def test_repeats_are_listed_twice():
    twice = [{**SOUND, "weight": 30.0}, {**SOUND, "indicator": "i9", "weight": 30.0}, COST, SURVEYED]
    assert rules_of(twice) == ["repeated_indicator"] * 2


@pytest.mark.parametrize(
    ("target", "actual", "direction", "rules"),
    [
        (100, 100, "at_least", ["same_as_last_year"]),
        (80, 100, "at_least", []),
        (79.99, 100, "at_least", ["below_last_year"]),
        (101, 100, "at_least", []),
        (125, 100, "at_most", []),
        (125.01, 100, "at_most", ["below_last_year"]),
        (50, 100, "at_most", []),
        (50, None, "at_least", []),
    ],
)
def test_against_last_year(target, actual, direction, rules):
    row = {**SOUND, "unit": "公里"}
    last = table([{**row, "year": 2022, "actual": actual}]).astype({"actual": float})
    assert rules_of([{**row, "target": target, "direction": direction}, COST, SURVEYED], last) == rules


def test_an_indicator_that_is_twice_in_last_year_is_not_compared():
    last = table(
        [{**SOUND, "year": 2022, "actual": 100.0}, {**SOUND, "year": 2022, "actual": 90.0, "indicator": "z"}]
    )
    assert rules_of(GOOD, last) == []


def test_a_full_percentage_cannot_rise():
    row = {**SURVEYED, "target": 100.0}
    last = table([{**row, "year": 2022, "actual": 100.0}])
    assert rules_of([SOUND, COST, row], last) == []


def test_all_weights_that_do_not_sum_are_told_with_their_sum():
    faults = check_targets(table([{**SOUND, "weight": 110.0, "level2": "成本"}]), RULES, only=["weights_off"])
    assert faults["found"].tolist() == ["110"] and faults["detail"].tolist() == ["90 / 100"]
    assert faults["indicator"].isna().all() and faults["subject"].tolist() == ["p"]


@pytest.mark.parametrize("weights", [[30.0, 30.0, 30.0], [90 / 7] * 7, [33.3, 33.3, 33.4]])
def test_weights_that_do_sum(weights):
    rows = [{**SOUND, "indicator": str(i), "weight": w} for i, w in enumerate(weights)]
    assert check_targets(table(rows), RULES, only=["weights_off"]).empty


def test_readings_within_the_year_are_not_checked():
    assert rules_of([*GOOD, {**SOUND, "month": 6, "target": None}]) == []


def test_a_column_that_is_not_in_the_data_is_no_fault():
    bare = table(GOOD)[[*KEY, "indicator", "name", "unit", "target"]].assign(target=[0.0, 1.0, 2.0])
    run = checks_run(bare, RULES, year=2023).set_index("target_rule")["reason"]
    assert run["no_direction"] == run["weights_off"] == run["satisfaction_without_survey"] == "not_in_data"
    assert run["same_as_last_year"] == "no_last_year" and pd.isna(run["zero_target"])
    assert check_targets(bare, RULES)["rule"].tolist() == ["zero_target"]
    assert list(run.index) == list(CHECKS)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["显著提升"], None), (["mejora notable"], "other_language"), ([None], "only_numbers"),
        (["mejora", "若干"], None),
    ],
)  # fmt: skip
def test_vague_wording_is_not_said_to_be_checked_where_it_cannot_be(words, why):
    rows = table([{**SOUND, "target": None if w else 5.0, "target_text": w} for w in words])
    run = checks_run(rows, RULES, year=2023).set_index("target_rule")
    reason = run.loc["vague_wording", "reason"]
    assert (reason if pd.notna(reason) else None) == why
    assert bool(run.loc["vague_wording", "is_run"]) == (why is None)


def test_a_check_can_be_switched_off(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN_RULES, "utf-8")
    rules, rows = load_rules(file), table([{**SOUND, "unit": None}, COST, SURVEYED, QUALITATIVE])
    assert check_targets(rows, rules).empty and len(check_targets(rows, RULES)) == 1
    assert checks_run(rows, rules, year=2023).set_index("target_rule").loc["no_unit", "reason"] == "off"


def test_an_unknown_check_lists_the_known():
    with pytest.raises(ArgumentError, match="no_units`"):
        check_targets(table(GOOD), RULES, only=["no_units"])


def test_contradictions_are_named():
    faults = check_targets(table([{**SOUND, "unit": "个", "target": 2.5}, COST, SURVEYED]), RULES)
    assert faults[["detail", "found"]].iloc[0].tolist() == ["broken_count", "2.5"]
    assert say("targets.broken_count", "zh") == "按个数计量的目标值带小数"


PROJECTS = pd.DataFrame(
    {
        "district": "a", "year": 2023, "project": ["p", "x"], "name": ["技能培训", "宣传"], "policy": None, "unit": "",
        "department": ["人社局", "民政局"], "section": ["社保科", None],
    }
)  # fmt: skip
MOVED = table(
    [
        {**SOUND, "target": 0.0, "target_initial": None}, {**COST, "weight": 30.0, "target_initial": 300.0},
        {**SOUND, "subject": "x", "unit": None, "weight": 90.0, "target_initial": 100.0},
    ]
)  # fmt: skip


def test_a_fault_of_the_targets_as_approved_is_mended_remains_or_is_new():
    faults = target_faults(MOVED, RULES, year=2023, projects=PROJECTS)
    states = faults.set_index(["subject", "target_rule"])[["before", "after"]].apply(tuple, axis=1).to_dict()
    assert states == {
        ("p", "no_quantity"): (True, False), ("p", "zero_target"): (False, True), ("x", "no_unit"): (True, True),
        ("x", "no_cost_indicator"): (True, True),
    }  # fmt: skip
    assert faults["department"].unique().tolist() == ["人社局", "民政局"] and faults["remedy"].notna().all()
    total = count_faults(faults, checked=MOVED).iloc[0]
    assert total["before"] == total["mended"] + total["remaining"] == 3
    assert total["after"] == total["remaining"] + total["new_faults"] == 3
    assert total[["mended", "new_faults", "faulty", "checked", "indicators"]].tolist() == [1, 1, 2, 2, 3]
    assert total["faulty_share"] == 2 / 2


def test_counts_by_department_add_up_and_have_what_was_checked():
    faults = target_faults(MOVED, RULES, year=2023, projects=PROJECTS)
    counts = count_faults(faults, by="department", checked=owned(MOVED, PROJECTS)).set_index("department")
    assert counts["after"].to_dict() == {"人社局": 1, "民政局": 2}
    assert counts["indicators"].to_dict() == {"人社局": 2, "民政局": 1}


def test_without_targets_as_approved_nothing_is_said_of_before():
    faults = target_faults(MOVED.assign(target_initial=float("nan")), RULES, year=2023)
    assert faults["before"].isna().all()
    total = count_faults(faults).iloc[0]
    assert (
        total[["before", "mended"]].isna().all()
        and total["reason"] == "no_initial_targets"
        and total["after"] == 3
    )


def test_last_years_rows_serve_only_to_compare():
    last = {**SOUND, "year": 2022, "unit": "公里", "actual": 100.0}
    rows = table([{**SOUND, "unit": "公里", "actual": None}, last, {**last, "subject": "z", "unit": None}])
    faults = target_faults(rows.assign(target_initial=None), RULES, year=2023)
    assert set(faults["year"]) == {2023} and "same_as_last_year" in set(faults["target_rule"])


def test_targets_as_approved():
    rows = table(GOOD).assign(target_initial=[0.0, None, 90.0])
    assert with_initial_targets(rows)["target"].fillna(-1).tolist() == [0, -1, 90]
    unrecorded = rows.assign(target_initial=float("nan"))
    assert with_initial_targets(unrecorded)["target"].tolist() == [100, 300, 95]


def test_the_input_stays_and_an_empty_table_works():
    rows = table(GOOD)
    before = rows.copy()
    check_targets(rows, RULES, last_year=rows)
    pd.testing.assert_frame_equal(rows, before)
    none = target_faults(rows.head(0).assign(target_initial=None), RULES, year=2023)
    assert none.empty and count_faults(none, by="target_rule").empty
    assert count_faults(none, checked=rows.head(0))[["after", "mended", "checked"]].iloc[0].tolist() == [
        0,
        0,
        0,
    ]
