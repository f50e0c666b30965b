"""Which facts moved between two runs, how far, and why."""

from collections.abc import Mapping

import pandas as pd

from perflib.show.facts import Fact
from perflib.show.numbers import is_missing


def moved_facts(
    old: Mapping[str, Fact], new: Mapping[str, Fact], *, first: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """One row per fact that moved, came or went, the weightiest first.

    `first`: ids of the key facts, which stand before the others; then the larger the share of itself by which a
    fact moved, the earlier. Columns: `fact`, `state` (moved, new, gone), `was`, `is` (facts), `weight`, `why` (codes
    of `WHY` with blanks between): another rule set, base, filter or formula; other rows (`rows_was`, `rows_is`), or
    the same number of rows with other values; the same input, so another version.
    """
    rows = []
    for id in sorted(old.keys() | new.keys()):
        was, now = old.get(id), new.get(id)
        if was and now and (was.value, was.shown, was.reason) == (now.value, now.shown, now.reason):
            continue
        state = "moved" if was and now else "new" if now else "gone"
        rows.append({"fact": id, "state": state, "was": was, "is": now, "is_key": id in first, "weight": _weight(was, now),
                     "why": " ".join(_why(was, now)) if was and now else "",
                     "rows_was": was.rows if was else pd.NA, "rows_is": now.rows if now else pd.NA})  # fmt: skip
    names = ["fact", "state", "was", "is", "is_key", "weight", "why", "rows_was", "rows_is"]
    out = pd.DataFrame(rows, columns=names)
    order = out["state"].map({"moved": 0, "new": 1, "gone": 2})
    return out.assign(order=order).sort_values(
        ["order", "is_key", "weight", "fact"], ascending=[True, False, False, True], ignore_index=True
    ).drop(columns="order")  # fmt: skip


def _weight(was: Fact | None, now: Fact | None) -> float:
    """Share of the larger of the two by which the fact moved; 1 where there is but one, or no number."""
    values = [f.value if f else None for f in (was, now)]
    if any(is_missing(v) or not isinstance(v, (int, float)) for v in values):
        return 1.0
    return abs(values[1] - values[0]) / (max(map(abs, values)) or 1)


def _why(was: Fact, now: Fact) -> list[str]:
    method = (was.formula_zh, was.unit) != (now.formula_zh, now.unit)
    scope = (was.table, was.filter) != (now.table, now.filter)
    found = {"rules": was.rules != now.rules, "base": was.base != now.base, "scope": scope}
    found |= {"method": method, "rows": was.rows != now.rows}
    codes = [code for code, is_so in found.items() if is_so]
    if was.input_sha256 != now.input_sha256:
        return codes if "rows" in codes else [*codes, "values"]
    return codes or ["version"]


def moved_rows(old: Mapping[str, pd.DataFrame], new: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Cells of the tables that differ: `table`, `row` (its first words), `state` (moved, new, gone), `column`, `was`, `is`.

    `old` and `new` are the CSV tables of two reports, all cells as text. Rows are paired by all their columns of words.
    """
    shared = sorted(old.keys() & new.keys())
    parts = [_table_moves(old[name], new[name]).assign(table=name) for name in shared]
    names = ["table", "row", "state", "column", "was", "is"]
    table = pd.concat([pd.DataFrame(columns=names), *parts], ignore_index=True)
    return table[names].astype(object).fillna("")


def _table_moves(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    shared = [c for c in new if c in old]
    words = [c for c in shared if pd.to_numeric(new[c], errors="coerce").isna().all()] or shared[:1]
    a, b = (_keyed(frame, words) for frame in (old, new))
    place, others = ["row", "time"], [c for c in shared if c not in words]
    old, new = (t.melt(id_vars=place, value_vars=others, var_name="column") for t in (a, b))
    both = old.merge(new, on=[*place, "column"], how="outer", suffixes=("_was", "_is"), indicator="state")
    both = both.rename(columns={"value_was": "was", "value_is": "is"})
    states = {"both": "moved", "right_only": "new", "left_only": "gone"}
    both["state"] = both["state"].astype("str").map(states)
    gone = both[both["state"] != "moved"].drop_duplicates(place).assign(column="", was="", **{"is": ""})
    cells = both[(both["state"] == "moved") & (both["was"].fillna("") != both["is"].fillna(""))]
    return pd.concat([gone, cells], ignore_index=True).drop(columns="time")


def _keyed(frame: pd.DataFrame, words: list[str]) -> pd.DataFrame:
    if not len(frame):
        return frame.assign(row=pd.Series(dtype="str"), time=pd.Series(dtype="int64"))
    row = frame[words].fillna("").astype("str").agg(" · ".join, axis=1)
    return frame.assign(row=row, time=row.groupby(row).cumcount())
