"""The sample district's standard workbook for one work year: a cover and one sheet a table."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from perflib.data.contract import Column, Table, tables
from tools.sample.vocabulary import HOME, say

WORK_YEAR = 2023
CREATED = datetime(2024, 1, 15, 9, 0, 0)
COVER = "封面 Cover"
NUMBERS = {"amount", "integer", "number", "share", "score", "year", "month"}
TOTAL = "total"
FORMATS = {
    "amount": {"num_format": "#,##0.00"},
    "share": {"num_format": "0.00%"},
    "date": {"num_format": "yyyy-mm-dd"},
}


def workbook_tables(sample: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What the report of the work year needs of each table, for the sample district."""
    return {name: _needed(name, sample[name]) for name in tables()}


def _needed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if "district" in frame and name != "districts":
        frame = frame[frame["district"] == HOME]
    both = {"projects", "funds", "progress", "indicators", "catalogue", "assessment"}
    if name in both:
        frame = frame[frame["year"].isin([WORK_YEAR - 1, WORK_YEAR])]
    if name == "progress":
        frame = frame[frame["year"] == WORK_YEAR]
    if name == "evaluations":
        frame = frame[frame["year"] == WORK_YEAR - 1]
    if name in {"adjustments", "work_items"}:
        frame = frame[frame["year"] >= WORK_YEAR - 1]
    return frame.reset_index(drop=True)


def write_workbook(sample: dict[str, pd.DataFrame], path: Path) -> None:
    """Writes the workbook to `path`; the same tables give the same bytes."""
    import xlsxwriter

    parts = workbook_tables(sample)
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"title": say("mark", "zh"), "comments": _both("notice"), "created": CREATED})
        _cover(book, parts)
        for name, frame in parts.items():
            _sheet(book, tables()[name], frame)


def sheet_name(table: Table) -> str:
    """Name of a table's sheet, in both languages."""
    return f"{table.zh} | {table.en}"[:31]


def _both(key: str) -> str:
    return f"{say(key, 'zh')} {say(key, 'en')}"


def _page(book, name: str):
    """A worksheet that prints on sheets as wide as its columns."""
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _cover(book, parts: dict[str, pd.DataFrame]) -> None:
    sheet = _page(book, COVER)
    big, bold = book.add_format({"bold": True, "font_size": 18}), book.add_format({"bold": True})
    warning = book.add_format({"bold": True, "font_size": 14, "font_color": "#B45309"})
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 90)
    sheet.write_string(0, 0, say("title", "zh"), big)
    sheet.write_string(1, 0, say("title", "en"))
    sheet.write_string(2, 0, _both("mark"), warning)
    sheet.write_string(3, 0, say("notice", "zh"))
    sheet.write_string(4, 0, say("notice", "en"))
    home = parts["districts"].set_index("district").loc[HOME]
    for row, (key, value) in enumerate(
        [
            ("district", f"{home['name_zh']} {home['name_en']}"),
            ("work_year", str(WORK_YEAR)),
            ("scope", _both("scope_text")),
        ],
        6,
    ):
        sheet.write_string(row, 0, _both(key), bold)
        sheet.write_string(row, 1, value)
    for column, key in enumerate(["sheet", "rows", "content"]):
        sheet.write_string(10, column, _both(key), bold)
    for row, (name, frame) in enumerate(parts.items(), 11):
        table = tables()[name]
        sheet.write_url(row, 0, f"internal:'{sheet_name(table)}'!A1", string=sheet_name(table))
        sheet.write_number(row, 1, len(frame))
        sheet.write_string(row, 2, f"{table.zh_note} {table.en_note}")


def _sheet(book, table: Table, frame: pd.DataFrame) -> None:
    """A note and the unit on top, the header in both languages, then the rows."""
    sheet = _page(book, sheet_name(table))
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF4"}
    )
    sheet.write_string(0, 0, _both("mark"))
    sheet.write_string(0, 2, say("amount_unit", "zh"))
    for at, name in enumerate(frame.columns):
        column = table[name]
        sheet.write_string(1, at, f"{column.zh}\n{column.en}", head)
        shape = book.add_format(FORMATS[column.kind]) if column.kind in FORMATS else None
        sheet.set_column(at, at, 24 if column.kind in {"code", "text"} else 15, shape)
        _fill(sheet, at, frame[name], column)
    sheet.set_row(1, 32)
    sheet.freeze_panes(2, 0)
    if len(frame):
        sheet.autofilter(1, 0, len(frame) + 1, len(frame.columns) - 1)


def _fill(sheet, at: int, values: pd.Series, column: Column) -> None:
    """One column below the header, choices in Chinese words; what is missing stays an empty cell."""
    words = {c.value: c.zh for c in column.choices} | (
        {True: "是", False: "否"} if column.kind == "flag" else {}
    )
    # A cell that says "total" would be read as a row of totals; an empty one takes the default.
    present = values[values.notna() & (values.astype(object) != TOTAL)]
    present = present.map(words) if words else present
    write = {"date": sheet.write_datetime}.get(column.kind, sheet.write_string)
    write = sheet.write_number if column.kind in NUMBERS else write
    for row, value in zip(present.index + 2, present.tolist(), strict=True):
        write(row, at, value)
