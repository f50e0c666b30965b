"""The chapter on key evaluations, on the sample and on faulty answers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.show.chapters.key_evaluation import key_evaluation_chapter
from perflib.show.chapters.key_evaluation_judgements import place_items, read_judgements

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
    assert table["content_low"].iloc[0] > table["content_high"].iloc[-1]
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


def test_deputies_importances_are_the_judgements_of_ahp(make_chapter, sample):
    table = make_chapter(key_evaluation_chapter, "en")._tables["judgements"]
    row = table[(table["evaluation_dimension"] == "output") & (table["against_dimension"] == "effect")].iloc[
        0
    ]
    rows = sample.table("ratings")
    rows = rows[rows["context"] == "indicator_discussion"]
    outputs = ["补助人数", "资金拨付及时率", "成本控制率"]  # cost counts as output
    means = rows.assign(is_output=rows["item"].isin(outputs)).groupby(["rater", "is_output"])["score"].mean()
    ratios = means.xs(True, level=1) / means.xs(False, level=1)
    assert row["judgement"] == pytest.approx(np.exp(np.log(ratios.astype(float)).mean()))
    assert (row["judgement_source"], row["voices"]) == ("by_ratings", rows["rater"].nunique())
    assert (table["judgement_source"] == "by_parameter").sum() == 5
    assert make_chapter(key_evaluation_chapter, "en").facts["unplaced_items"].value == 0


def test_given_judgements_can_be_kept_to(sample):
    chapter = key_evaluation_chapter(sample, **OPTIONS, lang="en", judgement_source="given")
    assert (chapter._tables["judgements"]["judgement_source"] == "by_parameter").all()
    assert chapter._tables["weights"]["weight_ahp"].tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 3])
    with pytest.raises(ArgumentError, match="`judgement_source` must be `ratings`"):
        key_evaluation_chapter(sample, **OPTIONS, lang="en", judgement_source="deputies")


def test_four_raters_are_too_few_to_judge(sample):
    rows = sample.table("ratings")
    talk = rows["context"] == "indicator_discussion"
    few = rows[~talk | rows["rater"].isin(rows.loc[talk, "rater"].unique()[:4])]
    chapter = key_evaluation_chapter(_with(sample, "ratings", few), **OPTIONS, lang="zh")
    assert chapter.facts["judged_pairs"].value == 0 and chapter.facts["judges"].is_missing
    assert "各对均为参数设定" in chapter.page()


def test_an_item_says_its_dimension_or_has_that_of_its_indicator():
    ratings = pd.DataFrame(
        {"item": ["a", "b", "c", "d"], "dimension": ["决策", "重要性", "重要性", "process"]}
    )
    indicators = pd.DataFrame({"name": ["a", "b", "b", "b"], "level1": ["产出", "满意度", "满意度", "产出"]})
    assert place_items(ratings, indicators).fillna("").tolist() == ["decision", "effect", "", "process"]


def test_visits_are_counted_and_what_was_said_there_is_an_opinion(sample):
    rows = sample.table("ratings")
    talk = rows[rows["context"] == "indicator_discussion"]
    about = talk.head(3).assign(
        context="visit", dimension="total", score=np.nan, item=["养老服务体系"] * 2 + ["养老"]
    )
    seen = about.assign(
        rater=["代表01", "委员01", "代表01"], opinion=["建议公开", None, None], is_adopted=[True, None, None]
    )
    before = key_evaluation_chapter(sample, **OPTIONS, lang="zh")
    chapter = key_evaluation_chapter(_with(sample, "ratings", pd.concat([rows, seen])), **OPTIONS, lang="zh")
    f = chapter.facts
    assert (f["visited"].value, f["visitors"].value) == (2, 2)
    table = chapter._tables["visits"].set_index("subject_name")
    assert table.loc["养老服务体系"].tolist() == [2, 1, 1] and table.loc["养老"].tolist() == [1, 0, 0]
    assert f["n_opinions"].value == before.facts["n_opinions"].value + 1
    assert "没有实地走访的记录" in before.page() and "没有实地走访的记录" not in chapter.page()
