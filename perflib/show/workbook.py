"""The report as a workbook: cover, contents, notes, facts, one table a sheet, native charts."""

import csv
import io
from datetime import datetime
from pathlib import Path

import xlsxwriter
from rich.cells import cell_len
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from perflib.show.assembly import Report, trail
from perflib.show.labels import Column, column
from perflib.show.part import Part
from perflib.show.workbook_styles import MONEY, NUMBER_FORMATS, Formats, sheet_name

_CREATED = datetime(2020, 1, 1)
_HEAD_ROW = 3  # title, sample mark and a way back stand above a sheet's head
_FACT_FIELDS = (
    "fact_chapter",
    "fact_label",
    "fact_printed",
    "fact_value",
    "trail_formula",
    "trail_table",
    "trail_filter",
    "trail_rows",
    "trail_base",
    "trail_rules",
    "trail_input",
    "fact_id",
)


def report_xlsx(report: Report, tree: dict, folder: Path) -> bytes:
    """The workbook. `folder` holds `tables/`; every text is written as text, so none can be a formula."""
    held = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(held, options) as book:
        book.set_properties({"title": report.title, "author": report.prepared_by, "created": _CREATED})
        formats = Formats(book, report.lang)
        cover, contents = (book.add_worksheet(report.say(f"sheet_{k}")) for k in ("cover", "contents"))
        notes, facts = (book.add_worksheet(report.say(f"sheet_{k}")) for k in ("notes", "facts"))
        _cover(cover, report, formats)
        _notes(notes, report, formats)
        _facts(facts, report, formats)
        listed = [
            (notes.name, report.say("methods"), ""),
            (facts.name, report.say("sheet_facts"), len(report.facts)),
        ]
        for part in report.told:
            for table in part.manifest["tables"]:
                sheet = _table(book, report, part, table, folder, formats)
                listed.append(
                    (sheet.name, f"{part.title}{report.say('colon')}{table['caption']}", table["rows"])
                )
        _contents(contents, report, listed, formats)
        for sheet in book.worksheets():
            _page(sheet, report)
    return held.getvalue()


def _page(sheet: Worksheet, report: Report) -> None:
    """A4, as wide as the page; the marks in the head of every printed page."""
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    if sheet.dim_colmax is not None and sheet.dim_colmax > 3:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&L{_and(report.title)}&R{_and(' · '.join(report.marks))}")
    sheet.set_footer(f"&C{report.say('page', page='&P', pages='&N')}")


def _and(text: str) -> str:
    return text.replace("&", "&&")


def _top(sheet: Worksheet, title: str, report: Report, formats: Formats) -> None:
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, title, formats.title)
    sheet.write_string(1, 0, " · ".join(report.marks), formats.mark)
    link = f"internal:'{report.say('sheet_contents')}'!A1"
    sheet.write_url(2, 0, link, formats.link, report.say("back"))


def _cover(sheet: Worksheet, report: Report, formats: Formats) -> None:
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 60)
    sheet.write_string(2, 1, " · ".join(report.marks), formats.mark)
    sheet.set_row(4, 44)
    sheet.write_string(4, 1, report.title, formats.cover)
    lines = [(report.period, ""), *report.cover_fields]
    sheet.write_string(
        3, 1, "" if report.district_name in report.title else report.district_name, formats.mute
    )
    for row, (label, value) in enumerate(lines, start=6):
        sheet.set_row(row, 22)
        sheet.write_string(row, 1, label, formats.mute)
        sheet.write_string(row, 2, value, formats.under if label != lines[0][0] else formats.mute)


def _contents(sheet: Worksheet, report: Report, listed: list[tuple], formats: Formats) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 64)
    sheet.set_column(2, 2, 10)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, report.say("contents"), formats.title)
    sheet.write_string(1, 0, " · ".join(report.marks), formats.mark)
    for col, key in enumerate(("contents", "sheet_table", "sheet_rows")):
        sheet.write_string(_HEAD_ROW, col, report.say(key), formats.head)
    for row, (name, title, rows) in enumerate(listed, start=_HEAD_ROW + 1):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, name)
        sheet.write_string(row, 1, title, formats.wrap)
        (sheet.write_number if rows != "" else sheet.write_string)(row, 2, rows, formats.count)
    sheet.freeze_panes(_HEAD_ROW + 1, 0)


def _notes(sheet: Worksheet, report: Report, formats: Formats) -> None:
    sheet.set_column(0, 0, 70)  # as wide as a page of A4
    _top(sheet, report.say("methods"), report, formats)
    keys = ["method_rate", "method_money", "interval_note", "method_trail"]
    lines = [report.say(k) for k in keys + (["method_suppressed"] if report.edition == "public" else [])]
    missing = [p for p in report.parts if p.is_missing]
    names = report.say("comma").join(p.title for p in missing)
    lines += [f"{report.say('not_covered')}{report.say('colon')}{names}"] if missing else []
    for row, line in enumerate([*lines, *report.notes], start=_HEAD_ROW):
        sheet.write_string(row, 0, line, formats.wrap)
        sheet.set_row(row, 18 * (1 + cell_len(line) // 66))


def _facts(sheet: Worksheet, report: Report, formats: Formats) -> None:
    _top(sheet, report.say("sheet_facts"), report, formats)
    for col, (key, width) in enumerate(
        zip(_FACT_FIELDS, (20, 26, 22, 18, 44, 16, 30, 9, 18, 20, 20, 30), strict=True)
    ):
        sheet.set_column(col, col, width)
        sheet.write_string(_HEAD_ROW, col, report.say(key), formats.head)
    titles = {p.name: p.title for p in report.parts}
    for row, (id, fact) in enumerate(sorted(report.facts.items()), start=_HEAD_ROW + 1):
        said = dict(trail(id, report))
        texts = {
            "fact_chapter": titles[id.partition("/")[0]],
            "fact_label": fact.label(report.lang),
            "fact_printed": fact.text(report.lang),
            "fact_id": id,
            "trail_input": fact.input_sha256,
        }
        for col, key in enumerate(_FACT_FIELDS):
            if key in ("fact_value", "trail_rows"):
                value = fact.value if key == "fact_value" else fact.rows
                _value(sheet, row, col, value, formats.number("General"), formats)
            else:
                sheet.write_string(row, col, str(texts.get(key, said.get(report.say(key), ""))), formats.wrap)
    sheet.freeze_panes(_HEAD_ROW + 1, 2)
    sheet.autofilter(_HEAD_ROW, 0, _HEAD_ROW + len(report.facts), len(_FACT_FIELDS) - 1)


def _table(
    book: Workbook, report: Report, part: Part, table: dict, folder: Path, formats: Formats
) -> Worksheet:
    """A sheet with all rows of one table, its numbers as numbers, and a chart where one says something."""
    taken = [s.name for s in book.worksheets()]
    sheet = book.add_worksheet(sheet_name(f"{part.name[:2]} {table['caption']}", taken))
    _top(sheet, table["caption"], report, formats)
    rows = _read_rows(folder / "tables" / f"{part.name}-{table['id']}.csv")
    units = table.get("units") or [column(name).unit for name in table["columns"]]
    columns = [Column(name, name, name, unit) for name, unit in zip(table["columns"], units, strict=True)]
    for col, declared in enumerate(columns):
        sheet.write_string(_HEAD_ROW, col, rows[0][col], formats.head)
        cells = [row[col] for row in rows[1:]]
        _column(sheet, col, declared, cells, formats)
        widest = max(map(cell_len, [rows[0][col][:14], *cells[:400]]))
        sheet.set_column(col, col, min(max(widest + 3, 10), 46))
    sheet.freeze_panes(_HEAD_ROW + 1, 1)
    last = _HEAD_ROW + max(len(rows) - 1, 1)
    sheet.autofilter(_HEAD_ROW, 0, last, len(columns) - 1)
    sheet.repeat_rows(_HEAD_ROW)
    _chart(book, sheet, table["caption"], columns, len(rows) - 1)
    return sheet


def _read_rows(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")))


def _column(sheet: Worksheet, col: int, declared: Column, cells: list[str], formats: Formats) -> None:
    is_number = declared.unit in NUMBER_FORMATS
    style = formats.number(NUMBER_FORMATS[declared.unit]) if is_number else formats.wrap
    for row, text in enumerate(cells, start=_HEAD_ROW + 1):
        if is_number and _is_number(text):
            sheet.write_number(row, col, float(text), style)
        else:
            sheet.write_string(row, col, _unguarded(text), style)


def _unguarded(text: str) -> str:
    # The CSV's apostrophe keeps a spreadsheet from running a text; here it is written as text anyway.
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r") else text


def _is_number(text: str) -> bool:
    try:
        return float(text) - float(text) == 0.0
    except ValueError:
        return False


def _value(sheet: Worksheet, row: int, col: int, value, style, formats: Formats) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, col, value, style)
    else:
        sheet.write_string(row, col, "" if value is None else str(value), formats.wrap)


def _chart(book: Workbook, sheet: Worksheet, title: str, columns: list[Column], rows: int) -> None:
    """Bars of the first share (else of the first amount) by the first column, when it names a few things."""
    units = [c.unit for c in columns]
    found = next((units.index(u) for u in ("share", MONEY) if u in units), None)
    if found is None or not 2 <= rows <= 40 or columns[0].unit not in (None, "text", "year"):
        return
    first, last = _HEAD_ROW + 1, _HEAD_ROW + rows
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": [sheet.name, _HEAD_ROW, found],
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, found, last, found],
            "fill": {"color": "#1f4e8c"},
            "gap": 60,
        }
    )
    chart.set_title(
        {"name": title, "name_font": {"size": 12, "bold": False, "color": "#1d2733"}, "overlay": False}
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "line": {"none": True}, "num_font": {"size": 9}})
    axis = {"major_gridlines": {"visible": True, "line": {"color": "#d5dbe1"}}, "line": {"none": True}}
    chart.set_x_axis(
        {**axis, "num_format": "0%" if units[found] == "share" else "#,##0", "num_font": {"size": 9}}
    )
    chart.set_size({"width": 620, "height": 110 + 22 * rows})
    sheet.insert_chart(_HEAD_ROW, len(columns) + 1, chart, {"description": title})
