"""The pieces of one table under each other, and where each row came from."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.contract import Table
from perflib.data.piece import Piece
from perflib.data.units import amount_text
from perflib.data.whole import sha256
from perflib.data.words import as_series


@dataclass(frozen=True)
class Money:
    """Cents that a report tells in the unit of their cells."""

    cents: np.ndarray


@dataclass
class Stack:
    """One table: its rows, and the file, sheet and row of each."""

    table: Table
    frame: pd.DataFrame
    file: np.ndarray
    sheet: np.ndarray
    row: np.ndarray
    letters: dict[tuple, dict[str, str]]  # of each column, by file, sheet and number of the piece
    piece: np.ndarray | None = None  # number of the piece that each row comes from
    scales: tuple[dict[str, float], ...] = ()  # of each piece: main units in one unit of a column's cells
    currency: str = "CNY"
    heads: tuple[list[str], ...] = ()  # of each piece, as its file writes them
    called: dict[str, str] = field(default_factory=dict)  # codes that were made → names of their projects

    def where(self, at: np.ndarray, column: str = "") -> dict:
        """Fields of a report for the rows at positions `at`: place, district, year, key."""
        at = np.asarray(at, dtype=int)
        file, sheet, row = self.file[at], self.sheet[at], self.row[at]
        piece = self.piece[at] if self.piece is not None else np.zeros(len(at), int)
        marks = [self.letters.get(p, {}).get(column, "") for p in zip(file, sheet, piece, strict=True)]
        cell = [f"{m}{r}" if m else "" for m, r in zip(marks, row, strict=True)]
        out = {"file": list(file), "sheet": list(sheet), "row": list(row), "cell": cell, "count": len(at)}
        out |= {"year": self.frame["year"].iloc[at].tolist()} if "year" in self.frame else {}
        if "district" in self.frame:
            out["district"] = self.frame["district"].iloc[at].fillna("").tolist()
        return out | {"key": self.keys(at)}

    def keys(self, at: np.ndarray) -> list[str]:
        """The rows' keys in words, without district and year; names where the codes are made."""
        own = set(self.frame) - {"district", "year", "budget_year"}
        names = [k for k in self.table.key if k in own]
        here = self.frame.iloc[at]
        parts = [here[k].astype("str").fillna("").tolist() for k in names]
        if "project" in names:  # a code that we made tells nobody anything
            at = names.index("project")
            parts[at] = [self.called.get(code, code) for code in parts[at]]
        return [" / ".join(p) for p in zip(*parts, strict=True)] if parts else [""] * len(at)

    def report(self, rule: str, severity: str, column: str, at: np.ndarray, **fields) -> pd.DataFrame:
        """Problems of one rule in the rows at positions `at`; `Money` is told in the unit of its cell."""
        if not len(at):
            return problems.none()
        fields = {k: self._in_cells(v, column, at) if isinstance(v, Money) else v for k, v in fields.items()}
        return problems.report(rule, severity, self.table.name, column, **self.where(at, column), **fields)

    def _in_cells(self, money: "Money", column: str, at: np.ndarray) -> list[str]:
        at = np.asarray(at, dtype=int)
        piece = self.piece[at] if self.piece is not None else np.zeros(len(at), int)
        scales = [self.scales[i].get(column, 1.0) if i < len(self.scales) else 1.0 for i in piece]
        return [amount_text(c, s, self.currency) for c, s in zip(money.cents, scales, strict=True)]


def pile(pieces: list[Piece], currency: str = "CNY") -> Stack:
    """All pieces of one table as one."""
    sizes = [len(p.frame) for p in pieces]
    names = [n for n in pieces[0].table.names if any(n in p.frame for p in pieces)]
    frame = pieces[0].frame if len(pieces) == 1 else pd.concat([p.frame for p in pieces], ignore_index=True)
    columns = {n: _as_declared(frame[n], pieces[0].table[n]) for n in names}
    return Stack(
        pieces[0].table, pd.DataFrame(columns, index=range(sum(sizes))),
        _of_rows(pieces, "file", "files"), _of_rows(pieces, "sheet", "sheets"),
        np.concatenate([p.rows for p in pieces]),
        {(p.grid.file, p.grid.sheet, i): p.letters for i, p in enumerate(pieces)},
        piece=np.repeat(np.arange(len(pieces)), sizes), currency=currency,
        scales=tuple(p.scales for p in pieces), heads=tuple(p.heads for p in pieces),
    )  # fmt: skip


def _of_rows(pieces: list[Piece], one: str, each: str) -> np.ndarray:
    """File or sheet of every row: the piece's own, or that of each row."""
    whole = [(getattr(p, each), p) for p in pieces]
    parts = [np.full(len(p.frame), getattr(p.grid, one), dtype=object) if w is None else w for w, p in whole]
    return np.concatenate(parts) if parts else np.array([], dtype=object)


def _as_declared(series: pd.Series, column) -> pd.Series:
    made = as_series(np.array([], dtype=object), column).dtype
    if series.dtype == made or (made == "int64" and series.dtype == "Int64"):
        return series
    return as_series(series.astype(object).where(series.notna(), None).to_numpy(), column)


def fill_defaults(stack: Stack) -> None:
    """Give columns that declare a default their value where none stands."""
    for column in stack.table.columns:
        if column.default is None:
            continue
        own = stack.frame.get(column.name, pd.Series(None, stack.frame.index, dtype=object))
        if column.name not in stack.frame or own.isna().any():
            filled = own.astype(object).where(own.notna(), column.default)
            stack.frame[column.name] = as_series(filled.to_numpy(), column)
    stack.frame = stack.frame[[n for n in stack.table.names if n in stack.frame]]


def made_code(unit: str, name: str) -> str:
    """The code of a project that has none."""
    return "M" + sha256(f"{unit}\x1f{name}".encode())[:11].upper()


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """Unit and name of each project in one cell; blank where there is no name."""
    text = [pd.Series(part, dtype=object).fillna("").astype("str").str.strip() for part in parts]
    whole = text[0].str.cat(text[1:], sep=" / ").where(text[-1] != "", "")
    return whole.str.removeprefix(" / ").to_numpy(dtype=object)


def find_codes(stacks: dict[str, Stack]) -> None:
    """Put the code of its project where a row of another table has unit and name (or a name borne by one) instead."""
    frame, key = stacks["projects"].frame, ["district", "year", "project"]
    if not {*key, "name"} <= set(frame):
        return
    others = [s for name, s in stacks.items() if name != "projects" and set(key) <= set(s.frame)]
    codes = frame["project"].dropna().unique()
    lost = [s.frame["project"].notna() & ~s.frame["project"].isin(codes) for s in others]
    if not any(rows.any() for rows in lost):
        return
    parts = [[frame[c], frame["name"]] for c in ("unit", "department") if c in frame] + [[frame["name"]]]
    known = pd.concat([frame[key].assign(code=frame["project"], project=joined(p)) for p in parts])
    known = known.dropna().drop_duplicates().astype({"project": "str"})
    known = known[~known.duplicated(key, keep=False)]
    for stack, rows in zip(others, lost, strict=True):
        found = stack.frame.loc[rows, key].merge(known, how="left", on=key)["code"].set_axis(rows[rows].index)
        stack.frame["project"] = found.dropna().reindex(stack.frame.index).fillna(stack.frame["project"])


def make_codes(stack: Stack) -> int:
    """Give projects without a code one made from unit and name; how many were made.

    The same unit and name give the same code in every year and file.
    """
    frame = stack.frame
    if "name" not in frame:
        return 0
    codes = frame["project"] if "project" in frame else pd.Series(pd.NA, index=frame.index, dtype="str")
    lacks = codes.isna() & frame["name"].notna()
    if lacks.any():
        unit = next((frame[c] for c in ("unit", "department") if c in frame), frame["name"])
        text = unit.fillna("").str.cat(frame["name"].fillna(""), sep="\x1f")[lacks]
        made = {t: made_code(*t.split("\x1f", 1)) for t in text.unique()}
        codes = codes.where(~lacks, text.map(made).reindex(frame.index)).astype("str")
    known = frame["is_code_made"].fillna(False).astype(bool) if "is_code_made" in frame else False
    stack.frame = frame.assign(project=codes, is_code_made=(lacks | known).astype("boolean"))
    stack.frame = stack.frame[[n for n in stack.table.names if n in stack.frame]]
    made = stack.frame[(lacks | known) & stack.frame["name"].notna()]
    stack.called = dict(zip(made["project"], made["name"], strict=True))
    return int(lacks.sum())
