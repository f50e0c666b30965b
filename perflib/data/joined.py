"""Pieces of one table put together: rows of two files joined by key, monthly flows made cumulative."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.amounts import to_cents
from perflib.data.columns import total_cents
from perflib.data.contract import NUMERIC
from perflib.data.piece import Piece
from perflib.data.words import as_series


def join(before: Sequence[Piece], later: Piece, *, add: bool) -> None:
    """Complete rows of the pieces `before` with the rows of `later` that have their key.

    What `later` alone has is filled in; with `add`, amounts that both have are summed; without, rows of
    `later` that share a key, or tell again what is known, stay, to be told as repeated. Joined rows count
    as merged in `later`; rows without a partner stay in it. Cents move with the rows, so that both still
    reconcile.
    """
    table = later.table
    key = [k for k in table.key if k in later.frame and all(k in p.frame for p in before)]
    if not before or not len(later.frame) or not key:
        return
    parts = [p.frame[key].assign(piece=i, at=range(len(p.frame))) for i, p in enumerate(before)]
    known = pd.concat(parts, ignore_index=True).drop_duplicates(key)
    both = later.frame[key].assign(own=range(len(later.frame))).merge(known, on=key)
    if not add:
        is_alone = ~both.duplicated(key, keep=False).to_numpy() & ~_tells_again(before, later, both)
        both = both[is_alone]
    for i, group in both.groupby("piece"):
        _complete(before[i], later, group["at"].to_numpy(), group["own"].to_numpy(), key, add=add)
    rest = np.ones(len(later.frame), bool)
    rest[both["own"].to_numpy()] = False
    later.frame, later.rows = later.frame[rest].reset_index(drop=True), later.rows[rest]
    later.rows_merged += len(both)


def _tells_again(before: Sequence[Piece], later: Piece, both: pd.DataFrame) -> np.ndarray:
    """Of the partners `both` those that have a number in one and the same column."""
    out = np.zeros(len(both), bool)
    for name in (n for n in later.table.of_kind(*NUMERIC) if n in later.frame and n not in later.table.key):
        new = later.frame[name].notna().to_numpy()[both["own"]]
        for i in both["piece"].unique():
            here = (both["piece"] == i).to_numpy()
            if name in before[i].frame:
                out[here] |= new[here] & before[i].frame[name].notna().to_numpy()[both["at"][here]]
    return out


def _complete(
    piece: Piece, later: Piece, at: np.ndarray, own: np.ndarray, key: list[str], *, add: bool
) -> None:
    frame = piece.frame.copy()
    for name in (n for n in later.frame if n not in key):
        column = piece.table[name]
        if name not in frame:
            frame[name] = as_series(np.full(len(frame), None, dtype=object), column)
        old = frame[name].iloc[at].reset_index(drop=True)
        new = later.frame[name].iloc[own].reset_index(drop=True)
        value = old.where(old.notna(), new)
        if column.kind == "amount":
            if add:
                both = old.notna() & new.notna()
                value = value.where(~both, (to_cents(old.to_numpy()) + to_cents(new.to_numpy())) / 100)
            moved = total_cents(value.to_numpy()) - total_cents(old.to_numpy())
            piece.cents_read[name] = piece.cents_read.get(name, 0) + moved
            later.cents_read[name] = later.cents_read.get(name, 0) - moved
        frame.loc[frame.index[at], name] = value.to_numpy()
    piece.frame = frame[[n for n in piece.table.names if n in frame]]


def cumulate(pieces: Sequence[Piece], columns: Sequence[str]) -> None:
    """Amounts of single months as amounts to date; months after the last with any amount go aside.

    A budget system writes 0 into the months to come: those are no months of the data.
    """
    parts = [p.frame.assign(piece=i, at=range(len(p.frame))) for i, p in enumerate(pieces)]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if rows.empty or not {"year", "month"} <= set(rows):
        return
    names = [c for c in columns if c in rows]
    moving = (rows[names].fillna(0) != 0).any(axis=1)
    last = rows["month"].where(moving).groupby(rows["year"]).transform("max").fillna(0)
    key = [k for k in pieces[0].table.key if k in rows and k != "month"]
    rows = rows.assign(is_there=(rows["month"] <= last).fillna(True).astype(bool))
    rows = rows.sort_values([*key, "month"], kind="stable")
    for name in names:
        cents = pd.Series(to_cents(rows[name].to_numpy()), rows.index)
        rows[name] = cents.groupby([rows[k] for k in key]).cumsum() / 100
    for i, piece in enumerate(pieces):
        own = rows[rows["piece"] == i].sort_values("at")
        _tell_gaps(piece, own, rows[rows["is_there"]])
        _put_back(piece, own, names)


def _tell_gaps(piece: Piece, own: pd.DataFrame, there: pd.DataFrame) -> None:
    """Tell, at the first row after it, of each month that no row of its year has; quarters have every third."""
    seen = sorted(set(there["month"].dropna().astype(int)))
    step = math.gcd(*seen) if len(seen) > 1 else 1
    months = there.groupby("year")["month"].agg(set)
    for (year, month), rows in own[own["is_there"]].groupby(["year", "month"]):
        if month > step and month - step not in months[year]:
            gone = range(max((m for m in months[year] if m < month), default=0) + step, month, step)
            told = {"found": ", ".join(map(str, gone)), "expected": str(month)}
            piece.report("flow_gap", "warning", row=int(piece.rows[rows["at"].iloc[0]]), **told)


def _put_back(piece: Piece, rows: pd.DataFrame, names: list[str]) -> None:
    here = rows["is_there"].to_numpy(bool)
    for name in (n for n in names if n in piece.frame):
        before = total_cents(piece.frame[name].to_numpy())
        piece.frame[name] = rows[name].to_numpy()
        after = total_cents(piece.frame[name].to_numpy()[here])
        piece.cents_read[name] = piece.cents_read.get(name, 0) + after - before
        piece.repaired(name, "flow_to_date", int(here.sum()), "")
    off = piece.frame[~here]
    text = off["project"].to_numpy() if "project" in off else ""
    amounts = [n for n in piece.table.of_kind("amount") if n in off]
    left = {n: 0.0 if n in names else off[n].to_numpy() for n in amounts}
    piece.put_aside(piece.rows[~here], "month_to_come", text, **left)
    piece.frame, piece.rows = piece.frame[here].reset_index(drop=True), piece.rows[here]
