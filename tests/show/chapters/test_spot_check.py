"""The chapter on spot checks, on the sample: what may be said, and what is refused."""

from dataclasses import replace

import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.infer.inflation import estimate_inflation
from perflib.show.chapters.spot_check import spot_check_chapter

OPTIONS = {"base": "adjusted", "rules": "binjiang-2023"}


@pytest.fixture(scope="module")
def book():
    return load_book("sample")


@pytest.fixture(scope="module")
def chapter(book):
    return spot_check_chapter(book, **OPTIONS, lang="en")


def test_rounds_pool_but_a_hand_picked_round_gives_no_figure(chapter):
    f = chapter.facts
    assert (f["checks_now"].value, f["checks_all"].value, f["pooled_checks"].value) == (10, 100, 90)
    assert f["inflation_now"].is_missing and f["inflation_now"].reason == "no_inclusion_probability"
    assert f["inflation_lower"].value < f["inflation"].value < f["inflation_upper"].value
    table = chapter._tables["inflation"]
    assert table["checks"].tolist() == [26, 34, 30, 10, 90]
    assert table["self_scored"].iloc[:3].sum() == table["self_scored"].iloc[4]


def test_every_unchecked_project_has_a_score_or_a_reason(chapter):
    table = chapter._tables["rescores"]
    assert len(table) == 961 - 10
    assert (table["rescore_high"].notna() | table["evaluation_reason"].notna()).all()
    assert chapter.facts["fewest_checks"].value == 19


def test_the_plan_adds_up_and_comes_out_again(book, chapter):
    f = chapter.facts
    drawn, frame, excluded = (chapter._tables[t] for t in ("drawn", "frame", "excluded"))
    assert len(drawn) == f["plan_size"].value == 40
    assert len(frame) + len(excluded) == f["population"].value + f["excluded"].value
    assert (frame["inclusion_probability"] > 0).all()
    assert frame["inclusion_probability"].sum() == pytest.approx(40)
    assert f["drawn_random"].value >= 0.2 * 40
    assert excluded["excluded_reason"].notna().all()
    again = spot_check_chapter(book, **OPTIONS, lang="en")
    assert again._tables["drawn"].equals(drawn)
    assert again._workbooks == chapter._workbooks and set(again._workbooks) == {"spot_check_list"}


def test_a_plan_larger_than_the_population_is_cut_and_says_so(book):
    chapter = spot_check_chapter(book, **OPTIONS, lang="en", checks=5000)
    assert chapter.facts["plan_size"].value == chapter.facts["population"].value
    assert "more than there are" in chapter.say("plan").data


def test_a_precision_that_takes_more_than_the_plan_names_the_size(book):
    few = spot_check_chapter(book, **OPTIONS, lang="en", precision=3.0).facts["size_needed"].value
    many = spot_check_chapter(book, **OPTIONS, lang="en", precision=0.5).facts["size_needed"].value
    assert few < 40 < many


def test_titles_say_higher_only_if_the_interval_does(chapter):
    assert chapter.facts["bias_lower"].value > 0
    assert "higher" in chapter._figures["differences"].title_text
    assert chapter.facts["inflation_lower"].value > 0
    assert "inflated by" in chapter._figures["rounds"].title_text


def test_a_check_without_a_self_evaluation_is_listed(book):
    rows = book.tables["evaluations"]
    lonely = rows[rows["kind"] == "spot_check"].tail(1).assign(subject="nobody")
    tables = {**book.tables, "evaluations": pd.concat([rows, lonely], ignore_index=True)}
    chapter = spot_check_chapter(replace(book, tables=tables), **OPTIONS, lang="zh")
    assert chapter.facts["unusable"].value == 1
    assert chapter._tables["faults"]["evaluation_reason"].tolist() == ["no_self_evaluation"]
    assert chapter.facts["checks_all"].value == 100


def test_without_evaluations_the_chapter_is_left_out(book):
    tables = {n: t for n, t in book.tables.items() if n != "evaluations"}
    assert spot_check_chapter(replace(book, tables=tables), **OPTIONS, lang="en").is_missing


@pytest.mark.parametrize("district", ["330188", "330199"])
def test_no_check_in_the_year_or_district_still_gives_a_plan(book, district):
    chapter = spot_check_chapter(replace(book, district=district, year=2019), **OPTIONS, lang="zh")
    assert chapter.facts["checks_all"].value == 0
    assert chapter.facts["plan_size"].value == 40
    assert "没有可与自评分比较" in chapter.headline().data


def test_the_public_edition_has_no_plan_and_no_guess_about_a_project():
    public = load_book("sample", edition="public")
    chapter = spot_check_chapter(public, **OPTIONS, lang="zh")
    assert not chapter._workbooks
    assert not {"drawn", "frame", "rescores", "lowest_rescores", "all_candidates"} & set(chapter._tables)


def test_the_estimate_is_that_of_the_core(book, chapter):
    from perflib.infer.agreement import pair_scores
    from perflib.show.chapters.spot_check import scored_projects
    from perflib.show.chapters.spot_check_scores import with_probability

    rows = book.table("evaluations")
    rows = rows[(rows["district"] == book.district) & (rows["subject_kind"] == "project")]
    pooled = with_probability(scored_projects(rows, pair_scores(rows)))
    assert chapter.facts["inflation"].value == pytest.approx(estimate_inflation(pooled)["value"], rel=1e-9)
