"""A sheet read as a table: rows set aside, repairs counted, amounts reconciled."""

import numpy as np
import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.problems import CheckError, sentence
from perflib.data.text import has_text

TITLE = ["某区二〇二二年项目支出情况表"]
HEAD = ["区划代码", "预算年度", "项目代码", "项目名称", "实施单位", "年初预算数", "全年预算数", "全年执行数"]
ROWS = [
    ["420106", "2022年", "A1", "道路养护", "市政所", "1,200", 1300.5, "１１００"],
    ["420106", "2022年", "A2", "学校食堂", "一中", "—", 10, "(0.5)"],
]
TOTAL = ["合　计", "", "", "", "", 1200, 1310.5, 1099.5]
NOTE = ["注：本表不含涉密项目。"]


@pytest.fixture
def messy(workbook):
    return workbook({"项目": [TITLE, [], ["单位：万元"], HEAD, *ROWS, TOTAL, HEAD, NOTE]})


def test_messy_sheet_gives_clean_rows(messy):
    frame = load_book(messy).table("projects")
    assert frame["year"].tolist() == [2022, 2022]
    assert frame["initial_budget"].tolist()[0] == 12_000_000 and np.isnan(frame["initial_budget"][1])
    assert frame["executed"].tolist() == [11_000_000, -5_000]


def test_rows_read_are_kept_or_set_aside_with_the_reason(messy):
    book = load_book(messy)
    row = book.reconciliation.iloc[0]
    assert (row["rows_read"], row["rows_kept"], row["rows_merged"], row["rows_set_aside"]) == (5, 2, 0, 3)
    assert book.set_aside["reason"].tolist() == ["totals_row", "header_row", "note_row"]
    assert book.set_aside["row"].tolist() == [7, 8, 9]
    assert all(has_text(f"reading.reason_{r}") for r in book.set_aside["reason"])


def test_amounts_reconcile_in_cents(messy):
    row = load_book(messy).reconciliation.iloc[0]
    assert row["adjusted_budget_read"] == 2 * 1310_50_0000
    assert row["adjusted_budget_read"] == row["adjusted_budget_kept"] + row["adjusted_budget_set_aside"]
    assert row["executed_read"] == row["executed_kept"] + row["executed_set_aside"]


def test_repairs_are_counted_and_have_a_name(messy):
    repairs = load_book(messy).repairs
    counted = {(r.column, r.kind): r.count for r in repairs.itertuples(index=False)}
    assert counted["year", "year_as_text"] == 2
    assert counted["initial_budget", "thousands"] == counted["initial_budget", "dash"] == 1
    assert counted["executed", "full_width"] == counted["executed", "brackets"] == 1
    assert all(has_text(f"reading.repair_{k}") for k in repairs["kind"])


def test_total_that_the_rows_do_not_make(workbook):
    path = workbook({"项目": [["单位：万元"], HEAD, *ROWS, [*TOTAL[:6], 1311, 1099.5]]})
    warnings = load_book(path).warnings.query("rule == 'total_differs'")
    assert warnings["cell"].tolist() == ["G5"]
    assert "单元格 G5（全年预算数）：合计行为 1,311.00 万元，各行相加为 1,310.50 万元" in sentence(
        warnings.iloc[0], "zh"
    )


def test_project_called_like_a_total_in_part_is_kept(workbook):
    rows = [["420106", 2022, "A1", "社区小计量站建设", "u", 1, 1, 1]]
    assert len(load_book(workbook({"项目": [["单位：元"], HEAD, *rows]})).table("projects")) == 1


def test_merged_header_cells(tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "m.xlsx")) as book:
        sheet = book.add_worksheet("项目")
        for at, name in enumerate(["区划代码", "预算年度", "项目代码", "项目名称"]):
            sheet.merge_range(0, at, 1, at, name)
        sheet.merge_range(0, 4, 0, 5, "预算数（万元）")
        sheet.write_row(1, 4, ["年初预算数（万元）", "全年预算数（万元）"])
        sheet.write_row(2, 0, ["420106", 2022, "A1", "路", 1, 2])
    book = load_book(str(tmp_path / "m.xlsx"))
    assert book.table("projects")[["initial_budget", "adjusted_budget"]].values.tolist() == [[10_000, 20_000]]
    assert "merged_cells" in book.repairs["kind"].tolist()


def test_district_merged_down_its_rows_is_filled(tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "m.xlsx")) as book:
        sheet = book.add_worksheet("项目")
        sheet.write_row(0, 0, ["区划代码", "预算年度", "项目代码", "项目名称"])
        sheet.merge_range(1, 0, 2, 0, "420106")
        sheet.write_row(1, 1, [2022, "A1", "路"])
        sheet.write_row(2, 1, [2022, "A2", "桥"])
    assert load_book(str(tmp_path / "m.xlsx")).table("projects")["district"].tolist() == ["420106"] * 2


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_old_and_open_formats(tmp_path, suffix):
    path = tmp_path / f"book.{suffix}"
    rows = [["单位：元"], HEAD, ["420106", 2022, "A1", "路", "u", 1, 2, 1.5]]
    _write_xls(path, rows) if suffix == "xls" else _write_ods(path, rows)
    assert load_book(str(path)).table("projects")["executed"].tolist() == [1.5]


def _write_xls(path, rows):
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook()
    sheet = book.add_sheet("项目")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    book.save(str(path))


def _write_ods(path, rows):
    opendocument = pytest.importorskip("odf.opendocument")
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = opendocument.OpenDocumentSpreadsheet()
    sheet = Table(name="项目")
    for row in rows:
        line = TableRow()
        for cell in row:
            kind = (
                {"valuetype": "float", "value": cell}
                if not isinstance(cell, str)
                else {"valuetype": "string"}
            )
            made = TableCell(**kind)
            made.addElement(P(text=str(cell)))
            line.addElement(made)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


def test_missing_sheet_says_which_there_are(workbook):
    with pytest.raises(DataError) as caught:
        load_book(workbook({"甲": [["x"]], "乙": [["y"]]}))
    assert (
        caught.value.sentence("zh")
        == "文件《book.xlsx》中没有工作表“项目 / Projects”。现有工作表：甲, 乙。请按模板命名工作表。"
    )
    assert "has no sheet `项目 / Projects`. It has: 甲, 乙." in str(caught.value)


def test_lone_sheet_of_another_name_is_read(workbook):
    book = load_book(workbook({"Sheet1": [["单位：元"], HEAD, ["420106", 2022, "A1", "路", "u", 1, 2, 1]]}))
    assert len(book.table("projects")) == 1


def test_sheet_and_column_that_are_not_read_are_listed(workbook):
    path = workbook(
        {
            "项目": [["单位：元"], [*HEAD, "备注"], ["420106", 2022, "A1", "路", "u", 1, 2, 1, "x"]],
            "附件": [["x"]],
        }
    )
    assert load_book(path).warnings["rule"].tolist() == ["unknown_sheet", "unknown_column"]


def test_sheet_without_header(workbook):
    with pytest.raises(DataError) as caught:
        load_book(workbook({"项目": [["甲", "乙"], [1, 2]]}))
    assert "没有找到“项目”表的表头。首行内容：甲, 乙" in caught.value.sentence("zh")
    assert "has no header of the table `Projects`. Its first row is: 甲, 乙" in str(caught.value)


def test_fraction_of_a_cent_is_rounded_and_counted(workbook):
    book = load_book(
        workbook({"项目": [["单位：万元"], HEAD, ["420106", 2022, "A1", "路", "u", 1.23456789, 2, 1.1]]})
    )
    assert book.table("projects")["initial_budget"].tolist() == [12345.68]
    assert book.repairs["kind"].tolist() == ["rounded_to_cent"]


def test_per_cent_column_becomes_a_share(workbook):
    sheets = {
        "项目": [["单位：元"], HEAD, ["420106", 2022, "A1", "路", "u", 1, 2, 1]],
        "执行进度": [["区划代码", "预算年度", "月份", "项目代码", "目标完成进度（%）"], ["420106", 2022, 6, "A1", 45.5],
                 ["420106", 2022, 7, "A1", "50%"]],
    }  # fmt: skip
    assert load_book(workbook(sheets)).table("progress")["goal_progress"].tolist() == [0.455, 0.5]


@pytest.mark.parametrize(("shares", "told"), [((0.95, 0.5), [5, 6]), ((0.95, 50), []), (("0.95%", 0), [])])
def test_shares_under_a_head_in_per_cent_are_told(workbook, shares, told):
    progress = [["区划代码", "预算年度", "月份", "项目代码", "目标完成进度（%）"]]
    progress += [["420106", 2022, month, "A1", share] for month, share in zip((6, 7), shares, strict=True)]
    sheets = {"项目": [["单位：元"], HEAD, ["420106", 2022, "A1", "路", "u", 1, 2, 1]], "执行进度": progress}
    warnings = load_book(workbook(sheets)).warnings
    assert warnings.loc[warnings["rule"] == "typed_fraction", "row"].tolist() == [r - 3 for r in told]


def test_month_that_is_none_is_an_error_where_spending_is_watched(workbook):
    head = ["区划代码", "预算年度", "月份", "项目代码", "累计执行数（元）"]
    sheets = {"项目": [["单位：元"], HEAD, ["420106", 2022, "A1", "路", "u", 1, 2, 1]],
              "执行进度": [head, ["420106", 2022, "上半年", "A1", 1]]}  # fmt: skip
    with pytest.raises(DataError, match="上半年"):
        load_book(workbook(sheets))


def test_cell_that_cannot_be_read_is_told_of_once(workbook):
    rows = [["420106", 2022, "A1", "路", "u", 1, "x", 1], ["420106", 2022, "A2", "桥", "u", 1, 1, 1]]
    with pytest.raises(DataError) as caught:
        load_book(workbook({"项目": [["单位：元"], HEAD, *rows, rows[1]]}))
    assert caught.value.problems["rule"].tolist() == ["unreadable", "duplicate"]
    assert not len(caught.value.others)


FLAT = ["区划代码", "预算年度", "项目代码", "项目名称", "全年预算数（元）", "全年执行数（元）"]


def test_a_column_that_only_shares_a_name_is_left_unread(projects):
    head = [*FLAT, "项目类型", "密级"]
    rows = [["420106", 2022, f"A{n}", f"路{n}", 10, 9, k, "公开"] for n, k in enumerate(("经常性", "一次性"))]
    book = load_book(projects(*rows, head=head))
    told = book.warnings[book.warnings["rule"] == "other_column"].iloc[0]
    assert "class" not in book.tables["projects"] and told["cell"] == "G1"
    assert "列“项目类型”的内容（经常性、一次性）不是“支出性质”（应为下列之一：人员类 / " in sentence(
        told, "zh"
    )
    assert "the column `项目类型` (经常性, 一次性) holds no Spending class" in sentence(told, "en")
    with pytest.raises(CheckError):  # one value is known, or the column's own name stands there
        load_book(projects(rows[0], [*rows[1][:6], "人员类", "公开"], head=head))
    with pytest.raises(CheckError):
        load_book(projects(*rows, head=[*FLAT, "支出性质", "密级"]))
    with pytest.raises(CheckError):  # what is not known to be open may be secret
        load_book(projects([*rows[0][:6], "", "机密"], head=head))


@pytest.mark.parametrize(("head", "near"), [("全年支出数", "executed"), ("预算执行率", ""), ("备注", "")])
def test_an_unknown_column_is_told_with_the_amount_that_it_may_be(projects, head, near):
    told = load_book(projects(["420106", 2022, "A1", "路", 10, 9], head=[*FLAT[:5], head])).warnings.iloc[0]
    assert (told["rule"], told["column"]) == ("maybe_column" if near else "unknown_column", near)
    if near:
        assert sentence(told, "zh").endswith("未读取；可能是“全年执行数”。如是，请改用这一列名。")
        assert sentence(told, "en").endswith("it may be `Executed`. If so, name it thus.")
