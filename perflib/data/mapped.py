"""Files read as a mapping says: one engine for every place, so that a new city is data, not code."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.columns import fill_columns, own_piece
from perflib.data.contract import NUMERIC, Table
from perflib.data.contract import table as declared_table
from perflib.data.derive import PLACEHOLDER, derive, each, one_slot, slots, where
from perflib.data.errors import DataError
from perflib.data.fields import Fields, read_fields
from perflib.data.files import KNOWN, Grid
from perflib.data.header import Header
from perflib.data.lineage import lineage_cells
from perflib.data.load import Source
from perflib.data.mapped_job import Draft, Job, Texts, look_up
from perflib.data.mapped_numbers import number_cells
from perflib.data.mapping import RELAXABLE, Layout, Series, load_mapping
from perflib.data.mapping_fault import Fault, MappingError
from perflib.data.packed import ENDINGS
from perflib.data.patterns import find_files, find_sheets
from perflib.data.piece import Piece
from perflib.data.rows import block_sums, stacked
from perflib.data.settle import cumulate, join, keep_last, merge_keys, subtract
from perflib.data.sources import is_cover
from perflib.data.totals import SURE, by_code, by_words
from perflib.data.whole import sha256


def read_mapped(mapping_file: Path, place: Path, *, year: int = 0) -> Source:
    """Every file under `place` (a folder, or one file) that the mapping describes, read and typed.

    With `year`, a series that declares `years_back` is read for that year and so many before it.
    """
    mapping = load_mapping(mapping_file)
    job = Job(mapping, mapping_file, place if place.is_dir() else place.parent, year)
    found = {at: _files(job, series) for at, series in enumerate(mapping.file)}
    if place.is_file() and not any(found.values()):
        found = {at: [(0, place, {})] for at, series in enumerate(mapping.file) if series.pattern}
    _check_marks(job, found)
    pieces: list[Piece] = []
    for at, series in enumerate(mapping.file):
        own = _read_series(job, series, [f for f in found.get(at, []) if series.wants(f[0], year)])
        _join_blocks(job, at, pieces, own)
        pieces += own
    pieces = [p for p in pieces if len(p.frame) or p.rows_read or p.table.is_required]
    if not any(p.table.is_required for p in pieces):
        patterns = ", ".join(p for s in mapping.file if s.table == "projects" for p in s.pattern)
        told = {"folder": str(place), "file": mapping_file.name, "expected": patterns}
        raise DataError("reading.mapping_no_files", **told)
    if mapping.lineage:
        _add_lineage(job, pieces)
    _note_unread(job, pieces)
    if place.is_dir():
        _note_files(job)
    return Source(
        pieces, mapping.currency, notes=job.notes, relaxed=mapping.relax, off=mapping.off, relaxable=RELAXABLE, about=mapping.about,
        year_begins=mapping.year_begins, as_of=mapping.end, mapping=mapping_file.name,
    )  # fmt: skip


def _files(job: Job, series: Series) -> list[tuple[int, Path, dict[str, str]]]:
    """Files of the series that are there: the year of each (0: of none), its path, what the path says."""
    out = []
    for path, told in (one for pattern in series.pattern for one in find_files(job.folder, pattern)):
        year = job.year_of(told.get("year", "")) or 0
        if series.applies(year):
            out.append((year, path, told))
    if series.pattern and not out and not series.optional:
        job.warn("no_such_file", file=job.file.name, found=", ".join(series.pattern))
    return sorted(out, key=lambda one: (one[0], one[1]))


def _check_marks(job: Job, found: dict[int, list]) -> None:
    """Every file has a decimal mark before the first is read."""
    years = [(at, year) for at, files in found.items() for year, *_ in files]
    bare = [(at, year) for at, year in years if job.mapping.file[at].mark(year) is None]
    faults = [Fault(f"[[file]] {at + 1}, decimal", str(year), ("from", "until")) for at, year in bare]
    if faults:
        raise MappingError(job.file.name, faults)


def _read_series(job: Job, series: Series, found: list) -> list[Piece]:
    drafts = [d for year, path, told in found for d in _read_file(job, series, year, path, told)]
    if series.last:
        keep_last(series, drafts)
    groups: dict[int, list[Piece]] = {}
    for draft, year, told in drafts:
        piece = _fill(draft)
        for rule in series.subtract:
            if rule.applies(year):
                _subtract(job, series, rule, year, told, piece)
        if piece.sums_keys:
            merge_keys(piece)
        groups.setdefault(0 if series.merge == "sum_files" else id(piece.grid.cells), []).append(piece)
    for together in groups.values() if series.merge else []:
        for at, piece in enumerate(together):
            join(together[:at], piece, add=True)
    pieces = [p for group in groups.values() for p in group]
    if series.flows:
        cumulate(pieces, series.flows)
    if series.rows:
        table = declared_table(series.table)
        names = [n for n in table.names if any(n in r for r in series.rows)]
        pieces.append(_inline(table, {n: [r.get(n, "") for r in series.rows] for n in names}, job.file))
    return pieces


def _read_file(
    job: Job, series: Series, year: int, path: Path, told: dict
) -> Iterator[tuple[Draft, int, dict]]:
    span = (job.year - series.years_back, job.year) if job.year and series.years_back is not None else ()
    grids = job.open(path, series, years=span if not year else ())
    for grid, known in _sheets(job, series, grids, told):
        when = year or job.year_of(known.get("year", "")) or 0
        sets, head = read_fields(grid, series, known, mapping=job.file.name)
        for name, places in head.doubled.items():
            cells = [f"{problems.letter(p)}{head.row + 1}" for p in places]
            job.warn("label_twice", file=grid.file, sheet=grid.sheet, row=head.row + 1, cell=cells[0],
                     found=series.fields[name].label[0], expected=", ".join(cells[1:]))  # fmt: skip
        told = [known for found in head.columns.values() for _, known in found]
        for name, words in series.across.items() if grid.frame is None else ():
            for word, value in words.items():
                job.uses(series, f"across, {name}", word, any(t.get(name) == value for t in told))
        for at, fields in enumerate(sets):
            own = grid if not at else replace(grid, encoding="", notes={})
            yield _draft(job, series, when, own, fields), when, known


def _sheets(job: Job, series: Series, grids: list[Grid], told: dict) -> list[tuple[Grid, dict]]:
    """The sheets that the series reads, with what their names say; without a pattern, the first that fits."""
    for pattern in series.sheet:
        job.uses(series, "sheet", pattern, bool(find_sheets([g.sheet for g in grids], (pattern,), told)))
    if series.sheet:
        found = find_sheets([g.sheet for g in grids], series.sheet, told)
        if not found:
            raise DataError(
                "reading.missing_sheet_mapped", file=grids[0].file, sheet=" / ".join(series.sheet),
                found=", ".join(g.sheet for g in grids), mapping=job.file.name,
            )  # fmt: skip
        return [(next(g for g in grids if g.sheet == name), known) for name, known in found]
    first = None
    for grid in grids:
        try:
            read_fields(grid, series, told, mapping=job.file.name) if len(grids) > 1 else None
            return [(grid, told)]
        except DataError as error:
            first = first or error
    raise first


def _draft(job: Job, series: Series, when: int, grid: Grid, fields: Fields) -> Draft:
    """The columns that the series makes of `fields`, and which rows go aside."""
    piece = Piece(declared_table(series.table), pd.DataFrame(), np.array([], int), grid)
    piece.currency, piece.unit = job.mapping.currency, series.unit or job.mapping.currency
    piece.decimal, piece.sums_keys = series.mark(when), bool(series.merge)
    count, text = len(fields.rows), Texts(job, fields, series, piece, when)
    if not grid.file.endswith(ENDINGS):  # a line of JSON has no cells
        piece.letters = {n: problems.letter(fields.places[s]) for n, r in series.rules.items()
                         if (s := one_slot(r)) in fields.places}  # fmt: skip
    if series.names:
        _spellings(piece, series, text)
    for rule in series.lookup:
        look_up(job, rule, when, text)
    reason = np.full(count, "", dtype=object)
    for at, rule in enumerate(series.exclude, 1):
        if rule.applies(when) and slots({"when": rule.when}) <= set(text):
            hit = where(rule.when, text, count)
            job.uses(series, f"exclude {at}", rule.when, hit.any())
            reason[hit & (reason == "")] = rule.reason
    kept = [r for r in series.keep if r.applies(when)]
    hits = [where(r.when, text, count) for r in kept]
    for rule, hit in zip(kept, hits, strict=True):
        job.uses(series, "keep", rule.when, hit.any())
    if kept:
        reason[~np.any(hits, axis=0) & (reason == "")] = kept[0].reason
    made = {n: r for n, r in series.rules.items() if r != "" and slots(r) <= set(text)}
    header, cells = Header(0, 1), {}
    for name, rule in made.items():
        column = piece.table[name]
        if column.kind in NUMERIC:
            cells[name] = number_cells(job, series, name, rule, text, piece, header)
        else:
            cells[name] = derive(rule, text, count)
        if column.kind in ("year", "month"):
            cells[name] = _dated(cells[name], job.year_of if column.kind == "year" else job.month_of)
    return Draft(piece, text, cells, header, fields.rows, reason)


def _dated(cells: np.ndarray, read) -> np.ndarray:
    """Years or months as numbers; what is none stays as it is, to be told with its cell."""
    return each(cells, lambda d: d if (found := read(d)) is None else str(found))


def _fill(draft: Draft) -> Piece:
    piece, cells = draft.piece, draft.cells
    words = [c for c in ("name", "project", "subject", "item") if c in cells] or list(cells)[:1]
    at = np.flatnonzero(draft.reason != "")
    text = [" · ".join(str(cells[w][i]) for w in words if cells[w][i])[:120] for i in at]
    piece.put_aside(draft.rows[at], draft.reason[at], text)
    fill_columns(piece, cells, draft.header, draft.rows, draft.reason)
    if piece.table.is_required:
        _note_totals(piece)
    return piece


def _note_totals(piece: Piece) -> None:
    """Tell of rows that sum up others, as a subtotal does that no rule leaves out."""
    amounts = {n: piece.frame[n].to_numpy(float) for n in piece.table.of_kind("amount") if n in piece.frame}
    lacks = piece.frame.reindex(columns=["project"])["project"].isna().to_numpy()
    lacks = lacks & (2 * lacks.sum() < len(lacks))  # rows without a code where the others have one
    named = np.zeros(len(piece.frame), bool)
    for name in (n for n in ("name", "project") if n in piece.frame):
        code, distinct = pd.factorize(piece.frame[name])
        kinds = np.append(by_words(np.asarray(distinct, dtype=object)), "")[code]
        lacks, named = lacks | (kinds != ""), named | (kinds == SURE)
    table = stacked(amounts, len(piece.frame))
    size = block_sums(table, np.full(len(piece.frame), "", object), lacks, is_doubt=True)
    keys = [n for n in ("district", "year", "project") if n in piece.frame]
    if "project" in keys and amounts:
        parts = [piece.frame[n].astype("str").fillna("") for n in keys]
        codes = reduce(lambda above, own: above + "\x1f" + own, parts).to_numpy()
        cents = np.stack([np.rint(np.nan_to_num(a) * 100) for a in amounts.values()], axis=1)
        size = np.maximum(size, by_code(codes, cents.astype("int64")))
    piece.warn("maybe_total", piece.rows[size > 0], [str(n) for n in size[size > 0]])
    place = [c for c in ("district", "year") if c in piece.frame]
    # A row that is alone in its place is the total of nothing.
    has_parts = piece.frame.duplicated(place, keep=False) if place else True
    piece.warn("total_doubt", piece.rows[named & (size == 0) & has_parts])


def _spellings(piece: Piece, series: Series, text: Texts) -> None:
    """Count the rows whose name of a place is not as the mapping writes it; the code is what counts."""
    rule = series.names
    written = pd.Series(text[rule.text]).str.casefold()
    proper = pd.Series(text[rule.code]).map({k: v.casefold() for k, v in rule.names.items()})
    other = (written != proper) & proper.notna() & (written != "")
    if other.any():
        piece.repaired("district", "spelling", int(other.sum()), str(text[rule.text][other.to_numpy()][0]))


def _subtract(job: Job, series: Series, rule, when: int, told: dict, piece: Piece) -> None:
    """Take the amounts of another file off the lines that have the same key."""
    pattern = PLACEHOLDER.sub(lambda m: told.get(m[1], m[0]), rule.pattern)
    files = find_files(job.folder, pattern)
    if not files:
        job.warn("no_such_file", file=job.file.name, found=pattern)
        return
    layout = {name: getattr(rule, name) for name in Layout.model_fields}
    bare = {"keep": (), "exclude": (), "last": None, "names": None}
    own = series.model_copy(update={**layout, **bare})
    for path, known in files:
        for grid, seen in _sheets(job, own, job.open(path, own), {**told, **known}):
            for fields in read_fields(grid, own, seen, mapping=job.file.name)[0]:
                other = _fill(_draft(job, own, when, grid, fields))
                subtract(piece, other, rule, grid.file)


def _join_blocks(job: Job, at: int, before: list[Piece], own: list[Piece]) -> None:
    """A block whose numbers no earlier block of the table has completes the earlier one's rows by key."""
    series = job.mapping.file[at]
    numbers = _number_columns(series)
    others = [_number_columns(s) for s in job.mapping.file[:at] if s.table == series.table and s.pattern]
    if numbers and any(their and not numbers & their for their in others):
        for piece in own:
            join([p for p in before if p.table.name == series.table], piece, add=False)


def _number_columns(series: Series) -> set[str]:
    table = declared_table(series.table)
    return {n for n in series.columns if table[n].kind in NUMERIC and n not in table.key}


def _add_lineage(job: Job, pieces: list[Piece]) -> None:
    projects = [p for p in pieces if p.table.is_required]
    if cells := lineage_cells(projects, job.mapping.lineage.least, declared_table("lineage")):
        pieces.append(_inline(declared_table("lineage"), cells, job.file))
        example = f"{cells['from'][0]} → {cells['to'][0]}"
        projects[0].repaired("department", "renamed", len(cells["from"]), example)


def _note_files(job: Job) -> None:
    """Files of the folder that no pattern fits."""
    read = {p for p, *_ in job.grids} | {job.file}
    for one in (x for s in job.mapping.file for x in (s, *s.lookup, *s.subtract)):
        for pattern in [one.pattern] if isinstance(one.pattern, str) else one.pattern:
            read |= {path for path, _ in find_files(job.folder, pattern)}
    files = [p for p in job.folder.rglob("*") if p.suffix.lower() in (*KNOWN, *ENDINGS) and p.is_file()]
    left = [p for p in files if p not in read and p.name[0] not in "~."]
    if left := sorted(p.relative_to(job.folder).as_posix() for p in left):
        job.warn("unread_file", key=str(len(left)), found=", ".join(left[:3]))


def _note_unread(job: Job, pieces: list[Piece]) -> None:
    """Sheets of the books opened that no block reads, and what of the mapping fits nothing."""
    for (place, wanted), hit in job.is_used.items():
        if not hit and not job.year:
            job.warn("rule_idle", file=job.file.name, key=place, found=wanted)
    read = {(p.grid.file, p.grid.sheet) for p in pieces}
    for grid in (g for grids in job.grids.values() for g in grids):
        is_left = grid.sheet and (grid.file, grid.sheet) not in read and grid.cells.size
        if is_left and not is_cover(grid.sheet) and not grid.file.lower().endswith(ENDINGS):
            job.warn("unknown_sheet", file=grid.file, sheet=grid.sheet)


def _inline(declared: Table, cells: dict[str, list], mapping_file: Path) -> Piece:
    """Rows that no file holds: the mapping's own, such as the names of districts, or what it derives."""
    grid = Grid(mapping_file.name, "", np.empty((0, 0), dtype=object), sha256(mapping_file.read_bytes()))
    columns = {n: np.array(values, dtype=object) for n, values in cells.items()}
    return own_piece(declared, grid, columns, np.arange(1, len(next(iter(cells.values()))) + 1))
