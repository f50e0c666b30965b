"""Columns of numbers as a mapping has them: summed, freed of signs and marks, in the units that are stated."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.amounts import Numbers, is_blank, read_numbers
from perflib.data.derive import PLACEHOLDER, Sum, derive, each, fill, one_slot
from perflib.data.header import Header, split_unit
from perflib.data.mapped_job import Job, Texts
from perflib.data.mapping import Series
from perflib.data.piece import Piece
from perflib.data.units import LAKHS, MARKS, SIGNS, code_in, may_bear, scale_of, signs_of

_LAKHS = re.compile(r"(?<![\d,])\d{1,2}(?:,\d\d)+,\d{3}(?![\d,])")  # 1,30,000


@dataclass
class _Raw:
    """Fields as the file has them, for columns of numbers; those of amounts without what stands beside digits."""

    texts: Texts
    clean: Callable[[np.ndarray], np.ndarray] = lambda cells: cells

    def __getitem__(self, name: str) -> np.ndarray:
        return self.clean(self.texts.cells(name))


def number_cells(
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
    field = series.fields.get(one_slot(rule))
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
