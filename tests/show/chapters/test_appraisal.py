"""The chapter on ex-ante appraisal: the sample's facts, missing tables, and what bad ratings do."""

import pytest

from perflib.data.errors import DataError
from perflib.show.chapters.appraisal import appraisal_chapter
from perflib.show.chapters.appraisal_panel import UNSURE
from tests.show.chapters.conftest import OPTIONS, project

EXPERTS = ["甲", "乙", "丙", "丁"]


@pytest.fixture(params=["zh", "en"])
def chapter(request, make_chapter):
    return make_chapter(appraisal_chapter, request.param)


def test_sample_facts_of_2023(chapter):
    facts = chapter.facts
    assert facts["appraised"].value == 3
    assert facts["cut"].value == 9_865_600
    assert facts["requested"].value - facts["approved"].value == pytest.approx(9_865_600)
    assert facts["threshold"].value == 5_000_000


def test_project_of_exactly_the_threshold_without_appraisal_is_listed(chapter):
    listed = chapter._tables["unappraised"]
    assert listed["amount"].tolist() == [5_000_000]
    assert listed["seen_in"].tolist() == ["budget"]
    assert chapter.facts["unappraised"].value == 1


def test_kinds_of_cuts_have_no_total(chapter):
    kinds = chapter._tables["kinds"]
    assert kinds["cut_kind"].is_unique
    assert kinds.set_index("cut_kind")["amount"]["ex_ante"] == chapter.facts["cut"].value
    assert not any("total" in id or "all_cuts" in id for id in chapter.facts)


def test_no_code_is_printed_in_place_of_words(make_chapter):
    page = make_chapter(appraisal_chapter, "zh").page()
    assert "调整完善" in page
    assert not any(f"| {code} |" in page for code in ("support", "adjust", "refuse", "ex_ante", "request"))


def test_reasons_add_up_to_the_cut(chapter):
    assert chapter._tables["reasons"]["cut"].sum() == chapter.facts["cut"].value


def test_doubt_is_counted_above_its_line(chapter):
    scores = chapter._tables["scores"]
    assert chapter.facts["unsure"].value == int((scores["flip"] > UNSURE).sum())
    assert str(chapter.facts["unsure"].value) in chapter._figures["scores"].title_text
    assert scores["panel_score_low"].ge(0).all() and scores["panel_score_high"].le(100).all()


def test_agreement_lies_within_its_interval(chapter):
    facts = chapter.facts
    for name in ("icc", "alpha"):
        assert facts[f"{name}_lower"].value < facts[name].value < facts[f"{name}_upper"].value <= 1


def test_without_appraisals_the_chapter_is_one_line(tiny):
    chapter = appraisal_chapter(tiny(projects=[project()]), **OPTIONS, lang="zh")
    assert chapter.is_missing and chapter.tables == ("appraisals",)
    assert "事前评估" in chapter.headline().data


def appraisal(subject: str, **columns) -> dict:
    row = {"district": "330199", "budget_year": 2024, "subject": subject, "name": f"项目{subject}",
           "department": "教育局", "requested": 6_000_000, "approved": 5_000_000, "is_assessed": True,
           "done_on": "2023-09-01"}  # fmt: skip
    return {**row, **columns}


def rating(rater: str, item: str, score: float) -> dict:
    return {"district": "330199", "year": 2024, "context": "ex_ante", "rater": rater, "item": item,
            "dimension": "必要性", "score": score}  # fmt: skip


def test_small_panel_shows_spread_only_and_says_so(tiny):
    book = tiny(
        projects=[project()],
        appraisals=[appraisal("A"), appraisal("B")],
        ratings=[rating(r, i, 80 + 2 * n) for n, r in enumerate(EXPERTS) for i in "AB"],
    )
    chapter = appraisal_chapter(book, **OPTIONS, lang="zh")
    assert chapter.facts["icc"].reason == "too_few"
    assert "只列出分数的离散程度" in chapter.say("agreement").data
    assert chapter._tables["scores"]["flip"].isna().all()
    assert chapter._tables["scores"]["lowest_score"].tolist() == [80, 80]


def test_rater_without_any_difference_is_listed_and_kept(tiny):
    good = [rating(r, i, 70 + 3 * n + k) for n, r in enumerate(EXPERTS) for k, i in enumerate("ABC")]
    flat = [rating("庚", i, 88) for i in "ABC"]
    book = tiny(projects=[project()], appraisals=[appraisal(i) for i in "ABC"], ratings=good + flat)
    chapter = appraisal_chapter(book, **OPTIONS, lang="zh")
    faults = chapter._tables["rating_faults"]
    assert faults["rater"].unique().tolist() == ["庚"] and set(faults["fault"]) == {"all_the_same"}
    assert chapter.facts["ratings"].value == len(good) + len(flat)


def test_same_rating_given_twice_is_a_message(tiny):
    rows = [rating("戊", "A", 90), rating("戊", "A", 70)]
    with pytest.raises(DataError, match="more than once, in rows 2, 3"):
        tiny(projects=[project()], appraisals=[appraisal("A")], ratings=rows)


def test_rating_outside_the_scale_is_listed_or_a_message(tiny):
    rows = [rating(r, i, 120 if r == "甲" else 80) for r in EXPERTS for i in "AB"]
    try:
        book = tiny(projects=[project()], appraisals=[appraisal("A"), appraisal("B")], ratings=rows)
    except DataError as error:
        assert "120" in str(error)
        return
    chapter = appraisal_chapter(book, **OPTIONS, lang="zh")
    assert (chapter._tables["rating_faults"]["fault"] == "above_scale").sum() == 2


def test_open_request_and_unassessed_one_are_no_cut(tiny):
    rows = [appraisal("A"), appraisal("B", approved=None), appraisal("C", is_assessed=False)]
    chapter = appraisal_chapter(tiny(projects=[project()], appraisals=rows), **OPTIONS, lang="en")
    assert chapter.facts["cut"].value == 1_000_000
    assert chapter.facts["unappraised"].value == 1


def test_page_of_a_year_without_appraisals_is_whole(tiny):
    rows = [appraisal("A", budget_year=2020, done_on="2019-09-01")]
    for lang in ("zh", "en"):
        chapter = appraisal_chapter(tiny(projects=[project()], appraisals=rows), **OPTIONS, lang=lang)
        assert chapter.facts["appraised"].value == 0
        assert chapter.page()
