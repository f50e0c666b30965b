"""Lists to work on: workbooks that go out to departments, with columns for them to fill in."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd
import xlsxwriter
from rich.cells import cell_len
from xlsxwriter.workbook import Workbook

from perflib.show.labels import column
from perflib.show.numbers import is_missing
from perflib.show.workbook_styles import NUMBER_FORMATS, Formats, sheet_name

_CREATED = datetime(2020, 1, 1)  # fixed, so that the same list is the same bytes
_HEAD_ROW, _NARROW, _WIDE = 2, 9, 46
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def list_xlsx(
    frames: Mapping[str, pd.DataFrame],
    *,
    title: str,
    lang: str,
    fill: Sequence[str] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """A workbook with a sheet for each of `frames`, headed in Chinese and English.

    The columns `fill` (declared like any other) are added empty at the right, for the reader to fill in;
    those in `choices` offer a list. Every text is written as text, so that none can be a formula.
    """
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True, **_PLAIN}) as book:
        book.set_properties({"title": title, "created": _CREATED})
        formats = Formats(book, lang)
        for name, frame in frames.items():
            _sheet(book, name, frame, title, lang, formats, tuple(fill), choices or {})
    return held.getvalue()


def _sheet(
    book: Workbook, name: str, frame: pd.DataFrame, title: str, lang: str, formats: Formats,
    fill: tuple[str, ...], choices: Mapping[str, Sequence[str]],
) -> None:  # fmt: skip
    sheet = book.add_worksheet(sheet_name(name, [s.name for s in book.worksheets()]))
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, f"{title} · {name}" if name != title else title, formats.title)
    sheet.set_row(_HEAD_ROW, 32)
    last = _HEAD_ROW + max(len(frame), 1)
    for col, column_name in enumerate([*frame.columns, *fill]):
        declared = column(column_name)
        heading = f"{declared.label('zh')}\n{declared.label('en')}"
        sheet.write_string(_HEAD_ROW, col, heading, formats.head)
        values = frame[column_name] if column_name in frame else [None] * len(frame)
        cells = [_write(sheet, row, col, value, declared, lang, formats)
                 for row, value in enumerate(values, start=_HEAD_ROW + 1)]  # fmt: skip
        longest = max([cell_len(part) for part in heading.split("\n")] + [cell_len(c) for c in cells[:400]])
        sheet.set_column(col, col, min(max(longest + 2, _NARROW), _WIDE))
        if column_name in choices:
            sheet.data_validation(
                _HEAD_ROW + 1, col, last, col, {"validate": "list", "source": list(choices[column_name])}
            )
    sheet.freeze_panes(_HEAD_ROW + 1, 0)
    sheet.autofilter(_HEAD_ROW, 0, last, len(frame.columns) + len(fill) - 1)
    sheet.repeat_rows(_HEAD_ROW)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write(sheet, row: int, col: int, value, declared, lang: str, formats: Formats) -> str:
    """Write one cell; the text that it shows comes back, for the column's width."""
    if is_missing(value):
        sheet.write_blank(row, col, None, formats.wrap)
        return ""
    if declared.unit in NUMBER_FORMATS and not isinstance(value, str):
        sheet.write_number(row, col, float(value), formats.number(NUMBER_FORMATS[declared.unit]))
        return str(value)
    text = declared.cell(value, lang)
    sheet.write_string(row, col, text, formats.wrap)
    return text
