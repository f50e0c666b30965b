"""The report as a workbook: contents and notes, a sheet a chapter, the facts."""

import io
from pathlib import Path

from rich.cells import cell_len
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from perflib.show.assembly import Report, trail
from perflib.show.part import Part
from perflib.show.workbook_styles import NUMBER_FORMATS, Formats, sheet_name, workbook

_HEAD_ROW = 3  # title, sample mark and a way back stand above a sheet's head
_FACT_FIELDS = (
    "fact_chapter", "fact_label", "fact_printed", "fact_value", "trail_formula", "trail_table",
    "trail_filter", "trail_rows", "trail_base", "trail_rules", "trail_input", "fact_id",
)  # fmt: skip


def report_xlsx(report: Report, tree: dict, folder: Path) -> bytes:
    """The workbook: contents, a sheet a chapter with its tables one below the other, and the facts.

    Every text is written as text, so none can be a formula.
    """
    held = io.BytesIO()
    with workbook(held, report.title, report.prepared_by) as book:
        formats = Formats(book, report.lang)
        contents = book.add_worksheet(report.say("sheet_contents"))
        listed = [line for part in report.told for line in _chapter(book, report, part, formats)]
        facts = book.add_worksheet(report.say("sheet_facts"))
        _facts(facts, report, formats)
        listed.append((facts.name, 0, report.say("sheet_facts"), len(report.facts)))
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


def _contents(sheet: Worksheet, report: Report, listed: list[tuple], formats: Formats) -> None:
    sheet.set_column(0, 0, 64)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 2, 10)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, report.running, formats.title)
    sheet.write_string(1, 0, " · ".join(report.marks), formats.mark)
    fields = report.say("comma").join(
        f"{label}{report.say('colon')}{value}" for label, value in report.cover_fields if value
    )
    sheet.write_string(2, 0, fields, formats.mute)
    for col, key in enumerate(("contents", "sheet_table", "sheet_rows")):
        sheet.write_string(_HEAD_ROW, col, report.say(key), formats.head)
    row = _HEAD_ROW
    for row, (name, at, title, rows) in enumerate(listed, start=_HEAD_ROW + 1):
        sheet.write_url(row, 0, f"internal:'{name}'!A{at + 1}", formats.link, title)
        sheet.write_string(row, 1, name, formats.mute)
        sheet.write_number(row, 2, rows, formats.count)
    sheet.freeze_panes(_HEAD_ROW + 1, 0)
    for place, line in enumerate(_notes(report), start=row + 2):
        sheet.write_string(place, 0, line, formats.wrap)
        sheet.set_row(place, 18 * (1 + cell_len(line) // 62))


def _notes(report: Report) -> list[str]:
    lines = report.methods
    names = report.say("comma").join(p.title for p in report.parts if p.is_missing)
    lines += [f"{report.say('not_covered')}{report.say('colon')}{names}"] if names else []
    return [*([report.period] if report.years else []), *lines, *report.notes]


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


def _chapter(book: Workbook, report: Report, part: Part, formats: Formats) -> list[tuple]:
    """A sheet with all tables of a chapter below each other; the name of the sheet, row, caption and number of rows of
    each. A chapter without a table has no sheet.
    """
    tables = part.manifest["tables"]
    if not tables:
        return []
    taken = [s.name for s in book.worksheets()]
    sheet = book.add_worksheet(sheet_name(f"{part.name[:2]} {part.title}", taken))
    _top(sheet, part.title, report, formats)
    at, listed, widths = _HEAD_ROW, [], {}
    for table in tables:
        heads, rows = (part.frames[table["id"]][key] for key in ("heads", "rows"))
        sheet.write_string(at, 0, table["caption"], formats.caption)
        listed.append((sheet.name, at, f"{part.title}{report.say('colon')}{table['caption']}", len(rows)))
        _table(sheet, at + 1, heads, rows, table["units"], formats)
        for col, head in enumerate(heads):
            widest = max(map(cell_len, [head[:14], *(_shown(row[col]) for row in rows[:400])]))
            widths[col] = max(widths.get(col, 10), min(widest + 3, 46))
        at += len(rows) + 3
    for col, width in widths.items():
        sheet.set_column(col, col, width)
    if len(tables) == 1:
        sheet.freeze_panes(_HEAD_ROW + 2, 1)
    return listed


def _table(
    sheet: Worksheet, at: int, heads: list[str], rows: list[list], units: list[str | None], formats: Formats
) -> None:
    """All rows of one table from row `at` on, its numbers as numbers; its heads sort and filter."""
    named = [{"header": name, "header_format": formats.head} for name in _unlike(heads)]
    options = {"columns": named, "style": None, "autofilter": len(rows) > 3}
    sheet.add_table(at, 0, at + max(len(rows), 1), len(heads) - 1, options)
    for col, unit in enumerate(units):
        style = formats.number(NUMBER_FORMATS[unit]) if unit in NUMBER_FORMATS else formats.wrap
        for row, cells in enumerate(rows, start=at + 1):
            _value(sheet, row, col, cells[col], style, formats)


def _unlike(heads: list[str]) -> list[str]:
    """`heads` as Excel takes them: none twice."""
    found: list[str] = []
    for head in heads:
        same = sum(other.rstrip("\u00a0").lower() == head.lower() for other in found)
        found.append(head + "\u00a0" * same)
    return found


def _shown(value: float | int | str | None) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else "" if value is None else str(value)


def _value(sheet: Worksheet, row: int, col: int, value, style, formats: Formats) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, col, value, style)
    else:
        sheet.write_string(row, col, "" if value is None else str(value), formats.wrap)
