"""Text cells of which parts are raised or struck out."""

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from perflib.data.book import load_book

HEAD = ["区划代码", "预算年度", "项目代码", "项目名称", "全年执行数（元）"]
ROW = ["110101", 2023, "P001", "路", 5.0]


def shared(path, parts):
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("项目")
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ROW)
        fonts = {"raised": {"font_script": 1}, "struck": {"font_strikeout": True}}
        for at, (text, part, kind) in parts.items():
            sheet.write_rich_string(at[0], at[1], text, book.add_format(fonts[kind]), part)


def inline(path, parts):
    book = openpyxl.Workbook()
    book.active.title = "项目"
    book.active.append(HEAD)
    book.active.append(ROW)
    fonts = {"raised": InlineFont(vertAlign="superscript"), "struck": InlineFont(strike=True)}
    for (row, at), (text, part, kind) in parts.items():
        cell = CellRichText(TextBlock(InlineFont(), text), TextBlock(fonts[kind], part))
        book.active.cell(row + 1, at + 1).value = cell
    book.save(path)


def old(path, parts):
    book = xlwt.Workbook()
    sheet = book.add_sheet("项目", cell_overwrite_ok=True)
    for r, row in enumerate((HEAD, ROW)):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    fonts = {"raised": xlwt.Font(), "struck": xlwt.Font()}
    fonts["raised"].escapement, fonts["struck"].struck_out = xlwt.Font.ESCAPEMENT_SUPERSCRIPT, True
    for (row, at), (text, part, kind) in parts.items():
        sheet.write_rich_text(row, at, (text, (part, fonts[kind])))
    book.save(str(path))


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.xlsx", shared), ("b.xlsx", inline), ("c.xls", old)],
    ids=["shared", "inline", "old"],
)
def test_marks_of_notes_and_what_is_struck_out_are_no_digits(tmp_path, name, write):
    parts = {
        (0, 4): (HEAD[4], "1", "raised"),
        (1, 2): ("P001", "(2)", "raised"),
        (1, 3): ("广场 5000m", "2", "raised"),
        (1, 4): ("90000", "80000", "struck"),
    }
    write(tmp_path / name, parts)
    book = load_book(str(tmp_path / name))
    told = book.table("projects")[["project", "name", "executed"]]
    assert told.to_numpy().tolist() == [["P001", "广场 5000m²", 90_000]]
    kinds = dict(zip(book.repairs["kind"], book.repairs["count"], strict=True))
    assert (kinds["rich_text"], kinds["footnote"]) == (4, 1)


def test_plain_parts_are_one_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "项目"
    for row in (HEAD, ROW):
        book.active.append(row)
    book.active["E2"] = CellRichText(TextBlock(InlineFont(b=True), "90"), TextBlock(InlineFont(), "000"))
    book.save(tmp_path / "a.xlsx")
    read = load_book(str(tmp_path / "a.xlsx"))
    assert read.table("projects")["executed"].tolist() == [90_000] and "rich_text" not in set(
        read.repairs["kind"]
    )
