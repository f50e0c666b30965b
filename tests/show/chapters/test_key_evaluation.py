"""The chapter on key evaluations, on the sample and on faulty answers."""

from dataclasses import replace

import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.show.chapters.key_evaluation import key_evaluation_chapter
from perflib.show.chapters.key_evaluation_weights import read_judgements

OPTIONS = {"base": "adjusted", "rules": "binjiang-2023"}


def _with(book, name, rows):
    return replace(book, tables={**book.tables, name: rows})


def test_joint_reviews_are_a_kind_of_their_own(make_chapter):
    chapter = make_chapter(key_evaluation_chapter, "en")
    f = chapter.facts
    assert (f["finance_reviews"].value, f["joint_reviews"].value, f["department_reviews"].value) == (5, 1, 21)
    kinds = chapter._tables["reviews"].set_index("review")["subjects"]
    assert kinds["joint_audit"] == 1 and kinds.sum() == 26
    assert f["findings_closed"].value + len(chapter._tables["open_findings"]) == f["findings"].value


def test_peers_are_the_others_and_not_the_subject_itself(make_chapter, sample):
    table = make_chapter(key_evaluation_chapter, "en")._tables["dimensions"]
    row = table[(table["subject_name"] == "养老服务体系") & (table["evaluation_dimension"] == "output")].iloc[
        0
    ]
    rows = sample.table("evaluations")
    pool = rows[(rows["kind"] == "finance") & (rows["year"] <= 2022)]
    others = pool[~((pool["subject"] == "养老服务体系") & (pool["year"] == 2022))]
    assert row["peer_gap"] == pytest.approx(row["points"] - others["points_output"].mean())


def test_small_groups_are_hidden_and_the_next_smallest_with_them(make_chapter):
    response = make_chapter(key_evaluation_chapter, "en")._tables["response"].set_index("asked_group")
    assert response.loc["特邀监督员", "evaluation_reason"] == "suppressed"
    assert pd.isna(response.loc["企业代表", "answered"])
    assert response.loc["区人大代表", "response_rate"] == pytest.approx(47 / 60)


def test_the_title_of_the_questionnaire_is_true(make_chapter):
    chapter = make_chapter(key_evaluation_chapter, "zh")
    table = chapter._tables["content"]
    assert table["content_lower"].iloc[0] > table["content_upper"].iloc[-1]
    assert "最高的是政策知晓度" in chapter._figures["content"].title_text


def test_three_answers_are_suppressed_and_not_estimated(sample):
    rows = sample.table("ratings")
    asked = rows["context"] == "questionnaire"
    few = rows[~asked | rows["rater"].isin(rows.loc[asked, "rater"].unique()[:3])]
    chapter = key_evaluation_chapter(_with(sample, "ratings", few), **OPTIONS, lang="en")
    assert chapter.facts["answered"].is_missing and chapter.facts["answered"].reason == "suppressed"
    assert chapter._tables["content"]["content_share"].isna().all()
    assert "content" not in chapter._figures
    assert "not estimated" in chapter.say("questionnaire").data


def test_answers_that_cannot_be_used_are_listed_and_nothing_is_lost(sample):
    rows = sample.table("ratings")
    one = rows[rows["context"] == "questionnaire"].head(1)
    odd = pd.concat([one, one.assign(rater="stranger", stratum=None), one.assign(rater="x", score=9.0)])
    chapter = key_evaluation_chapter(
        _with(sample, "ratings", pd.concat([rows, odd], ignore_index=True)), **OPTIONS, lang="zh"
    )
    found = chapter._tables["answer_faults"]["evaluation_reason"].tolist()
    assert sorted(found) == ["outside_scale", "rated_twice", "rater_not_listed"]
    assert chapter.facts["answered"].value == 103


def test_a_finding_about_an_unknown_project_is_listed(sample):
    rows = sample.table("findings")
    lost = rows.tail(1).assign(
        subject="nobody", subject_kind="project", finding="X1", district=sample.district
    )
    chapter = key_evaluation_chapter(
        _with(sample, "findings", pd.concat([rows, lost], ignore_index=True)), **OPTIONS, lang="en"
    )
    assert "X1" in chapter._tables["unknown"]["finding"].tolist()
    assert chapter.facts["findings_lost"].value == len(chapter._tables["unknown"])


def test_without_ratings_and_findings_the_scores_still_stand(sample):
    tables = {n: t for n, t in sample.tables.items() if n not in ("ratings", "findings", "work_items")}
    chapter = key_evaluation_chapter(replace(sample, tables=tables), **OPTIONS, lang="en")
    assert chapter.facts["finance_reviews"].value == 5
    assert chapter.facts["answered"].reason == "no_answers"


@pytest.mark.parametrize("text", ["", "1 2 3", "1 1/0 1 1 1 1", "a b c d e f", "1 -1 1 1 1 1"])
def test_judgements_that_cannot_be_read_are_refused(text):
    with pytest.raises(ArgumentError, match="six numbers or fractions"):
        read_judgements(text)


def test_judgements_are_reciprocal():
    square = read_judgements("1 1/2 1/2 1/2 1/2 1")
    assert square.loc["decision", "output"] == 1 / 2 and square.loc["output", "decision"] == 2
