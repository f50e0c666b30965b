"""One programme in many districts, on the sample and where the data say little."""

from dataclasses import replace

import pandas as pd
import pytest

from perflib.show.chapters.programme import add_programme
from perflib.show.chapters.start import start_chapter
from tests.show.chapters.conftest import OPTIONS, project
from tests.show.cut_off import cut_off

NAMES = {"330199": "甲", "330198": "乙", "330197": "丙"}


def made(book, names=None, *, lang="en", year=2023, programme=""):
    chapter = start_chapter("80_district_comparison", book, **OPTIONS, lang=lang)
    names = names or {d: book.district_name(d, lang) for d in book.districts}
    add_programme(chapter, book, names=names, year=year, programme=programme)
    return chapter


def _with(book, **tables):
    return replace(book, tables={**book.tables, **tables})


@pytest.fixture(scope="module")
def chapter(sample):
    return made(sample, programme="养老服务体系")


@pytest.fixture
def few(tiny):
    """Three districts and two years of one policy; outputs and scores as given."""

    def make(outputs=(), scores=(), policy="养老"):
        rows = [project("P1", district=d, year=y, policy=policy) for d in NAMES for y in (2022, 2023)]
        tables = {"projects": rows}
        if outputs:
            tables["indicators"] = [
                {"district": d, "year": y, "subject_kind": "policy", "subject": "养老", "indicator": f"I{i}", "month": 12,
                 "name": name, "unit": unit, "target": 10, "actual": actual}
                for i, (d, y, name, unit, actual) in enumerate(outputs)
            ]  # fmt: skip
        if scores:
            tables["evaluations"] = [
                {"district": d, "year": 2022, "subject_kind": "policy", "subject": "养老", "kind": "finance",
                 "evaluator": level, "level": level, "score": score} for d, level, score in scores
            ]  # fmt: skip
        return tiny(**tables)

    return make


def test_the_sample_shows_who_is_dear_and_who_is_kind(chapter):
    costs = chapter.frame("programme_costs").set_index("district_label")["cost_verdict"]
    assert costs["Sample Wushan District"] == "dearer" and costs["Sample Lutan District"] == "cheaper"
    assert chapter.facts["prog_bias"].value > 0 and chapter.facts["prog_bias_apart"].value == 1
    assert chapter.facts["prog_no_city"].value == "Sample Zhuling District"
    assert chapter.facts["prog_year"].value == 2022 and chapter.facts["prog_pairs"].value == "11"


def test_money_of_the_table_is_that_of_the_projects(chapter, sample):
    rows = sample.table("projects").query("policy == '养老服务体系' and year == 2022")
    assert chapter.facts["prog_money"].value == pytest.approx(rows["executed"].sum())
    sides = chapter.frame("programme_sides")
    assert sides["executed"].sum() == pytest.approx(rows["executed"].sum()) and len(sides) == 12
    assert sides["satisfied"].between(0.6, 1).all()


def test_titles_are_true(chapter):
    costs, met = chapter.frame("programme_costs"), chapter.frame("programme_outputs")["reached_share"]
    title = chapter._figures["programme_costs"].title_text
    for verdict, word in (("dearer", "dearer: "), ("cheaper", "cheaper: ")):
        assert (word in title) == (costs["cost_verdict"] == verdict).any()
    sure = costs[costs["cost_verdict"].isin(["dearer", "cheaper"])]
    assert ((sure["cost_least"] > 1) | (sure["cost_most"] < 1)).all()
    assert f"{(met >= 1).mean():.1%}" in chapter._figures["programme_reached"].title_text
    agreement = chapter.frame("programme_agreement").iloc[0]
    assert (agreement["point_low"] > 0) == ("higher" in chapter._figures["programme_scores"].title_text)


def test_no_word_reaches_over_an_edge(chapter):
    for figure in chapter._figures.values():
        assert cut_off(figure) == []


def test_a_programme_that_no_two_districts_share(few, tiny):
    rows = [project("P1", district=d, policy=f"政策{d}") for d in NAMES]
    chapter = made(tiny(projects=rows), NAMES)
    assert "more than one district" in chapter.say("programme").data
    assert not chapter._figures and chapter.facts["prog_name"].is_missing


def test_a_programme_in_one_district_only(few):
    book = few()
    rows = book.table("projects")
    alone = rows.assign(policy=rows["policy"].where(rows["district"] != "330199", "独有"))
    chapter = made(_with(book, projects=alone), NAMES, programme="独有", lang="zh")
    assert "只有一个区县开展" in chapter.say("programme").data


def test_an_unknown_programme_is_named(few):
    assert "Nothing" in made(few(), NAMES, programme="Nothing").facts["prog_problem"].value


def test_a_programme_may_be_a_category_too(few):
    book = few()
    rows = book.table("projects").assign(category="补助")
    assert made(_with(book, projects=rows), NAMES, programme="补助").facts["prog_name"].value == "补助"


def test_without_indicators_there_are_no_costs(few):
    chapter = made(few(), NAMES)
    assert "has no output that can be compared" in chapter.say("programme").data
    assert "programme_costs" not in chapter._tables and chapter.facts["prog_rate"].value == pytest.approx(0.9)
    assert "agreement can't be seen" in chapter.say("programme_scores").data


def test_unlike_units_zero_output_and_silence_are_told(few):
    outputs = [(d, y, "床位", "张", 50) for d in ("330199", "330198") for y in (2022, 2023)]
    outputs += [("330197", 2023, "床位", "千张", 5), ("330199", 2023, "餐", "份", 0), ("330198", 2023, "餐", "份", 9),
                ("330197", 2023, "餐", "份", 8)]  # fmt: skip
    chapter = made(few(outputs), NAMES)
    assert chapter.facts["prog_zero"].value == "甲" and chapter.facts["prog_differs"].value == "丙"
    table = chapter.frame("programme_outputs").set_index(["district_label", "output_name"])
    assert (
        pd.isna(table.loc[("丙", "床位"), "unit_cost"])
        and table.loc[("丙", "床位"), "measure_unit"] == "千张"
    )
    assert table.loc[("甲", "床位"), "unit_cost"] == pytest.approx(900_000 / 50)


def test_few_districts_get_no_verdict(few):
    outputs = [(d, y, "床位", "张", 50) for d in ("330199", "330198") for y in (2022, 2023)]
    chapter = made(few(outputs), NAMES)
    assert "dearer or cheaper" in chapter._figures["programme_costs"].title_text
    assert not chapter.facts["prog_unknown"].is_missing


def test_a_missing_city_score_is_named_and_few_pairs_are_not_judged(few):
    scores = [("330199", "district", 90), ("330199", "city", 85), ("330198", "district", 80)]
    chapter = made(few(scores=scores), NAMES)
    assert (
        chapter.facts["prog_no_city"].value == "乙" and chapter.facts["prog_bias"].reason == "too_few_scores"
    )
    assert "too few to measure agreement" in chapter.say("programme_scores").data


def test_the_public_edition_keeps_its_sentences(sample):
    chapter = made(sample.for_edition("public"), lang="zh", programme="养老服务体系")
    for block in ("programme", "programme_costs", "programme_reached", "programme_scores"):
        assert "不予公开" not in chapter.block(block, mode="notebook")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_where_no_programme_is_shared_every_block_can_be_said(tiny, lang):
    rows = [
        project(f"P{d}", district=d) | {"policy": None, "function": None, "category": None} for d in NAMES
    ]
    chapter = made(tiny(projects=rows), NAMES, lang=lang)
    assert chapter.facts["prog_name"].is_missing
    for block in ("programme", "programme_costs", "programme_reached", "programme_scores"):
        told = chapter.say(block).data
        assert bool(told) == (block == "programme")
