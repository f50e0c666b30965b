"""The workbook of `perflib check`: the sums, and a sheet for each kind of finding with its cells."""

import io
from collections.abc import Callable, Sequence

import pandas as pd
import xlsxwriter

from perflib.data.contract import table as declared_table
from perflib.data.problems import sentence
from perflib.data.text import say
from perflib.show.workbook_styles import sheet_name

COLUMNS = ("file", "sheet", "cell", "district", "year", "item", "column", "found", "expected", "told")
WIDTHS = (24, 14, 10, 12, 8, 24, 18, 20, 20, 80)


def check_xlsx(
    found: pd.DataFrame, sums: Sequence[str], lang: str, kind_label: Callable[[str, str], str]
) -> bytes:
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
