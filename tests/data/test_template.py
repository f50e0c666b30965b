"""The template can be filled in and read back, and is the same on every run."""

import openpyxl
import pytest

from perflib.data.book import load_book
from perflib.data.contract import table, tables
from perflib.data.errors import DataError
from perflib.data.template import comment, header, sheet_name, template_xlsx

FILLED = {
    "projects": {"district": "110101", "year": 2022, "project": "P1", "name": "道路养护", "unit": "市政所",
                 "adjusted_budget": 12.5, "executed": 11, "is_new": "是 / Yes", "class": "特定目标类 / Specific target",
                 "disclosure": "公开 / Public", "initial_budget": 10},
    "indicators": {"district": "110101", "year": 2022, "subject": "P1", "indicator": "1", "name": "里程", "direction": "≥",
                   "target": 5, "actual": 6},
    "adjustments": {"district": "110101", "year": 2022, "adjustment": "1", "project": "P1", "basis": "预算 / Budget",
                    "stage": "追加 / Supplement", "amount": 2.5},
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "template.xlsx"
    path.write_bytes(template_xlsx())
    return path


def fill(template, path, unit="金额单位：元"):
    book = openpyxl.load_workbook(template)
    for name, cells in FILLED.items():
        sheet = book[sheet_name(table(name))]
        places = {c.value: c.column for c in sheet[2]}
        for column, value in cells.items():
            sheet.cell(3, places[header(table(name)[column])], value)
        sheet["A1"] = unit
    book.save(path)
    return str(path)


def test_filled_in_it_is_read_back(template, tmp_path):
    book = load_book(fill(template, tmp_path / "a.xlsx", "金额单位：万元"))
    assert set(book.tables) == set(FILLED)
    row = book.table("projects").iloc[0]
    assert row[["class", "disclosure", "adjusted_budget"]].tolist() == ["specific", "public", 125_000]
    assert bool(row["is_new"]) and book.table("adjustments")["amount"].tolist() == [25_000]
    assert book.table("indicators")["direction"].tolist() == ["at_least"] and book.warnings.empty


def test_empty_it_says_that_there_are_no_rows(template):
    with pytest.raises(DataError) as caught:
        load_book(str(template))
    assert "没有数据行" in caught.value.sentence("zh") and "has no rows" in str(caught.value)


def test_a_sheet_for_every_table_and_a_header_for_every_column(template):
    book = openpyxl.load_workbook(template)
    assert book.sheetnames[1:-1] == [sheet_name(t) for t in tables().values()]
    for declared in tables().values():
        head = [c.value for c in book[sheet_name(declared)][2]]
        assert head == [header(c) for c in declared.columns if not c.is_made]


def test_choices_have_a_drop_down_and_headers_a_note(template):
    sheet = openpyxl.load_workbook(template)[sheet_name(table("projects"))]
    lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert len(lists) == 1 + 3  # the unit; class, is_new, disclosure
    notes = [c.comment.text for c in sheet[2]]
    assert notes[1] == comment(table("projects")["year"]) and "[年度, 必填]" in notes[1]


def test_same_bytes_on_every_run(template, tmp_path):
    (tmp_path / "again.xlsx").write_bytes(template_xlsx())
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()


def test_rows_of_the_cover_make_room_for_both_languages(tmp_path):
    """Heights are told outright: LibreOffice and WPS show one line of a wrapped cell otherwise."""
    (tmp_path / "t.xlsx").write_bytes(template_xlsx())
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0]
    told = [row for row in range(4, sheet.max_row + 1) if "\n" in str(sheet.cell(row, 2).value)]
    assert len(told) > 15
    assert all(sheet.row_dimensions[row].height >= 30 for row in told)
    assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
