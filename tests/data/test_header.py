"""Where the header is, which column is which, and the unit."""

import numpy as np
import pytest

from perflib.data.contract import table, tables
from perflib.data.header import factor, find_header, match

PROJECTS = table("projects")


def grid(*rows):
    width = max(len(r) for r in rows)
    cells = np.empty((len(rows), width), dtype=object)
    cells[:] = [[*r, *[""] * (width - len(r))] for r in rows]
    return cells


@pytest.mark.parametrize(
    ("text", "column", "unit"),
    [
        ("项目名称", "name", None),
        ("project", "project", None),
        ("Project", "name", None),
        ("Project code", "project", None),
        ("全年预算数（万元）", "adjusted_budget", 10_000),
        ("全年预算数(单位：亿元)", "adjusted_budget", 10**8),
        ("执行数\nExecuted", "executed", None),
        ("年初预算数 / Initial budget (元)", "initial_budget", 1),
        ("年 初 预 算 数", "initial_budget", None),
        ("＊项目名称", "name", None),
        ("Executed (thousand EUR)", "executed", 1000),
        ("Project name", "name", None),
        ("Revised budget (thousand EUR)", "adjusted_budget", 1000),
        ("Actual expenditure", "executed", None),
        ("区县", "district", None),
        ("部门名称", "department", None),
        ("备注", None, None),
    ],
)
def test_one_header(text, column, unit):
    found, _, scale = match(text, PROJECTS)
    assert (found, scale) == (column, unit)


def test_every_label_of_every_table_names_its_own_column():
    for declared in tables().values():
        for column in declared.columns:
            for text in (column.name, column.zh, f"{column.zh}\n{column.en}"):
                assert match(text, declared)[0] == column.name, (declared.name, text)


def test_blank_rows_and_a_title_above():
    header = find_header(
        grid([], ["某区项目表"], ["金额单位：万元"], ["项目名称", "预算年度", "执行数"], ["路", 2022, 1]),
        PROJECTS,
    )
    assert (header.first_row, header.first_data, header.unit) == (3, 4, 10_000)
    assert header.columns == {"name": 0, "year": 1, "executed": 2}


def test_header_of_two_rows_with_merged_cells():
    cells = grid(
        ["项目名称", "预算年度", "预算数（万元）", ""],
        ["", "", "年初预算数", "全年预算数"],
        ["路", 2022, 1, 2],
    )
    header = find_header(cells, PROJECTS)
    assert header.is_merged and header.first_data == 2
    assert header.columns == {"name": 0, "year": 1, "initial_budget": 2, "adjusted_budget": 3}


@pytest.mark.parametrize("is_merged_down", [True, False])
def test_a_merged_head_gives_its_unit_to_the_heads_below(is_merged_down):
    keys = ["项目名称", "预算年度"]
    top, below = (keys, ["", ""]) if is_merged_down else (["", ""], keys)
    header = find_header(
        grid(
            [*top, "预算（万元）", "", "其他"],
            [*below, "年初预算数", "全年预算数（元）", "执行数"],
            ["路", 2022, 1, 1, 1],
        ),
        PROJECTS,
    )
    assert header.units == {"initial_budget": 10_000, "adjusted_budget": 1}


def test_row_of_units_below_the_header():
    cells = grid(["项目名称", "全年预算数", "执行数"], ["", "万元", "元"], ["路", 2, 3])
    header = find_header(cells, PROJECTS)
    assert header.first_data == 2 and header.units == {"adjusted_budget": 10_000, "executed": 1}


def test_unit_is_never_guessed():
    header = find_header(grid(["项目名称", "全年预算数"], ["路", 2]), PROJECTS)
    assert header.unit is None and header.units == {} and not header.is_own


def test_column_named_twice_and_unknown_column():
    header = find_header(grid(["项目名称", "项目名称", "年度", "备注"], ["路", "路", 2022, ""]), PROJECTS)
    assert header.doubled == {"name": [0, 1]} and header.unknown == {3: "备注"}


def test_surer_name_wins_over_a_lesser_one():
    header = find_header(grid(["预算数", "全年预算数", "项目名称"], [1, 2, "路"]), PROJECTS)
    assert header.columns["adjusted_budget"] == 1 and header.unknown == {0: "预算数"}


def test_no_header():
    assert find_header(grid(["甲", "乙"], [1, 2]), PROJECTS) is None


@pytest.mark.parametrize(
    ("word", "scale"),
    [("万元", 10_000), ("人民币 元", 1), ("EUR", 1), ("％", 0.01), ("斤", None), ("w", None)],
)
def test_units(word, scale):
    assert factor(word) == scale


@pytest.mark.parametrize(
    ("title", "head", "under"),
    [("亿元", "", "元"), ("万元", "（元）", ""), ("", "（万元）", "元"), ("亿元", "（元）", "元")],
)
def test_units_that_differ_in_two_places_clash(title, head, under):
    rows = [
        [f"单位：{title}"] if title else ["表"],
        ["项目名称", f"全年预算数{head}"],
        ["", under],
        ["路", 2],
    ]
    header = find_header(grid(*rows), PROJECTS)
    assert [row for row, *_ in header.clashes] == [1]


@pytest.mark.parametrize(
    "head",
    ["全年预算数/万元", "全年预算数，万元", "全年预算数-万元", "全年预算数 万元", "全年预算数①（万元）", "全年预算数（1）（万元）",
     "8.全年预算数（万元）", "（八）全年预算数[万元]", "全年预算数（万元、含税）", "全年预算数（A）（万元）", "全年预算数（万元）A",
     "全年预算数（必填）（万元）", "全年预算数（金额：万元）", "Adjusted budget, ten thousand yuan",
     "Adjusted budget in ten thousand yuan"],
)  # fmt: skip
def test_label_with_a_number_a_note_or_a_bare_unit_around_it(head):
    header = find_header(grid(["项目名称", head], ["路", 1]), PROJECTS)
    assert header.columns == {"name": 0, "adjusted_budget": 1} and header.units == {"adjusted_budget": 10_000}


@pytest.mark.parametrize(
    "line",
    ["单位：万元  制表日期：2023年12月", "填报单位（盖章）：某局    金额单位：万元", "货币单位：人民币  单位：万元", "單　位：萬元",
     "单　位：万　元", "单位：万元，保留两位小数", "单位：万元（人民币）", "Unit: RMB 10,000", "（万元）", "(in ten thousand yuan)", "RMB 10,000",
     "All figures in ten thousand yuan", "Expressed in RMB 10,000", "Currency: CNY; unit: ten thousand yuan"],
)  # fmt: skip
def test_unit_beside_other_words_of_its_line(line):
    header = find_header(grid([line], ["项目名称", "全年预算数"], ["路", 1]), PROJECTS)
    assert header.unit == 10_000 and not header.clashes and not header.units


@pytest.mark.parametrize(
    "line", [["金额单位：", "万元"], ["某局", "单位:", "", "万元"], ["金额单位均为万元"]]
)
def test_unit_in_the_cell_beside_its_label(line):
    header = find_header(grid(line, ["项目名称", "全年预算数"], ["路", 1]), PROJECTS)
    assert header.unit == 10_000 and not header.clashes


def test_unit_of_a_group_two_rows_above():
    rows = (
        ["项目信息", "", "金额（万元）", ""],
        ["项目名称", "预算年度", "预算", ""],
        ["", "", "年初预算数", "全年预算数"],
        ["路", 2022, 1, 2],
    )
    header = find_header(grid(*rows), PROJECTS)
    assert header.units == {"initial_budget": 10_000, "adjusted_budget": 10_000} and header.first_data == 3


@pytest.mark.parametrize("line", ["单位：万元", "（单位：万元）", "金额单位：万元", "Unit: 万元"])
@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_line_with_the_unit_heads_no_column(line, at):
    cells = grid([*[""] * at, line], ["序号", "项目名称", "全年预算数", "其他"], [1, "路", 2022, 1])
    header = find_header(cells, PROJECTS)
    assert header.columns == {"name": 1, "adjusted_budget": 2} and header.first_data == 2
    assert header.unit == 10_000 and not header.doubled and not header.is_merged


def test_a_label_before_its_value_heads_no_column():
    rows = (
        ["主管部门：", "县教育局", "", "汇总"],
        ["序号", "项目名称", "全年预算数", "其他"],
        [1, "路", 2022, 1],
    )
    header = find_header(grid(*rows), PROJECTS)
    assert header.columns == {"name": 1, "adjusted_budget": 2} and not header.doubled


@pytest.mark.parametrize(
    "line", ["编制单位：教育局", "计量单位：元/吨", "单位：个", "人民币", "Budget in brief", "Million"]
)
def test_line_that_states_no_unit(line):
    assert find_header(grid([line], ["项目名称", "全年预算数"], ["路", 1]), PROJECTS).unit is None


@pytest.mark.parametrize(
    ("row", "first"),
    [
        ([1, 2, 3], 2),
        (["甲", 1, 2, 3], 2),
        (["栏次", "1", "2", "3=2/1"], 2),
        ([1, 2, 4], 1),
        (["甲", "乙", 2023], 1),
    ],
)
def test_row_that_numbers_the_columns_is_no_data(row, first):
    head = ["项目名称", "年初预算数（元）", "全年预算数（元）", "全年执行数（元）"]
    assert find_header(grid(head, row, ["路", 1, 2, 3]), PROJECTS).first_data == first


@pytest.mark.parametrize("sum_", ["小计", "金额", "合计"])
def test_parts_below_a_merged_head_are_not_its_amount(sum_):
    rows = (
        ["项目名称", "全年预算数（元）", "", "全年执行数（元）"],
        ["", sum_, "其中：财政拨款", sum_],
        ["路", 2, 1, 2],
    )
    header = find_header(grid(*rows), PROJECTS)
    assert header.columns == {"name": 0, "adjusted_budget": 1, "executed": 3} and header.first_data == 2
    assert list(header.unknown) == [2] and not header.doubled


def test_parts_of_which_none_is_the_sum_are_two_columns_of_one_name():
    rows = (["项目名称", "全年预算数（元）", ""], ["", "财政拨款", "其他资金"], ["路", 2, 1])
    assert find_header(grid(*rows), PROJECTS).doubled == {"adjusted_budget": [1, 2]}


def test_a_head_whose_first_words_stand_below():
    rows = (
        ["项目名称", "预算数（元）", "", "执行数（元）"],
        ["", "年初", "调整后", "全年"],
        ["路", 1, 2, 2],
    )
    header = find_header(grid(*rows), PROJECTS)
    assert header.columns == {"name": 0, "initial_budget": 1, "adjusted_budget": 2, "executed": 3}
    assert header.units == dict.fromkeys(("initial_budget", "adjusted_budget", "executed"), 1)


@pytest.mark.parametrize(
    ("row", "is_unit"),
    [
        (["—", "万元", "万元"], True),
        (["文本", "万元", "万元"], True),
        (["路1", "万元", "万元"], False),
        (["路", "万元", "待定"], False),
    ],
)
def test_units_below_the_header_beside_words(row, is_unit):
    header = find_header(grid(["项目名称", "全年预算数", "执行数"], row, ["路", 2, 3]), PROJECTS)
    assert bool(header.units) == is_unit and header.first_data == 1 + is_unit


@pytest.mark.parametrize(
    "below", [["Project", "Adjusted budget (CNY)", "Executed"], ["name", "adjusted_budget", "executed"]]
)
def test_a_head_in_two_languages_or_with_the_codes_of_its_columns(below):
    header = find_header(
        grid(["项目名称", "全年预算数（元）", "全年执行数（元）"], below, ["路", 2, 1]), PROJECTS
    )
    assert (
        header.first_data == 2
        and header.units == {"adjusted_budget": 1, "executed": 1}
        and not header.clashes
    )


def test_units_of_a_head_in_two_languages_that_differ_clash():
    rows = (["项目名称", "全年预算数（万元）"], ["Project", "Adjusted budget (CNY)"], ["路", 2])
    assert [place for *place, _, _ in find_header(grid(*rows), PROJECTS).clashes] == [[1, 1]]


@pytest.mark.parametrize(
    "head",
    [
        "全年执行数（万元）\nExecuted",
        "全年执行数\nExecuted\n（万元 / 10,000 yuan）",
        "全年执行数（万元/万元）",
    ],
)
def test_a_unit_between_two_languages(head):
    assert match(head, PROJECTS) == ("executed", 2, 10_000)


def test_a_price_is_no_unit_of_money():
    assert match("全年执行数（元/吨）", PROJECTS)[2] is None
