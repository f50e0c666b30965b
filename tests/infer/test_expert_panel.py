"""What the experts' scores can decide: too few say nothing, a flat expert stays in, doubt is near the lines."""

import pandas as pd
import pytest

from perflib.data.rules import load_rules
from perflib.infer.expert_panel import expert_panel

RULES = load_rules("binjiang-2023")
EXPERTS = ["甲", "乙", "丙", "丁"]
APPRAISALS = pd.DataFrame({"district": "a", "budget_year": 2024, "subject": list("AB"), "name": ["校舍", None],
                           "decision": ["support", None], "round": 1})  # fmt: skip


def rating(rater: str, item: str, score: float, **more) -> dict:
    return {"district": "a", "year": 2024, "context": "ex_ante", "rater": rater, "item": item, "dimension": "必要性",
            "score": float(score), **more}  # fmt: skip


def found(rows, appraisals=APPRAISALS):
    return expert_panel(pd.DataFrame(rows), RULES, appraisals=appraisals)


def test_a_small_panel_shows_its_spread_and_concludes_nothing():
    panel = found([rating(r, i, 80 + 2 * n) for n, r in enumerate(EXPERTS) for i in "AB"])
    row = panel.agreement.iloc[0]
    assert (
        row[["rated", "raters", "ratings", "panel_size"]].tolist() == [2, 4, 8, 4]
        and row["reason"] == "too_few"
    )
    assert row[["icc", "alpha", "reliability", "raters_needed", "severity_gap"]].isna().all()
    assert panel.scores["least"].tolist() == [80, 80] and panel.scores["most"].tolist() == [86, 86]
    assert panel.scores["flip"].isna().all() and panel.raters.empty and "icc" not in panel.dimensions
    assert panel.scores["name"].tolist() == ["校舍", "B"]


def test_a_large_panel_finds_severity_and_doubts_the_score_next_to_a_line():
    items = {f"p{n:02d}": 72 + 2.0 * n for n in range(12)}  # p09 is at 90, the line of support
    shift = {"甲": -3, "乙": 0, "丙": 3}
    wobble = {("甲", 0): 1, ("乙", 1): -1, ("丙", 2): 1}
    rows = [
        rating(r, i, s + d + wobble.get((r, n % 3), 0))
        for n, (i, s) in enumerate(items.items())
        for r, d in shift.items()
    ]
    panel = found(rows)
    row = panel.agreement.iloc[0]
    assert (
        row["icc_low"] < row["icc"] < row["icc_high"] <= 1
        and row["alpha_low"] < row["alpha"] <= row["alpha_high"]
    )
    assert panel.raters["rater"].tolist() == ["甲", "乙", "丙"] and row["severity_gap"] == pytest.approx(
        6, abs=1
    )
    flip = panel.scores.set_index("subject")["flip"]
    assert flip.idxmax() == "p09" and flip["p09"] > 0.3 and flip["p04"] < 0.1
    assert panel.scores.set_index("subject").loc["p11", "verdict"] == "support"


def test_a_flat_expert_and_scores_off_the_scale_are_listed_and_counted():
    rows = [rating(r, i, 70 + 3 * n + k) for n, r in enumerate(EXPERTS) for k, i in enumerate("ABC")]
    rows += [rating("庚", i, 88) for i in "ABC"] + [rating("辛", "A", 120)]
    panel = found(rows)
    assert panel.faults.groupby("fault")["rater"].agg(set).to_dict() == {
        "all_the_same": {"庚"},
        "above_scale": {"辛"},
    }
    assert panel.agreement[["ratings", "rating_faults"]].iloc[0].tolist() == [len(rows), 4]


def test_without_ratings_there_is_one_row_of_noughts():
    panel = expert_panel(pd.DataFrame([rating("甲", "A", 80)]).head(0), RULES, appraisals=APPRAISALS)
    assert panel.agreement["rated"].tolist() == [0] and panel.scores.empty and panel.dimensions.empty


def test_other_ratings_are_left_alone():
    rows = [rating("甲", "A", 80), rating("乙", "A", 10, context="questionnaire")]
    assert found(rows).agreement["ratings"].tolist() == [1]
