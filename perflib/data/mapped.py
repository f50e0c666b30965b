"""Files read as a mapping says: one engine for every place, so that a new city is data, not code."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import Numbers, is_blank, read_numbers
from perflib.data.columns import fill_columns
from perflib.data.contract import NUMERIC, Table
from perflib.data.contract import table as declared_table
from perflib.data.derive import PLACEHOLDER, Sum, derive, each, fill, slots, where
from perflib.data.errors import DataError
from perflib.data.fields import Fields, read_fields, trimmed
from perflib.data.files import KNOWN, Grid, read_grids
from perflib.data.header import Header, split_unit
from perflib.data.joined import cumulate, join
from perflib.data.lineage import lineage_cells
from perflib.data.load import Source
from perflib.data.mapping import RELAXABLE, Layout, Lookup, Mapping, Series, load_mapping
from perflib.data.mapping_fault import Fault, MappingError
from perflib.data.packed import ENDINGS, read_json
from perflib.data.patterns import find_files, find_sheets
from perflib.data.periods import fiscal_month, fiscal_year
from perflib.data.piece import Piece
from perflib.data.rows import block_sums, listed
from perflib.data.settle import merge_keys, subtract
from perflib.data.sources import is_cover
from perflib.data.totals import SURE, by_code, by_words
from perflib.data.units import LAKHS, MARKS, SIGNS, code_in, may_bear, plain, scale_of, signs_of
from perflib.data.whole import sha256
from perflib.data.words import normal

_LAKHS = re.compile(r"(?<![\d,])\d{1,2}(?:,\d\d)+,\d{3}(?![\d,])")  # 1,30,000
_AMERICAN = re.compile(r"\d{1,2}\D(?:1[3-9]|2\d|3[01])\D(?:19|20)\d\d")  # 6/30/2023


@dataclass
class Job:
    """One reading: the mapping, where its files lie, and the year asked for (0: all)."""

    mapping: Mapping
    file: Path
    folder: Path
    year: int = 0
    grids: dict[tuple, list[Grid]] = field(default_factory=dict)
    notes: list[pd.DataFrame] = field(default_factory=list)
    # place in the mapping, what it looks for
    is_used: dict[tuple[str, str], bool] = field(default_factory=dict)

    def uses(self, series: Series, key: str, wanted: object, hit: bool) -> None:
        """Note whether anything in the data fitted what the mapping says there."""
        at = next((i for i, s in enumerate(self.mapping.file, 1) if s is series), 0)
        place = (f"[[file]] {at} ({', '.join(series.pattern)}), {key}", str(wanted))
        self.is_used[place] = self.is_used.get(place, False) or bool(hit)

    def year_of(self, text: object) -> int | None:
        return fiscal_year(text, begins=self.mapping.year_begins, called=self.mapping.year_called)

    def month_of(self, text: object) -> int | None:
        return fiscal_month(text, begins=self.mapping.year_begins)

    def open(self, path: Path, layout: Layout, *, years: tuple = ()) -> list[Grid]:
        """Sheets of the file, read once for all blocks that look at it."""
        labels = [label for f in layout.fields.values() for label in f.label]
        key = (
            path,
            layout.encodings,
            layout.separator,
            *([tuple(labels), years] if path.suffix == ".parquet" else []),
        )
        if key not in self.grids:
            if path.suffix.lower() in ENDINGS:
                self.grids[key] = read_json(path, layout.encodings)
            else:
                self.grids[key] = read_grids(
                    path, layout.encodings, layout.separator, columns=labels, years=years
                )
            for grid in self.grids[key]:
                grid.file = (
                    path.relative_to(self.folder).as_posix()
                    if path.is_relative_to(self.folder)
                    else path.name
                )
        return self.grids[key]

    def warn(self, rule: str, **fields) -> None:
        self.notes.append(problems.report(rule, "warning", "", **fields))


@dataclass
class Draft:
    """Rows of one set of columns on their way into a table: cells by column, and why each row goes aside."""

    piece: Piece
    text: "Texts"
    cells: dict[str, np.ndarray]
    header: Header
    rows: np.ndarray
    reason: np.ndarray


class Texts:
    """Fields as trimmed text, padded where the mapping says; each is made when it is asked for."""

    def __init__(self, job: Job, fields: Fields, layout: Layout, piece: Piece, when: int):
        self.fields, self.layout, self.piece = fields, layout, piece
        self.raw = dict(fields.raw)
        told = {"year": str(when) if when else "", **fields.told}
        for name, read in (("year", job.year_of), ("month", job.month_of)):
            if name in fields.told and (value := read(fields.told[name])):
                told[name] = str(value)
        self.made = {
            n: np.full(len(fields.rows), t, dtype=object) for n, t in told.items() if n not in self.raw
        }

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.made:
            spec = self.layout.fields.get(name)
            width = self.layout.pad.get(name, spec.pad if spec else 0)
            values, short, first = trimmed(self.raw[name], width)
            if short:
                self.piece.repaired("", "code_padded", short, f"{name} {first}")
            self.made[name] = values
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.raw, *self.made]))

    def cells(self, name: str) -> np.ndarray:
        """The field as the file has it."""
        return self.raw[name] if name in self.raw else self[name]


@dataclass
class _Raw:
    """Fields as the file has them, for columns of numbers; those of amounts without what stands beside digits."""

    texts: Texts
    clean: Callable[[np.ndarray], np.ndarray] = lambda cells: cells

    def __getitem__(self, name: str) -> np.ndarray:
        return self.clean(self.texts.cells(name))


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
        raise DataError(
            "reading.mapping_no_files", folder=str(place), file=mapping_file.name, expected=patterns
        )
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
    years = [
        (at, f[0]) for at, files in found.items() for f in files if job.mapping.file[at].mark(f[0]) is None
    ]
    faults = [Fault(f"[[file]] {at + 1}, decimal", str(year), ("from", "until")) for at, year in years]
    if faults:
        raise MappingError(job.file.name, faults)


def _read_series(job: Job, series: Series, found: list) -> list[Piece]:
    drafts = [d for year, path, told in found for d in _read_file(job, series, year, path, told)]
    if series.last:
        _keep_last(series, drafts)
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
    piece.decimal, piece.unit, piece.sums_keys = (
        series.mark(when),
        series.unit or job.mapping.currency,
        bool(series.merge),
    )
    piece.currency = job.mapping.currency
    count, text = len(fields.rows), Texts(job, fields, series, piece, when)
    if not grid.file.endswith(ENDINGS):  # a line of JSON has no cells
        piece.letters = {n: problems.letter(fields.places[s]) for n, r in series.rules.items()
                         if (s := _one_slot(r)) in fields.places}  # fmt: skip
    if series.names:
        _spellings(piece, series, text)
    for rule in series.lookup:
        _look_up(job, rule, when, text)
    reason = np.full(count, "", dtype=object)
    for at, rule in enumerate(series.exclude, 1):
        if rule.applies(when) and slots({"when": rule.when}) <= set(text):
            hit = where(rule.when, text, count)
            job.uses(series, f"exclude {at}", rule.when, hit.any())
            reason[hit & (reason == "")] = rule.reason
    kept = [r for r in series.keep if r.applies(when)]
    if kept:
        hits = [where(r.when, text, count) for r in kept]
        for rule, hit in zip(kept, hits, strict=True):
            job.uses(series, "keep", rule.when, hit.any())
        stays = np.any(hits, axis=0)
        reason[~stays & (reason == "")] = kept[0].reason
    made = {n: r for n, r in series.rules.items() if r != "" and slots(r) <= set(text)}
    header, cells = Header(0, 1), {}
    for name, rule in made.items():
        column = piece.table[name]
        if column.kind in NUMERIC:
            cells[name] = _numbers(job, series, name, rule, text, piece, header)
        else:
            cells[name] = derive(rule, text, count)
        if column.kind in ("year", "month"):
            cells[name] = _dated(cells[name], job.year_of if column.kind == "year" else job.month_of)
    return Draft(piece, text, cells, header, fields.rows, reason)


def _one_slot(rule: object) -> str:
    """The field that a column is, where it is nothing but one field."""
    hit = PLACEHOLDER.fullmatch(rule) if isinstance(rule, str) else None
    return hit[1] if hit and hit[2] is None else ""


def _dated(cells: np.ndarray, read) -> np.ndarray:
    """Years or months as numbers; what is none stays as it is, to be told with its cell."""
    return each(cells, lambda d: d if (found := read(d)) is None else str(found))


def _numbers(
    job: Job, series: Series, name: str, rule, text: Texts, piece: Piece, header: Header
) -> np.ndarray:
    """Cells of a column of numbers, and in `header` the unit that they are in."""
    column, unit, count = piece.table[name], series.unit_of(name), len(text.fields.rows)
    currency, decimal = job.mapping.currency, piece.decimal
    marks = {**MARKS.get(currency, {}), **{m: scale_of(u) for m, u in series.units.items()}}

    def clean(cells: np.ndarray) -> np.ndarray:
        if column.kind != "amount" or cells.dtype != object:
            return cells
        cells = _without_signs(cells, currency, piece, name, text.fields.rows)
        return _unmarked(cells, marks, decimal) if marks else cells

    if isinstance(rule, Sum):
        cells = _summed(rule, _Raw(text, clean), count, decimal, piece.grid.is_typed)
    else:
        cells = derive(rule, text, count, raw=_Raw(text, clean))
    if column.kind == "share":
        own = series.columns[name]
        header.units |= {name: 0.01} if isinstance(own, dict) and own.get("unit") == "%" else {}
    if column.kind != "amount":
        return cells
    if PLACEHOLDER.search(unit):
        cells, unit = _scaled_by_row(cells, fill(unit, text, count), currency, decimal), ""
    header.units[name] = scale_of(unit) if unit else 1.0
    _tell_label(series, name, rule, unit, piece)
    return cells


def _tell_label(series: Series, name: str, rule: object, unit: str, piece: Piece) -> None:
    """Tell of a column whose label states another unit than the mapping gives for the file."""
    field = series.fields.get(_one_slot(rule))
    if not unit or not field or isinstance(series.columns[name], dict):
        return
    stated = [split_unit(label)[1] for label in field.label]
    if stated and all(s not in (None, scale_of(unit)) for s in stated):
        piece.report("unit_mapped", "warning", name, found=field.label[0], expected=unit)


def _without_signs(cells: np.ndarray, currency: str, piece: Piece, name: str, rows: np.ndarray) -> np.ndarray:
    """Cells without the sign or the letters of the currency: `$1,000.50`, `(R$ 5)`, `12 Kč`; another's sign is told."""
    own = "|".join(map(re.escape, sorted({currency, *signs_of(currency)}, key=len, reverse=True)))
    shape = re.compile(rf"(?<![^\W\d_])(?:{SIGNS}|{own})(?![^\W\d_])\.?", re.IGNORECASE)
    if currency in LAKHS:
        cells = each(cells, lambda c: c.replace(",", "") if isinstance(c, str) and _LAKHS.search(c) else c)
    signs = [None if not isinstance(c, str) or c.isdecimal() else shape.search(c) for c in cells]
    hits = [i for i, s in enumerate(signs) if s]
    if not hits:
        return cells
    out = cells.copy()
    out[hits] = [shape.sub("", c, count=1).strip() for c in cells[hits]]
    other = [i for i in hits if not may_bear(currency, signs[i][0])]
    row, mark = rows[other], piece.letters.get(name, "")
    piece.report("other_currency", "warning", name, count=len(other), row=list(row), found=list(cells[other]),
                 cell=[f"{mark}{r}" for r in row] if mark else "", expected=currency)  # fmt: skip
    piece.repaired(name, "currency", len(hits), str(cells[hits[0]]))
    return out


def _summed(rule: Sum, raw: _Raw, count: int, decimal: str, is_typed: bool) -> np.ndarray:
    """Fields added up row by row: blanks count nothing, a row of blanks is blank, a cell that is no number
    stands for the row, so that it is told."""
    total, held, bad = np.zeros(count), np.zeros(count, bool), {}
    for sign, name in rule.parts:
        found, cells = _sure(raw[name], decimal, is_typed)
        total += sign * np.nan_to_num(found.values)
        held |= ~np.isnan(found.values)
        bad |= {at: cells[at] for at in np.flatnonzero(found.bad)}
    out = np.where(held, total, np.nan).astype(object)
    out[~held] = ""
    for at, cell in bad.items():
        out[at] = cell
    return out


def _scaled_by_row(cells: np.ndarray, stated: np.ndarray, currency: str, decimal: str) -> np.ndarray:
    """Cells in the units that their rows state; under none, or another currency's, they stand as no amount."""
    cells = np.asarray(cells, dtype=object)
    code, distinct = pd.factorize(stated)
    known = [None if code_in(str(d)) not in ("", currency) else scale_of(str(d)) for d in distinct]
    scales = np.array([*known, None], float)[code]
    out, unknown = _scaled(cells, scales, decimal), np.isnan(scales) & ~is_blank(cells)
    out[unknown] = [f"{c} {u or '(unit?)'}" for c, u in zip(cells[unknown], stated[unknown], strict=True)]
    return out


def _scaled(cells: np.ndarray, scales: np.ndarray, decimal: str) -> np.ndarray:
    """Cells times the scale of their row; what is no number stays, to be told."""
    found, cells = _sure(np.asarray(cells, dtype=object), decimal)
    out = (found.values * scales).astype(object)
    out[np.isnan(found.values)] = ""
    out[found.bad] = cells[found.bad]
    return out


def _sure(cells: np.ndarray, decimal: str, is_typed: bool = False) -> tuple[Numbers, np.ndarray]:
    """The numbers of cells, and the cells; where the rest of the column denies the decimal mark stated, a cell
    that reads differently with each is no number."""
    found = read_numbers(cells, decimal=decimal, is_typed=is_typed)
    if found.is_unsure is not None and found.is_unsure.any():
        cells, found.bad = cells.copy(), found.bad | found.is_unsure
        cells[found.is_unsure] = [f"{c} (decimal?)" for c in cells[found.is_unsure]]
        found.values = np.where(found.bad, np.nan, found.values)
    return found, cells


def _unmarked(cells: np.ndarray, marks: dict[str, float], decimal: str) -> np.ndarray:
    """Cells such as `2.502,06 M` as numbers, by the marks that the mapping declares."""
    shape = re.compile(rf"(.*?)\s*({'|'.join(map(re.escape, sorted(marks, key=len, reverse=True)))})\.?")
    hits = [shape.fullmatch(c.strip()) if isinstance(c, str) else None for c in cells]
    at = np.flatnonzero([bool(h) for h in hits])
    if not len(at):
        return cells
    bare = np.array([hits[i][1] for i in at], dtype=object)
    out = cells.copy()
    out[at] = _scaled(bare, np.array([marks[hits[i][2]] for i in at]), decimal)
    return out


def _fill(draft: Draft) -> Piece:
    piece, cells = draft.piece, draft.cells
    words = [c for c in ("name", "project", "subject", "item") if c in cells] or list(cells)[:1]
    at = np.flatnonzero(draft.reason != "")
    piece.set_aside = listed(piece, np.array([], int), np.array([], object))
    text = [" · ".join(str(cells[w][i]) for w in words if cells[w][i])[:120] for i in at]
    columns = {
        "file": piece.grid.file,
        "sheet": piece.grid.sheet,
        "row": draft.rows[at],
        "table": piece.table.name,
    }
    aside = pd.DataFrame(columns, index=range(len(at))).assign(reason=list(draft.reason[at]), key=text)
    piece.set_aside = aside.astype({c: "str" for c in ("file", "sheet", "table", "reason", "key")})
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
    size = block_sums(amounts, np.full(len(piece.frame), "", object), lacks, is_doubt=True)
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


def _keep_last(series: Series, drafts: list[tuple[Draft, int, dict]]) -> None:
    """Of the rows of all files that share `by`, those with an earlier `of` go aside."""
    keys = [fill("/".join(f"{{{n}}}" for n in series.last.by), d.text, len(d.rows)) for d, *_ in drafts]
    latest: dict[str, tuple] = {}
    orders = []
    is_month_first = any(
        _AMERICAN.match(str(d)) for draft, *_ in drafts for d in pd.unique(draft.text[series.last.of])
    )
    for (draft, *_), key in zip(drafts, keys, strict=True):
        code, distinct = pd.factorize(draft.text[series.last.of])
        order = [_order(str(d), is_month_first=is_month_first) for d in distinct]
        orders.append([order[c] if c >= 0 else () for c in code])
        used = draft.reason == ""
        for k, o in {(k, o) for k, o, u in zip(key, orders[-1], used, strict=True) if u}:
            latest[k] = max(latest.get(k, ()), o)
    for (draft, *_), key, order in zip(drafts, keys, orders, strict=True):
        old = np.array([o < latest.get(k, ()) for k, o in zip(key, order, strict=True)], bool)
        draft.reason[old & (draft.reason == "")] = "superseded"


def _order(text: str, *, is_month_first: bool) -> tuple:
    """What puts months, dates and numbered statements in their order: 30/6/2023, or 6/30/2023."""
    years = [int(y) for y in re.findall(r"(?:19|20)\d\d", text)]
    numbers = [int(n) for n in re.findall(r"\d+", re.sub(r"(?:19|20)\d\d", " ", text))]
    months = [m for w in re.findall(r"[^\W\d_]+", text) if (m := fiscal_month(w))]
    is_day_first = re.match(r"\d{1,2}\D\d{1,2}\D(?:19|20)\d\d", text) and not is_month_first
    return (*years, *months, *(numbers[::-1] if is_day_first else numbers))


def _spellings(piece: Piece, series: Series, text: Texts) -> None:
    """Count the rows whose name of a place is not as the mapping writes it; the code is what counts."""
    rule = series.names
    written = pd.Series(text[rule.text]).str.casefold()
    proper = pd.Series(text[rule.code]).map({k: v.casefold() for k, v in rule.names.items()})
    other = (written != proper) & proper.notna() & (written != "")
    if other.any():
        piece.repaired("district", "spelling", int(other.sum()), str(text[rule.text][other.to_numpy()][0]))


def _look_up(job: Job, rule: Lookup, when: int, text: Texts) -> None:
    """Add to `text` what another file says of the same key (its first row counts); "" where nothing."""
    told = {n: v for n, v in text.fields.told.items() if n != "year"}
    files = find_files(job.folder, PLACEHOLDER.sub(lambda m: told.get(m[1], m[0]), rule.pattern))
    if not files:
        raise MappingError(job.file.name, [Fault("lookup", rule.pattern, kind="no_file")])
    path, known = min(files, key=lambda f: abs((job.year_of(f[1].get("year", "")) or when) - when))
    if "year" in known and job.year_of(known["year"]) != when:
        text.piece.repaired("", "lookup_other_year", 1, path.relative_to(job.folder).as_posix())
    grids = job.open(path, rule)
    grid = next((g for g in grids if not rule.sheet or normal(g.sheet) == normal(rule.sheet[0])), grids[0])
    sets, _ = read_fields(grid, rule, known, mapping=job.file.name)
    other = Texts(job, sets[0], rule, Piece(text.piece.table, pd.DataFrame(), np.array([], int), grid), when)
    form = plain if rule.match == "loose" else str
    template = "\x1f".join(f"{{{name}}}" for name in rule.by)

    def keys(fields: Texts) -> np.ndarray:
        written = fill(template, fields, len(fields.fields.rows))
        return each(written, lambda d: "\x1f".join(map(form, d.split("\x1f"))))

    theirs, own = keys(other), pd.Series(keys(text), dtype=object)
    for name in rule.take:
        _tell_twice(job, other, theirs, name, set(own))
        known_values = dict(zip(theirs[::-1], other[name][::-1], strict=True))
        text.made[name] = own.map(known_values).fillna("").to_numpy(dtype=object)


def _tell_twice(job: Job, other: Texts, keys: np.ndarray, name: str, used: set) -> None:
    """Tell of keys of a code list that stand there again with another content, if any row has them."""
    rows = pd.DataFrame({"key": keys, "value": other[name], "row": other.fields.rows})
    first = rows.groupby("key")["value"].transform("first")
    other_rows = rows[(rows["value"] != first) & rows["key"].isin(used)].drop_duplicates(["key", "value"])
    grid = other.piece.grid
    note = problems.report(
        "lookup_twice", "warning", "", file=grid.file, sheet=grid.sheet, count=len(other_rows),
        row=list(other_rows["row"]), key=[k.replace("\x1f", " / ") for k in other_rows["key"]],
        found=list(other_rows["value"]), expected=list(first[other_rows.index]),
    )  # fmt: skip
    if len(note) and not any(note.equals(n) for n in job.notes):
        job.notes.append(note)


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
                subtract(piece, other, {"reason": rule.reason, "tolerance": rule.tolerance}, grid.file)


def _join_blocks(job: Job, at: int, before: list[Piece], own: list[Piece]) -> None:
    """A block whose numbers no earlier block of the table has completes the earlier one's rows by key."""
    series = job.mapping.file[at]
    numbers = _number_columns(series)
    others = [
        s for s in job.mapping.file[:at] if s.table == series.table and s.pattern and _number_columns(s)
    ]
    if numbers and any(not numbers & _number_columns(other) for other in others):
        for piece in own:
            join([p for p in before if p.table.name == series.table], piece, add=False)


def _number_columns(series: Series) -> set[str]:
    table = declared_table(series.table)
    return {n for n in series.columns if table[n].kind in NUMERIC and n not in table.key}


def _add_lineage(job: Job, pieces: list[Piece]) -> None:
    projects = [p for p in pieces if p.table.is_required]
    if cells := lineage_cells(projects, job.mapping.lineage.least, declared_table("lineage")):
        pieces.append(_inline(declared_table("lineage"), cells, job.file))
        projects[0].repaired(
            "department", "renamed", len(cells["from"]), f"{cells['from'][0]} → {cells['to'][0]}"
        )


def _note_files(job: Job) -> None:
    """Files of the folder that no pattern fits."""
    read = {p for p, *_ in job.grids} | {job.file}
    for one in (x for s in job.mapping.file for x in (s, *s.lookup, *s.subtract)):
        for pattern in [one.pattern] if isinstance(one.pattern, str) else one.pattern:
            read |= {path for path, _ in find_files(job.folder, pattern)}
    files = [p for p in job.folder.rglob("*") if p.suffix.lower() in (*KNOWN, *ENDINGS) and p.is_file()]
    left = sorted(
        p.relative_to(job.folder).as_posix() for p in files if p not in read and p.name[0] not in "~."
    )
    if left:
        job.warn("unread_file", key=str(len(left)), found=", ".join(left[:3]))


def _note_unread(job: Job, pieces: list[Piece]) -> None:
    """Sheets of the books opened that no block reads, and what of the mapping fits nothing."""
    for (place, wanted), hit in job.is_used.items():
        if not hit and not job.year:
            job.warn("rule_idle", file=job.file.name, key=place, found=wanted)
    read = {(p.grid.file, p.grid.sheet) for p in pieces}
    for grid in (g for grids in job.grids.values() for g in grids):
        if (
            grid.sheet
            and (grid.file, grid.sheet) not in read
            and grid.cells.size
            and not is_cover(grid.sheet)
            and not grid.file.lower().endswith(ENDINGS)
        ):
            job.warn("unknown_sheet", file=grid.file, sheet=grid.sheet)


def _inline(declared: Table, cells: dict[str, list], mapping_file: Path) -> Piece:
    """Rows that no file holds: the mapping's own, such as the names of districts, or what it derives."""
    grid = Grid(mapping_file.name, "", np.empty((0, 0), dtype=object), sha256(mapping_file.read_bytes()))
    piece = Piece(declared, pd.DataFrame(), np.array([], int), grid)
    piece.set_aside = listed(piece, np.array([], int), np.array([], object))
    columns = {n: np.array(values, dtype=object) for n, values in cells.items()}
    rows = np.arange(1, len(next(iter(cells.values()))) + 1)
    fill_columns(piece, columns, Header(0, 1, is_own=True), rows, np.full(len(rows), "", dtype=object))
    return piece
