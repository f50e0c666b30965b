"""What a command found, as a plain page and a workbook of the same rows."""

import io
from collections.abc import Mapping
from datetime import datetime

import pandas as pd
import xlsxwriter

from perflib.show.web import html_page
from perflib.show.workbook_styles import sheet_name

_CREATED = datetime(2020, 1, 1)  # fixed, so that the same rows are the same bytes
_WIDEST = 60


def ledger_xlsx(sheets: Mapping[str, pd.DataFrame], title: str) -> bytes:
    """A workbook with a sheet for each of `sheets`, headed by the names of its columns; nothing becomes a formula."""
    from rich.cells import cell_len

    held = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, {"in_memory": True, **plain}) as book:
        book.set_properties({"title": title, "created": _CREATED})
        head = book.add_format(
            {"bold": True, "bg_color": "#f1f4f8", "text_wrap": True, "valign": "top", "bottom": 1}
        )
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(sheet_name(name, [s.name for s in book.worksheets()]))
            sheet.write_row(0, 0, list(frame.columns), head)
            for at, column in enumerate(frame):
                cells = ["" if pd.isna(v) else v for v in frame[column].tolist()]
                sheet.write_column(1, at, cells, wrap)
                widest = max([cell_len(str(c)) for c in (column, *cells[:300])])
                sheet.set_column(at, at, min(widest + 2, _WIDEST))
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(frame), 1), max(len(frame.columns) - 1, 0))
            sheet.set_paper(9)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
    return held.getvalue()


def ledger_page(
    sheets: Mapping[str, pd.DataFrame], title: str, told: str, lang: str, *, most: int = 200
) -> str:
    """The same as one HTML page: what was found in a sentence, then each table (its first `most` rows)."""
    tables = [
        (name, list(f.columns), f.head(most).fillna("").to_numpy().tolist(), len(f))
        for name, f in sheets.items()
        if len(f)
    ]
    return html_page("ledger.html.jinja", lang=lang, title=title, told=told, tables=tables, most=most)
