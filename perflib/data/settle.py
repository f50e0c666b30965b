"""Rows of one key: summed up, joined, or the latest kept; amounts taken off others; months added up."""

import math
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.amounts import to_cents
from perflib.data.columns import to_whole_cents, total_cents
from perflib.data.contract import NUMERIC
from perflib.data.derive import fill
from perflib.data.mapped_job import Draft
from perflib.data.mapping import Series, Subtract
from perflib.data.periods import fiscal_month
from perflib.data.piece import Piece
from perflib.data.words import as_series

_AMERICAN = re.compile(r"\d{1,2}\D(?:1[3-9]|2\d|3[01])\D(?:19|20)\d\d")  # 6/30/2023


def merge_keys(piece: Piece) -> None:
    """Sum the amounts of rows with one key as whole cents; other columns keep their first value."""
    frame, key = piece.frame, [k for k in piece.table.key if k in piece.frame]
    code = frame.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    first = ~pd.Series(code).duplicated().to_numpy()
    out = frame[first].reset_index(drop=True)
    for name in (n for n in piece.table.of_kind("amount") if n in frame):
        values = frame[name].to_numpy()
        parts = np.rint(np.nan_to_num(values) * 10_000)  # sources carry fractions of a cent: round the sum
        held = np.bincount(code, weights=~np.isnan(values)) > 0
        sums = np.where(held, np.bincount(code, weights=parts) / 10_000, np.nan)
        out[name] = to_whole_cents(piece, name, sums)
    if merged := len(frame) - len(out):
        example = frame.iloc[np.flatnonzero(~first)[0]][key[-1]]
        piece.repaired(key[-1], "repeated_key", merged, str(example))
    piece.frame, piece.rows, piece.rows_merged = out, piece.rows[first], piece.rows_merged + merged
    piece.sums_keys = False


def subtract(piece: Piece, other: Piece, rule: Subtract, file: str) -> None:
    """Take `other`'s amounts off the rows of `piece` with the same project; a row they cover goes aside.

    A row is covered if no amount differs by more than `tolerance`. Otherwise it stays with what is
    left, and the amounts taken off are listed with the reason `<reason>_part`.
    """
    amounts = [n for n in piece.table.of_kind("amount") if n in piece.frame and n in other.frame]
    key = [k for k in piece.table.key if k in piece.frame]
    if not amounts or not key:
        return  # told as columns that the table lacks
    merge_keys(piece)
    off = other.frame.assign(**{n: to_cents(other.frame[n].to_numpy()) for n in amounts})
    off = off.groupby(key, as_index=False)[amounts].sum()
    both = piece.frame[key].assign(at=range(len(piece.frame))).merge(off, on=key)
    at = both["at"].to_numpy()
    own = np.stack([to_cents(piece.frame[n].to_numpy()[at]) for n in amounts], axis=1)
    theirs = both[amounts].to_numpy("int64")
    covered = (np.abs(own - theirs) <= round(rule.tolerance * 100)).all(axis=1)
    differs = covered & (own != theirs).any(axis=1)
    if differs.any():
        example = f"{file}: {both['project'][differs].iloc[0]}"
        piece.repaired("", "elimination_differs", int(differs.sum()), example)
    if len(off) > len(both):
        piece.repaired("", "elimination_unmatched", len(off) - len(both), file)
    for i, name in enumerate(amounts):
        piece.frame.loc[at[~covered], name] = (own[~covered, i] - theirs[~covered, i]) / 100
    taken = np.where(covered[:, None], own, theirs) / 100
    names = piece.frame["name" if "name" in piece.frame else "project"].iloc[at].to_numpy()
    reason = np.where(covered, rule.reason, f"{rule.reason}_part")
    piece.put_aside(piece.rows[at], reason, names, **dict(zip(amounts, taken.T, strict=True)))
    keep = np.ones(len(piece.frame), bool)
    keep[at[covered]] = False
    piece.frame, piece.rows = piece.frame[keep].reset_index(drop=True), piece.rows[keep]


def keep_last(series: Series, drafts: list[tuple[Draft, int, dict]]) -> None:
    """Of the rows of all files that share `by`, those with an earlier `of` go aside."""
    keys = [fill("/".join(f"{{{n}}}" for n in series.last.by), d.text, len(d.rows)) for d, *_ in drafts]
    latest: dict[str, tuple] = {}
    orders = []
    dates = (str(d) for draft, *_ in drafts for d in pd.unique(draft.text[series.last.of]))
    is_month_first = any(map(_AMERICAN.match, dates))
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
