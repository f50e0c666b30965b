"""Rows that share a key: summed into one, or the latest of them kept; and amounts of one file taken off another's."""

import re

import numpy as np
import pandas as pd

from perflib.data.amounts import to_cents
from perflib.data.columns import to_whole_cents
from perflib.data.derive import fill
from perflib.data.mapped_job import Draft
from perflib.data.mapping import Series
from perflib.data.periods import fiscal_month
from perflib.data.piece import Piece

_AMERICAN = re.compile(r"\d{1,2}\D(?:1[3-9]|2\d|3[01])\D(?:19|20)\d\d")  # 6/30/2023


def merge_keys(piece: Piece) -> None:
    """Sum the amounts of rows with one key as whole cents; other columns keep their first value."""
    frame, key = piece.frame, [k for k in piece.table.key if k in piece.frame]
    code, _ = pd.factorize(_groups(frame, key))
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


def _groups(frame: pd.DataFrame, key: list[str]) -> np.ndarray:
    """A number for each row, the same for rows with one key."""
    twice = frame.duplicated(key, keep=False).to_numpy()
    group = np.arange(len(frame))
    group[twice] = len(frame) + frame[twice].groupby(key, dropna=False).ngroup().to_numpy()
    return group


def subtract(piece: Piece, other: Piece, rule: dict, file: str) -> None:
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
    covered = (np.abs(own - theirs) <= round(rule.get("tolerance", 0) * 100)).all(axis=1)
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
    reason = np.where(covered, rule["reason"], f"{rule['reason']}_part")
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
