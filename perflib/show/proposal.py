"""The proposal table for next year's budget: a workbook to decide in, which can be read back."""

import io
import json
from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import xlsxwriter

from perflib.data.proposal import (
    AMOUNTS,
    EDITABLE,
    HEAD_ROW,
    KEY,
    RECORD,
    SHEET,
    as_text,
    column_words,
    decision_words,
    fingerprint,
)
from perflib.data.text import say
from perflib.show.workbook_styles import BLUE, FONTS, GREY, INK, PALE

_CREATED = datetime(2020, 1, 1)  # fixed, so that the same table is the same bytes
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
COLUMNS = (
    *KEY, "name", "department", "adjusted_budget", "kind", "score", "grade", "consequence", "take_back",
    "proposed_cut", *EDITABLE,
)  # fmt: skip
MONEY = ("adjusted_budget", "take_back", "proposed_cut", *AMOUNTS)
_WIDTHS = {"project": 24, "name": 34, "department": 20, "decision": 14, "decision_note": 40, "year": 8}


def proposal_xlsx(frame: pd.DataFrame, lang: str) -> bytes:
    """The workbook of `write_proposal` as bytes: the same for the same frame.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> decided = pf.consequences.decided(book.rows("evaluations", year=2022), rule).assign(year=2023)
    >>> projects = book.rows("projects", year=2023)
    >>> table = pf.consequences.propose(projects, decided, consequences=rule["consequences"])
    >>> pf.proposal(table, "zh")[:2]
    b'PK'
    """
    rows = _filled(frame, lang)
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True, **_PLAIN}) as book:
        book.set_properties({"title": say("proposal.title", lang), "created": _CREATED})
        sheet = book.add_worksheet(SHEET[lang])
        heads = [column_words(name, lang) for name in COLUMNS]
        _write_rows(book, sheet, rows, heads, lang)
        _protect(sheet, len(rows), lang)
        _write_record(book.add_worksheet(RECORD), rows, heads, lang)
    return held.getvalue()


def _filled(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The columns of the sheet; the decision starts as the rule's consequence, in words."""
    words = decision_words(lang)
    rule = frame["consequence"].astype(object)
    said = rule.map(words).where(rule.notna(), None)
    start = {
        "consequence": said, "decision": said, "decided_cut": frame["proposed_cut"],
        "decided_take_back": frame["take_back"], "decision_note": None,
    }  # fmt: skip
    return frame.reindex(columns=COLUMNS).assign(**start).sort_values(list(KEY), ignore_index=True)


def _write_rows(book, sheet, rows: pd.DataFrame, heads: Sequence[str], lang: str) -> None:
    base = {"font_name": FONTS[lang], "font_size": 10, "font_color": INK, "valign": "top"}
    line = {"bottom": 1, "bottom_color": PALE}
    head = book.add_format(
        {**base, "font_color": "#ffffff", "bg_color": BLUE, "text_wrap": True, "align": "center"}
    )
    shut, open_ = {"locked": True, "font_color": GREY}, {"locked": False, "bg_color": "#fff8e8"}
    formats = {
        (is_open, is_money): book.add_format(
            {
                **base,
                **line,
                **(open_ if is_open else shut),
                **({"num_format": "#,##0.00"} if is_money else {}),
            }
        )
        for is_open in (False, True)
        for is_money in (False, True)
    }
    sheet.write_string(0, 0, say("proposal.title", lang), book.add_format({**base, "font_size": 15}))
    sheet.write_string(1, 0, say("proposal.lead", lang), book.add_format({**base, "font_color": GREY}))
    sheet.set_row(HEAD_ROW, 32)
    for at, name in enumerate(COLUMNS):
        sheet.write_string(HEAD_ROW, at, heads[at], head)
        sheet.set_column(at, at, _WIDTHS.get(name, 16 if name in MONEY else 11))
        form = formats[name in EDITABLE, name in MONEY]
        for row, value in enumerate(rows[name], start=HEAD_ROW + 1):
            _write(sheet, row, at, value, form)


def _write(sheet, row: int, at: int, value, form) -> None:
    text = as_text(value)
    if not text:
        sheet.write_blank(row, at, None, form)
    elif isinstance(value, str):
        sheet.write_string(row, at, text, form)
    else:
        sheet.write_number(row, at, round(float(value), 2), form)


def _protect(sheet, n: int, lang: str) -> None:
    """Lock what the rule says, offer the decisions, and keep amounts between 0 and the budget."""
    first, last = HEAD_ROW + 1, HEAD_ROW + max(n, 1)
    place = {name: at for at, name in enumerate(COLUMNS)}
    choices = {"validate": "list", "source": list(decision_words(lang).values())}
    sheet.data_validation(first, place["decision"], last, place["decision"], choices)
    budget = chr(65 + place["adjusted_budget"])
    limit = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": f"=${budget}{first + 1}",
             "error_title": say("proposal.limit_title", lang), "error_message": say("proposal.limit", lang)}  # fmt: skip
    sheet.data_validation(first, place["decided_cut"], last, place["decided_cut"], limit)
    least = {"validate": "decimal", "criteria": ">=", "value": 0}
    sheet.data_validation(first, place["decided_take_back"], last, place["decided_take_back"], least)
    sheet.autofilter(HEAD_ROW, 0, last, len(COLUMNS) - 1)
    sheet.freeze_panes(first, place["name"] + 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def _write_record(sheet, rows: pd.DataFrame, heads: Sequence[str], lang: str) -> None:
    """The hidden sheet: a hash, what the columns were, and each row as it was written."""
    codes = {word: code for code, word in decision_words(lang).items()}
    texts = rows.assign(decision=rows["decision"].map(codes).where(rows["decision"].notna(), None))
    cells = [[as_text(v) for v in texts[name]] for name in COLUMNS]
    head = {"columns": list(COLUMNS), "heads": [as_text(h) for h in heads], "lang": lang}
    lines = [json.dumps(head, ensure_ascii=False, sort_keys=True)]
    lines += [json.dumps(list(row), ensure_ascii=False) for row in zip(*cells, strict=True)]
    for row, line in enumerate([fingerprint(lines), *lines]):
        sheet.write_string(row, 0, line)
    sheet.protect("")
    sheet.hide()
