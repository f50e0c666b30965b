"""Targets that moved during the year, and whether the move is what made them met.

>>> import perflib as pf
>>> bool(pf.target_moves.count_moves(pf.load("sample").rows("indicators", year=2023))["moved"].gt(0).all())
True
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.measure.ratio import add_ratio, as_nano, ratio_of_sums
from perflib.measure.scoring import SUBJECT, yearly
from perflib.measure.tally import like


def target_moves(indicators: pd.DataFrame) -> pd.DataFrame:
    """The indicators whose target is another than when the budget was approved, one row each.

    Needs `target_initial`, `target`, `direction`; reads `actual`. Adds `moved_by` = target -
    target_initial, `moved_share` = moved_by / target_initial (NA for 0), `is_eased` (at least: lowered;
    at most: raised; NA for equal and unknown), `met_initial`, `met_final` (NA without an actual) and
    `is_met_by_move`: met as it stands, not as it was approved.

    >>> import perflib as pf
    >>> len(pf.target_moves.target_moves(pf.load("sample").rows("indicators", year=2023)))
    148
    """
    rows = yearly(indicators)
    both = rows["target_initial"].notna() & rows["target"].notna()
    moved = rows[both & (as_nano(rows["target_initial"]) != as_nano(rows["target"])).astype(bool)]
    by = moved["target"] - moved["target_initial"]
    share = add_ratio(pd.DataFrame({"n": by, "d": moved["target_initial"]}), "n", "d")["rate"]
    eased = np.select(
        [moved["direction"] == "at_least", moved["direction"] == "at_most"], [by < 0, by > 0], default=False
    )
    known = moved["direction"].isin(["at_least", "at_most"])
    first, last = _is_met(moved, "target_initial"), _is_met(moved, "target")
    table = moved.assign(
        moved_by=by,
        moved_share=share.to_numpy(),
        is_eased=pd.Series(eased, moved.index).astype("boolean").where(known),
        met_initial=first,
        met_final=last,
        is_met_by_move=(last & ~first).fillna(False).astype(bool),
    )
    return like(table.sort_values([*SUBJECT, "indicator"], ignore_index=True), indicators)


def count_moves(indicators: pd.DataFrame, *, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `by` (one in all without): how many targets moved, eased, and were met by it.

    `indicators` (with both targets), `moved`, `eased`, `tightened`, `met_by_move`, `moved_share`. A
    target that had no number at first did not move: it was supplied, and `count_faults` counts it.

    >>> import perflib as pf
    >>> pf.target_moves.count_moves(pf.load("sample").rows("indicators", year=2023))["moved"].tolist()
    [148]
    """
    rows = yearly(indicators)
    rows = rows[rows["target_initial"].notna() & rows["target"].notna()].assign(_all=0)
    moves = target_moves(rows)
    keys = [by] if isinstance(by, str) else list(by) or ["_all"]
    table = rows[keys].assign(indicators=1).groupby(keys, sort=True, dropna=False, as_index=False).sum()
    flags = {
        "moved": pd.Series(True, moves.index),
        "eased": moves["is_eased"].fillna(False),
        "tightened": ~moves["is_eased"].fillna(True),
        "met_by_move": moves["is_met_by_move"],
    }
    counted = moves[keys].assign(**{name: flag.astype("int64") for name, flag in flags.items()})
    counted = counted.groupby(keys, sort=True, dropna=False, as_index=False).sum()
    table = table.merge(counted, on=keys, how="left").fillna(dict.fromkeys(flags, 0))
    table = table.astype(dict.fromkeys(flags, "int64"))
    table["moved_share"] = ratio_of_sums(table["moved"], table["indicators"])["rate"]
    table = table.drop(columns="_all", errors="ignore").assign(reason="no_initial_targets")
    return like(table, indicators)


def _is_met(rows: pd.DataFrame, target: str) -> pd.Series:
    """Whether `actual` meets the target in that column; NA without an actual or a direction."""
    actual = rows["actual"] if "actual" in rows else pd.Series(np.nan, index=rows.index)
    have, want = as_nano(actual), as_nano(rows[target])
    met = np.select(
        [(rows["direction"] == d).to_numpy() for d in ("at_least", "at_most", "equal")],
        [(have >= want).astype(bool), (have <= want).astype(bool), (have == want).astype(bool)],
        default=False,
    )
    known = actual.notna() & rows["direction"].isin(["at_least", "at_most", "equal"])
    return pd.Series(met, rows.index).astype("boolean").where(known)
