"""What a command found, as a plain page and a workbook of the same rows."""

import io
from collections.abc import Mapping, Sequence

import pandas as pd
import xlsxwriter

from perflib.data.contract import table as declared_table
from perflib.data.problems import kind_label, sentence
from perflib.data.text import say
from perflib.show.workbook_styles import print_wide, sheet_name, workbook

COLUMNS = ("file", "sheet", "cell", "district", "year", "item", "column", "found", "expected", "told")
WIDTHS = (24, 14, 10, 12, 8, 24, 18, 20, 20, 80)
_WIDEST, MOST = 60, 200  # characters of a column; rows of a table on a page


def ledger_xlsx(sheets: Mapping[str, pd.DataFrame], title: str) -> bytes:
    """A workbook with a sheet for each of `sheets`, headed by the names of its columns; nothing becomes a formula."""
    from rich.cells import cell_len

    held = io.BytesIO()
    with workbook(held, title) as book:
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
            print_wide(sheet, 0)
    return held.getvalue()


def ledger_page(sheets: Mapping[str, pd.DataFrame], title: str, told: str, lang: str) -> str:
    """The same as one HTML page: what was found in a sentence, then each table (its first `MOST` rows)."""
    shown = {name: frame.head(MOST).astype(object).fillna("") for name, frame in sheets.items() if len(frame)}
    tables = [(n, list(f.columns), f.to_numpy().tolist(), len(sheets[n])) for n, f in shown.items()]
    from perflib.show.html import html_page  # a workbook alone does not wait for it

    return html_page("ledger.html.jinja", lang=lang, title=title, told=told, tables=tables, most=MOST)


def check_xlsx(found: pd.DataFrame, sums: Sequence[str], lang: str) -> bytes:
    """Bytes of the workbook: `found` in the form of `problems`, `sums` as lines for its first sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        first = book.add_worksheet(say("check_book.summary", lang))
        first.set_column(0, 0, 60)
        lines = [(kind_label(rule, lang), len(rows)) for rule, rows in found.groupby("rule", sort=False)]
        for at, (label, count) in enumerate(lines):
            first.write_row(at, 0, (label, count), wrap)
        for at, line in enumerate(sums, len(lines) + 1):
            first.write_string(at, 0, line)
        taken = [say("check_book.summary", lang)]
        for rule, rows in found.groupby("rule", sort=False):
            taken.append(sheet_name(kind_label(rule, lang), taken))
            _sheet(book.add_worksheet(taken[-1]), rows, lang, bold, wrap)
    return out.getvalue()


def _sheet(sheet, rows: pd.DataFrame, lang: str, bold, wrap) -> None:
    sheet.write_row(0, 0, [say(f"check_book.{name}", lang) for name in COLUMNS], bold)
    sheet.freeze_panes(1, 0)
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width, wrap)
    for at, row in enumerate(rows.to_dict("records"), 1):
        column = (
            declared_table(row["table"])[row["column"]].label(lang) if row["table"] and row["column"] else ""
        )
        cell = row["cell"] or ("" if pd.isna(row["row"]) else str(row["row"]))
        year = "" if pd.isna(row["year"]) else int(row["year"])
        told = [row["file"], row["sheet"], cell, row["district"], year, row["key"], column]
        sheet.write_row(at, 0, [*told, row["found"], row["expected"], sentence(row, lang)])
    sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
