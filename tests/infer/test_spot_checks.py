"""Checks beside self-scores: pairs, blind and open ones, what counts, and the plan's own numbers."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer import spot_checks
from perflib.measure.selection import spot_check_frame


def _pairs(blind, seen, **columns) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"difference": [*blind, *seen], "is_blind": [True] * len(blind) + [False] * len(seen)}
    )
    fixed = {
        "district": "x",
        "year": 2022,
        "subject_kind": "project",
        "reason": None,
        "inclusion_probability": 0.5,
    }
    return frame.assign(**fixed, subject=[f"p{i}" for i in frame.index], check_score=80.0, **columns)


BLIND, OPEN = [5.0, 6.0, 7.0, 6.0, 6.0], [1.0, 2.0, 3.0, 2.0, 2.0]


def test_pairs_keep_every_check_and_say_why_one_has_no_pair():
    rows = [
        ("a", "self", "unit", 1, 99.0),
        ("a", "self", "unit", 2, 95.0),
        ("a", "spot_check", "组一", 1, 90.0),
        ("b", "spot_check", "组一", 1, 88.0),
        ("c", "self", "unit", 1, None),
        ("c", "spot_check", "组一", 1, 80.0),
        ("d", "self", "unit", 1, 91.0),
        ("d", "spot_check", "组一", 1, None),
        ("e", "self", "unit", 1, 104.0),
        ("e", "spot_check", "组二", 1, 90.0),
        ("f", "self", "unit", 1, 90.0),
    ]
    table = pd.DataFrame(rows, columns=["subject", "kind", "evaluator", "round", "score"])
    table = table.assign(district="x", year=2022, subject_kind="project")
    pairs = spot_checks.pairs(table).set_index("subject")
    assert pairs.loc["a", "difference"] == 95 - 90
    assert pairs["reason"].fillna("").to_dict() == {
        "a": "",
        "b": "no_self_evaluation",
        "c": "no_self_score",
        "d": "no_check_score",
        "e": "score_outside_scale",
    }
    assert pairs["difference"].notna().sum() == 1


def test_where_blind_checks_clearly_differ_only_they_count_with_their_share_of_the_probability():
    pairs = _pairs(BLIND, OPEN)
    told = spot_checks.blinding(pairs).iloc[0]
    # both kinds: variance (1 + 0 + 1) / 4 = 0.5, n = 5, so that Welch has 8 degrees of freedom
    half = 2.306004135 * (0.5 / 5 + 0.5 / 5) ** 0.5
    assert (told["blind_mean"], told["open_mean"], told["kept"]) == (30 / 5, 10 / 5, "blind")
    assert (told["low"], told["high"]) == pytest.approx((4 - half, 4 + half))
    kept = spot_checks.counted(pairs)
    assert kept["difference"].tolist() == BLIND
    assert kept["inclusion_probability"].tolist() == [0.5 * 5 / 10] * 5


@pytest.mark.parametrize(
    ("blind", "seen"), [(BLIND, [5.5, 6.5, 6.0, 6.0, 6.0]), (BLIND[:4], OPEN), (BLIND, [])]
)
def test_without_a_clear_difference_all_checks_count(blind, seen):
    pairs = _pairs(blind, seen)
    assert spot_checks.blinding(pairs)["kept"].item() == "all"
    assert len(spot_checks.counted(pairs)) == len(blind) + len(seen)


def test_checks_of_which_nobody_says_whether_they_were_blind_are_neither():
    pairs = _pairs(BLIND, OPEN).assign(is_blind=pd.array([pd.NA] * 10, dtype="boolean"))
    told = spot_checks.blinding(pairs).iloc[0]
    assert (told["blind"], told["open"], told["kept"]) == (0, 0, "all")


def test_only_rounds_that_recorded_every_probability_are_pooled():
    scored = pd.DataFrame({
        "district": "x", "year": [2021] * 4 + [2022] * 4, "subject": list("abcdefgh"), "self_score": 90.0,
        "check_score": [88.0, 86.0, 84.0, None] * 2, "inclusion_probability": [0.5] * 5 + [None] * 3,
    })  # fmt: skip
    table = spot_checks.rounds(scored).set_index("round")
    assert table.index.tolist() == ["pooled", "2022", "2021"]
    assert table["value"].tolist() == pytest.approx([(2 + 4 + 6) / 3, np.nan, (2 + 4 + 6) / 3], nan_ok=True)
    assert table.loc["2022", "reason"] == "no_inclusion_probability"
    assert table["self_scored"].tolist() == [4, 4, 4]
    assert spot_checks.rounds(scored.assign(check_score=None)).empty
    nullable = spot_checks.rounds(scored.convert_dtypes()).set_index("round")
    assert nullable["value"].tolist() == pytest.approx(table["value"].tolist(), nan_ok=True)


def _frame(n: int = 8) -> pd.DataFrame:
    none = pd.DataFrame(
        columns=["district", "year", "finding", "subject", "subject_kind", "severity", "source"]
    )
    projects = pd.DataFrame({
        "district": "x", "year": 2023, "project": [f"p{i}" for i in range(n)], "department": "d", "class": "specific",
        "adjusted_budget": 100.0, "executed": 50.0,
    })  # fmt: skip
    return spot_check_frame(projects, none, none, year=2023)


def test_a_plan_larger_than_the_population_is_all_of_it_and_nobody_is_drawn_from_nobody():
    plan = spot_checks.plan(_frame(), 99, seed=1)
    told = spot_checks.plan_totals(plan, year=2023, checks=99, seed=1).iloc[0]
    assert (told["drawn"], told["population"], told["asked"], told["amount_share"]) == (8, 8, 99, 1.0)
    none = spot_checks.plan(_frame()[:0], 4, seed=1)
    assert none.empty and spot_checks.plan_totals(none, year=2023, checks=4, seed=1)["drawn"].item() == 0
    assert spot_checks.sizes(_pairs(BLIND, []), none).empty


def test_unequal_probabilities_have_their_price():
    plan = pd.DataFrame({"inclusion_probability": [0.25, 0.75], "is_drawn": [False, True], "reason": None})
    assert spot_checks.design_effect(plan) == pytest.approx(1 * (1 / 0.25 + 1 / 0.75) / 2**2)


def test_a_precision_that_nobody_can_reach_has_no_size():
    plan = spot_checks.plan(_frame(), 4, seed=1)
    told = spot_checks.precision(_pairs(BLIND, OPEN), plan, wanted=0.0001).iloc[0]
    assert told["reached"] > 0 and told["needed"] == 8  # a full count has no error
    assert pd.isna(spot_checks.precision(_pairs([1.0], []), plan, wanted=1.0)["reached"].item())
