"""The fields of one sheet: which column is which, under a header of any depth, and what stands in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.amounts import BLANKS, is_blank
from perflib.data.derive import PLACEHOLDER, where
from perflib.data.errors import DataError
from perflib.data.files import Grid
from perflib.data.mapping import Layout
from perflib.data.marks import column as position
from perflib.data.patterns import YEARS
from perflib.data.periods import fiscal_month, fiscal_year
from perflib.data.units import plain
from perflib.data.words import normal

_YEAR = rf"(?:fy)?(?:{'|'.join(YEARS[:3])})(?:年度?)?|(?:fy)?{YEARS[3]}(?:年度?)?"
_CELL = re.compile(r"#([A-Z]{1,3})([1-9]\d*)")
DEPTH, LEVELS = 40, 3  # rows in which a header is looked for, and rows that it may have


@dataclass
class Fields:
    """Fields of some rows as the file has them, "" where blank."""

    raw: dict[str, np.ndarray]
    rows: np.ndarray  # 1-based row of the sheet of each
    places: dict[str, int]  # field → column of the sheet
    told: dict[str, str]  # what the labels of the columns, the sheet and the path say


@dataclass
class Head:
    """A header found: for each field the columns that it names, each with what its label tells."""

    first_data: int
    columns: dict[str, list[tuple[int, dict[str, str]]]]
    doubled: dict[str, list[int]]
    row: int = 0
    score: int = 0


def read_fields(
    grid: Grid, layout: Layout, known: dict[str, str], *, mapping: str
) -> tuple[list[Fields], Head]:
    """The fields of `grid`, once for each set of columns that the labels name, and its header.

    `known` is what path and sheet say of all rows; labels may add a year, a month, a kind of money.
    """
    if grid.frame is not None:
        return [_from_frame(grid, layout, known)], Head(0, {}, {})
    known = known | _from_cell(grid.cells, layout)
    head = _find_head(grid, layout, known, mapping)
    sets = {tuple(sorted(told.items())): told for found in head.columns.values() for _, told in found}
    widest = [t for t in sets.values() if not any(t.items() < other.items() for other in sets.values())]
    out = []
    for told in widest:
        pairs = [(n, at, own) for n, found in head.columns.items() for at, own in found]
        places = {n: at for n, at, own in pairs if own.items() <= told.items()}
        made = _from_cells(grid.cells, head.first_data, places, layout, {**known, **told}, bool(told))
        # what only other sets have is blank here, so that a sum or a case may name both
        made.raw |= {n: np.full(len(made.rows), "", object) for n in head.columns if n not in places}
        out.append(made)
    return out, head


def _from_cell(cells: np.ndarray, layout: Layout) -> dict[str, str]:
    """Fields that are one cell for the whole sheet, such as a title above the table: "#A3"."""
    spots = {n: hit for n, f in layout.fields.items() for w in f.label if (hit := _CELL.fullmatch(w))}
    at = {n: (int(hit[2]) - 1, position(hit[1].encode())) for n, hit in spots.items()}
    found = {n: trimmed(cells[r : r + 1, c])[0] for n, (r, c) in at.items() if c < cells.shape[1]}
    return {n: text[0] for n, text in found.items() if len(text) and text[0]}


def _from_frame(grid: Grid, layout: Layout, known: dict[str, str]) -> Fields:
    frame = grid.frame
    found = {n: next((c for c in f.label if c in frame), None) for n, f in layout.fields.items()}
    raw = {n: frame[c].to_numpy() for n, c in found.items() if c is not None}
    return Fields(raw, np.arange(2, len(frame) + 2), {}, known)


def _from_cells(
    cells, first: int, places: dict[str, int], layout: Layout, told: dict, is_set: bool
) -> Fields:
    """Rows in which something stands: for one set of several, something in the set's own columns."""
    across = [p for n, p in places.items() if is_set and any(map(PLACEHOLDER.search, layout.fields[n].label))]
    every = np.arange(first, len(cells))
    raw = {n: cells[:, p][every] for n, p in places.items()}
    if layout.blank:
        raw = {n: np.where(_is_mark(v, layout.blank), "", v) for n, v in raw.items()}
    own = [v for n, v in raw.items() if places[n] in across] or list(raw.values())
    marks = BLANKS if across else ()  # a dash under a year is no row of that year
    empty = [is_blank(v) | _is_mark(v, marks) if marks else is_blank(v) for v in own]
    keep = (~np.stack(empty)).any(axis=0)
    return Fields({n: v[keep] for n, v in _carry_down(raw, layout).items()}, every[keep] + 1, places, told)


def _is_mark(cells: np.ndarray, blanks: Sequence[str]) -> np.ndarray:
    marks = {normal(m) for m in blanks}
    code, distinct = pd.factorize(cells)
    return np.array([*(isinstance(c, str) and normal(c) in marks for c in distinct), False], bool)[code]


def _carry_down(raw: dict[str, np.ndarray], layout: Layout) -> dict[str, np.ndarray]:
    """Cells that a table writes once for the rows below, and headings between the rows, on every row."""
    out = dict(raw)
    for name in layout.fill_down:
        if name in out:
            values = pd.Series(out[name], dtype=object)
            out[name] = values.mask(is_blank(out[name])).ffill().fillna("").to_numpy(dtype=object)
    for rule in layout.headings:
        text = {n: trimmed(v)[0] for n, v in out.items()}
        here = where(rule.when, text, len(next(iter(out.values()))))
        held = pd.Series(out[rule.take], dtype=object).where(here).ffill().fillna("")
        out[rule.into] = held.to_numpy(dtype=object)
    return out


def text_of(cell: object) -> str:
    """A cell as text, a whole number without its `.0`."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def trimmed(values: np.ndarray, width: int = 0) -> tuple[np.ndarray, int, str]:
    """Text of `values`, numbers without their `.0`; how many were padded with zeros, and the first."""
    code, distinct = pd.factorize(values)
    bare = [text_of(d) for d in distinct]
    padded = [p.zfill(width) if p else p for p in bare]
    short = np.array([a != b for a, b in zip(bare, padded, strict=True)] + [False])[code]
    first = bare[code[np.argmax(short)]] if short.any() else ""
    return np.array([*padded, ""], dtype=object)[code], int(short.sum()), first


def _find_head(grid: Grid, layout: Layout, known: Mapping[str, str], mapping: str) -> Head:
    """The rows that name most fields; a file without a header is read by position."""
    cells = grid.cells
    if layout.header == 0:
        head = _by_place(cells, layout, 0)
        if lacking := layout.needed - set(head.columns) - set(known):
            raise _missing(grid, layout, lacking, cells[0], mapping)
        return head
    starts = [layout.header_row - 1] if layout.header_row else range(min(DEPTH, len(cells)))
    best = Head(0, {}, {})
    for row in starts:
        for levels in [layout.header] if layout.header else range(1, LEVELS + 1):
            is_free = levels > 1 and layout.header is None
            if row + levels > len(cells) or (is_free and not _is_head(cells, row, levels)):
                break
            head = _match_head(cells, row, levels, layout, known)
            best = max(best, head, key=lambda h: h.score)
        if best.score == len(layout.fields):
            break
    named = {n for n, f in layout.fields.items() if any(w.startswith("#") for w in f.label)}
    if not best.columns or best.score * 2 < len(set(layout.fields) - named):
        first = next((r for r in range(len(cells)) if not is_blank(cells[r]).all()), 0)
        is_bare = grid.sheet == "" and best.score == 0 and any(_is_number(c) for c in cells[first])
        if is_bare and layout.header is None:
            return _by_place(cells, layout, first)
        raise _missing(grid, layout, set(layout.fields), cells[best.row if best.columns else first], mapping)
    if lacking := layout.needed - set(best.columns) - set(known):
        raise _missing(grid, layout, lacking, cells[best.row], mapping)
    return best


def _missing(grid: Grid, layout: Layout, names: set[str], head: np.ndarray, mapping: str) -> DataError:
    lacking = [" / ".join(f.label) for n, f in layout.fields.items() if n in names]
    where = grid.file + (f" › {grid.sheet}" if grid.sheet else "")
    return DataError(
        "reading.mapping_missing_column", file=where, column=", ".join(lacking[:8]), mapping=mapping,
        found=", ".join(str(c) for c in head if c != "" and c is not None)[:300],
    )  # fmt: skip


def _is_number(cell: object) -> bool:
    is_text = isinstance(cell, str)
    return bool(re.fullmatch(r"[-\d.,]*\d", cell)) if is_text else isinstance(cell, (int, float))


def _is_head(cells: np.ndarray, row: int, levels: int) -> bool:
    """Whether the row below may belong to the header: it has no number but a year."""
    lower = [c for c in cells[row + levels - 1] if c != "" and c is not None]
    numbers = [c for c in lower if _is_number(c) and fiscal_year(c) is None]
    return bool(lower) and not numbers


def _by_place(cells: np.ndarray, layout: Layout, first: int) -> Head:
    names = [n for n, f in layout.fields.items() if not any(map(_CELL.fullmatch, f.label))]
    places = {n: [(at, {})] for at, n in enumerate(names) if at < cells.shape[1]}
    return Head(first, _numbered(layout, cells.shape[1]) or places, {})


def _numbered(layout: Layout, width: int) -> dict[str, list]:
    """Fields whose column is named by its number: "#3" is the third."""
    found = {n: w[1:] for n, f in layout.fields.items() for w in f.label if re.fullmatch(r"#\d+", w)}
    return {n: [(int(w) - 1, {})] for n, w in found.items() if 1 <= int(w) <= width}


def _match_head(cells: np.ndarray, row: int, levels: int, layout: Layout, known: Mapping[str, str]) -> Head:
    names = _labels(cells, row, levels)
    exact, loose = _by_name(names, normal), _by_name(names, plain)
    columns, doubled, score = _numbered(layout, cells.shape[1]), {}, 0
    for name, spec in layout.fields.items():
        found: list[tuple[int, dict[str, str]]] = []
        for label in spec.label:
            text = PLACEHOLDER.sub(lambda m: known.get(m[1], m[0]), label)
            if PLACEHOLDER.search(text):
                known_sets = [told for _, told in found]
                found += [new for new in _match_across(text, names, layout) if new[1] not in known_sets]
            elif not found:
                places = exact.get(normal(text)) or loose.get(plain(text) or None, [])
                found = [(at, {}) for at in places[:1]]
                doubled |= {name: places} if len(places) > 1 else {}
        if found:
            columns[name], score = found, score + 1
    return Head(row + levels, columns, doubled, row + levels - 1, score)


def _by_name(names: list[list[str]], key) -> dict[str, list[int]]:
    """Columns by what they may be called: to the letter, or by letters and digits alone (CRED.INICIAL)."""
    out: dict[str, list[int]] = {}
    for at, own in enumerate(names):
        for text in dict.fromkeys(map(key, own)):
            out.setdefault(text, []).append(at)
    return out


def _labels(cells: np.ndarray, row: int, levels: int) -> list[list[str]]:
    """For each column what it may be called: its lowest text, and that with the merged ones above it."""
    texts = [[text_of(c) for c in cells[r]] for r in range(row, row + levels)]
    for upper in texts[:-1]:
        for at in range(1, len(upper)):
            upper[at] = upper[at] or upper[at - 1]
    out = []
    for column in zip(*texts, strict=True):
        parts = list(dict.fromkeys(p for p in column if p))
        whole = [" / ".join(parts[-n:]) for n in range(2, len(parts) + 1)]
        out.append([column[-1], *whole] if column[-1] else [*whole, *parts[-1:]])
    return out


def _match_across(label: str, names: list[list[str]], layout: Layout) -> list[tuple[int, dict[str, str]]]:
    """Columns whose name fits `label`, with what stands in the place of each placeholder."""
    out, end = "", 0
    for hole in PLACEHOLDER.finditer(label):
        words = "|".join(re.escape(normal(w)) for w in layout.across.get(hole[1], {}))
        inner = words or (_YEAR if hole[1] == "year" else ".+?")
        out += re.escape(normal(label[end : hole.start()])) + f"(?P<{hole[1]}>{inner})"
        end = hole.end()
    shape = re.compile(out + re.escape(normal(label[end:])))
    found = []
    for at, own in enumerate(names):
        for text in own:
            hit = shape.fullmatch(normal(text))
            told = _told(hit.groupdict(), layout) if hit else None
            if told is not None:
                found.append((at, told))
                break
    return found


def _told(groups: dict[str, str], layout: Layout) -> dict[str, str] | None:
    out = {}
    for name, text in groups.items():
        if name in layout.across:
            values = {plain(k): v for k, v in layout.across[name].items()}
            if (value := values.get(plain(text))) is None:
                return None
            out[name] = value
        else:
            read = {"year": fiscal_year, "month": fiscal_month}.get(name, str)
            if read(text) is None:
                return None
            out[name] = text
    return out
