"""Grades: half-open bands, exact at the boundaries, and nothing outside the scale is clipped."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.data.rules import load_rules
from perflib.measure.grades import count_grades, grade_scores

NATIONAL, SICHUAN = load_rules("national-2020"), load_rules("sichuan-2025")


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (100, "excellent"), (90, "excellent"), (89.9999, "good"), (89.5, "good"), (80, "good"),
        (79.995, "fair"), (79.5, "fair"), (60, "fair"), (59.99, "poor"), (0, "poor"),
        (None, None), (100.01, None), (-0.01, None),
    ],
)  # fmt: skip
def test_boundaries(score, grade):
    found = grade_scores(pd.Series([score], dtype="float64"), NATIONAL)["grade"].iloc[0]
    assert (found == grade) if grade else pd.isna(found)


def test_fair_begins_at_70_in_sichuan():
    scores = pd.Series([70.0, 69.99])
    assert grade_scores(scores, SICHUAN)["grade"].tolist() == ["fair", "poor"]
    assert grade_scores(scores, NATIONAL)["grade"].tolist() == ["fair", "fair"]


def test_scores_outside_the_scale_are_flagged():
    graded = grade_scores(pd.Series([101.0, -1.0, None]), NATIONAL)
    assert graded["reason"].tolist() == ["above_range", "below_range", "not_reported"]


def naive_grade(score: Decimal) -> str:
    return next(b.key for b in sorted(NATIONAL.grades, key=lambda b: -b.lower) if score >= b.lower)


@given(st.lists(st.decimals(min_value=0, max_value=100, places=6), min_size=1, max_size=20))
def test_as_a_decimal_twin_would(scores):
    graded = grade_scores(pd.Series([float(s) for s in scores]), NATIONAL)["grade"]
    assert graded.tolist() == [naive_grade(s) for s in scores]


def test_a_sum_with_binary_noise_is_what_was_meant():
    score = 10 * 0.9 + 26.9 + 54.1  # 90 on paper, below it in doubles
    assert grade_scores(pd.Series([score, 89.9 + 0.1]), NATIONAL)["grade"].tolist() == ["excellent"] * 2


def test_counts_keep_every_score():
    table = count_grades(pd.Series([95.0, 91, 70, None, 120]), NATIONAL)
    assert table["count"].tolist() == [2, 0, 1, 0, 2] and table["count"].sum() == 5
    assert table["share"].tolist()[:4] == [2 / 3, 0, 1 / 3, 0]
