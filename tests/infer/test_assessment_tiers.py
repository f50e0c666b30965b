import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.department_assessment import (
    adjust_for_mix,
    department_errors,
    score_errors,
    tier_departments,
    what_would_move,
)
from perflib.infer.ranks import rank_sets


def _assessment(values, base=100, weight=60.0, fixed=30.0):
    """Departments with one indicator that is a share of cases and one mark without an error."""
    base = np.broadcast_to(base, len(values))
    share = pd.DataFrame(
        {
            "department": [f"部门{i:02d}" for i in range(len(values))],
            "indicator": "进度管理",
            "weight": weight,
            "max_score": weight,
            "value": values,
            "score": np.asarray(values) * weight,
            "base_count": base,
        }
    )
    marks = share.assign(
        indicator="制度建设",
        weight=100 - weight,
        max_score=100 - weight,
        value=np.nan,
        score=fixed,
        base_count=np.nan,
    )
    return pd.concat([share, marks], ignore_index=True).assign(district="x", year=2023)


def test_error_of_a_share_and_none_without_a_source():
    rows = score_errors(_assessment([0.8], base=50)).set_index("indicator")
    pulled = (0.8 * 50 + 2) / 54
    assert rows.loc["进度管理", "error"] == pytest.approx(60 * np.sqrt(pulled * (1 - pulled) / 54))
    assert np.isnan(rows.loc["制度建设", "error"])
    table = department_errors(_assessment([0.8], base=50)).iloc[0]
    assert table["se"] == rows.loc["进度管理", "error"]
    assert (table["certain_weight"], table["effective_cases"], table["score"]) == (40, 50, 0.8 * 60 + 30)


@pytest.mark.parametrize("is_same", [True, False])
def test_indicators_err_together_as_far_as_they_go_together(is_same):
    """Two indicators of 40 departments: on the same cases their errors add, on others they add as squares."""
    rng = np.random.default_rng(3)
    one = _assessment(rng.binomial(100, 0.8, 40) / 100, weight=30.0)
    share = one[one["indicator"] == "进度管理"]
    other = share["value"] if is_same else rng.binomial(100, 0.8, 40) / 100
    both = pd.concat([one, share.assign(indicator="支付进度", value=other)])
    table, errors = department_errors(both), score_errors(both).groupby("department")["error"]
    if is_same:
        assert table["se"].tolist() == pytest.approx(errors.sum().tolist(), rel=1e-3)
    else:
        squares = np.sqrt(errors.apply(lambda e: (e**2).sum()))
        assert (table["se"] >= squares.to_numpy()).all() and (table["se"] <= 1.25 * squares.to_numpy()).all()


def test_clear_differences_are_tiers_and_small_ones_are_not():
    table = tier_departments(_assessment([0.95, 0.94, 0.4, 0.41], base=200), draws=2000).set_index(
        "department"
    )
    assert table["tier"].to_list() == [1, 1, 2, 2]
    assert table["rank"].to_list() == [1, 2, 4, 3]
    assert (table["rank_low"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_high"]).all()


def test_equal_departments_are_rarely_told_apart():
    rng = np.random.default_rng(1)
    years = [_assessment(rng.binomial(120, 0.8, 12) / 120, base=120).assign(year=y) for y in range(100)]
    scores = department_errors(pd.concat(years))
    # As `tier_departments` does for one year at a time.
    wrong = [
        rank_sets(part, unit="department", value="score", draws=500, seed=year)["tier"].max() > 1
        for year, part in scores.groupby("year")
    ]
    # 100 tables: three standard errors of 5 % are 6.5 points.
    assert np.mean(wrong) <= 0.05 + 0.065


def test_a_department_with_one_project_has_a_score_but_no_tier():
    table = tier_departments(_assessment([0.9, 0.5, 1.0], base=[200, 200, 1]), draws=500).set_index(
        "department"
    )
    assert table.loc["部门02", "tier_reason"] == "too_few_cases"
    assert pd.isna(table.loc["部门02", "tier"])
    assert table.loc["部门02", "rank"] == 1
    assert table["tier"].dropna().to_list() == [1, 2]


@pytest.mark.parametrize(("base", "has_tier"), [(4, False), (5, True)])
def test_five_cases_are_enough(base, has_tier):
    table = tier_departments(_assessment([0.9, 0.5], base=base), draws=200)
    assert table["tier"].notna().all() == has_tier


def test_without_stated_errors_there_are_no_tiers():
    table = tier_departments(_assessment([0.9, 0.5], base=np.nan))
    assert table["tier_reason"].eq("no_stated_error").all()
    assert table["score"].notna().all()


def test_what_would_move_is_enough_to_move():
    assessment = _assessment([0.95, 0.9, 0.5, 0.45], base=200)
    tiered = tier_departments(assessment, draws=1000)
    moves = what_would_move(tiered, assessment)
    case = moves.query("department == '部门02' and indicator == '进度管理' and move_direction == 'up'").iloc[
        0
    ]
    assert case["marks_needed"] == pytest.approx(60 * (0.9 - 0.5))
    at = (assessment["department"] == "部门02") & (assessment["indicator"] == "进度管理")
    raised = assessment.assign(
        score=assessment["score"].mask(at, case["marks_then"]),
        value=assessment["value"].mask(at, case["marks_then"] / 60),
    )
    again = tier_departments(raised, draws=1000).set_index("department")["tier"]
    assert again["部门02"] == again["部门01"]
    # 制度建设 has 10 marks of room, too few to close a gap of 24.
    assert moves.query("department == '部门02' and indicator == '制度建设' and move_direction == 'up'").empty


def test_two_years_at_once_are_refused():
    both = pd.concat([_assessment([0.9, 0.5]), _assessment([0.9, 0.5]).assign(year=2022)])
    with pytest.raises(DataError, match="the table has 2"):
        tier_departments(both)


def test_mix_is_taken_out():
    rng = np.random.default_rng(2)
    mix, skill = rng.random(20), rng.normal(size=20)
    scored = pd.DataFrame({"department": range(20), "score": 80 - 20 * mix + skill, "capital_share": mix})
    table = adjust_for_mix(scored, ["capital_share"])
    assert abs(np.corrcoef(table["adjusted"], mix)[0, 1]) < 1e-9
    assert table["adjusted"].mean() == pytest.approx(scored["score"].mean())
    assert np.corrcoef(table["adjusted"], skill)[0, 1] > 0.9
    assert adjust_for_mix(scored.head(9), ["capital_share"])["mix_reason"].eq("too_few_departments").all()


def test_one_thin_indicator_of_little_weight_does_not_cost_the_tier():
    assessment = pd.concat(
        [_assessment([0.9, 0.5], base=30), _assessment([0.9, 0.5], base=1).query("value.notna()")]
    )
    thin = assessment["base_count"] == 1
    assessment = assessment.assign(
        indicator=assessment["indicator"].mask(thin, "重点项目"),
        weight=assessment["weight"].mask(thin, 5.0).where(assessment["value"].notna(), 35.0),
    )
    table = department_errors(assessment)
    assert table["effective_cases"].to_list() == pytest.approx([(60**2 + 5**2) / (60**2 / 30 + 5**2 / 1)] * 2)
    assert tier_departments(assessment, draws=200)["tier_reason"].isna().all()


def test_an_empty_assessment_gives_empty_tables():
    empty = _assessment([0.9]).head(0)
    assert tier_departments(empty).empty
    assert what_would_move(tier_departments(empty), empty).empty
