"""What is odd about the shape of a sheet or file: ragged lines, merged amounts, hidden rows, open ends."""

import numpy as np

from perflib.data import problems
from perflib.data.header import Header, later_units
from perflib.data.text import spans


def complain_of_structure(piece, header: Header, data: np.ndarray) -> None:
    """Report in `piece` what the shape of its grid says; `data`: positions of the rows that are kept."""
    if piece.grid.widths is not None:
        _ragged(piece, header, data)
    _nameless(piece, header, data)
    _merged(piece, header, data)
    _uncomputed(piece, header, data)
    _hidden(piece, header, data)
    for row, at, text, other in header.clashes:
        piece.report_cells("unit_clash", "error", [(row, at)], found=text, expected=other)
    _later_units(piece, header)
    if piece.grid.notes.get("open_line") and len(data) and data[-1] == len(piece.grid.cells) - 1:
        piece.warn("open_line", piece.grid.number(data[-1:]))


def _ragged(piece, header: Header, data: np.ndarray) -> None:
    """Lines with fewer fields than the header names, or with something beyond its last field."""
    cells, widths = piece.grid.cells, piece.grid.widths[data]
    named = 1 + max(header.named)
    extra = (cells[np.ix_(data, range(named, cells.shape[1]))] != "").any(axis=1)
    off = extra | (widths < named)
    found = [f"{width}" for width in widths[off]]
    rows = piece.grid.number(data[off])
    piece.report("ragged", "error", count=len(rows), row=list(rows), found=found, expected=str(named))


def _nameless(piece, header: Header, data: np.ndarray) -> None:
    """Columns that hold something below a header that says nothing."""
    cells = piece.grid.cells
    if piece.grid.widths is not None or not len(data):
        return
    for at in (c for c in range(cells.shape[1]) if c not in header.named):
        filled = data[cells[data, at] != ""]
        if len(filled):
            piece.report_cells("nameless_column", "warning", [(int(filled[0]), at)], found=str(len(filled)))


def _merged(piece, header: Header, data: np.ndarray) -> None:
    """Amounts in one cell merged over several rows or columns: whose part is which is not known."""
    cells = piece.grid.cells
    numeric = piece.table.of_kind("amount", "number", "integer", "share", "score")
    for (top, left), (bottom, right) in piece.grid.marks.merged:
        name = next((n for n in numeric if left <= header.columns.get(n, -1) <= right), "")
        is_data = np.searchsorted(data, top) < np.searchsorted(data, bottom + 1)
        if name and is_data and top < len(cells) and cells[top, left] != "":
            span = f"{problems.letter(left)}{top + 1}:{problems.letter(right)}{bottom + 1}"
            piece.report_cells("merged_amount", "error", [(top, left)], name, found=span)


def fill_merged(grid, header: Header, columns: list[str]) -> None:
    """Write a merged range's value into all of its cells in `columns` of the data (codes, years, words)."""
    cells, places = grid.cells, {header.columns[c] for c in columns if c in header.columns}
    for (top, left), (bottom, right) in grid.marks.merged:
        if left == right and left in places and header.first_data <= top < len(cells):
            for row in range(top + 1, min(bottom + 1, len(cells))):
                cells[row, left] = cells[top, left]


def fill_zeros(piece, header: Header) -> None:
    """Write the zeros that a number format shows before a code (0001 for 1) into its cells."""
    cells, formats = piece.grid.cells, piece.grid.marks.formats
    places = {header.columns[n]: n for n in piece.table.of_kind("code") if n in header.columns}
    count = dict.fromkeys(places.values(), 0)
    for (row, at), kind in formats.items() if any(k.startswith("00") for k in set(formats.values())) else ():
        is_code = kind.startswith("00") and at in places and row < len(cells)
        if is_code and isinstance(cells[row, at], (int, float)):
            before = kind.lstrip("0")
            cells[row, at] = before + f"{cells[row, at]:.0f}".zfill(len(kind) - len(before))
            count[places[at]] += 1
    for name, times in count.items():
        if times:
            piece.repaired(name, "code_padded", times, "")


def _uncomputed(piece, header: Header, data: np.ndarray) -> None:
    """Formulas without a value in cells that are read: whatever wrote the file never computed."""
    cells = [(r, c) for r, c in piece.grid.marks.uncomputed if r < 0 or c in header.columns.values()]
    kept = set(data.tolist()) if cells else set()
    cells = [(r, c) for r, c in cells if r < 0 or r in kept]
    piece.report_cells("uncomputed", "error", cells)


def _hidden(piece, header: Header, data: np.ndarray) -> None:
    marks, number = piece.grid.marks, piece.grid.number
    if marks.is_hidden and len(data):
        piece.report("hidden_sheet", "warning", found=str(len(data)))
    rows = number(np.intersect1d(data, np.array(marks.hidden_rows, int)))
    if len(rows):
        piece.warn("hidden_rows", rows[:1], f"{spans(rows)} ({len(rows)})")
    read = set(header.columns.values())
    rows = number(np.intersect1d(data, np.array([row for row, at in marks.struck if at in read], int)))
    if len(rows):
        piece.warn("struck_out", rows[:1], f"{spans(rows)} ({len(rows)})")
    columns = [problems.letter(at) for at in sorted(read & {*marks.hidden_columns})]
    if columns:
        piece.warn("hidden_columns", number(np.array([header.first_row])), ", ".join(columns))


def _later_units(piece, header: Header) -> None:
    """Heads that are repeated, and notes, that state another unit than the header."""
    aside = piece.set_aside
    notes = aside["key"].str.contains("(?i)[单單]位|unit|amounts? in|currency", regex=True)
    said = aside.loc[(aside["reason"] == "header_row") | notes & (aside["reason"] == "note_row"), "row"]
    numbers = piece.grid.number(np.arange(len(piece.grid.cells))) if len(said) else said
    rows = np.flatnonzero(np.isin(numbers, said)).tolist()
    for row, at, text, other in later_units(piece.grid.cells, header, piece.table, rows):
        piece.report_cells("unit_clash", "error", [(row, at)], found=text, expected=other)


def shown_as(piece, column: str, count: int) -> np.ndarray:
    """How the number format shows each cell of a column that was read: PERCENT, SCALED or ""."""
    out = np.full(count, "", dtype=object)
    formats, at = piece.grid.marks.formats, piece.places.get(column, -1)
    if formats and at >= 0 and piece.at is not None:
        out[:] = [formats.get((int(row), at), "") for row in piece.at]
    return out
