"""Units whose key changed within a year: what goes on under a new key belongs to the old one."""

from collections.abc import Sequence

import pandas as pd

CENT = 0.005


def join_successors(
    sums: pd.DataFrame,
    *,
    keys: Sequence[str],
    family: Sequence[str],
    month: int,
    labels: Sequence[str] = (),
) -> pd.DataFrame:
    """The rows of `sums` under the key they go by at `month`, with `is_joined`; not summed again.

    `sums` has one row per year, month and unit (`keys`), with `adjusted_budget` and `executed` to date; `family`
    names the columns that outlive a change of key. A key that the year's first month did not have takes over
    from those of its family that have lost budget since; where none has, only if it spends more than its
    own budget, as then the budget stayed behind. They go together by the old key with the largest budget, and
    by its `labels`. Nothing after `month` is looked at.
    """
    unit = sums.groupby(["year", *keys]).ngroup()
    kin = sums.groupby(["year", *family]).ngroup()
    heads = _heads(sums.assign(_unit=unit, _kin=kin), month)
    head = unit.map(heads).fillna(unit).astype("int64")
    names = sums.assign(_unit=unit).drop_duplicates("_unit").set_index("_unit")[[*keys, *labels]]
    named = names.loc[head].set_index(sums.index)
    return sums.assign(**{c: named[c] for c in names}, is_joined=head.isin(heads))


def _heads(sums: pd.DataFrame, month: int) -> pd.Series:
    """The unit that each joined unit goes by, itself included."""
    seen = sums[sums["month"] <= month]
    first = seen[seen["month"] == seen.groupby("year")["month"].transform("min")].set_index("_unit")
    last = seen[seen["month"] == month].set_index("_unit")
    lost = first["adjusted_budget"] - last["adjusted_budget"].reindex(first.index).fillna(0.0) > CENT
    fresh = last[~last.index.isin(first.index) & (last[["adjusted_budget", "executed"]] > 0).any(axis=1)]
    over = fresh["executed"] - fresh["adjusted_budget"] > CENT
    old = first[lost | ~lost.groupby(first["_kin"]).transform("any")]
    old = old.sort_values("adjusted_budget", ascending=False, kind="stable")
    fresh = fresh[fresh["_kin"].isin(first.loc[lost, "_kin"]) | over]
    head = old.reset_index().drop_duplicates("_kin").set_index("_kin")["_unit"]
    members = pd.concat([old.loc[old["_kin"].isin(fresh["_kin"]), "_kin"], fresh["_kin"]])
    return members.map(head).dropna().astype("int64")
