"""Cells typed into the columns of a table: every repair counted, every cell that can't be read named."""

from collections import Counter
from datetime import date

import numpy as np
import pandas as pd

from perflib.data.amounts import MOST, Numbers, read_numbers
from perflib.data.contract import NUMERIC, Column, Table
from perflib.data.files import Grid
from perflib.data.header import Header, factor
from perflib.data.marks import PERCENT, SCALED, is_error, is_sign
from perflib.data.outline import FAULTS, TOLD, fault_of
from perflib.data.piece import Piece
from perflib.data.structure import shown_as
from perflib.data.units import currency_of, may_bear
from perflib.data.words import Coded, as_series, coded, read_words

COMPARED = ("target_initial", "target", "actual")  # in one scale; weights and scores have their own
PLAIN_SHARE = 1.5  # a plain number above it beside a per cent is one of a hundred, too


def fill_columns(
    piece: Piece,
    cells: dict[str, np.ndarray | Coded],
    header: Header,
    rows: np.ndarray,
    reason: np.ndarray,
    numbers: dict[str, Numbers] | None = None,
) -> None:
    """Type the columns of `cells` into `piece.frame`; rows with a reason go to `piece.set_aside`.

    `numbers`: those of the numeric columns, where they were read before.
    """
    keep = reason == ""
    _note_file(piece)
    numbers = read_columns(piece, cells) if numbers is None else numbers
    piece.rows, piece.rows_read = rows[keep], len(rows)
    columns = {}
    for name in (n for n in piece.table.names if n in cells):
        column = piece.table[name]
        if column.kind not in NUMERIC:
            columns[name] = _fill_words(piece, column, cells[name][keep])
            continue
        values = _fill_numbers(piece, column, cells[name], numbers[name], header, keep)
        columns[name] = as_series(values[keep], column)
        if column.kind == "amount":
            piece.cents_read[name], piece.cents_kept[name] = total_cents(values), total_cents(values[keep])
            piece.set_aside[name] = values[~keep]
    _one_scale(piece, columns)
    if {"year", "month"} <= columns.keys():
        _check_months(piece, columns["year"], cells["month"][keep])
    piece.frame = pd.DataFrame(columns, index=range(int(keep.sum())))


def own_piece(declared: Table, grid: Grid, cells: dict[str, np.ndarray], rows: np.ndarray, **header) -> Piece:
    """All rows of columns that bear the contract's names; `header`: what else there is to say of their head."""
    piece = Piece(declared, pd.DataFrame(), np.array([], int), grid)
    fill_columns(piece, cells, Header(0, 1, is_own=True, **header), rows, np.full(len(rows), "", object))
    return piece


def _check_months(piece: Piece, years: pd.Series, months: np.ndarray) -> None:
    """Refuse months that name another year (2022-06) than their row has."""
    told = pd.Series(months, dtype=object).astype("str")
    told = told.str.extract(r"^'?(19[5-9]\d|20\d\d)(?=\D|\d{4}(?:\.0)?$)")[0]
    at = np.flatnonzero(told.notna() & years.notna() & (told != years.astype("str")))
    piece.complain("unreadable", "error", "month", at, [str(m) for m in months[at]])


def _one_scale(piece: Piece, columns: dict[str, pd.Series]) -> None:
    """Bring numbers of one row of which some are per cent (95%) and some plain (90) to one scale, and say so."""
    names = [n for n in COMPARED if n in piece.percents and n in columns]
    if len(names) < 2:
        return
    values = np.stack([columns[n].to_numpy(float) for n in names], axis=1)
    marked = np.stack([piece.percents[n] for n in names], axis=1)
    plain = ~marked & ~np.isnan(values)
    mixed = marked.any(axis=1) & plain.any(axis=1)
    is_large = np.where(plain, np.abs(values), 0).max(axis=1) > PLAIN_SHARE
    scaled = np.where(marked & (mixed & is_large)[:, None], values * 100, values)
    for at, name in enumerate(names):
        here = np.flatnonzero(mixed & marked[:, at])
        found = [_as_shown(v, PERCENT) for v in values[here, at]]
        piece.complain("percent_mix", "warning", name, here, found, expected=_told(scaled[here, at]))
        columns[name] = as_series(scaled[:, at], piece.table[name])


def read_columns(piece: Piece, cells: dict[str, np.ndarray]) -> dict[str, Numbers]:
    """The numbers of each numeric column; one whose decimal mark its values don't tell takes that of the others."""
    names = [n for n in piece.table.of_kind(*NUMERIC) if n in cells]
    told = {"decimal": piece.decimal, "is_typed": piece.grid.is_typed}
    found = {n: read_numbers(cells[n], **told) for n in names}
    marks = Counter(f.decimal for f in found.values() if f.decimal)
    if marks and not piece.decimal:
        likely = marks.most_common(1)[0][0]
        unsure = [n for n, f in found.items() if not f.decimal and f.has_marks]
        found |= {n: read_numbers(cells[n], fallback=likely, **told) for n in unsure}
    return found


def _note_file(piece: Piece) -> None:
    """Count what had to be overlooked in the file as a whole."""
    if piece.grid.encoding not in ("", "utf-8"):
        kind = "byte_mark" if piece.grid.encoding == "utf-8-bom" else "encoding"
        piece.repaired("", kind, 1, piece.grid.encoding)
    for kind in ("empty_columns", "quoted_text", "rich_text"):
        if count := piece.grid.notes.get(kind):
            piece.repaired("", kind, count, "")


def _fill_words(piece: Piece, column: Column, cells: np.ndarray | Coded) -> pd.Series:
    cells = coded(cells)
    words = read_words(cells, column, epoch=piece.grid.marks.epoch)
    for kind, (count, example) in words.repairs.items():
        piece.repaired(column.name, kind, count, example)
    at = np.flatnonzero(words.bad)
    found = cells.at(at)
    if column.kind == "outline":
        _complain_of_outlines(piece, column, found, at)
        return words.series(column)
    is_code = column.kind == "code"
    is_lost = np.array([is_code and not (is_error(c) or isinstance(c, date)) for c in found], dtype=bool)
    for rule, here in (("code_as_number", is_lost), ("unreadable", ~is_lost)):
        piece.complain(rule, "error", column.name, at[here], [str(c) for c in found[here]])
    return words.series(column)


def _complain_of_outlines(piece: Piece, column: Column, cells: np.ndarray, at: np.ndarray) -> None:
    """Say of each outline (`cells`, in the rows `at`) that can't be drawn what is wrong with it."""
    told = [fault_of(cell) for cell in cells]
    for fault in FAULTS:
        here = [i for i, (name, _) in enumerate(told) if name == fault]
        texts = {i: str(cells[i]) for i in here}
        found = [told[i][1] or (f"{t[:TOLD]}…" if len(t) > TOLD else t) for i, t in texts.items()]
        piece.complain(f"outline_{fault}", "error", column.name, at[here], found)


def _fill_numbers(
    piece: Piece, column: Column, cells: np.ndarray, numbers: Numbers, header: Header, keep: np.ndarray
) -> np.ndarray:
    for kind, (count, example) in numbers.repairs.items():
        piece.repaired(column.name, kind, count, example)
    values, bad = np.where(numbers.bad, np.nan, numbers.values), numbers.bad
    shown = shown_as(piece, column.name, len(values))
    if column.kind == "amount":
        bad = bad | numbers.is_percent | ((shown == PERCENT) & ~np.isnan(values))
        if "currency" in numbers.repairs:
            own = ("", piece.currency, "CNY") if piece.at is None else ("", piece.currency or "CNY")
            bad = bad | _foreign(cells, own) & (piece.at is not None or piece.currency != "")
        stated = header.units.get(column.name, header.unit)
        signs = [k for k in set(shown) if is_sign(k)]
        units = [k for k in set(shown) - {"", PERCENT, *signs} if k[:2] != "00"]
        off = [k for k in signs if not may_bear(piece.currency or "CNY", k)]
        off += [k for k in units if k == SCALED or factor(k) != stated]
        scaled = np.isin(shown, off) & ~np.isnan(values) & keep
        told = [str(c) for c in cells[scaled]]
        piece.complain("scaled_format", "warning", column.name, np.flatnonzero(scaled[keep]), told)
        values = _scaled(piece, column, cells, np.where(bad, np.nan, values), numbers, header, keep)
    elif column.kind == "share" and header.units.get(column.name) == 0.01:
        is_share = numbers.is_percent | (shown == PERCENT)
        small = ~is_share & (np.abs(values) <= 1) & (values != 0) & keep
        if small.any():
            is_beside = (~is_share & (np.abs(values) > 1) & keep).any()  # 0.8 beside 95 may be either
            told, severity = [str(c) for c in cells[small]], "doubt" if is_beside else "warning"
            piece.complain("typed_fraction", severity, column.name, np.flatnonzero(small[keep]), told)
        values = np.where(is_share, values, values / 100)
    elif column.kind == "integer":
        bad = bad | (~np.isnan(values) & (values != np.rint(values)))
        values = np.rint(values)
    elif column.kind == "number":
        is_percent = numbers.is_percent | (shown == PERCENT)
        piece.percents[column.name] = is_percent[keep]
        if column.max == 100:  # a weight of 10% is 10 of 100
            values = np.where(is_percent, values * 100, values)
    spots = np.flatnonzero(bad & keep)
    found = [_as_shown(cells[at], shown[at]) for at in spots]
    piece.complain("unreadable", "error", column.name, np.flatnonzero(bad[keep]), found)
    return values


def _foreign(cells: np.ndarray, own: tuple[str, ...]) -> np.ndarray:
    """Amounts that name another currency than those that their column may be in."""
    named = [currency_of(c) if isinstance(c, str) else "" for c in cells]
    return np.array([c not in own for c in named], bool)


def _as_shown(cell: object, shown: str) -> str:
    is_percent = shown == PERCENT and isinstance(cell, (int, float))
    return f"{cell * 100:g}%" if is_percent else str(cell)


def _scaled(
    piece: Piece,
    column: Column,
    cells: np.ndarray,
    values: np.ndarray,
    numbers: Numbers,
    header: Header,
    keep: np.ndarray,
) -> np.ndarray:
    """Amounts in the main unit and in whole cents; without a stated unit, an error."""
    stated = header.units.get(column.name, header.unit)
    piece.scales[column.name] = stated or 1.0
    is_open = stated is None and not header.is_own and not np.isnan(values).all()
    if is_open and (numbers.scale is None or np.isnan(numbers.scale[~np.isnan(values)]).any()):
        cell = f"{piece.letters.get(column.name, '')}{header.first_row + 1}"
        piece.report("no_unit", "error", column.name, row=header.first_row + 1, cell=cell)
    scale = np.full(len(values), stated or 1.0)
    if numbers.scale is not None:
        scale = np.where(np.isnan(numbers.scale), scale, numbers.scale)
    values = values * scale
    large = np.abs(values) >= MOST
    spots = np.flatnonzero(large[keep])
    piece.complain("unreadable", "error", column.name, spots, _told(values[large & keep]))
    # three decimals of a yuan: a thousand is meant, or a fraction of a cent
    if numbers.is_unsure is not None:
        unsure = numbers.is_unsure & ((scale == 1) | (piece.decimal != "")) & keep
        found = [str(c) for c in cells[unsure]]
        rule = "mark_clash" if piece.decimal else "mark_doubt"
        piece.complain(rule, "error", column.name, np.flatnonzero(unsure[keep]), found)
    values = np.where(large, np.nan, values)
    return values if piece.sums_keys else to_whole_cents(piece, column.name, values)


def _told(values: np.ndarray) -> list[str]:
    return [f"{v:.15g}" for v in values]


def to_whole_cents(piece: Piece, column: str, amounts: np.ndarray) -> np.ndarray:
    """Amounts in whole cents that sum to the rounded sum; those that had a fraction are counted.

    The cents that rounding each one down would lose go to the largest fractions, as in an election.
    """
    fine = np.rint(np.nan_to_num(amounts) * 10_000)
    cents, rest = np.floor_divide(fine, 100), np.mod(fine, 100)
    at = np.flatnonzero(rest)
    if len(at):
        spare = int(np.rint(fine.sum() / 100) - cents.sum())
        cents[at[np.argsort(-rest[at], kind="stable")[:spare]]] += 1
        piece.repaired(column, "rounded_to_cent", len(at), f"{amounts[at[0]]:.4f}")
    return np.where(np.isnan(amounts), np.nan, cents / 100)


def total_cents(amounts: np.ndarray) -> int:
    """Whole cents of the sum of `amounts`, added as hundredths of a cent."""
    return int(np.rint(np.rint(np.nan_to_num(amounts) * 10_000).sum() / 100))
