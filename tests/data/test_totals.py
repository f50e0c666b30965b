"""Rows that sum up others, told by their words and by their sums."""

import numpy as np
import pytest

from perflib.data.book import load_book
from perflib.data.problems import CheckError, sentence
from perflib.data.totals import by_sum, by_word, by_words

HEAD = [
    "区划代码",
    "预算年度",
    "项目代码",
    "项目名称",
    "主管部门",
    "实施单位",
    "年初预算数（元）",
    "全年预算数（元）",
    "全年执行数（元）",
]
ROWS = [
    ["110101", 2023, "P1", "路", "住建局", "市政所", 100.5, 120, 90],
    ["110101", 2023, "P2", "桥", "住建局", "市政所", 200, 210, 200],
    ["110101", 2023, "P3", "校", "教育局", "一中", 300, 310, 290],
    ["110101", 2023, "P4", "园", "教育局", "二幼", 55, 56, 50],
]


def total(name, rows=ROWS, *, code="", department=""):
    return ["110101", 2023, code, name, department, "", *(sum(r[c] for r in rows) for c in (6, 7, 8))]


@pytest.mark.parametrize(
    "word",
    ["合计", "合　计：", "总计:", "小计", "汇总", "合计（元）", "合计(共 6 项)", "全县合计", "全区总计", "本页小计", "各单位合计",
     "项目支出合计", "Total", "GRAND TOTAL:", "Sub-total", "Subtotal", "Totals", "Total (EUR)", "合计数", "总合计", "合计*",
     "[合计]", "【合计】", "=合计=", "2023年合计", "Total 2023", "Overall",
     "过次页", "承前页：", "转下页合计", "接上頁", "Brought forward", "Balance b/f",
     "Variance"],
)  # fmt: skip
def test_words_that_only_a_total_bears(word):
    assert by_word(word) == "totals_row"


@pytest.mark.parametrize(
    "word",
    [
        "部门1小计",
        "教育局合计",
        "Total for Education",
        "Education total",
        "小计（教育局）一",
        "教育局（小计）",
        "Total, all departments",
        "All projects",
    ],
)
def test_words_that_may_be_a_total(word):
    assert by_word(word) == "maybe"


@pytest.mark.parametrize("word", ["其中：上级资金", "其中", "of which: grants", "including: grants"])
def test_words_for_a_part(word):
    assert by_word(word) == "part_row"


def test_a_name_that_begins_as_a_part_does_is_kept_with_its_code(workbook):
    named = ["110101", 2023, "P5", "其中小学改造", "教育局", "一中", 7, 8, 6]
    bare = ["110101", 2023, "", "其中债券资金", "教育局", "一中", 3, 3, 3]
    book = load_book(workbook({"项目": [HEAD, *ROWS, named, bare]}))
    assert len(book.table("projects")) == 5 and book.set_aside["reason"].tolist() == ["part_row"]
    assert book.warnings[["rule", "row"]].to_numpy().tolist() == [["total_doubt", 6]]


@pytest.mark.parametrize(
    "word",
    [
        "社区小计量站建设",
        "网页改版",
        "会计核算",
        "总部大楼",
        "审计",
        "Totality",
        "summer school",
        "",
        None,
        7,
        "统计局",
    ],
)
def test_words_that_are_no_total(word):
    assert by_word(word) == ""


@pytest.mark.parametrize(
    "name",
    ["合计：", "Grand Total:", "全县合计", "汇总", "合计（元）", "全部项目", "共四个项目", "總計", "Итого"],
)
def test_grand_total_without_a_code_is_set_aside(workbook, name):
    book = load_book(workbook({"项目": [HEAD, *ROWS, total(name)]}))
    assert len(book.table("projects")) == 4 and book.set_aside["row"].tolist() == [6]
    assert book.table("projects")["executed"].sum() == 90 + 200 + 290 + 50


def test_subtotals_and_what_sums_them_up(workbook):
    rows = [*ROWS[:2], total("住建局小计", ROWS[:2]), *ROWS[2:], total("教育局", ROWS[2:]), total("总计")]
    book = load_book(workbook({"项目": [HEAD, *rows]}))
    assert book.set_aside["row"].tolist() == [4, 7, 8]
    assert book.table("projects")["project"].tolist() == ["P1", "P2", "P3", "P4"]


def test_total_above_its_rows(workbook):
    book = load_book(workbook({"项目": [HEAD, total("本区全部"), *ROWS]}))
    assert book.set_aside["row"].tolist() == [2]


def test_part_of_a_row_is_set_aside(workbook):
    part = ["110101", 2023, "", "其中：债券资金", "", "", 50, 50, 40]
    book = load_book(workbook({"项目": [HEAD, ROWS[0], part, *ROWS[1:]]}))
    assert book.set_aside["reason"].tolist() == ["part_row"]


def test_total_with_a_code_of_its_own_is_set_aside_and_told(workbook):
    book = load_book(workbook({"项目": [HEAD, *ROWS, total("全部", code="P9")]}))
    assert book.set_aside["row"].tolist() == [6]
    told = book.warnings.query("rule == 'total_by_sum'")
    assert told["row"].tolist() == [6] and told["found"].tolist() == ["4"]


def test_project_called_like_a_total_is_kept_and_told(workbook):
    row = ["110101", 2023, "P5", "数据汇总", "统计局", "统计局", 7, 8, 6]
    book = load_book(workbook({"项目": [HEAD, *ROWS, row]}))
    assert len(book.table("projects")) == 5
    assert book.warnings["rule"].tolist() == ["total_doubt"] and book.warnings["row"].tolist() == [6]


def test_project_that_happens_to_equal_two_others_is_kept(workbook):
    rows = [
        ["110101", 2023, f"P{i}", f"路{i}", "d", "u", 100 * i, 100 * i, 90 * i] for i in (1, 2, 3, 4, 5, 6)
    ]
    book = load_book(workbook({"项目": [HEAD, *rows]}))
    assert len(book.table("projects")) == 6 and book.warnings.empty


def test_column_that_may_hold_a_total_has_none(workbook):
    ratings = [["区划代码", "年度", "场合", "评分人", "条目", "维度", "分值"],
               ["110101", 2023, "问卷", "R1", "P1", "total", 90]]  # fmt: skip
    book = load_book(workbook({"项目": [HEAD, *ROWS], "评分与问卷": ratings}))
    assert len(book.table("ratings")) == 1


def test_a_total_whose_letters_are_spread_is_found():
    assert by_words(np.array(["T O T A L", "Tower"], dtype=object)).tolist() == ["totals_row", ""]


def test_sums_by_hand():
    amounts = np.array([[1, 2], [3, 4], [4, 6], [0, 0], [4, 6]])
    assert by_sum(amounts, np.ones(5, bool), np.full(5, 2)).tolist() == [0, 0, 2, 0, 2]
    assert by_sum(amounts[[2, 0, 1]], np.ones(3, bool), np.full(3, 2)).tolist() == [2, 0, 0]
    assert not by_sum(amounts, np.ones(5, bool), np.full(5, 3)).any()


def test_nameless_total_is_found_though_one_project_equals_two_others(workbook):
    rows = [["110101", 2023, f"P{i}", f"路{i}", "d", "u", 100 * i, 100 * i, 90 * i] for i in (1, 2, 3, 4)]
    book = load_book(workbook({"项目": [HEAD, *rows, total("路", rows, code="P9")]}))
    assert book.table("projects")["project"].tolist() == ["P1", "P2", "P3", "P4"]
    assert book.warnings["row"].tolist() == [6]


def test_subtotals_above_their_rows(workbook):
    rows = [total("住建局", ROWS[:2]), *ROWS[:2], total("教育局", ROWS[2:]), *ROWS[2:]]
    book = load_book(workbook({"项目": [HEAD, *rows]}))
    assert book.set_aside["row"].tolist() == [2, 5]


@pytest.mark.parametrize(
    ("wrong", "cells"), [((), []), ((0,), ["G4"]), ((2,), ["G8"]), ((0, 1, 2), ["G4", "G7", "G8"])]
)
def test_each_of_several_totals_is_held_against_the_rows_that_its_other_amounts_name(workbook, wrong, cells):
    sums = [total("住建局小计", ROWS[:2]), total("教育局小计", ROWS[2:]), total("合计", ROWS)]
    for at in wrong:
        sums[at][6] += 0.05
    book = load_book(workbook({"项目": [HEAD, *ROWS[:2], sums[0], *ROWS[2:], *sums[1:]]}))
    told = book.warnings[book.warnings["rule"] == "total_differs"]
    assert told["cell"].tolist() == cells and len(book.table("projects")) == 4


@pytest.mark.parametrize(("off", "is_told"), [(0.01, False), (0.05, True)])
def test_a_cent_of_rounding_in_one_of_several_totals_is_no_fault(workbook, off, is_told):
    sums = [total("住建局小计", ROWS[:2]), total("合计", ROWS)]
    sums[0][6] += off
    book = load_book(workbook({"项目": [HEAD, *ROWS[:2], sums[0], *ROWS[2:], sums[1]]}))
    assert (book.warnings["rule"] == "total_differs").any() == is_told


@pytest.mark.parametrize("share", [1, 0.5])
def test_lone_subtotal_is_compared_with_its_own_rows(workbook, share):
    made = total("住建局小计", ROWS[:2])
    made[6] *= share
    book = load_book(workbook({"项目": [HEAD, *ROWS[:2], made, *ROWS[2:]]}))
    assert (book.warnings["rule"] == "total_differs").any() == (share != 1)


@pytest.mark.parametrize(
    "row",
    [
        ["（续表）"],
        ["", "", "", "二、教育局"],
        ["制表人：张三", "", "", "审核：李四"],
        ["110101", 2023],
        ["110101", 2023, "", "", "", "", 0, 0, 0],
        ["", "", "", "", "", "", 0, "-", "0.00"],
        ["日期：2023年12月31日"],
        ["制表人：张三", "", "", "审核：李四", "", "", "填表日期：2023年12月31日"],
    ],
)
def test_heading_note_or_line_not_filled_in_is_set_aside(workbook, row):
    book = load_book(workbook({"项目": [HEAD, *ROWS[:2], row, *ROWS[2:]]}))
    assert len(book.table("projects")) == 4
    assert book.set_aside[["row", "reason"]].to_numpy().tolist() == [[4, "note_row"]]


def test_a_project_that_begins_as_a_note_does_is_refused_for_its_amount(workbook):
    row = ["注1", 2023, "P9", "注册费", "住建局", "", "待定", 1, 1]
    with pytest.raises(CheckError) as caught:
        load_book(workbook({"项目": [HEAD, *ROWS, row]}))
    assert "G6" in caught.value.problems["cell"].tolist()


def test_a_row_of_zeros_with_a_name_is_a_project_and_an_amount_without_one_is_refused(workbook):
    named = ["110101", 2023, "P9", "新项目", "", "", 0, 0, 0]
    assert len(load_book(workbook({"项目": [HEAD, *ROWS, named]})).table("projects")) == 5
    with pytest.raises(CheckError):
        load_book(workbook({"项目": [HEAD, *ROWS, ["110101", 2023, "", "", "", "", 0, 0, 1]]}))


def test_row_of_blanks_is_empty(workbook):
    book = load_book(workbook({"项目": [HEAD, *ROWS[:2], [" ", "\t", "  ", " "], *ROWS[2:]]}))
    assert len(book.table("projects")) == 4 and len(book.set_aside) == 0
    assert book.reconciliation["lines_empty"].tolist() == [1]


def test_project_without_amounts_is_kept(workbook):
    book = load_book(workbook({"项目": [HEAD, *ROWS, ["110101", 2023, "P9", "新项目", "住建局"]]}))
    assert len(book.table("projects")) == 5 and set(book.warnings["rule"]) == {"not_reported"}


def test_header_repeated_without_its_units_is_set_aside(workbook):
    again = [h.partition("（")[0] for h in HEAD]
    book = load_book(workbook({"项目": [HEAD, *ROWS[:2], again, *ROWS[2:]]}))
    assert book.set_aside["reason"].tolist() == ["header_row"] and len(book.table("projects")) == 4


def test_row_of_shares_is_no_project(workbook):
    book = load_book(workbook({"项目": [HEAD, *ROWS, ["110101", 2023, "", "占比", "", "", 0.9, 1, 0.8]]}))
    assert len(book.table("projects")) == 4


def test_project_that_equals_rows_of_another_year_is_kept_and_told(workbook):
    rows = [["110101", y, f"P{i}", f"路{i}", "d", "u", 101 * i, 102 * i, 90 * i]
            for y in (2023, 2022) for i in (1, 2, 3, 4, 5, 6)]  # fmt: skip
    book = load_book(workbook({"项目": [HEAD, *rows]}))  # 6 = 1 + 2 + 3 of the year below
    assert len(book.table("projects")) == 12
    assert book.warnings[["rule", "row"]].to_numpy().tolist() == [["total_doubt", 7]]


def test_subtotals_of_two_rows_that_bear_codes_are_told(workbook):
    rows = [*ROWS[:2], total("住建局", ROWS[:2], code="A"), *ROWS[2:], total("教育局", ROWS[2:], code="B")]
    book = load_book(workbook({"项目": [HEAD, *rows]}))
    assert len(book.table("projects")) == 6
    assert book.warnings[["rule", "row"]].to_numpy().tolist() == [["total_doubt", 4], ["total_doubt", 7]]


@pytest.mark.parametrize("word", ["占全区比重", "上年决算数", "比上年增长", "平均值"])
def test_shares_and_last_years_amounts_are_no_projects_and_no_total(workbook, word):
    row = ["", "", "", word, "", "", 0.5, 0.25, 0.125]
    book = load_book(workbook({"项目": [HEAD, *ROWS, row]}))
    assert book.set_aside["row"].tolist() == [6] and book.warnings.empty


@pytest.mark.parametrize(("spent", "is_total"), [(630, True), (630.04, True), (640, False)])
def test_a_total_in_round_figures_is_set_aside_whatever_it_is_called(workbook, spent, is_total):
    row = ["110101", 2023, "", "某区", "", "", 655.5, 696, spent]
    book = load_book(workbook({"项目": [HEAD, *ROWS, row]}))
    assert len(book.table("projects")) == (4 if is_total else 5)
    assert ("total_by_sum" in set(book.warnings["rule"])) == is_total


def no_code(name, rows, department=""):
    return [name, department, *(sum(r[c] for r in rows) for c in (6, 7, 8))]


@pytest.mark.parametrize("first", [1, 2])
def test_offices_above_their_projects_are_set_aside_where_nothing_has_a_code(workbook, first):
    one, other = ROWS[:first], ROWS[first:]
    offices = {"住建局": one, "教育局": other}
    rows = [[no_code(n, mine), *(no_code(r[3], [r], n) for r in mine)] for n, mine in offices.items()]
    path = workbook({"项目": [[HEAD[3], HEAD[4], *HEAD[6:]], *rows[0], *rows[1]]})
    book = load_book(path, district="110101", year=2023)
    assert len(book.table("projects")) == 4 and book.set_aside["row"].tolist() == [2, first + 3]
    assert set(book.warnings["rule"]) == {"total_by_sum"}


def test_a_project_named_as_an_office_is_kept_and_told(workbook):
    rows = [no_code(r[3], [r], r[4]) for r in ROWS]
    path = workbook({"项目": [[HEAD[3], HEAD[4], *HEAD[6:]], ["住建局", "", 1, 2, 1], *rows]})
    book = load_book(path, district="110101", year=2023)
    assert len(book.table("projects")) == 5 and book.warnings["rule"].tolist() == ["total_doubt"]
    assert "已按项目读取" in sentence(book.warnings.iloc[0], "zh")


@pytest.mark.parametrize(
    "heads",
    [
        [["110101", 2023, "", "一、住建局"], ["110101", 2023, "", "（二）教育局"]],
        [["", "", "", "住建局"], ["", "", "", "教育局"]],
        [["住建局", "", "", ""], ["教育局", "", "", ""]],
    ],
)
def test_a_section_with_one_project_is_no_project(workbook, heads):
    head, rows = [*HEAD[:4], *HEAD[6:]], [[*r[:4], *r[6:]] for r in ROWS]
    first, second = (
        [*h, *(sum(r[c] for r in rows_) for c in (4, 5, 6))]
        for h, rows_ in zip(heads, (rows[:1], rows[1:]), strict=True)
    )
    book = load_book(workbook({"项目": [head, first, rows[0], second, *rows[1:]]}))
    assert len(book.table("projects")) == 4 and book.set_aside["row"].tolist() == [2, 4]
    assert set(book.warnings["rule"]) == {"total_by_sum"}


def test_a_project_without_a_code_that_costs_what_the_next_does_is_kept(workbook):
    row = [*ROWS[1]]
    row[2], row[3] = "", "另一座桥"
    assert len(load_book(workbook({"项目": [HEAD, ROWS[0], row, *ROWS[1:]]})).table("projects")) == 5


@pytest.mark.parametrize(("second", "kept"), [(60, 4), (61, 5)])
def test_parts_of_which_only_the_first_is_called_one(workbook, second, kept):
    one = ["110101", 2023, "", "其中：一期", "", "", 40.5, 60, 45]
    two = ["110101", 2023, "", "二期", "", "", 60, second, 45]
    book = load_book(workbook({"项目": [HEAD, ROWS[0], one, two, *ROWS[1:]]}))
    assert len(book.table("projects")) == kept
    assert book.set_aside["reason"].tolist() == ["part_row"] * (6 - kept)
