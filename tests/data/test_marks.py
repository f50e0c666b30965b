"""What a workbook says of its cells beside their values, in each format."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TextProperties
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.styles import Font

from perflib.data.marks import MOST_CELLS, format_kind, is_error, ods_marks, serial, xls_marks, xlsx_marks


def xlsx(fill, *, turn=lambda name, xml: xml) -> zipfile.ZipFile:
    """A workbook that `fill` filled, its parts turned by `turn`."""
    book = openpyxl.Workbook()
    fill(book, book.active)
    held, out = io.BytesIO(), io.BytesIO()
    book.save(held)
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, turn(name, old.read(name)))
    return zipfile.ZipFile(out)


def usual(book, sheet):
    sheet.title = "项目"
    sheet.append(["a", "b", "c"])
    sheet.append([1, "#DIV/0!", 0.95])
    sheet.append([2, "=A2+1", 123_456])
    sheet["B2"].data_type = "e"
    sheet["C2"].number_format, sheet["C3"].number_format = "0%", "0.00,"
    sheet.merge_cells("A2:A3")
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("旧").sheet_state = "veryHidden"
    book["旧"].append([1])


def prefixed(name: str, xml: bytes) -> bytes:
    """The sheet with a prefix before every name, as the OpenXML SDK writes it."""
    if "worksheets/" not in name:
        return xml
    named = (
        xml.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:").replace(b"<x:?", b"<?")
    )
    return named.replace(b" xmlns=", b" xmlns:x=")


def test_rows_and_columns_of_no_size_are_hidden():
    def flat(name: str, xml: bytes) -> bytes:
        return xml.replace(b'<row r="2"', b'<row r="2" ht="0" customHeight="1"').replace(
            b'width="7"', b'width="0"'
        )

    def fill(book, sheet):
        usual(book, sheet)
        sheet.column_dimensions["B"].width = 7

    marks = xlsx_marks(xlsx(fill, turn=flat))["项目"]
    assert marks.hidden_rows == [1, 2] and marks.hidden_columns == [1]


def strict(name: str, xml: bytes) -> bytes:
    """The file in the namespaces of Strict Office Open XML."""
    xml = xml.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    return xml.replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
        b"http://purl.oclc.org/ooxml/officeDocument/",
    )


@pytest.mark.parametrize("turn", [lambda name, xml: xml, prefixed, strict])
def test_marks_of_an_xlsx_however_its_names_are_written(turn):
    marks = xlsx_marks(xlsx(usual, turn=turn))
    assert marks["项目"].errors == {(1, 1): "#DIV/0!"}
    assert marks["项目"].uncomputed == [(2, 1)]
    assert marks["项目"].formats == {(1, 2): "percent", (2, 2): "scaled"}
    assert marks["项目"].merged == [((1, 0), (2, 0))]
    assert marks["项目"].hidden_rows == [2]
    assert (marks["项目"].is_hidden, marks["旧"].is_hidden) == (False, True)


def test_empty_cell_before_a_formula_does_not_take_its_place():
    def fill(book, sheet):
        sheet["A1"].number_format = "0.00"  # written as <c r="A1" s="1"/>
        sheet["B1"] = "=1+1"

    assert xlsx_marks(xlsx(fill))["Sheet"].uncomputed == [(0, 1)]


def test_the_date_system_of_a_workbook():
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    def fill(book, sheet):
        book.epoch = CALENDAR_MAC_1904
        sheet.append([1])

    assert xlsx_marks(xlsx(fill))["Sheet"].epoch == date(1904, 1, 1)
    assert xlsx_marks(xlsx(usual))["项目"].epoch == date(1899, 12, 30)


@pytest.mark.parametrize(
    ("cell", "is_large"), [("XFD1048576", True), ("A1048576", False), ("ZZ60000", True), ("AB1000", False)]
)
def test_stray_cell_makes_a_sheet_too_large(cell, is_large):
    marks = xlsx_marks(xlsx(lambda book, sheet: sheet.__setitem__(cell, 1)))["Sheet"]
    assert marks.is_too_large is is_large
    assert (marks.size[0] * marks.size[1] > MOST_CELLS) is is_large


def test_marks_of_an_old_xls():
    book = xlwt.Workbook()
    sheet = book.add_sheet("项目")
    sheet.row(0).set_cell_error(0, 42)
    sheet.write(1, 0, 0.5, xlwt.easyxf(num_format_str="0%"))
    sheet.write_merge(2, 3, 0, 0, 7)
    sheet.row(1).hidden = True
    book.add_sheet("旧").visibility = 1
    book.dates_1904 = True
    held = io.BytesIO()
    book.save(held)
    marks = xls_marks(held.getvalue())
    assert marks["项目"].errors == {(0, 0): "#N/A"}
    assert marks["项目"].formats == {(1, 0): "percent"}
    assert marks["项目"].merged == [((2, 0), (3, 0))]
    assert marks["项目"].hidden_rows == [1]
    assert marks["项目"].epoch == date(1904, 1, 1)
    assert marks["旧"].is_hidden


def test_cells_that_are_struck_out():
    def fill(book, sheet):
        sheet.append([1, 2, 3])
        sheet["B1"].font, sheet["C1"].font, sheet["A2"].font = (Font(strike=s) for s in (True, False, True))

    assert xlsx_marks(xlsx(fill))["Sheet"].struck == [(0, 1)]  # the last has nothing in it
    old, held = xlwt.Workbook(), io.BytesIO()
    page = old.add_sheet("Sheet")
    page.write(0, 0, 1)
    page.write(0, 1, 2, xlwt.easyxf("font: struck_out on"))
    old.save(held)
    assert xls_marks(held.getvalue())["Sheet"].struck == [(0, 1)]


def test_cells_of_an_ods_that_are_struck_out():
    book, sheet, row, held = OpenDocumentSpreadsheet(), Table(name="项目"), TableRow(), io.BytesIO()
    style = Style(name="gone", family="table-cell")
    style.addElement(TextProperties(textlinethroughstyle="solid"))
    book.automaticstyles.addElement(style)
    for own in ({}, {"stylename": style}):
        row.addElement(TableCell(valuetype="float", value=1, **own))
    sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    book.write(held)
    assert ods_marks(zipfile.ZipFile(held))["项目"].struck == [(0, 1)]


@pytest.mark.parametrize(("currency", "marks"), [("EUR", {(0, 0): "EUR"}), ("CNY", {})])
def test_currency_of_a_cell_of_an_ods(currency, marks):
    book, sheet, row, held = OpenDocumentSpreadsheet(), Table(name="项目"), TableRow(), io.BytesIO()
    cell = TableCell(valuetype="currency", currency=currency, value=1)
    cell.addElement(P(text="1"))
    row.addElement(cell)
    sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    book.write(held)
    assert ods_marks(zipfile.ZipFile(held))["项目"].formats == marks


@pytest.mark.parametrize(
    ("text", "kind"),
    [("90,000.25", ""), ("90 000,3", ""), ("90000", ""), ("¥90,000.3", ""), ("9.00E+04", ""), ("9.0", "scaled"),
     ("90", "scaled"), ("9.00万元", "scaled"), ("90000.25 万元", "万元"), ("已付", "")],
)  # fmt: skip
def test_an_ods_that_shows_another_number_than_it_holds(text, kind):
    book, sheet, row, held = OpenDocumentSpreadsheet(), Table(name="项目"), TableRow(), io.BytesIO()
    cell = TableCell(valuetype="float", value=90000.25)
    cell.addElement(P(text=text))
    row.addElement(cell)
    row.addElement(TableCell(formula="of:=1+1"))
    sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    book.write(held)
    marks = ods_marks(zipfile.ZipFile(held))["项目"]
    assert marks.formats == ({(0, 0): kind} if kind else {}) and marks.uncomputed == [(0, 1)]


def test_zeros_before_a_number_of_an_ods():
    book, sheet, row, held = OpenDocumentSpreadsheet(), Table(name="项目"), TableRow(), io.BytesIO()
    for text in ("0007", "7", "0"):
        cell = TableCell(valuetype="float", value=int(text))
        cell.addElement(P(text=text))
        row.addElement(cell)
    sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    book.write(held)
    assert ods_marks(zipfile.ZipFile(held))["项目"].formats == {(0, 0): "0000"}


def test_marks_of_an_ods():
    book = OpenDocumentSpreadsheet()
    sheet = Table(name="项目")
    for cells in ([("string", {}, "甲"), ("percentage", {"value": 0.5}, "50%")],
                  [("float", {"value": 1, "numberrowsspanned": 2}, "1"), ("string", {"formula": "of:=1/0"}, "#DIV/0!")]):  # fmt: skip
        row = TableRow()
        for kind, more, text in cells:
            cell = TableCell(valuetype=kind, **more)
            cell.addElement(P(text=text))
            row.addElement(cell)
        sheet.addElement(row)
    sheet.addElement(TableRow(numberrowsrepeated=3))
    hidden = TableRow(visibility="collapse")
    hidden.addElement(TableCell(valuetype="float", value=3))
    sheet.addElement(hidden)
    book.spreadsheet.addElement(sheet)
    held = io.BytesIO()
    book.write(held)
    marks = ods_marks(zipfile.ZipFile(held))["项目"]
    assert marks.formats == {(0, 1): "percent"}
    assert marks.errors == {(1, 1): "#DIV/0!"}
    assert marks.merged == [((1, 0), (2, 0))]
    assert marks.hidden_rows == [5]
    assert marks.size == (6, 2)


@pytest.mark.parametrize(
    "word",
    ["#DIV/0!", "#REF!", "#N/A", "#NAME?", "#WERT!", "#BEZUG!", "#NV", "#SPILL!", "Err:502", " #NUM! "],
)
def test_words_of_errors(word):
    assert is_error(word)


@pytest.mark.parametrize("word", ["#1", "#项目", "Error", "N/A", "#", 0.5, "#hashtag"])
def test_words_that_are_no_errors(word):
    assert not is_error(word)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("0%", "percent"), ("0.00%", "percent"), ('0"%"', ""), ("#,##0", ""), ("#,##0,", "scaled"), ("0.0,,", "scaled"),
     ("0\\%", ""), ("[Red]0%", "percent"), ("General", ""), ("yyyy-mm-dd", ""),
     ("0!.0000", "scaled"), ("#,##0\\.00", "scaled"), ('#,##0"000"', "scaled"), ("-#,##0", "scaled"), (";;;", "scaled"),
     ('"已付"', "scaled"), ("#,##0;[Red]-#,##0", ""), ("_(* #,##0.00_);_(* (#,##0.00);_(* -??_);_(@_)", ""), ("", ""),
     ("0;-0;;@", ""), ('0"元"', "元"), ("# ?/?", "")],
)  # fmt: skip
def test_kind_of_a_number_format(code, kind):
    assert format_kind(code) == kind


@pytest.mark.parametrize(
    ("day", "epoch", "number"),
    [(date(1900, 1, 6), date(1899, 12, 30), 6), (date(1905, 7, 14), date(1899, 12, 30), 2022),
     (date(1904, 1, 7), date(1904, 1, 1), 6), (date(2023, 12, 31), date(1899, 12, 30), 45291)],
)  # fmt: skip
def test_number_behind_a_date(day, epoch, number):
    assert serial(day, epoch) == number
