"""The chapter on the assessment of departments, on the sample and on faulty weights."""

from dataclasses import replace

import pytest

from perflib.show.chapters.assessment import assessment_chapter

OPTIONS = {"base": "adjusted", "rules": "binjiang-2023"}


@pytest.fixture(scope="module")
def chapter(make_chapter):
    return make_chapter(assessment_chapter, "en")


def _with(book, rows):
    return replace(book, tables={**book.tables, "assessment": rows})


def test_no_rank_stands_without_the_ranks_that_the_data_allow(chapter):
    table = chapter._tables["scores"]
    assert len(table) == chapter.facts["departments"].value == 30
    assert (table["rank_low"] <= table["official_rank"]).all()
    assert (table["official_rank"] <= table["rank_high"]).all()


def test_the_title_claims_tiers_only_if_there_are_some(chapter):
    tiers = chapter._tables["scores"]["assessment_tier"].nunique()
    assert tiers == chapter.facts["tiers"].value
    assert ("no tiers" in chapter._figures["tiers"].title_text) == (tiers < 2)


def test_the_weight_moves_to_effect_and_four_indicators_are_new(chapter):
    f = chapter.facts
    assert f["effect_share_before"].value == 0
    assert f["effect_share"].value == pytest.approx((10 + 8 + 10 + 14 + 10 + 8 + 10 + 8) / 100)
    assert f["new_indicators"].value == 4 and "进度管理" in f["new_names"].value
    assert "rose" in chapter._figures["shift"].title_text


def test_weights_that_do_not_sum_give_no_total_and_are_listed(sample):
    rows = sample.table("assessment")
    first = rows.loc[rows["year"] == 2023].index[0]
    changed = rows.assign(weight=rows["weight"].mask(rows.index == first, rows["weight"] + 5))
    chapter = assessment_chapter(_with(sample, changed), **OPTIONS, lang="zh")
    department = rows.loc[first, "department"]
    table = chapter._tables["scores"].set_index("department")
    assert table.loc[department, "tier_reason"] == "weights_off"
    assert chapter.facts["unscored"].value == 1 and len(table) == 30
    faults = chapter._tables["faults"]
    assert (faults["department"] == department).any() and chapter.facts["faults"].value == len(faults)


def test_a_department_with_one_case_has_a_score_but_no_tier(sample):
    rows = sample.table("assessment")
    department = rows.loc[rows["year"] == 2023, "department"].iloc[0]
    single = rows.assign(
        base_count=rows["base_count"].mask((rows["department"] == department) & rows["base_count"].notna(), 1)
    )
    table = assessment_chapter(_with(sample, single), **OPTIONS, lang="en")._tables["scores"]
    row = table.set_index("department").loc[department]
    assert row["tier_reason"] == "too_few_cases" and row["official_score"] > 0


@pytest.mark.parametrize(("district", "year"), [("330188", 2023), ("330199", 2019)])
def test_without_rows_the_chapter_says_so(sample, district, year):
    chapter = assessment_chapter(replace(sample, district=district, year=year), **OPTIONS, lang="zh")
    assert chapter.facts["departments"].value == 0
    assert "没有部门考核" in chapter.headline().data
    assert not chapter._figures


def test_without_the_table_the_chapter_is_left_out(sample):
    tables = {n: t for n, t in sample.tables.items() if n != "assessment"}
    assert assessment_chapter(replace(sample, tables=tables), **OPTIONS, lang="en").is_missing


def test_the_smallest_change_that_would_matter_is_told(chapter):
    table = chapter._tables["least_moves"]
    f = chapter.facts
    up = table[table["move_direction"] == "up"]
    assert (
        f["least_up_points"].value == pytest.approx(up["marks_needed"].min())
        and f["least_up_points"].value > 0
    )
    assert f["least_up_name"].value == up.loc[up["marks_needed"].idxmin(), "department"]
    assert f["least_up_name"].value in chapter.page()
    # One tier only: nobody stands apart, so nobody is already where the change would bring them.
    assert not f["has_tiers"].value and (table["marks_needed"] > 0).all()
