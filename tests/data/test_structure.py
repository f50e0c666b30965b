"""Files and sheets whose shape is off: right, or told of by line or cell."""

import openpyxl
import pytest
from openpyxl.styles import Font

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.problems import CheckError

HEAD = [
    "区划代码",
    "预算年度",
    "项目代码",
    "项目名称",
    "年初预算数（元）",
    "全年预算数（元）",
    "全年执行数（元）",
]
ROWS = [["110101", 2023, f"P{i}", f"路{i}", 100.0 * i, 110.5 * i, 70.25 * i] for i in (1, 2, 4)]


@pytest.fixture
def text(tmp_path):
    """Writes the usual table as CSV, its lines turned, and gives its path."""

    def write(turn=lambda lines: lines, *, end="\n") -> str:
        lines = [",".join(map(str, r)) for r in (HEAD, *ROWS)]
        path = tmp_path / "projects.csv"
        path.write_text(end.join(turn(lines)) + end, "utf-8", newline="")
        return str(path)

    return write


@pytest.fixture
def sheet(tmp_path):
    """Writes the usual table as a workbook that `change` may change, and gives its path."""

    def write(change=lambda book, sheet: None, rows=ROWS, head=HEAD) -> str:
        book = openpyxl.Workbook()
        book.active.title = "项目"
        for row in (head, *rows):
            book.active.append(row)
        change(book, book.active)
        book.save(tmp_path / "book.xlsx")
        return str(tmp_path / "book.xlsx")

    return write


def problems(path: str) -> list[tuple[str, str]]:
    """(rule, cell or row) of every error that keeps the file from being read."""
    with pytest.raises(DataError) as caught:
        load_book(path)
    assert isinstance(caught.value, CheckError), caught.value
    return [(r.rule, r.cell or str(r.row)) for r in caught.value.problems.itertuples()]


def warnings(path: str) -> list[tuple[str, str]]:
    return [(r.rule, r.cell or str(r.row)) for r in load_book(path).warnings.itertuples()]


def with_line(at: int, line: str):
    return lambda lines: [*lines[:at], line, *lines[at + 1 :]]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("110101,2023,P9,路9,1,000.00,110.5,70.25", [("ragged", "3")]),  # thousands without quotes
        ("110101,2023,P9,路9,100", [("ragged", "3")]),
        ("110101,2023,P9,路9,100,110.5,70.25,x", [("ragged", "3")]),
    ],
)
def test_line_with_more_or_fewer_fields_than_the_header(text, line, found):
    assert problems(text(with_line(2, line))) == found


@pytest.mark.parametrize(
    "line",
    [
        "110101,2023,P9,路9,100,110.5,70.25,,",
        '110101,2023,P9,"路,9",100,110.5,70.25',
        '110101,2023,P9,"路\n9",100,110.5,70.25',
    ],
)
def test_line_that_is_only_odd(text, line):
    assert warnings(text(with_line(2, line))) == []


def test_rows_after_a_break_inside_quotes_are_told_by_their_line(text):
    path = text(lambda lines: [lines[0], '110101,2023,P8,"路\n8",1,1,1', "110101,2023,P9,路9,x,1,1"])
    assert problems(path) == [("unreadable", "E4")]


def test_file_that_ends_in_the_midst_of_a_number(text, tmp_path):
    path = text()
    (tmp_path / "projects.csv").write_bytes((tmp_path / "projects.csv").read_bytes()[:-3])
    assert warnings(path) == [("open_line", "4")]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_ends_of_lines_of_other_systems(text, end):
    assert load_book(text(end=end)).table("projects")["executed"].sum() == 70.25 * 7


def test_error_cells_are_refused_by_cell(sheet):
    def change(book, sheet):
        for cell, word in (("G2", "#DIV/0!"), ("F3", "#N/A"), ("D4", "#REF!")):
            sheet[cell] = word
            sheet[cell].data_type = "e"

    assert sorted(problems(sheet(change))) == [
        ("unreadable", "D4"),
        ("unreadable", "F3"),
        ("unreadable", "G2"),
    ]


def test_amount_merged_over_two_projects(sheet):
    assert problems(sheet(lambda book, sheet: sheet.merge_cells("G2:G3"))) == [("merged_amount", "G2")]


def test_amount_merged_over_two_columns(sheet):
    assert problems(sheet(lambda book, sheet: sheet.merge_cells("F2:G2"))) == [("merged_amount", "F2")]


def test_year_and_code_merged_over_their_rows_are_filled(sheet):
    def change(book, sheet):
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("B2:B4")

    assert load_book(sheet(change)).table("projects")["year"].tolist() == [2023] * 3


def test_amount_shown_as_per_cent(sheet):
    def change(book, sheet):
        sheet["F2"].value, sheet["F2"].number_format = 0.5, "0%"

    assert problems(sheet(change)) == [("unreadable", "F2")]


def test_hidden_rows_and_sheets_are_told(sheet):
    def change(book, sheet):
        sheet.row_dimensions[2].hidden = sheet.row_dimensions[3].hidden = True
        other = book.create_sheet("项目_2021")
        other.append(HEAD)
        other.append(["110101", 2021, "P1", "路", 1, 1, 1])
        other.sheet_state = "hidden"

    found = load_book(sheet(change)).warnings
    assert found["rule"].tolist() == ["hidden_rows", "hidden_sheet"]
    assert found["found"].tolist() == ["2–3 (2)", "1"]


def test_rows_that_are_struck_out_are_told(sheet):
    def change(book, sheet):
        for cell in (*sheet[3], *sheet[4]):
            cell.font = Font(strike=True)
        sheet["I1"], sheet["I2"] = "备注", "作废"
        sheet["I2"].font = Font(strike=True)  # nothing is read from there

    book = load_book(sheet(change))
    told = book.warnings[book.warnings["rule"] == "struck_out"]
    assert told["found"].tolist() == ["3–4 (2)"] and len(book.table("projects")) == len(ROWS)


def test_uncomputed_formula_matters_only_where_it_is_read(sheet):
    def change(book, sheet):
        sheet["I1"], sheet["I2"] = "备注", "=1+1"

    assert warnings(sheet(change)) == [("unknown_column", "I1")]
    assert problems(sheet(lambda book, sheet: sheet.__setitem__("G2", "=F2*0.9"))) == [("uncomputed", "G2")]


def test_column_without_a_head(sheet):
    assert warnings(sheet(lambda book, sheet: sheet.__setitem__("H3", 5))) == [("nameless_column", "H3")]


def test_stray_cell_far_away(sheet):
    with pytest.raises(DataError, match="1,048,576 rows and 16,384 columns"):
        load_book(sheet(lambda book, sheet: sheet.__setitem__("XFD1048576", 1)))


@pytest.mark.parametrize(
    ("above", "heads", "cells"),
    [
        (["单位：万元"], ["年初预算数（元）", "全年预算数", "全年执行数"], ["E2"]),
        (["单位：万元", "", "金额单位：元"], ["年初预算数", "全年预算数", "全年执行数"], ["C1"]),
    ],
)
def test_units_that_contradict_each_other(workbook, above, heads, cells):
    assert problems(workbook({"项目": [above, [*HEAD[:4], *heads], *ROWS]})) == [
        ("unit_clash", c) for c in cells
    ]


def test_unit_row_against_the_head(workbook):
    found = problems(workbook({"项目": [HEAD, ["", "", "", "", "万元", "元", "元"], *ROWS]}))
    assert found == [("unit_clash", "E1")]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["1.234,56", "1.234", "12.345"], [1234.56, 1234, 12345]),
        (["1,234.5", "2,345", "3"], [1234.5, 2345, 3]),
        (["1.000.000", "101.000", "5"], [1_000_000, 101_000, 5]),
    ],
)
def test_decimal_mark_is_told_from_the_whole_column(sheet, cells, found):
    rows = [[*row[:5], 2_000_000, cell] for row, cell in zip(ROWS, cells, strict=True)]
    assert load_book(sheet(rows=rows)).table("projects")["executed"].tolist() == found


def test_decimal_mark_of_one_column_is_told_by_another(sheet):
    rows = [[*row[:5], "1.234,50", cell] for row, cell in zip(ROWS, ["1.234", "2.345", "3.456"], strict=True)]
    assert load_book(sheet(rows=rows)).table("projects")["executed"].tolist() == [1234, 2345, 3456]


def test_mark_that_nothing_tells_is_refused(sheet):
    rows = [[*ROWS[0][:6], "101.000"], *ROWS[1:]]
    assert problems(sheet(rows=rows)) == [("mark_doubt", "G2")]


def test_marks_that_contradict_each_other_are_refused(sheet):
    rows = [[*row[:6], cell] for row, cell in zip(ROWS, ["1,234.50", "2,345.50", "3.456,50"], strict=True)]
    assert problems(sheet(rows=rows)) == [("unreadable", "G4")]


def test_blank_amount_is_listed_as_not_reported(sheet):
    rows = [[*ROWS[0][:6], ""], *ROWS[1:]]
    assert warnings(sheet(rows=rows)) == [("not_reported", "G2")]


def test_year_without_any_spending_is_told_of_once(sheet):
    assert warnings(sheet(rows=[[*row[:6], ""] for row in ROWS])) == [("none_reported", "G2")]


@pytest.mark.parametrize("codes", [["0012", "12", "13"], ["012", "0012", "13"]])
def test_codes_that_differ_by_zeros_alone(sheet, codes):
    rows = [[*row[:2], code, *row[3:]] for row, code in zip(ROWS, codes, strict=True)]
    rows[1][1] = 2022
    assert [rule for rule, _ in warnings(sheet(rows=rows))] == ["code_zeros"]


def test_per_cent_beside_a_plain_number_come_to_one_scale(workbook):
    head = ["区划代码", "年度", "对象代码", "指标编号", "指标名称", "目标值", "完成值"]
    rows = [
        ["110101", 2023, "P1", f"I{i}", f"率{i}", *pair]
        for i, pair in enumerate([("95%", 90), (95, "96%"), ("95%", 0.9)])
    ]
    found = load_book(workbook({"项目": [HEAD, *ROWS], "绩效指标": [head, *rows]}))
    assert found.table("indicators")[["target", "actual"]].values.tolist() == [
        [95, 90],
        [95, 96],
        [0.95, 0.9],
    ]
    assert found.warnings["rule"].tolist() == ["percent_mix"] * 3


def test_weights_have_a_scale_of_their_own(workbook):
    head = ["区划代码", "年度", "对象代码", "指标编号", "指标名称", "目标值", "完成值", "权重"]
    rows = [["110101", 2023, "P1", f"I{i}", "率", *cells] for i, cells in
            enumerate([("95%", "96%", 10), ("95%", 0.96, 10), (95, 96, "20%")])]  # fmt: skip
    found = load_book(workbook({"项目": [HEAD, *ROWS], "绩效指标": [head, *rows]}))
    read = found.table("indicators")[["target", "actual", "weight"]].to_numpy().tolist()
    assert read == [[0.95, 0.96, 10], [0.95, 0.96, 10], [95, 96, 20]]
    assert found.warnings[["rule", "cell"]].to_numpy().tolist() == [["percent_mix", "F3"]]


def test_ledger_begins_at_the_lines_of_the_file(text):
    path = text(lambda lines: ["某区项目表", lines[0], "", '110101,2023,P1,"路\n1",1,1,1', "合计,,,,1,1,1"])
    row = load_book(path).reconciliation.iloc[0]
    assert row["lines"] == 6 and (row["lines_head"], row["lines_empty"], row["lines_inside"]) == (2, 1, 1)
    assert (row["rows_read"], row["rows_kept"], row["rows_set_aside"]) == (2, 1, 1)


@pytest.mark.parametrize(("head", "currency"), [("EUR", "EUR"), ("千美元", "USD"), ("万元", "CNY")])
def test_the_head_names_the_currency(workbook, head, currency):
    heads = [*HEAD[:4], *(f"{h.removesuffix('（元）')}（{head}）" for h in HEAD[4:])]
    assert load_book(workbook({"项目": [heads, *ROWS]})).currency == currency


@pytest.mark.parametrize("spot", ["head", "cell", "sheet"])
def test_two_currencies_in_one_book_are_refused(workbook, spot):
    sheets = {"项目": [list(HEAD), *map(list, ROWS)]}
    if spot == "head":
        sheets["项目"][0][4] = "年初预算数（EUR）"
    elif spot == "cell":
        sheets["项目"][1][5] = "60000€"
    else:
        head = ["区划代码", "预算年度", "月份", "项目代码", "累计执行数（EUR）"]
        sheets["执行进度"] = [head, ["110101", 2023, 6, "P1", 1]]
    with pytest.raises(CheckError) as caught:
        load_book(workbook(sheets))
    assert set(caught.value.problems["rule"]) == {"unreadable" if spot == "cell" else "unit_clash"}


def test_number_shown_in_thousands_is_told_by_cell(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "项目"
    for row in (HEAD, *ROWS):
        made.active.append(row)
    made.active["E3"].number_format = "#,##0,"
    made.save(tmp_path / "book.xlsx")
    warnings = load_book(str(tmp_path / "book.xlsx")).warnings
    assert warnings[["rule", "cell"]].to_numpy().tolist() == [["scaled_format", "E3"]]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ('0.00"万元"', ["scaled_format"]),
        ('0.00"元"', []),
        ("0.00%", None),
        ("0.0‰", None),
        ("[$€-407]#,##0.00", ["scaled_format"]),
        ('"$"#,##0', ["scaled_format"]),
        ("[$USD] 0", ["scaled_format"]),
        ("[$¥-804]#,##0.00;[Red]-[$¥-804]#,##0.00", []),
        ("[$-409]0.00", []),
    ],
)
def test_unit_of_a_number_format_is_held_against_the_header(sheet, form, told):
    path = sheet(lambda book, made: setattr(made["E3"], "number_format", form))
    if told is None:
        assert problems(path) == [("unreadable", "E3")]
    else:
        assert [rule for rule, _ in warnings(path)] == told


@pytest.mark.parametrize(
    "line",
    [
        ["单位：万元"],
        ["注：本表金额单位为万元。"],
        [str(h).replace("（元）", "（万元）") for h in HEAD],
    ],
)
def test_another_unit_below_the_header_is_refused(workbook, line):
    again = ["110101", 2024, "P1", "路", 10.0, 11.0, 7.0]
    path = workbook({"项目": [HEAD, *ROWS, line, again]})
    assert {rule for rule, _ in problems(path)} == {"unit_clash"}
    same = [str(cell).replace("万元", "元") for cell in line]
    assert warnings(workbook({"项目": [HEAD, *ROWS, same]})) == []


def test_a_rate_called_as_an_amount_is_no_amount(workbook):
    spent = HEAD.index("全年执行数（元）")
    rows = [
        [*head, extra]
        for head, extra in zip((HEAD, *ROWS), ("全年执行数（%）", *[0.9] * len(ROWS)), strict=True)
    ]
    book = load_book(workbook({"项目": rows}))
    assert book.table("projects")["executed"].sum() == sum(r[spent] for r in ROWS)
    assert book.warnings["rule"].tolist() == ["unknown_column"]


def test_signatures_in_cells_of_their_own_are_a_note(workbook):
    signed = ["单位负责人：", "", "张三", "", "填表人：", "", "李四"]
    book = load_book(workbook({"项目": [HEAD, *ROWS, signed]}))
    assert book.set_aside["reason"].tolist() == ["note_row"] and book.warnings.empty


@pytest.mark.parametrize(
    "signed",
    [
        ["审核人：", "张三", "", "制表人：", "李四", "制表日期：", "2023年12月31日"],
        ["填报人：王五", "", "", "", "联系电话：", "0571-8888", ""],
        ["填报人：王五", "", "", "", "", "联系电话：", 88888888],
        ["", "", "", "单位盖章", "", "", "2023年12月31日"],
    ],
)
def test_dates_and_telephones_below_amounts_are_no_amounts(workbook, signed):
    book = load_book(workbook({"项目": [HEAD, *ROWS, signed]}))
    assert book.set_aside["reason"].tolist() == ["note_row"] and len(book.table("projects")) == 3


def test_a_line_put_out_of_use_is_set_aside_and_told(text):
    line = "#110101,2023,P9,路9,1,1,1"
    assert warnings(text(lambda lines: [*lines[:2], line, "# 以下为续表", *lines[2:]])) == [
        ("comment_row", "3")
    ]
    assert len(load_book(text(lambda lines: [*lines[:2], line, *lines[2:]])).table("projects")) == 3
    marked = text(lambda lines: [lines[0], *(f"#{at}" for at in lines[1:])])
    assert len(load_book(marked).table("projects")) == 3  # each has it: it belongs to the code


def test_a_blank_key_is_not_told_to_be_repeated(workbook):
    row = ["110101", "", "P1", "路", 1.0, 1.0, 1.0]
    assert problems(workbook({"项目": [HEAD, *ROWS, row, row]})) == [
        ("empty_required", "B5"),
        ("empty_required", "B6"),
    ]


def test_zeros_that_a_number_format_shows_are_part_of_the_code(sheet):
    def change(book, made):
        made["C2"], made["C3"], made["C4"] = 7, 12, "P1"
        made["C2"].number_format = made["C3"].number_format = made["C4"].number_format = "0000"
        made["F2"].number_format = "000"

    book = load_book(sheet(change))
    assert book.table("projects")["project"].tolist() == ["0007", "0012", "P1"] and book.warnings.empty


def test_what_a_number_format_puts_before_a_code_is_part_of_it(sheet):
    def change(book, made):
        made["C2"], made["C3"] = 7, 1234
        made["C2"].number_format = made["C3"].number_format = '"XM-"000'

    assert load_book(sheet(change)).table("projects")["project"].tolist() == ["XM-007", "XM-1234", "P4"]


def test_hidden_columns_are_told(sheet):
    path = sheet(lambda book, made: setattr(made.column_dimensions["F"], "hidden", True))
    assert warnings(path) == [("hidden_columns", "1")]


@pytest.mark.parametrize(
    ("code", "found"), [("p1", ["code_alike"]), ("P\u20111", ["code_alike"]), ("P01", [])]
)
def test_codes_that_differ_by_case_or_dash_are_told(sheet, code, found):
    first = "P-1" if "\u2011" in code else "P1"
    rows = [
        ["110101", y, c, "路", 100.0, 110.0, 70.0] for y, c in ((2021, first), (2022, first), (2023, code))
    ]
    assert [rule for rule, _ in warnings(sheet(rows=rows))] == found


@pytest.mark.parametrize(("month", "is_good"), [("2023-06", True), ("2022-06", False), ("6月", True)])
def test_month_of_another_year_is_refused(workbook, month, is_good):
    head = ["区划代码", "预算年度", "月份", "项目代码", "累计执行数（元）"]
    path = workbook({"项目": [HEAD, *ROWS], "执行进度": [head, ["110101", 2023, month, "P1", 5]]})
    if is_good:
        assert load_book(path).table("progress")["month"].tolist() == [6]
    else:
        assert problems(path) == [("unreadable", "C2")]


HEADS = {
    "of two rows": [[*HEAD[:4], "资金（元）", "", ""], ["", "", "", "", *(h.removesuffix("（元）") for h in HEAD[4:])]],
    "with units below": [[h.removesuffix("（元）") for h in HEAD], ["", "", "", "", "元", "元", "元"]],
    "with numbers below": [HEAD, [1, 2, 3, 4, 5, 6, 7]],
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_a_head_of_several_rows_is_repeated_on_each_page(sheet, name):
    def change(book, made):
        for at in "ABCD" if name == "of two rows" else "":
            made.merge_cells(f"{at}1:{at}2")

    book = load_book(
        sheet(change, rows=[HEADS[name][1], *ROWS[:1], *HEADS[name], *ROWS[1:]], head=HEADS[name][0])
    )
    assert len(book.table("projects")) == 3 and book.warnings.empty
    assert book.set_aside[["row", "reason"]].to_numpy().tolist() == [[4, "header_row"], [5, "header_row"]]


@pytest.mark.parametrize(
    "below",
    [
        [["主管部门", "全年预算数", "全年执行数"], ["住建局", 773.5, 491.75]],
        [
            ["按部门汇总"],
            ["", "", "", "主管部门", "年初预算数", "全年预算数", "全年执行数"],
            ["", "", "", "合计", 1, 2, 3],
        ],
    ],
)
def test_another_table_below_is_set_aside_and_told(workbook, below):
    book = load_book(workbook({"项目": [HEAD, *ROWS, [], *below]}))
    assert len(book.table("projects")) == 3 and book.warnings["rule"].tolist() == ["other_table"]
    assert book.set_aside["reason"].tolist()[-2:] == ["other_table"] * 2


def test_a_table_below_that_may_be_the_same_is_refused(workbook):
    turned = [[*r[:4], r[6], r[5], r[4]] for r in (HEAD, *[[r[0], 2022, *r[2:]] for r in ROWS])]
    assert ("unreadable", "B6") in problems(workbook({"项目": [HEAD, *ROWS, [], *turned]}))
