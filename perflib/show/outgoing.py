"""Workbooks that go out to be filled in and come back: written by the declaration that reads them."""

import io
import json
from collections.abc import Mapping

import pandas as pd
from rich.cells import cell_len

from perflib.data.book import Book
from perflib.data.lists import (
    HEAD_ROW,
    RECORD,
    ListSpec,
    as_text,
    fingerprint,
    list_specs,
    money_scale,
    money_unit,
)
from perflib.data.text import say
from perflib.data.whole import safe_name
from perflib.show.labels import column as declared
from perflib.show.numbers import is_missing
from perflib.show.workbook_styles import BLUE, FONTS, GREY, INK, PALE, print_wide, sheet_name, workbook

_FORMATS = {"amount": "#,##0.00", "share": "0.0%", "score": "0.00"}
_WIDTHS = {"amount": 11, "share": 10, "score": 9, "date": 12, "choice": 13}
LINE = 15.0  # points of a line of a row
A4 = 128  # characters across the page at full size; columns of words share what the others leave


def list_bytes(purpose: str, rows: pd.DataFrame, lang: str, *, district: str, year: int, month: int = 0,
               department: str = "", currency: str = "CNY") -> bytes:  # fmt: skip
    """The workbook of list `purpose`: `rows` has its key and known columns (money in main units), and answers so far.

    Only the cells to fill are open, and marked; choices offer a list; a hidden sheet holds what was written, for
    `perflib.data.lists.read_list`. The same rows give the same bytes.
    """
    spec = list_specs()[purpose]
    table = _in_words(spec, rows, lang, currency)
    head = {"purpose": purpose, "district": district, "year": int(year), "month": int(month), "department": department,
            "lang": lang, "currency": currency}  # fmt: skip
    held = io.BytesIO()
    with workbook(held, spec.label(lang)) as book:
        sheet = book.add_worksheet(sheet_name(spec.label(lang), []))
        when = f"{year}-{month:02d}" if month else str(year)
        title = " · ".join(filter(None, (spec.label(lang), department, when)))
        _draw(book, sheet, spec, table, lang, currency, title)
        _remember(book.add_worksheet(RECORD), spec, rows, head)
    return held.getvalue()


def department_lists(
    book: Book, frames: Mapping[str, pd.DataFrame], *, year: int = 0, month: int = 0
) -> dict[str, bytes]:
    """By file name, a workbook for each list of `frames` (by its name) and department; none of no row.

    `year` is the one that the answers are about; the book's where it is 0.
    """
    lang, made = book.lang, {}
    about = {"district": book.district, "currency": book.currency, "year": year or book.year, "month": month}
    for purpose, frame in frames.items():
        spec = list_specs()[purpose]
        kept = [name for name in (*spec.key, *(c.name for c in spec.fill)) if name in frame]
        frame = book.named(frame).assign(**frame[kept])  # keys and answers are the data's own
        owner = frame[spec.by] if spec.by in frame else pd.Series("", frame.index)
        for name, rows in frame.groupby(owner.fillna(say("show_tables.not_stated", lang)), sort=True):
            stem = "-".join(filter(None, (spec.label(lang), str(name))))
            made[f"{safe_name(stem)}.xlsx"] = list_bytes(purpose, rows, lang, **about, department=str(name))
    return made


def _in_words(spec: ListSpec, rows: pd.DataFrame, lang: str, currency: str) -> pd.DataFrame:
    """The cells as they are shown: money in the list's unit, choices and codes in words."""
    out = rows.reindex(columns=[c.name for c in spec.columns]).astype(object)
    for column in spec.columns:
        if column.kind == "amount":
            out[column.name] = [
                None if pd.isna(v) else round(float(v) / money_scale(currency, lang), 6)
                for v in out[column.name]
            ]
        elif column.kind == "choice":
            words = {code: pair[lang == "en"] for code, pair in column.choices.items()}
            out[column.name] = [words.get(v) for v in out[column.name]]
        elif column.kind == "date":
            out[column.name] = [as_text(v) or None for v in out[column.name]]
        elif column.kind == "text":
            known = declared(column.name, or_none=True)
            if known and (known.codes or known.choices):
                out[column.name] = [None if is_missing(v) else known.cell(v, lang) for v in out[column.name]]
    return out


def _draw(book, sheet, spec: ListSpec, table: pd.DataFrame, lang: str, currency: str, title: str) -> None:
    base = {"font_name": FONTS[lang], "font_size": 10, "font_color": INK, "valign": "top", "border": 1, "border_color": PALE,
            "text_wrap": True}  # fmt: skip
    head = book.add_format({**base, "font_color": "#ffffff", "bg_color": BLUE, "align": "center"})
    opened = {c.name for c in spec.fill}
    sheet.write_string(0, 0, " ")
    first = len(spec.key)
    sheet.write_string(0, first, title, book.add_format({"font_name": FONTS[lang], "font_size": 15}))
    lead = say("collect.lead", lang, unit=money_unit(currency, lang))
    sheet.write_string(1, first, lead, book.add_format({"font_name": FONTS[lang], "font_color": GREY}))
    sheet.set_row(HEAD_ROW, 34)
    last = HEAD_ROW + max(len(table), 1)
    widths = _widths(spec, table, lang)
    for row, cells in enumerate(table[list(widths)].itertuples(index=False), HEAD_ROW + 1):
        lines = max(
            -(-cell_len(as_text(v)) // max(int(w) - 1, 1))
            for v, w in zip(cells, widths.values(), strict=True)
        )
        sheet.set_row(row, LINE * max(lines, 1))
    for at, column in enumerate(spec.columns):
        is_open = column.name in opened
        look = {"bg_color": "#fff8e8", "locked": False} if is_open else {"font_color": GREY}
        more = "####" if is_open and column.kind == "amount" else ""
        form = book.add_format({**base, **look, "num_format": _FORMATS.get(column.kind, "General") + more})
        sheet.write_string(HEAD_ROW, at, column.head(lang, currency), head)
        cells = table[column.name].tolist()
        for row, value in enumerate(cells, HEAD_ROW + 1):
            if as_text(value) == "":
                sheet.write_blank(row, at, None, form)
            elif isinstance(value, str):
                sheet.write_string(row, at, value, form)
            else:
                sheet.write_number(row, at, float(value), form)
        sheet.set_column(at, at, widths.get(column.name, 9), None, {"hidden": at < first})
        if is_open and (rule := _guard(column, lang)):
            sheet.data_validation(HEAD_ROW + 1, at, last, at, rule)
    sheet.autofilter(HEAD_ROW, 0, last, len(spec.columns) - 1)
    sheet.freeze_panes(HEAD_ROW + 1, first + 1)
    print_wide(sheet, HEAD_ROW)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def _widths(spec: ListSpec, table: pd.DataFrame, lang: str) -> dict[str, float]:
    """The width of each column, so that a printed page is A4 in type that can be read."""
    shown = (*spec.known, *spec.fill)
    out = {c.name: float(_WIDTHS.get(c.kind, 0)) for c in shown}
    amounts = [c for c in shown if c.kind == "amount"]
    # the unit below the name
    out |= {c.name: max(out[c.name], min(cell_len(c.label(lang)) + 1, 15)) for c in amounts}
    known = [c.name for c in spec.known if c.kind == "text"]
    longest = {n: max([9, *(cell_len(as_text(v)) + 2 for v in table[n][:300])]) for n in known}
    longest |= {c.name: 30 for c in spec.fill if c.kind == "text"}
    left = A4 - sum(out.values())
    part = min(1.0, left / max(sum(longest.values()), 1))
    return out | {n: max(9.0, round(w * part, 1)) for n, w in longest.items()}


def _guard(column, lang: str) -> dict | None:
    """What a cell to fill takes; it warns and lets the user go on, as what comes back is read with care."""
    softly = {"error_type": "warning", "ignore_blank": True}
    if column.kind == "choice":
        words = [pair[lang == "en"] for pair in column.choices.values()]
        return {"validate": "list", "source": words, **softly}
    if column.kind in ("amount", "score", "share"):
        top = {"amount": 1e9, "score": 100, "share": 1.5}[column.kind]
        return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": top, **softly}
    return None


def _remember(sheet, spec: ListSpec, rows: pd.DataFrame, head: dict) -> None:
    """The hidden sheet: a hash, what the list is, and each row as it was written; choices as codes."""
    table = _in_words(spec, rows, head["lang"], head["currency"])
    for column in (c for c in spec.columns if c.kind == "choice"):
        codes = rows[column.name].tolist() if column.name in rows else [None] * len(rows)
        table[column.name] = [code if code in column.choices else None for code in codes]
    lines = [json.dumps(head, ensure_ascii=False, sort_keys=True)]
    lines += [
        json.dumps([as_text(v) for v in row], ensure_ascii=False) for row in table.itertuples(index=False)
    ]
    for row, line in enumerate([fingerprint(lines), *lines]):
        sheet.write_string(row, 0, line)
    sheet.protect("")
    sheet.hide()
