"""Files read as a mapping says: one engine for every place, so that a new city is data, not code."""

from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import is_blank
from perflib.data.contract import Table
from perflib.data.contract import table as declared_table
from perflib.data.derive import derive, fill, slots, where
from perflib.data.errors import DataError
from perflib.data.files import Grid, read_grids, sha256
from perflib.data.header import Header
from perflib.data.lineage import lineage_cells
from perflib.data.load import Source
from perflib.data.mapping import Mapping, Series, applies, load_mapping
from perflib.data.reading import NUMERIC, Piece, fill_columns
from perflib.data.rows import listed
from perflib.data.settle import merge_keys, subtract
from perflib.data.words import normal


def read_mapped(mapping_file: Path, place: Path, *, year: int = 0) -> Source:
    """Every file under `place` (a folder, or one file) that the mapping describes, read and typed.

    With `year`, a series that declares `years_back` is read for that year and so many before it.
    """
    mapping = load_mapping(mapping_file)
    folder = place if place.is_dir() else place.parent
    pieces: list[Piece] = []
    for series in mapping.series:
        found = [f for f in series.files(folder) if series.wants(f[0], year)]
        if not found and place.is_file() and not any(s.files(folder) for s in mapping.series):
            found = [(0, place)]
        pieces += [_read_file(mapping, series, when, path, folder, year) for when, path in found]
        if series.rows:
            names = [n for n in declared_table(series.table).names if any(n in r for r in series.rows)]
            cells = {n: [r.get(n, "") for r in series.rows] for n in names}
            pieces.append(_inline(declared_table(series.table), cells, mapping_file))
    if not any(p.table.is_required for p in pieces):
        patterns = ", ".join(s.pattern for s in mapping.series if s.table == "projects")
        raise DataError(
            "reading.mapping_no_files", folder=str(place), file=mapping_file.name, expected=patterns
        )
    if mapping.lineage:
        projects = [p for p in pieces if p.table.is_required]
        if cells := lineage_cells(projects, mapping.lineage, declared_table("lineage")):
            pieces.append(_inline(declared_table("lineage"), cells, mapping_file))
            projects[0].repaired(
                "department", "renamed", len(cells["from"]), f"{cells['from'][0]} → {cells['to'][0]}"
            )
    return Source(
        pieces,
        mapping.currency,
        relaxed=mapping.relax,
        off=mapping.off,
        about=mapping.about,
        year_begins=mapping.year_begins,
    )


def _read_file(mapping: Mapping, series: Series, year: int, path: Path, folder: Path, asked: int) -> Piece:
    span = (asked - series.years_back, asked) if asked and series.years_back is not None else ()
    labels = [n for names in series.fields.values() for n in names]
    grids = read_grids(
        path, mapping.encodings, mapping.separator, columns=labels, years=span if not year else ()
    )
    chosen = [g for g in grids if not series.sheet or normal(g.sheet) == normal(series.sheet)]
    if not chosen:
        sheets = ", ".join(g.sheet for g in grids)
        raise DataError("reading.missing_sheet", file=path.name, sheet=series.sheet, found=sheets)
    grid = chosen[0]
    grid.file = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    return _read_grid(mapping, series, year, grid, folder)


def _read_grid(mapping: Mapping, series: Series, year: int, grid: Grid, folder: Path) -> Piece:
    piece = Piece(declared_table(series.table), pd.DataFrame(), np.array([], int), grid)
    piece.decimal, piece.unit, piece.sums_keys = series.mark(year), mapping.currency, series.merge
    fields, rows = _fields(piece, series, year, mapping.name)
    for rule in series.lookup:
        look_up(mapping, series, rule, year, fields, folder)
    count = len(rows)
    reason = np.full(count, "", dtype=object)
    for rule in series.exclude:
        if applies(rule, year):
            reason[where(rule["when"], fields, count) & (reason == "")] = rule["reason"]
    made = {name: rule for name, rule in series.columns.items() if slots(rule) <= set(fields)}
    cells = {name: derive(rule, fields, count) for name, rule in made.items()}
    words = [c for c in ("name", "project", "subject", "item") if c in cells] or list(cells)[:1]
    _list_aside(piece, cells, words, rows, reason)
    fill_columns(piece, cells, Header(0, 1, unit=series.unit), rows, reason)
    for rule in series.subtract:
        if applies(rule, year):
            _subtract(mapping, series, rule, year, piece, folder)
    if piece.sums_keys:
        merge_keys(piece)
    return piece


def _list_aside(piece: Piece, cells: dict, words: list[str], rows: np.ndarray, reason: np.ndarray) -> None:
    at = np.flatnonzero(reason != "")
    piece.set_aside = listed(piece, np.array([], int), np.array([], object))
    text = [" · ".join(str(cells[w][i]) for w in words if cells[w][i])[:120] for i in at]
    columns = {"file": piece.grid.file, "sheet": piece.grid.sheet, "row": rows[at], "table": piece.table.name}
    aside = pd.DataFrame(columns, index=range(len(at))).assign(reason=list(reason[at]), key=text)
    piece.set_aside = aside.astype({c: "str" for c in ("file", "sheet", "table", "reason", "key")})


def _fields(piece: Piece, series: Series, year: int, mapping: str) -> tuple[dict, np.ndarray]:
    """The file's fields by our name (text trimmed, "" where blank) and the file's row of each."""
    grid = piece.grid
    raw, rows = (
        _frame_fields(grid, series) if grid.frame is not None else _cell_fields(piece, series, mapping)
    )
    numeric = {
        s[1:-1] for n, s in series.columns.items() if piece.table[n].kind in NUMERIC and isinstance(s, str)
    }
    fields = {n: v if n in numeric else _text(piece, n, v, series.pad.get(n, 0)) for n, v in raw.items()}
    fields.setdefault("year", np.full(len(rows), str(year) if year else "", dtype=object))
    if series.names:
        _spellings(piece, series, fields)
    return fields, rows


def _frame_fields(grid: Grid, series: Series) -> tuple[dict, np.ndarray]:
    frame = grid.frame
    found = {n: next((c for c in names if c in frame), None) for n, names in series.fields.items()}
    raw = {n: frame[c].to_numpy() for n, c in found.items() if c is not None}
    return raw, np.arange(2, len(frame) + 2)


def _cell_fields(piece: Piece, series: Series, mapping: str) -> tuple[dict, np.ndarray]:
    cells = piece.grid.cells
    head = _header_row(cells, series)
    texts = [normal(c) for c in cells[head]] if head is not None else []
    places = {}
    for at, (name, labels) in enumerate(series.fields.items()):
        wanted = [normal(label) for label in labels]
        place = next((texts.index(w) for w in wanted if w in texts), None) if texts else at
        if place is not None and place < cells.shape[1]:
            places[name] = place
        elif name in series.needed:
            raise DataError(
                "reading.mapping_missing_column", file=piece.grid.file, column=" / ".join(labels), mapping=mapping,
                found=", ".join(str(c) for c in cells[head or 0] if c)[:300],
            )  # fmt: skip
    first = 0 if head is None else head + 1
    held = ~np.stack([is_blank(cells[:, p]) for p in places.values()], axis=1)
    rows = np.flatnonzero(held.any(axis=1))
    rows = rows[rows >= first]
    piece.letters = {n: problems.letter(places[s[1:-1]]) for n, s in series.columns.items()
                     if isinstance(s, str) and s[1:-1] in places}  # fmt: skip
    return {n: cells[:, p][rows] for n, p in places.items()}, rows + 1


def _header_row(cells: np.ndarray, series: Series) -> int | None:
    """The row that names at least half of the fields; None if the file has no header."""
    wanted = {normal(label) for labels in series.fields.values() for label in labels}
    for row in range(min(20, len(cells))):
        if len(wanted & {normal(c) for c in cells[row] if c != ""}) * 2 >= len(series.fields):
            return row
    return None


def _text(piece: Piece, name: str, values: np.ndarray, width: int) -> np.ndarray:
    """Trimmed text; numbers without their `.0`; codes padded with the zeros that a program dropped."""
    code, distinct = pd.factorize(values)
    plain = [str(int(d)) if isinstance(d, float) and d.is_integer() else str(d).strip() for d in distinct]
    padded = [p.zfill(width) if p else p for p in plain]
    short = np.array([a != b for a, b in zip(plain, padded, strict=True)] + [False])[code]
    if short.any():
        piece.repaired("", "code_padded", int(short.sum()), f"{name} {plain[code[np.argmax(short)]]}")
    return np.array([*padded, ""], dtype=object)[code]


def _spellings(piece: Piece, series: Series, fields: dict) -> None:
    """Count the rows whose name of a place is not as the mapping writes it; the code is what counts."""
    rule = series.names
    written = pd.Series(fields[rule["text"]]).str.casefold()
    proper = pd.Series(fields[rule["code"]]).map({k: v.casefold() for k, v in rule["is"].items()})
    other = (written != proper) & proper.notna() & (written != "")
    if other.any():
        piece.repaired(
            "district", "spelling", int(other.sum()), str(fields[rule["text"]][other.to_numpy()][0])
        )


def look_up(mapping: Mapping, series: Series, rule: dict, year: int, fields: dict, folder: Path) -> None:
    """Add to `fields` what another file says of the same key (its first row counts); "" where nothing."""
    path = folder / rule["pattern"].replace("{year}", str(year))
    count = len(next(iter(fields.values())))
    known = {name: {} for name in rule["take"]}
    if path.is_file():
        grid = read_grids(path, mapping.encodings, mapping.separator)[0]
        named = {n: (label,) for n, label in rule["fields"].items()}
        other = Series(series.table, {}, fields=named, pad=series.pad)
        theirs, _ = _fields(
            Piece(declared_table(series.table), pd.DataFrame(), np.array([], int), grid), other, year, ""
        )
        keys = fill(_key(rule), theirs, len(theirs[rule["by"][0]]))
        known = {name: dict(zip(keys[::-1], theirs[name][::-1], strict=True)) for name in rule["take"]}
    own = pd.Series(fill(_key(rule), fields, count), dtype=object)
    for name in rule["take"]:
        fields[name] = own.map(known[name]).fillna("").to_numpy(dtype=object)


def _key(rule: dict) -> str:
    return "/".join(f"{{{name}}}" for name in rule["by"])


def _subtract(mapping: Mapping, series: Series, rule: dict, year: int, piece: Piece, folder: Path) -> None:
    """Take the amounts of another file off the lines that have the same key."""
    path = folder / rule["pattern"].replace("{year}", str(year))
    if not path.is_file():
        return
    grid = read_grids(path, mapping.encodings, mapping.separator)[0]
    other = Piece(piece.table, pd.DataFrame(), np.array([], int), grid, decimal=piece.decimal)
    theirs, rows = _fields(other, series, year, mapping.name)
    count = len(rows)
    cells = {name: derive(r, theirs, count) for name, r in series.columns.items()}
    other.set_aside = listed(other, np.array([], int), np.array([], object))
    fill_columns(other, cells, Header(0, 1, unit=series.unit), rows, np.full(count, "", dtype=object))
    subtract(piece, other, rule, path.relative_to(folder).as_posix())


def _inline(declared: Table, cells: dict[str, list], mapping_file: Path) -> Piece:
    """Rows that no file holds: the mapping's own, such as the names of districts, or what it derives."""
    grid = Grid(mapping_file.name, "", np.empty((0, 0), dtype=object), sha256(mapping_file.read_bytes()))
    piece = Piece(declared, pd.DataFrame(), np.array([], int), grid)
    piece.set_aside = listed(piece, np.array([], int), np.array([], object))
    columns = {n: np.array(values, dtype=object) for n, values in cells.items()}
    rows = np.arange(1, len(next(iter(cells.values()))) + 1)
    fill_columns(piece, columns, Header(0, 1, is_own=True), rows, np.full(len(rows), "", dtype=object))
    return piece
