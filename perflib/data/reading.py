"""One sheet (or file) read as one table: typed columns, and a record of all that was done to it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import is_blank, read_numbers
from perflib.data.contract import Column, Table
from perflib.data.errors import DataError, Wording
from perflib.data.files import Grid
from perflib.data.header import Header, find_header
from perflib.data.outline import FAULTS, TOLD, fault_of
from perflib.data.rows import listed, sort_rows
from perflib.data.words import as_series, read_words

NUMERIC = ("amount", "integer", "number", "share", "score")


@dataclass
class Piece:
    """What one sheet gave: rows of one table, where each came from, and what was done."""

    table: Table
    frame: pd.DataFrame
    rows: np.ndarray  # 1-based row of the sheet, for each row of `frame`
    grid: Grid
    letters: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    repairs: list[dict] = field(default_factory=list)
    set_aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    problems: list[pd.DataFrame] = field(default_factory=list)
    rows_read: int = 0
    rows_merged: int = 0
    cents_read: dict[str, int] = field(default_factory=dict)
    decimal: str = "."
    scales: dict[str, float] = field(default_factory=dict)  # main units in one unit of a column's cells
    sums_keys: bool = False  # rows of one key are summed later, and rounded to the cent then

    def repaired(self, column: str, kind: str, count: int, example: str) -> None:
        where = {"file": self.grid.file, "sheet": self.grid.sheet, "table": self.table.name, "column": column}
        self.repairs.append({**where, "kind": kind, "count": count, "example": example})

    def complain(
        self, rule: str, severity: str, column: str, at: np.ndarray, found: object = "", **more
    ) -> None:
        """Report a problem in the rows at positions `at` of the frame."""
        if len(at):
            rows, mark = self.rows[at], self.letters.get(column, "")
            cells = [f"{mark}{r}" for r in rows] if mark else ""
            where = {"file": self.grid.file, "sheet": self.grid.sheet, "row": rows, "cell": cells}
            here = problems.report(
                rule, severity, self.table.name, column, count=len(at), found=found, **where, **more
            )
            self.problems.append(here)


def read_piece(grid: Grid, declared: Table) -> Piece:
    """Table `declared` out of `grid`, typed; problems are collected, not raised."""
    if grid.frame is not None:
        return _read_frame(grid, declared)
    header = find_header(grid.cells, declared)
    if header is None:
        first = next((r for r in grid.cells if not is_blank(r).all()), [])
        found = ", ".join(str(c) for c in first if c != "")[:200]
        raise DataError(
            "reading.no_header",
            file=grid.file,
            sheet=grid.sheet,
            found=found,
            table=_Label(declared),
            expected=", ".join(f"{c.zh} / {c.en}" for c in declared.columns if c.is_filled),
        )
    piece = Piece(declared, pd.DataFrame(), np.array([], int), grid, unit=header.unit_text)
    _note_header(piece, header)
    at, reason = sort_rows(piece, header)
    fill_columns(piece, {n: grid.cells[:, c][at] for n, c in header.columns.items()}, header, at + 1, reason)
    return piece


class _Label(Wording):
    """A table's label in the language of the sentence."""

    def __init__(self, declared: Table):
        self.declared = declared

    def sentence(self, lang: str) -> str:
        return self.declared.label(lang)


def _note_header(piece: Piece, header: Header) -> None:
    grid = piece.grid
    piece.letters = {name: problems.letter(at) for name, at in header.columns.items()}
    if header.is_merged or grid.notes.get("merged_cells"):
        piece.repaired("", "merged_cells", max(1, grid.notes.get("merged_cells", 0)), "")
    row = np.array([header.first_row])
    place = {"file": grid.file, "sheet": grid.sheet, "row": row + 1}
    for at, text in header.unknown.items():
        cell = f"{problems.letter(at)}{row[0] + 1}"
        piece.problems.append(
            problems.report("unknown_column", "warning", piece.table.name, **place, cell=cell, found=text)
        )
    for name, places in header.doubled.items():
        cells = ", ".join(f"{problems.letter(at)}{row[0] + 1}" for at in places)
        piece.problems.append(
            problems.report("doubled_column", "error", piece.table.name, name, **place, cell=cells)
        )


def fill_columns(
    piece: Piece, cells: dict[str, np.ndarray], header: Header, rows: np.ndarray, reason: np.ndarray
) -> None:
    """Type the columns of `cells` into `piece.frame`; rows with a reason go to `piece.set_aside`."""
    keep = reason == ""
    _note_file(piece)
    piece.rows, piece.rows_read = rows[keep], len(rows)
    columns = {}
    for name in (n for n in piece.table.names if n in cells):
        column = piece.table[name]
        if column.kind == "amount":
            values = _fill_numbers(piece, column, cells[name], header, keep)
            piece.cents_read[name] = total_cents(values)
            piece.set_aside[name] = values[~keep]
            columns[name] = as_series(values[keep], column)
        elif column.kind in NUMERIC:
            columns[name] = as_series(_fill_numbers(piece, column, cells[name], header, keep)[keep], column)
        else:
            columns[name] = _fill_words(piece, column, cells[name][keep])
    piece.frame = pd.DataFrame(columns, index=range(int(keep.sum())))


def _note_file(piece: Piece) -> None:
    """Count what had to be overlooked in the file as a whole."""
    if piece.grid.encoding not in ("", "utf-8"):
        kind = "byte_mark" if piece.grid.encoding == "utf-8-bom" else "encoding"
        piece.repaired("", kind, 1, piece.grid.encoding)
    if blank := piece.grid.notes.get("empty_columns"):
        piece.repaired("", "empty_columns", blank, "")


def _fill_words(piece: Piece, column: Column, cells: np.ndarray) -> pd.Series:
    words = read_words(cells, column)
    for kind, (count, example) in words.repairs.items():
        piece.repaired(column.name, kind, count, example)
    at = np.flatnonzero(words.bad)
    if column.kind == "outline":
        _complain_of_outlines(piece, column, cells, at)
        return as_series(words.values, column)
    rule = "code_as_number" if column.kind == "code" else "unreadable"
    piece.complain(rule, "error", column.name, at, [str(c) for c in cells[at]])
    return as_series(words.values, column)


def _complain_of_outlines(piece: Piece, column: Column, cells: np.ndarray, at: np.ndarray) -> None:
    """Say of each outline that can't be drawn what is wrong with it."""
    faults = np.array([fault_of(cell) for cell in cells[at]], dtype=object)
    for fault in FAULTS:
        bad = at[faults == fault]
        found = [f"{str(cell)[:TOLD]}…" if len(str(cell)) > TOLD else str(cell) for cell in cells[bad]]
        piece.complain(f"outline_{fault}", "error", column.name, bad, found)


def _fill_numbers(
    piece: Piece, column: Column, cells: np.ndarray, header: Header, keep: np.ndarray
) -> np.ndarray:
    numbers = read_numbers(cells, decimal=piece.decimal, is_typed=piece.grid.is_typed)
    for kind, (count, example) in numbers.repairs.items():
        piece.repaired(column.name, kind, count, example)
    values, bad = np.where(numbers.bad, np.nan, numbers.values), numbers.bad
    if column.kind == "amount":
        values = _scaled(piece, column, values, numbers, header)
    elif column.kind == "share" and header.units.get(column.name) == 0.01:
        values = np.where(numbers.is_percent, values, values / 100)
    elif column.kind == "integer":
        bad = bad | (~np.isnan(values) & (values != np.rint(values)))
        values = np.rint(values)
    found = [str(c) for c in np.asarray(cells, object)[bad & keep]]
    piece.complain("unreadable", "error", column.name, np.flatnonzero(bad[keep]), found)
    return values


def _scaled(piece: Piece, column: Column, values: np.ndarray, numbers, header: Header) -> np.ndarray:
    """Amounts in the main unit and in whole cents; without a stated unit, an error."""
    stated = header.units.get(column.name, header.unit)
    if stated is None and not header.is_own and not np.isnan(values).all():
        has_own = numbers.scale is not None and not np.isnan(numbers.scale[~np.isnan(values)]).any()
        if not has_own:
            cell = f"{piece.letters.get(column.name, '')}{header.first_row + 1}"
            where = {
                "file": piece.grid.file,
                "sheet": piece.grid.sheet,
                "row": header.first_row + 1,
                "cell": cell,
            }
            piece.problems.append(problems.report("no_unit", "error", piece.table.name, column.name, **where))
    piece.scales[column.name] = stated or 1.0
    scale = np.full(len(values), stated or 1.0)
    if numbers.scale is not None:
        scale = np.where(np.isnan(numbers.scale), scale, numbers.scale)
    return values * scale if piece.sums_keys else to_whole_cents(piece, column.name, values * scale)


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


def _read_frame(grid: Grid, declared: Table) -> Piece:
    """A Parquet file: the columns have the contract's names, amounts are in the main unit."""
    piece = Piece(declared, pd.DataFrame(), np.array([], int), grid)
    known = [c for c in grid.frame.columns if c in declared.names]
    for other in (c for c in grid.frame.columns if c not in declared.names):
        piece.problems.append(
            problems.report("unknown_column", "warning", declared.name, file=grid.file, found=str(other))
        )
    if not known:
        raise DataError(
            "reading.no_header",
            file=grid.file,
            sheet="",
            found=", ".join(map(str, grid.frame.columns))[:200],
            table=_Label(declared),
            expected=", ".join(c.name for c in declared.columns if c.is_filled),
        )
    cells = {n: _cells(grid.frame[n]) for n in known}
    rows = np.arange(2, len(grid.frame) + 2)
    piece.set_aside = listed(piece, np.array([], int), np.array([], object))
    fill_columns(piece, cells, Header(0, 1, is_own=True), rows, np.full(len(rows), "", dtype=object))
    return piece


def _cells(series: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        return series.to_numpy(float, na_value=np.nan)
    return series.astype(object).to_numpy()
