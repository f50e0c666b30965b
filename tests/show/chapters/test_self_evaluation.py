"""The chapter on self-evaluation: the sample's facts, what adds up, and what bad forms do."""

import pandas as pd
import pytest
from perflib.show.chapters.self_evaluation import self_evaluation_chapter
from perflib.show.chapters.self_evaluation_rates import printed_rates

from perflib.data.errors import DataError
from tests.notebooks.cells import indicator
from tests.show.chapters.conftest import OPTIONS, project


@pytest.fixture(params=["zh", "en"])
def chapter(request, make_chapter):
    return make_chapter(self_evaluation_chapter, request.param)


def form(subject: str = "P1", **columns) -> dict:
    row = {"district": "330199", "year": 2022, "subject_kind": "project", "subject": subject, "kind": "self",
           "evaluator": "教育局", "round": 1, "status": "accepted", "score": 95, "grade": "优"}  # fmt: skip
    return {**row, **columns}


def chapter_of(tiny, forms: list[dict], lang: str = "zh", **tables):
    projects = tables.pop("projects", [project(year=2022), project(year=2023)])
    return self_evaluation_chapter(tiny(projects=projects, evaluations=forms, **tables), **OPTIONS, lang=lang)


def test_sample_facts_of_2023(chapter):
    facts = chapter.facts
    assert facts["self_year"].value == 2022
    assert facts["self_evaluated"].value == 961
    assert round(facts["mean_rate"].value, 3) == 0.953
    assert facts["owing"].value == 961 and facts["coverage"].value == 1


def test_grades_and_statuses_add_up(chapter):
    facts = chapter.facts
    grades = [facts[f"grade_{g}"].value for g in ("excellent", "good", "fair", "poor", "none")]
    assert sum(grades) == facts["self_evaluated"].value
    states = [facts[f"status_{s}"].value for s in ("submitted", "returned", "accepted", "unstated", "none")]
    assert sum(states) == facts["owing"].value
    assert facts["recomputed"].value + facts["not_recomputed"].value == 961


def test_reported_rates_are_counted_once_each(chapter):
    facts = chapter.facts
    parts = ("agree", "rounded", "contradict", "late", "other_base")
    assert sum(facts[f"rates_{p}"].value for p in parts) == facts["rates_reported"].value
    assert (
        facts["rates_contradict"].value == (chapter._tables["published"]["rate_status"] != "other_base").sum()
    )


def test_titles_say_what_the_data_shows(chapter):
    facts = chapter.facts
    low = chapter._tables["low_best"]
    assert (
        facts["low_best"].value == len(low)
        and (low["execution_rate"] < 0.9).all()
        and (low["score"] >= 90).all()
    )
    assert str(len(low)) in chapter._figures["scatter"].title_text
    full = chapter._tables["heaps"].set_index("score_line")["on_mark"][100.0]
    assert facts["full_marks_share"].value == pytest.approx(full / 961)


def test_score_above_full_marks_is_a_message(tiny):
    with pytest.raises(DataError, match="found 104, outside the range 0–100"):
        chapter_of(tiny, [form(score=104)])


def test_evaluator_twice_in_one_round_is_a_message(tiny):
    with pytest.raises(DataError, match="more than once, in rows 2, 3"):
        chapter_of(tiny, [form(score=90), form(score=80)])


def test_last_round_speaks_for_the_project(tiny):
    chapter = chapter_of(tiny, [form(score=90), form(score=80, round=2)])
    assert chapter.facts["self_evaluated"].value == 1 and chapter.facts["mean_score"].value == 80


def test_weights_of_110_have_no_score_by_rule(tiny):
    rows = [indicator(code, year=2022, weight=55, actual=10) for code in ("Z1", "Z2")]
    chapter = chapter_of(tiny, [form()], indicators=rows)
    assert chapter.facts["recomputed"].value == 0
    assert "权重合计不符" in chapter._tables["unscored"]["unscored_reason"].tolist()


def test_deviation_is_reported_less_by_rule(tiny):
    rows = [indicator(code, year=2022, weight=45, actual=actual) for code, actual in (("Z1", 10), ("Z2", 8))]
    chapter = chapter_of(tiny, [form(score=95)], indicators=rows)
    by_rule = 45 + 45 * 8 / 10 + 10 * 900_000 / 1_000_000
    assert chapter.facts["mean_deviation"].value == pytest.approx(95 - by_rule)


def test_contradiction_is_told_from_rounding(tiny):
    projects = [project(f"P{i}", year=2022, executed=e) for i, e in enumerate((334_300, 310_800, 900_000))]
    forms = [form("P0", reported_rate=1.0), form("P1", reported_rate=0.31), form("P2", reported_rate=0.9)]
    chapter = chapter_of(tiny, forms, projects=[*projects, project(year=2023)])
    assert chapter._tables["published"]["project"].tolist() == ["P0"]
    assert (chapter.facts["rates_rounded"].value, chapter.facts["rates_agree"].value) == (1, 1)


def test_catalogue_without_the_year_is_said_and_nothing_fails(tiny):
    row = {"district": "330199", "year": 2019, "scope": "class", "item": "specific", "self_evaluation": True}
    chapter = chapter_of(tiny, [form()], catalogue=[row])
    assert chapter.facts["owing"].reason == "no_catalogue"
    assert "没有该年度的分类管理目录" in chapter.say("coverage").data


def test_returned_and_missing_ones_are_listed(tiny):
    projects = [project(f"P{i}", year=2022) for i in range(3)]
    chapter = chapter_of(
        tiny, [form("P0"), form("P1", status="returned")], projects=[*projects, project(year=2023)]
    )
    assert chapter._tables["outstanding"]["project"].tolist() == ["P1", "P2"]
    assert chapter._workbooks


def test_indicators_alone_tell_what_was_attained(tiny):
    rows = [
        indicator("Z1", year=2022, actual=10, direction=None),
        indicator("Z2", year=2022, actual=5, direction=None),
    ]
    book = tiny(projects=[project(year=2022), project(year=2023)], indicators=rows)
    for lang in ("zh", "en"):
        chapter = self_evaluation_chapter(book, **OPTIONS, lang=lang)
        assert chapter.facts["attained_share"].value == 1 / 2
        assert chapter.facts["self_evaluated"].reason == "no_table"
        assert "grades" not in chapter._tables and chapter.page()


def test_neither_table_leaves_one_line(tiny):
    chapter = self_evaluation_chapter(tiny(projects=[project()]), **OPTIONS, lang="zh")
    assert chapter.is_missing and chapter.tables == ("evaluations",)


def test_rates_are_printed_with_the_decimals_they_have():
    assert printed_rates(pd.Series([0.9713, 1.0, 0.5, None])).tolist()[:3] == ["97.13%", "100%", "50%"]


def test_scores_that_cannot_be_recomputed_are_at_least_bounded(make_chapter):
    chapter = make_chapter(self_evaluation_chapter)
    f, table = chapter.facts, chapter._tables["beyond"]
    assert 0 < f["bounded"].value <= f["not_recomputed"].value
    assert f["beyond"].value == len(table) > 0
    outside = (table["score"] > table["score_high"]) | (table["score"] < table["score_low"])
    assert outside.all()
    assert "即使不能计分的指标给满分" in chapter.page()
