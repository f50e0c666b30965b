"""The chapter on targets: counts reconcile, lists go out, bad indicators are listed by rule."""

import io

import openpyxl
import pytest

from perflib.show.chapters.targets import targets_chapter
from tests.show.chapters.conftest import OPTIONS, project


@pytest.fixture(params=["zh", "en"])
def chapter(request, make_chapter):
    return make_chapter(targets_chapter, request.param)


def indicator(code: str = "Z1", **columns) -> dict:
    row = {"district": "330199", "year": 2023, "subject_kind": "project", "subject": "P1", "indicator": code,
           "level1": "产出", "level2": "数量", "name": f"指标{code}", "unit": "次", "direction": "at_least",
           "target": 10, "weight": 45, "basis": "年度计划"}  # fmt: skip
    return {**row, **columns}


def faults_of(tiny, *rows) -> dict[str, int]:
    chapter = targets_chapter(tiny(projects=[project()], indicators=list(rows)), **OPTIONS, lang="zh")
    assert len(chapter._tables["list"]) == chapter.facts["faults"].value
    return chapter._tables["rules"].set_index("rule_label")["after"].to_dict()


def test_before_less_mended_and_new_is_now(chapter):
    facts = {id: chapter.facts[id].value for id in ("before", "mended", "remaining", "new", "faults")}
    assert facts["before"] == facts["mended"] + facts["remaining"]
    assert facts["faults"] == facts["remaining"] + facts["new"]
    assert chapter._tables["rules"]["after"].sum() == facts["faults"]
    assert chapter._tables["departments"]["after"].sum() == facts["faults"]
    assert len(chapter._tables["list"]) == facts["faults"]


def test_commonest_fault_in_the_title_is_the_largest_number(chapter):
    rules = chapter._tables["rules"]
    assert chapter.facts["commonest_faults"].value == rules["after"].max()
    assert f"{rules['after'].max():,}" in chapter._figures["rules"].title_text


def test_screening_counts_the_same_faults_as_the_rules(chapter):
    screened = chapter._tables["screening"]
    rules = chapter._tables["rules"].set_index("rule_label")
    assert (screened["found_like"] == screened["mended"] + screened["open"]).all()
    assert screened["found_like"].tolist() == rules.loc[screened["rule_label"], "before"].tolist()
    assert chapter.facts["screened_open"].value == screened["open"].sum()


def test_moved_targets_are_listed_one_by_one(chapter):
    assert len(chapter._tables["moves"]) == chapter.facts["moved"].value
    assert chapter.facts["moved"].value == chapter._tables["moved_departments"]["moved"].sum()


def test_every_department_gets_its_workbook_with_both_heads(chapter):
    departments = chapter._tables["list"]["department"].dropna().unique()
    assert set(departments) < set(chapter._workbooks)
    book = openpyxl.load_workbook(io.BytesIO(chapter._workbooks[departments[0]]))
    heads = [cell.value for cell in book.worksheets[0][3]]
    assert "指标名称\nIndicator" in heads and "整改情况\nState" in heads
    own = chapter._tables["list"].query("department == @departments[0]")
    assert book.worksheets[0].max_row == 3 + len(own)


def test_lists_lie_beside_the_chapter(chapter, tmp_path):
    chapter.write(tmp_path)
    found = {f.stem for f in (tmp_path / "chapters" / "25_targets" / "lists").glob("*.xlsx")}
    assert found == set(chapter._workbooks)


def test_name_that_looks_like_a_formula_stays_text(tiny):
    rows = [
        indicator(name="=HYPERLINK(1)", unit=None),
        indicator("Z2", name="@cmd", unit=None),
        indicator("Z3"),
    ]
    chapter = targets_chapter(tiny(projects=[project()], indicators=rows), **OPTIONS, lang="zh")
    book = openpyxl.load_workbook(io.BytesIO(chapter._workbooks["教育局"]))
    cells = [c for row in book.worksheets[0].iter_rows() for c in row if c.value]
    assert any(c.value == "=HYPERLINK(1)" for c in cells)
    assert all(c.data_type != "f" for c in cells)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([indicator(weight=55), indicator("Z2", weight=55)], "权重合计不符"),
        ([indicator(direction="equal", target=None), indicator("Z2")], "方向为“等于”但没有目标值"),
        ([indicator(target=0), indicator("Z2")], "“大于等于”的目标值为 0"),
        ([indicator(target=None, target_text="约100人次"), indicator("Z2")], "定量指标的目标值填了文字"),
    ],
)
def test_each_bad_input_is_a_listed_fault(tiny, rows, rule):
    assert faults_of(tiny, *rows)[rule] == 1


def test_without_first_targets_nothing_is_said_to_be_mended(tiny):
    chapter = targets_chapter(
        tiny(projects=[project()], indicators=[indicator(unit=None), indicator("Z2")]), **OPTIONS, lang="en"
    )
    assert chapter.facts["mended"].reason == "no_initial_targets"
    assert "before" not in chapter._tables["rules"]
    assert "nothing to compare" in chapter.say("moves").data


def test_indicator_of_an_unknown_project_is_listed(tiny):
    rows = [indicator(), indicator("Z2"), indicator("Z3", subject="P9")]
    book = tiny(projects=[project()], indicators=rows)
    chapter = targets_chapter(book, **OPTIONS, lang="zh")
    unlinked = chapter._tables["unlinked"]["subject"].tolist()
    assert unlinked == ["P9"] or "P9" in book.set_aside["key"].astype(str).str.cat()


def test_year_without_indicators_has_a_page(tiny):
    rows = [indicator(year=2021)]
    book = tiny(projects=[project(), project(year=2021)], indicators=rows)
    for lang in ("zh", "en"):
        chapter = targets_chapter(book, **OPTIONS, lang=lang)
        assert chapter.facts["checked"].value == 0
        assert chapter.page()


def test_without_indicators_the_chapter_is_one_line(tiny):
    chapter = targets_chapter(tiny(projects=[project()]), **OPTIONS, lang="en")
    assert chapter.is_missing and chapter.tables == ("indicators",)
