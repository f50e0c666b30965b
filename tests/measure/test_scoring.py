"""Scores by the rule: direction, caps, qualitative bands, rescaling, and a reason for every gap."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.rules import load_rules
from perflib.data.text import has_text
from perflib.measure.scoring import score_indicators, score_subjects

RULES, NATIONAL = load_rules("binjiang-2023"), load_rules("national-2020")
KEY = {"district": "a", "year": 2022, "subject_kind": "project", "subject": "p"}


def indicator(**values):
    return {"direction": "at_least", "target": 10.0, "actual": 10.0, "weight": 90.0, **values}


def score_one(**values) -> pd.Series:
    return score_indicators(pd.DataFrame([indicator(**values)]), RULES).iloc[0]


@pytest.mark.parametrize(
    ("direction", "target", "actual", "completion"),
    [
        ("at_least", 10, 10, 1), ("at_least", 10, 7, 7 / 10), ("at_least", 10, 14, 1),
        ("at_least", 10, -2, 0), ("at_most", 10, 10, 1), ("at_most", 10, 0, 1),
        ("at_most", 10, 12.5, 10 / 12.5), ("at_most", 0, 0, 1), ("at_most", 0, 3, 0),
        ("equal", 10, 10, 1), ("equal", 10, 8, 8 / 10), ("equal", 10, 12.5, 10 / 12.5),
        ("equal", 0, 0, 1), ("equal", 0, 2, 0),
    ],
)  # fmt: skip
def test_completion_by_direction(direction, target, actual, completion):
    found = score_one(direction=direction, target=float(target), actual=float(actual), weight=20.0)
    assert found["completion"] == completion and found["points"] == 20 * completion
    assert pd.isna(found["reason"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"target": 0.0}, "target_zero"),
        ({"target": -1.0}, "negative_target"),
        ({"target": None}, "target_not_reported"),
        ({"direction": "equal", "target": None}, "target_not_reported"),
        ({"target": None, "target_text": "明显提升"}, "text_for_quantity"),
        ({"actual": None}, "actual_not_reported"),
        ({"direction": None}, "no_direction"),
        ({"weight": None}, "no_weight"),
        ({"is_applicable": False}, "not_applicable"),
        ({"direction": "qualitative", "actual_text": "达成目标"}, "score_not_reported"),
    ],
)
def test_what_cannot_be_scored_says_why(changes, reason):
    found = score_one(**changes)
    assert found["reason"] == reason and pd.isna(found["points"])
    assert has_text(f"scoring.{reason}")


@pytest.mark.parametrize(
    ("words", "given", "points"),
    [
        ("达成目标", 10, 10), ("达成目标", 8, 8), ("达成目标", 5, 8), ("部分达成目标并具有一定效果", 9, 8),
        ("部分达成目标并具有一定效果", 6, 6), ("未达成目标且效果较差", 10, 6), ("未达成目标且效果较差", 1, 1),
        ("说明见附件", 9, 9), ("说明见附件", 12, 10),
    ],
)  # fmt: skip
def test_a_qualitative_mark_stays_in_the_band_of_its_level(words, given, points):
    found = score_one(
        direction="qualitative", target=None, actual=None, actual_text=words, score=given, weight=10
    )
    assert found["points"] == pytest.approx(points) and found["deviation"] == pytest.approx(given - points)


@pytest.mark.parametrize(("actual", "over"), [(13.0, False), (13.001, True), (10.0, False)])
def test_far_above_target_is_flagged_above_the_limit_only(actual, over):
    assert score_one(actual=actual)["is_over_target"] == over
    assert pd.isna(score_indicators(pd.DataFrame([indicator()]), NATIONAL)["is_over_target"].iloc[0])


def test_a_source_without_weights_or_directions_still_has_completion():
    bare = pd.DataFrame({"target": [10.0, 10.0, 0.0], "actual": [5.0, 12.0, 1.0]})
    assert score_indicators(bare, RULES)["reason"].tolist() == ["no_direction"] * 3
    found = score_indicators(bare, RULES, assume_direction="at_least")
    assert found["completion"].tolist()[:2] == [5 / 10, 1] and pd.isna(found["completion"].iloc[2])
    assert found["reason"].tolist() == ["no_weight", "no_weight", "target_zero"]
    assert found["points"].isna().all()


def test_deviation_is_reported_less_recomputed():
    found = score_one(actual=5.0, score=60.0)
    assert found["deviation"] == 60 - 45 and not found["is_score_outside"]
    assert score_one(score=91.0)["is_score_outside"] and score_one(score=-1.0)["is_score_outside"]


def project(executed=100.0, budget=100.0):
    row = {"district": "a", "year": 2022, "project": "p", "adjusted_budget": budget, "executed": executed}
    return pd.DataFrame([row])


def subject(indicators, projects, rules=RULES):
    return score_subjects(pd.DataFrame([{**KEY, **i} for i in indicators]), projects, rules).iloc[0]


@pytest.mark.parametrize(
    ("executed", "score"),
    [(79.27, 97.927), (76.0, 97.6), (120.0, 100.0), (-5.0, 90.0)],  # 梁平区林业局, 重庆高新区融媒体中心; caps
)
def test_execution_is_ten_times_the_rate_capped(executed, score):
    assert subject([indicator()], project(executed))["score"] == pytest.approx(score, abs=1e-9)


def test_what_does_not_apply_leaves_the_others_at_100():
    rows = [
        indicator(weight=50.0),
        indicator(weight=30.0, is_applicable=False),
        indicator(weight=10.0, actual=5.0),
    ]
    found = subject(rows, project())
    assert found["score"] == (50 + 5 + 10) * 100 / (100 - 30)
    everything = subject([*rows[:2], indicator(weight=10.0)], project())
    assert everything["score"] == 100


def test_without_a_budget_the_execution_row_leaves():
    found = subject([indicator(actual=9.0)], project(0.0, 0.0))
    assert found["score"] == 81 * 100 / 90 and found["execution_reason"] == "no_budget"
    assert subject([indicator()], project(5.0, 0.0))["execution_reason"] == "spent_without_budget"


def test_missing_amounts_are_not_the_same_as_no_budget():
    for projects in (project(None), project().iloc[:0]):
        found = subject([indicator()], projects)
        assert found["reason"] == "execution_not_reported" and pd.isna(found["score"])
    township = subject([{**indicator(), "subject_kind": "township"}], project())
    assert township["execution_reason"] == "no_amounts" and township["score"] == 100


def test_a_department_takes_the_sum_of_its_projects():
    two = pd.concat([project(60.0), project(80.0).assign(project="q")], ignore_index=True)
    found = subject(
        [{**indicator(), "subject_kind": "department", "subject": "D"}], two.assign(department="D")
    )
    assert found["execution_rate"] == (60 + 80) / 200 and found["score"] == 90 + 7


def test_a_form_without_execution_row():
    found = subject([indicator(weight=100.0, actual=9.9)], project(86.5))
    assert found["score"] == pytest.approx(99) and found["execution_weight"] == 0  # 原州区: 99 at 86.5 %


def test_weights_of_110_have_no_score_but_keep_their_points():
    found = subject([indicator(weight=70.0), indicator(weight=40.0)], project())
    assert found["reason"] == "weights_off" and pd.isna(found["score"])
    assert found["weight_sum"] == 110 and found["indicator_points"] == 110


def test_one_unscored_indicator_leaves_the_subject_without_score():
    found = subject([indicator(weight=80.0), indicator(weight=10.0, target=0.0)], project())
    assert (found["reason"], found["unscored"]) == ("indicators_unscored", 1) and pd.isna(found["score"])


def test_an_unscored_indicator_leaves_bounds_of_none_and_of_full_marks():
    rows = [indicator(weight=60.0, actual=9.0), indicator(weight=30.0, target=None, target_text="约100人次")]
    found = subject(rows, project(80.0))  # execution 80 %: 8 of 10
    assert found["score_low"] == pytest.approx(60 * 0.9 + 8)
    assert found["score_high"] == pytest.approx(60 * 0.9 + 8 + 30)
    whole = subject([rows[0], indicator(weight=30.0)], project(80.0))
    assert whole["score_low"] == whole["score_high"] == whole["score"] == pytest.approx(60 * 0.9 + 8 + 30)
    off = subject([indicator(weight=70.0), indicator(weight=40.0)], project())
    assert pd.isna(off["score_low"]) and pd.isna(off["score_high"])


def test_readings_within_the_year_are_left_out():
    rows = [{**KEY, **indicator(), "month": 12}, {**KEY, **indicator(), "month": 6}]
    found = score_subjects(pd.DataFrame(rows), project(), RULES)
    assert found["indicators"].tolist() == [1] and found["score"].tolist() == [100]


FORMS = st.lists(
    st.fixed_dictionaries(
        {
            "direction": st.sampled_from(["at_least", "at_most", "equal"]),
            "target": st.floats(0.01, 1e6),
            "actual": st.floats(-10, 1e6),
            "share": st.integers(1, 50),
            "is_applicable": st.booleans(),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(FORMS, st.floats(-50, 500), st.floats(0, 300))
def test_scores_never_leave_their_range(rows, executed, budget):
    total = sum(row["share"] for row in rows)
    frame = pd.DataFrame([{**KEY, **r, "weight": 90 * r["share"] / total} for r in rows])
    before = frame.copy()
    found = score_subjects(frame, project(executed, budget), RULES)
    assert len(found) == 1 and found["score"].dropna().between(-1e-9, 100 + 1e-6).all()
    assert found["score"].notna().all() or found["reason"].notna().all()
    shuffled = score_subjects(frame.iloc[::-1], project(executed, budget), RULES)
    pd.testing.assert_frame_equal(found, shuffled)
    pd.testing.assert_frame_equal(frame, before)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=2, max_size=8), st.data())
def test_full_marks_are_100_whatever_does_not_apply(shares, data):
    total, n = sum(shares), len(shares)
    applies = data.draw(st.lists(st.booleans(), min_size=n, max_size=n).filter(any))
    rows = [indicator(weight=90 * s / total, is_applicable=a) for s, a in zip(shares, applies, strict=True)]
    assert subject(rows, project())["score"] == pytest.approx(100, abs=1e-6)
