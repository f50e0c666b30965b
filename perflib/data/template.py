"""The standard workbook, empty: a sheet per table, with headers, notes and drop-downs from the contract."""

import io
from datetime import datetime

from perflib.data.check import bounds
from perflib.data.contract import Column, Table, tables
from perflib.data.problems import letter
from perflib.data.text import LANGUAGES, say

_LINE = 105  # characters of English in a line of the cover
ROWS = 2000  # rows that have formats and drop-downs
COVER, CHOICES = "封面 Cover", "选项 Choices"
UNITS = ("元", "万元", "亿元")
CREATED = datetime(2024, 1, 1)  # fixed, so that the same contract gives the same bytes
FLAGS = ("是 / Yes", "否 / No")


def sheet_name(table: Table) -> str:
    """Name of the sheet of `table`: Chinese and English, at most 31 characters.

    >>> sheet_name(tables()["projects"])
    '项目 | Projects'
    """
    return f"{table.zh} | {table.en}"[:31].rstrip()


def header(column: Column) -> str:
    """Header of `column`: Chinese, and English below it."""
    return f"{column.zh}\n{column.en}"


def template_xlsx() -> bytes:
    """The empty standard workbook."""
    import xlsxwriter

    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"title": say("contract.template_title", "zh"), "created": CREATED})
        formats = _formats(book)
        _write_cover(book.add_worksheet(COVER), formats)
        sheets = {t.name: book.add_worksheet(sheet_name(t)) for t in tables().values()}
        lists = _write_choices(book.add_worksheet(CHOICES))
        for table in tables().values():
            _write_table(sheets[table.name], table, formats, lists)
    return held.getvalue()


def _formats(book) -> dict:
    head = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
    looks = {
        "title": {"bold": True, "font_size": 16}, "wrap": {"text_wrap": True, "valign": "top"},
        "unit": {"bold": True, "bg_color": "#FFF2CC", "border": 1},
        "optional": head | {"bg_color": "#EDEDED"}, "required": head | {"bg_color": "#BDD7EE"},
        "text": {"num_format": "@"}, "amount": {"num_format": "#,##0.00"}, "share": {"num_format": "0.0%"},
        "date": {"num_format": "yyyy-mm-dd"}, "plain": {},
        "step": {"valign": "top", "align": "right", "indent": 1}, "link": {"hyperlink": True, "valign": "top"},
    }  # fmt: skip
    return {name: book.add_format(look) for name, look in looks.items()}


def _write_cover(sheet, formats: dict) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    for row, lang in enumerate(LANGUAGES):
        sheet.set_row(row, 24)
        sheet.write_string(row, 0, say("contract.template_title", lang), formats["title"])
    row = 3
    for step in range(1, 6):
        text = "\n".join(say(f"contract.template_step_{step}", lang) for lang in LANGUAGES)
        sheet.set_row(row, _line_height(text))
        sheet.write_number(row, 0, step, formats["step"])
        sheet.write_string(row, 1, text, formats["wrap"])
        row += 1
    row += 1
    for table in tables().values():
        text = f"{table.zh_note}\n{table.en_note}"
        sheet.set_row(row, _line_height(text))
        sheet.write_url(row, 0, f"internal:'{sheet_name(table)}'!A1", formats["link"], sheet_name(table))
        sheet.write_string(row, 1, text, formats["wrap"])
        row += 1
    _fit_page(sheet)


def _line_height(text: str) -> int:
    """The height of a row whose cell holds `text`, told outright: not every program makes room by itself."""
    lines = sum(1 + len(line) // _LINE for line in text.split("\n"))
    return 17 * lines


def _fit_page(sheet) -> None:
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_choices(sheet) -> dict[str, str]:
    """Write every list of choices into a column of its own; where each lies, by its words."""
    lists: dict[tuple[str, ...], str] = {}
    found = {}
    for table in tables().values():
        for column in (c for c in table.columns if c.choices):
            words = tuple(_choice(c.zh, c.en) for c in column.choices)
            if words not in lists:
                mark = letter(len(lists))
                sheet.write_column(0, len(lists), words)
                lists[words] = f"='{CHOICES}'!${mark}$1:${mark}${len(words)}"
            found[f"{table.name}.{column.name}"] = lists[words]
    sheet.hide()
    return found


def _choice(zh: str, en: str) -> str:
    return zh if zh == en else f"{zh} / {en}"


def _write_table(sheet, table: Table, formats: dict, lists: dict[str, str]) -> None:
    columns = [c for c in table.columns if not c.is_made]
    units = [say("contract.template_unit", "zh", unit=u) for u in UNITS]
    if table.of_kind("amount"):  # never preset: a unit that nobody chose is the error that nobody sees
        sheet.write_string(0, 0, say("contract.template_choose", "zh"), formats["unit"])
        sheet.data_validation(0, 0, 0, 0, {"validate": "list", "source": units})
    sheet.set_row(1, 34)
    sheet.freeze_panes(2, 0)
    for at, column in enumerate(columns):
        sheet.write_string(1, at, header(column), formats["required" if column.is_filled else "optional"])
        sheet.write_comment(1, at, comment(column), {"x_scale": 2.2, "y_scale": 1.6, "author": "perflib"})
        sheet.set_column(at, at, _width(column), formats[_format(column)])
        if rule := _validation(column, lists.get(f"{table.name}.{column.name}")):
            sheet.data_validation(2, at, ROWS + 1, at, rule)
    _fit_page(sheet)


def comment(column: Column) -> str:
    """What belongs into `column`, in both languages, as the note on its header says it."""
    parts = []
    for lang in LANGUAGES:
        facts = [say(f"contract.kind_{column.kind}", lang), *describe_limits(column, lang)]
        parts.append(f"{column.note(lang)}\n[{', '.join(facts)}]")
    return "\n\n".join(parts)


def describe_limits(column: Column, lang: str) -> list[str]:
    """What a value of `column` must keep to, in words: required, default, range."""
    facts = [say("contract.required", lang)] if column.is_filled and column.default is None else []
    if column.default is not None:
        value = next((c.label(lang) for c in column.choices if c.value == column.default), column.default)
        facts.append(say("contract.default", lang, value=value))
    low, high = bounds(column)
    if column.kind in ("year", "month", "score") or (low is None and high is None):
        return facts
    key = "column_range" if None not in (low, high) else "column_from" if high is None else "column_to"
    return [*facts, say(f"contract.{key}", lang, low=_plain(low), high=_plain(high))]


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _width(column: Column) -> int:
    return {"text": 24, "outline": 24, "code": 22, "amount": 18, "choice": 22}.get(column.kind, 13)


def _format(column: Column) -> str:
    kind = "text" if column.kind in ("code", "text", "outline") else column.kind
    return kind if kind in ("text", "amount", "share", "date") else "plain"


def _validation(column: Column, choices: str | None) -> dict | None:
    """Drop-down of a choice or a flag; years and months whole. It warns and lets the user go on."""
    softly = {"error_type": "warning", "ignore_blank": True}
    if choices:
        return {"validate": "list", "source": choices, **softly}
    if column.kind == "flag":
        return {"validate": "list", "source": list(FLAGS), **softly}
    if column.kind in ("year", "month"):
        low, high = bounds(column)
        return {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high, **softly}
    return None


def tables_xlsx(tables_of: dict, notes: dict, lang: str = "zh") -> bytes:
    """The tables of a book as a standard workbook in the main unit, and `notes`, sheets of words that nothing reads.

    Read again it gives the same tables; a code that was made from unit and name is left out and made anew.
    """
    import pandas as pd
    import xlsxwriter

    held = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, {"in_memory": True, **plain}) as book:
        book.set_properties({"title": say("contract.template_title", lang), "created": CREATED})
        formats = _formats(book)
        for declared in (t for t in tables().values() if t.name in tables_of):
            frame = tables_of[declared.name]
            if "is_code_made" in frame:
                is_made = frame["is_code_made"].fillna(False).astype(bool)
                frame = frame.assign(project=frame["project"].where(~is_made))
            sheet = book.add_worksheet(sheet_name(declared))
            if declared.of_kind("amount"):
                sheet.write_string(0, 0, say("contract.template_unit", "zh", unit=UNITS[0]), formats["unit"])
            columns = [c for c in declared.columns if c.name in frame and not c.is_made]
            for at, column in enumerate(columns):
                sheet.write_string(1, at, header(column), formats["optional"])
                sheet.set_column(at, at, _width(column), formats[_format(column)])
                cells = _shown(frame[column.name], column)
                for row, value in enumerate(cells, 2):
                    if isinstance(value, str):
                        sheet.write_string(row, at, value)
                    elif value is not None:
                        sheet.write_number(row, at, value, formats[_format(column)])
            sheet.freeze_panes(2, 0)
        for name, frame in notes.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(frame.columns), formats["optional"])
            for row, line in enumerate(frame.itertuples(index=False), 1):
                sheet.write_row(row, 0, ["" if pd.isna(v) else str(v) for v in line])
    return held.getvalue()


def _shown(values, column: Column) -> list:
    """The cells of a column as a person writes them; None where blank."""
    words = {c.value: _choice(c.zh, c.en) for c in column.choices} | (
        {True: FLAGS[0], False: FLAGS[1]} if column.kind == "flag" else {}
    )
    out = []
    for value, is_blank in zip(values.tolist(), values.isna().tolist(), strict=True):
        if is_blank:
            out.append(None)
        elif words:
            out.append(words[value])
        elif column.kind == "date":
            out.append(value.strftime("%Y-%m-%d"))
        else:
            out.append(value if isinstance(value, (int, float)) else str(value))
    return out
