"""One sheet (or file) read as one table: where its header is, which rows are data, and what they hold."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import is_blank
from perflib.data.columns import fill_columns, own_piece, read_columns
from perflib.data.contract import NUMERIC, Table, table
from perflib.data.errors import DataError
from perflib.data.files import Grid
from perflib.data.header import Header, find_header, match, nearest
from perflib.data.piece import Piece
from perflib.data.rows import set_totals, sort_rows, words_of
from perflib.data.stack import joined
from perflib.data.structure import complain_of_structure, fill_merged, fill_zeros
from perflib.data.words import read_words


def read_piece(grid: Grid, declared: Table) -> Piece:
    """Table `declared` out of `grid`, typed; problems are collected, not raised."""
    if grid.frame is not None:
        return _read_frame(grid, declared)
    header = find_header(grid.cells, declared)
    if header is None:
        first = next((r for r in grid.cells if not is_blank(r).all()), [])
        found = ", ".join(str(c) for c in first if c != "")
        raise _no_header(grid, found, declared, (f"{c.zh} / {c.en}" for c in declared.columns if c.is_filled))
    piece = Piece(declared, pd.DataFrame(), np.array([], int), grid, unit=header.unit_text, decimal="")
    piece.currency = header.currency
    named = _named_projects(piece, header)
    _note_header(piece, header)
    _leave_other_columns(piece, header)
    fill_merged(grid, header, [c.name for c in declared.columns if c.kind not in NUMERIC])
    fill_zeros(piece, header)
    at, reason, words = sort_rows(piece, header)
    piece.rows, piece.at = grid.number(at), at
    cells = {n: words[n] if n in words else grid.cells[at, c] for n, c in header.columns.items()}
    if named:
        header.unknown |= dict.fromkeys(named, "")
        cells["project"] = joined([grid.cells[:, c][at] for c in named])
    numbers = read_columns(piece, cells)
    amounts = {n: v.values for n, v in numbers.items() if declared[n].kind == "amount"}
    reason = set_totals(piece, reason, amounts, cells)
    aside = at[reason != ""]
    piece.put_aside(grid.number(aside), reason[reason != ""], words_of(grid.cells, aside))
    piece.rows_head, piece.rows_empty = header.first_data, len(grid.cells) - header.first_data - len(at)
    complain_of_structure(piece, header, at[reason == ""])
    fill_columns(piece, cells, header, piece.rows, reason, numbers)
    return piece


def _named_projects(piece: Piece, header: Header) -> list[int]:
    """Where a sheet without codes has unit and name of its projects; the name then stands for the code."""
    if "project" not in piece.table.names or "project" in header.columns or piece.table.is_required:
        return []
    known = {match(text, table("projects"))[0]: at for at, text in header.unknown.items()}
    if "name" not in known:
        return []
    named = [*[known[n] for n in ("unit", "department") if n in known][:1], known["name"]]
    header.columns["project"] = known["name"]
    for at in named:
        del header.unknown[at]
    return named


def _leave_other_columns(piece: Piece, header: Header) -> None:
    """Leave unread what only shares another name of an optional column of choices: none of its values is known.

    Not the column of secrecy: what no value is known of there may be secret.
    """
    for name, label in header.lesser.items():
        column, at = piece.table[name], header.columns[name]
        cells = piece.grid.cells[header.first_data :, at]
        if not column.choices or column.is_filled or name == "disclosure":
            continue
        words = read_words(cells, column)
        if not words.bad.any() or any(v is not None for v in words.values):
            continue
        header.unknown[header.columns.pop(name)] = label
        found = "\n".join(dict.fromkeys(str(c).strip() for c in cells[words.bad]))
        piece.report_cells("other_column", "warning", [(header.first_row, at)], name, key=label, found=found)


def _note_header(piece: Piece, header: Header) -> None:
    grid = piece.grid
    piece.places = dict(header.columns)
    piece.letters = {name: problems.letter(at) for name, at in header.columns.items()}
    piece.heads = [text for text in header.texts if text]
    if header.is_merged or grid.notes.get("merged_cells"):
        piece.repaired("", "merged_cells", max(1, grid.notes.get("merged_cells", 0)), "")
    row = header.first_row
    piece.title = "\n".join(c for c in grid.cells[:row].ravel() if isinstance(c, str) and c)
    for at, text in header.unknown.items():
        near = nearest(text, piece.table, header)
        rule = "maybe_column" if near else "unknown_column"
        piece.report_cells(rule, "warning", [(row, at)], near, found=text)
    for name, places in header.doubled.items():
        cells = ", ".join(f"{problems.letter(at)}{row + 1}" for at in places)
        piece.report("doubled_column", "error", name, row=row + 1, cell=cells)


def _read_frame(grid: Grid, declared: Table) -> Piece:
    """A Parquet file: the columns have the contract's names, amounts are in the main unit."""
    heads = [str(c) for c in grid.frame.columns]
    known = [c for c in heads if c in declared.names]
    if not known:
        raise _no_header(grid, ", ".join(heads), declared, (c.name for c in declared.columns if c.is_filled))
    cells = {n: _cells(grid.frame[n]) for n in known}
    piece = own_piece(declared, grid, cells, np.arange(2, len(grid.frame) + 2))
    piece.heads = heads
    for other in (c for c in heads if c not in declared.names):
        piece.report("unknown_column", "warning", found=other)
    return piece


def _no_header(grid: Grid, found: str, declared: Table, needed: Iterable[str]) -> DataError:
    told = {"table": declared.label, "expected": ", ".join(needed)}
    return DataError("reading.no_header", file=grid.file, sheet=grid.sheet, found=found[:200], **told)


def _cells(series: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        return series.to_numpy(float, na_value=np.nan)
    return series.astype(object).to_numpy()
