"""The proposal table for next year's budget, read back from a spreadsheet with every change traced."""

import json
from numbers import Number
from pathlib import Path

import pandas as pd

from perflib.data.contract import tables
from perflib.data.digests import sha256
from perflib.data.errors import DataError, Wording
from perflib.data.text import LANGUAGES, say

SHEET = {"zh": "建议表", "en": "Proposal"}
RECORD = "_perflib"  # hidden: what was written, row by row, under one hash
HEAD_ROW = 2  # rows above the heads (0-based number of the row of heads)
KEY = ("district", "year", "project")
EDITABLE = ("decision", "decided_cut", "decided_take_back", "decision_note")
DECISIONS = ("priority", "keep", "compress", "cancel")
AMOUNTS = ("decided_cut", "decided_take_back")


def as_text(value) -> str:
    """The one form in which a cell is remembered and compared: amounts as cents, text trimmed, "" for none.

    >>> as_text(1234.5), as_text(2022), as_text(" a "), as_text(None)
    ('1234.50', '2022.00', 'a', '')
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if not isinstance(value, Number):  # a date, where someone formatted a cell as one, is a text here
        return " ".join(str(value).split())
    return f"{round(float(value), 2) + 0.0:.2f}"


def fingerprint(lines: list[str]) -> str:
    """SHA-256 of the lines that the hidden sheet holds."""
    return sha256("\n".join(lines).encode())


def read_proposal(path: str | Path) -> pd.DataFrame:
    """Every change that was made in the proposal table at `path`, one row each; empty if there is none.

    `path` is a workbook that `perflib.show.proposal.write_proposal` wrote, edited in Excel or LibreOffice
    (xlsx or ods). Columns: sheet, cell, district, year, project, name, column, was, now; amounts as text with
    two decimals, decisions as codes, "" for nothing. Rows may have been sorted: the cell is where it stands now.

    Raises
    ------
    DataError, with the cell named: no hidden record, or an altered one; columns, rows or keys missing, repeated or
    altered; a decision that is no choice; text or a negative number for an amount; a cut above the budget.
    """
    file = Path(path)
    sheets = _sheets(file)
    record = _record(sheets, file)
    sheet = next((s for s in SHEET.values() if s in sheets), None)
    if sheet is None:
        raise DataError(
            "proposal.no_sheet", file=file.name, sheet=SHEET[record["lang"]], found=", ".join(sheets)
        )
    place = {"file": file.name, "sheet": sheet}
    grid = sheets[sheet]
    _check_heads(grid, record, place)
    rows = _rows(grid, record, place)
    columns = record["columns"]
    changes = [change for row in rows for change in _changes(row, columns, place)]
    names = ["sheet", "cell", *KEY, "name", "column", "was", "now"]
    return pd.DataFrame(changes, columns=names).sort_values([*KEY, "column"], ignore_index=True)


def _sheets(file: Path) -> dict[str, list[list]]:
    from python_calamine import CalamineError, CalamineWorkbook

    if not file.is_file():
        raise DataError("proposal.no_file", file=file)
    try:
        book = CalamineWorkbook.from_path(str(file))
        return {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in book.sheet_names}
    except CalamineError as error:
        raise DataError("proposal.not_readable", file=file.name) from error


def _record(sheets: dict[str, list[list]], file: Path) -> dict:
    """What was written: language, columns, heads and rows; refused where its own hash does not fit."""
    if RECORD not in sheets:
        raise DataError("proposal.no_record", file=file.name, sheet=RECORD)
    lines = [str(row[0]) for row in sheets[RECORD] if row and str(row[0])]
    if len(lines) < 2 or fingerprint(lines[1:]) != lines[0]:
        raise DataError("proposal.record_altered", file=file.name, sheet=RECORD, cell="A1")
    head = json.loads(lines[1])
    return {**head, "rows": [json.loads(line) for line in lines[2:]]}


def _check_heads(grid: list[list], record: dict, place: dict) -> None:
    heads = [as_text(v) for v in grid[HEAD_ROW]] if len(grid) > HEAD_ROW else []
    wanted = record["heads"]
    for at in range(max(len(heads), len(wanted))):
        found, expected = (part[at] if at < len(part) else "" for part in (heads, wanted))
        if found != expected:
            raise DataError(
                "proposal.other_head",
                **place,
                cell=_cell(at, HEAD_ROW),
                found=_shown(found),
                expected=_shown(expected),
            )


def _rows(grid: list[list], record: dict, place: dict) -> list[dict]:
    """Each row of the sheet beside what was written of it; no row lost, added, repeated."""
    columns, keys = record["columns"], [record["columns"].index(k) for k in KEY]
    written = {tuple(row[k] for k in keys): row for row in record["rows"]}
    seen: dict[tuple, int] = {}
    rows = []
    for number, cells in enumerate(grid[HEAD_ROW + 1 :], start=HEAD_ROW + 1):
        texts = [as_text(v) for v in cells[: len(columns)]]
        if stray := next((i for i, v in enumerate(cells[len(columns) :], len(columns)) if as_text(v)), None):
            raise DataError("proposal.stray", **place, cell=_cell(stray, number), found=as_text(cells[stray]))
        if not any(texts):
            continue
        key = tuple(texts[k] for k in keys)
        at = _cell(keys[-1], number)
        if key not in written:
            raise DataError("proposal.unknown_key", **place, cell=at, found=_shown(" / ".join(key)))
        if key in seen:
            raise DataError(
                "proposal.key_twice", **place, cell=at, found=key[-1], first=_cell(keys[-1], seen[key])
            )
        seen[key] = number
        rows.append({"number": number, "cells": cells, "texts": texts, "was": written[key]})
    if missing := [key for key in written if key not in seen]:
        end = _cell(keys[-1], HEAD_ROW + 1 + len(rows))
        raise DataError("proposal.row_missing", **place, cell=end, n=len(missing), project=missing[0][-1])
    return rows


def _changes(row: dict, columns: list[str], place: dict) -> list[dict]:
    """The changes of one row; refused where a locked cell, an amount or a decision is not what it may be."""
    now, found = dict(zip(columns, row["texts"], strict=True)), []
    was = dict(zip(columns, row["was"], strict=True))
    for at, name in enumerate(columns):
        where = {**place, "cell": _cell(at, row["number"])}
        if name not in EDITABLE:
            if now[name] != was[name]:
                raise DataError(
                    "proposal.locked", **where, found=_shown(now[name]), expected=_shown(was[name])
                )
            continue
        value = _value(name, row["cells"][at], now, where)
        if value != was[name]:
            about = {k: now[k] for k in (*KEY, "name")}
            about["year"] = str(int(float(about["year"])))
            found.append({"sheet": place["sheet"], "cell": where["cell"], **about, "column": name,
                          "was": was[name], "now": value})  # fmt: skip
    return found


def _value(name: str, cell, now: dict[str, str], where: dict) -> str:
    """The text of an editable cell, once it is what the column takes."""
    if name == "decision":
        return _decision(now[name], where)
    if name not in AMOUNTS or now[name] == "":
        return now[name]
    if isinstance(cell, str | bool) or not isinstance(cell, int | float):
        raise DataError("proposal.text_for_amount", **where, found=now[name])
    if cell < 0:
        raise DataError("proposal.negative", **where, found=now[name])
    budget = float(now["adjusted_budget"] or 0)
    if name == "decided_cut" and round(float(cell), 2) > budget:
        raise DataError(
            "proposal.cut_above_budget", **where, found=now[name], budget=now["adjusted_budget"] or "0.00"
        )
    return now[name]


def decision_words(lang: str) -> dict[str, str]:
    """Code to word of the choices in the column of decisions."""
    return {code: say(f"proposal.{code}", lang) for code in DECISIONS}


def _decision(text: str, where: dict) -> str:
    known = {word: code for lang in LANGUAGES for code, word in decision_words(lang).items()}
    if text and text not in known:
        raise DataError("proposal.no_choice", **where, found=text, known=Wording("proposal.choices"))
    return known.get(text, "")


def _cell(column: int, row: int) -> str:
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 1}"


def _shown(text: str) -> str:
    return text or "—"


def column_words(name: str, lang: str) -> str:
    """What column `name` of the table is called: its own word, or that of the contract."""
    from perflib.data.text import has_text

    if has_text(f"proposal.column_{name}"):
        return say(f"proposal.column_{name}", lang)
    return next((t[name].label(lang) for t in tables().values() if name in t.names), name)
