"""Which rows of a sheet are data: blank ones are skipped, totals and notes are set aside and listed."""

import numpy as np
import pandas as pd

from perflib.data.amounts import is_blank
from perflib.data.header import Header
from perflib.data.words import normal

TOTALS = {
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "全区合计",
    "本页合计",
    "total",
    "grandtotal",
    "subtotal",
    "sum",
    "totals",
}
_LAST = {last for word in TOTALS for last in (word[-1], word[-1].upper())}  # a quick first look
NOTES = ("注", "备注", "说明", "制表", "填表", "审核", "note", "source", "资料来源", "数据来源")


def sort_rows(piece, header: Header) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows that hold anything, and why each is set aside ("": it is data).

    Those set aside are listed in `piece.set_aside`.
    """
    cells = piece.grid.cells
    filled = ~np.stack([is_blank(cells[:, at]) for at in range(cells.shape[1])], axis=1)
    filled[: header.first_data] = False
    at = np.flatnonzero(filled.any(axis=1))
    reason = np.full(len(cells), "", dtype=object)
    reason[_notes(cells, filled, header)] = "note_row"
    reason[_repeated(cells, at, header)] = "header_row"
    reason[_totals(piece, cells, filled, header)] = "totals_row"
    aside = at[reason[at] != ""]
    piece.set_aside = listed(piece, aside, reason[aside])
    return at, reason[at]


def _totals(piece, cells: np.ndarray, filled: np.ndarray, header: Header) -> np.ndarray:
    """Rows in which a name or a code is a word for a total; never one that has a project's own code."""
    is_total = np.zeros(len(cells), bool)
    for name in piece.table.of_kind("text", "code", "year"):
        if name in header.columns and (piece.table[name].is_filled or name in ("department", "unit")):
            column = cells[:, header.columns[name]]
            texts = (w for w in pd.unique(column) if isinstance(w, str) and w.rstrip()[-1:] in _LAST)
            words = {w for w in texts if len(w) < 20 and normal(w) in TOTALS}
            if words:
                is_total |= (
                    np.isin(column.astype(object), list(words))
                    if len(words) > 1
                    else column == next(iter(words))
                )
    return np.flatnonzero(is_total & filled.any(axis=1))


def _notes(cells: np.ndarray, filled: np.ndarray, header: Header) -> np.ndarray:
    lone = np.flatnonzero(filled.sum(axis=1) == 1)
    texts = [(r, next(c for c in cells[r] if c != "" and c is not None)) for r in lone]
    return np.array([r for r, t in texts if isinstance(t, str) and normal(t).startswith(NOTES)], dtype=int)


def _repeated(cells: np.ndarray, at: np.ndarray, header: Header) -> np.ndarray:
    """Rows that repeat the header, as on a sheet made for printing."""
    place = next(iter(header.columns.values()))
    first = cells[header.first_row, place]
    like = at[cells[at, place] == first] if first != "" else at[:0]
    head = cells[header.first_row]
    return np.array([r for r in like if (cells[r] == head).all()], dtype=int)


def listed(piece, at: np.ndarray, reason: np.ndarray) -> pd.DataFrame:
    """The rows set aside: their place, the reason, and their words."""
    cells = piece.grid.cells
    words = [" · ".join(str(c) for c in cells[r] if isinstance(c, str) and c.strip())[:120] for r in at]
    columns = {"file": piece.grid.file, "sheet": piece.grid.sheet, "row": at + 1, "table": piece.table.name}
    out = pd.DataFrame(columns, index=range(len(at))).assign(reason=list(reason), key=words)
    return out.astype({"file": "str", "sheet": "str", "table": "str", "reason": "str", "key": "str"})
