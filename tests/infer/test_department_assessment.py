import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.infer.department_assessment import assess_departments


@pytest.fixture(scope="module")
def rows():
    return load_book("sample").rows("assessment")


@pytest.fixture(scope="module")
def study(rows):
    return assess_departments(rows, year=2023)


def test_no_rank_stands_without_the_ranks_that_the_data_allow(study):
    table = study.scores
    assert len(table) == study.summary["departments"].item() == 30
    assert (table["rank_low"] <= table["official_rank"]).all()
    assert (table["official_rank"] <= table["rank_high"]).all()
    assert study.summary["tiers"].item() == table["tier"].nunique()


def test_the_weight_moves_to_effect_and_four_indicators_are_new(study):
    found = study.summary.iloc[0]
    assert found["effect_share_before"] == 0
    assert found["effect_share"] == pytest.approx((10 + 8 + 10 + 14 + 10 + 8 + 10 + 8) / 100)
    assert found["new_indicators"] == 4
    first = study.weights["year"].min()
    assert assess_departments(study.marks, year=2023).summary["effect_share_before"].isna().item()
    assert (study.weights.groupby("year")["weight_share"].sum().sub(1).abs() < 1e-9).all() and first < 2023


def test_marks_by_phase_and_orientation_are_of_the_same_points(study):
    total = study.marks.groupby("department")["points"].sum().mean()
    for by in ("phase", "orientation"):
        assert study.earned(by=by)["mean_marks"].sum() == pytest.approx(total)


def test_weights_that_do_not_sum_give_no_total_and_are_listed(rows):
    first = rows.index[rows["year"] == 2023][0]
    changed = rows.assign(weight=rows["weight"].mask(rows.index == first, rows["weight"] + 5))
    study = assess_departments(changed, year=2023)
    department = rows.loc[first, "department"]
    row = study.scores.set_index("department").loc[department]
    assert row["tier_reason"] == "weights_off" and pd.isna(row["official_score"])
    assert study.scores["department"].iloc[-1] == department and len(study.scores) == 30
    assert (study.faults["department"] == department).any()
    assert study.summary["faults"].item() == len(study.faults)


def test_a_department_with_one_case_has_a_score_but_no_tier(rows):
    department = rows.loc[rows["year"] == 2023, "department"].iloc[0]
    own = (rows["department"] == department) & rows["base_count"].notna()
    study = assess_departments(rows.assign(base_count=rows["base_count"].mask(own, 1)), year=2023)
    row = study.scores.set_index("department").loc[department]
    assert row["tier_reason"] == "too_few_cases" and row["official_score"] > 0
    assert study.summary["untiered"].item() == 1


def test_the_smallest_change_that_would_matter_is_told(study):
    up = study.least_moves[study.least_moves["move_direction"] == "up"]
    found = study.summary.iloc[0]
    assert found["least_up_points"] == up["marks_needed"].min() > 0
    assert found["least_up_name"] == up.loc[up["marks_needed"].idxmin(), "department"]


def test_the_largest_change_by_mix_is_a_difference_of_scores(study):
    projects = load_book("sample").rows("projects", year=2023)
    mixed = study.adjusted(projects)
    assert mixed["change"].max() == (mixed["adjusted_score"] - mixed["official_score"]).abs().max() > 0
    assert mixed["specific_share"].between(0, 1).all()


def test_a_year_without_assessment_has_empty_frames(rows):
    study = assess_departments(rows, year=1999)
    assert study.scores.empty and study.moves.empty and study.weights.empty and study.faults.empty
    assert study.summary["departments"].item() == 0 and study.summary["mean_score"].isna().item()
