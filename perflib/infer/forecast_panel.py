"""Units as they stood at a cut-off month, with the year's outturn and what earlier years did from there.

A unit's key may change within a year: what goes on under a new key belongs to the old one.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError, DataError
from perflib.measure.money import sum_amounts

CENT = 0.005


def join_successors(
    sums: pd.DataFrame, *, keys: Sequence[str], family: Sequence[str], month: int, labels: Sequence[str] = ()
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


AMOUNTS = ("initial_budget", "adjusted_budget", "authorised", "committed", "executed")
BACK = ("adjusted_budget", "committed", "executed")
LAST_MONTH = 12


def cutoff_panel(
    lines: pd.DataFrame,
    *,
    keys: Sequence[str],
    month: int,
    family: Sequence[str] | None = None,
    lags: int = 3,
    labels: Sequence[str] = (),
) -> pd.DataFrame:
    """One row per unit (`keys`) and year that has month `month`, sorted by year and keys.

    `lines` holds `year`, `month`, `keys`, the columns of `AMOUNTS` (to date, main unit of currency) and
    `labels` (constant in a unit and year, such as `type`); rows of one unit and month are summed.
    Columns added:

    - `outturn`, `outturn_budget`: executed and budget of month 12; NA in a year without it. A unit whose
      key changes during the year is followed, before the month (`join_successors`) and after (`outturns`).
      `is_moved` marks it;
    - `<amount>_back1` … `_back3`: the amount so many months earlier, NA where that month is missing;
    - `<amount>_1` … `_<lags>`, `outturn_1` …: the same unit at the same month of earlier years;
      `joined_1` … tells how it was found: "same" key, "family" (the key was renamed: the family's
      amounts, scaled by the unit's share of the family's present budget), "none" (amounts NA).

    `family` names the columns that outlive a renaming (programme and chapter, say).
    Raises ArgumentError for a month outside 1 to 11 or a missing column, DataError if no year has the month.
    """
    keys = list(keys)
    _check(lines, keys, month, [*labels, *(family or [])])
    extra = [c for c in dict.fromkeys([*labels, *(family or [])]) if c not in keys]
    sums = unit_months(lines, keys=keys, labels=extra)
    family = list(family or keys)
    if family == keys:  # nothing outlives the key
        joined = sums.assign(is_joined=False)
    else:
        joined = join_successors(sums, keys=keys, family=family, month=month, labels=extra)
    sums = unit_months(joined, keys=keys, labels=[*extra, "is_joined"])
    years = sorted(sums.loc[sums["month"] == month, "year"].unique())
    if not years:
        found = ", ".join(str(m) for m in sorted(sums["month"].unique())) or "—"
        raise DataError("progress.no_cutoff_month", month=month, found=found)
    snaps = {year: outturns(sums, keys=keys, family=family, year=year, month=month) for year in years}
    parts = [_with_lags(snaps, keys, family, year, lags) for year in years]
    panel = pd.concat(parts, ignore_index=True)
    return _with_months_back(panel, sums, keys, month).sort_values(["year", *keys], ignore_index=True)


def unit_months(lines: pd.DataFrame, *, keys: Sequence[str], labels: Sequence[str] = ()) -> pd.DataFrame:
    """`lines` summed to one row per year, month and unit; `labels` are those of the unit's first row."""
    by = ["year", "month", *keys]
    full = lines.assign(**{c: np.nan for c in AMOUNTS if c not in lines})
    sums = sum_amounts(full, AMOUNTS, by=by)
    if not labels:
        return sums
    firsts = lines.drop_duplicates(by)[[*by, *labels]]
    return sums.merge(firsts, on=by, how="left", validate="one_to_one")


def outturns(
    sums: pd.DataFrame, *, keys: Sequence[str], family: Sequence[str], year: int, month: int
) -> pd.DataFrame:
    """Units of `year` at `month` with `outturn`, `outturn_budget` and `is_moved`.

    What the year's end has under a key that did not exist at `month` belongs to units of its family: its budget,
    and its spending up to that, to those that lost budget since, in proportion to the loss; its spending beyond its
    budget to those that left budget unspent, in proportion to what they left. A unit that vanished without
    such a successor spent 0. NA where the year has no month 12 yet.
    """
    keys, family = list(keys), list(family)
    now = sums[(sums["year"] == year) & (sums["month"] == month)].reset_index(drop=True)
    end = sums[(sums["year"] == year) & (sums["month"] == LAST_MONTH)]
    columns = {"executed": "outturn", "adjusted_budget": "outturn_budget"}
    was_joined = now.get("is_joined", False)
    if end.empty:
        return now.assign(outturn=np.nan, outturn_budget=np.nan, is_moved=was_joined)
    ends = end[list(dict.fromkeys([*keys, *family, *columns]))].rename(columns=columns)
    found = now.merge(ends[[*keys, *columns.values()]], on=keys, how="left")
    found[["outturn", "outturn_budget"]] = found[["outturn", "outturn_budget"]].fillna(0.0)
    if family == keys:
        return found.assign(is_moved=was_joined)
    followed = _follow(found, ends.merge(now[keys], on=keys, how="left", indicator=True), family)
    return followed.assign(is_moved=followed["is_moved"] | was_joined)


def _follow(found: pd.DataFrame, ends: pd.DataFrame, family: list[str]) -> pd.DataFrame:
    fresh = ends[ends["_merge"] == "left_only"]
    covered = fresh[["outturn", "outturn_budget"]].min(axis=1).clip(lower=0)
    fresh = fresh.assign(covered=covered, beyond=fresh["outturn"] - covered)
    gained = found[family].join(
        fresh.groupby(family)[["covered", "beyond", "outturn_budget"]].sum(), on=family
    )
    gained = gained[["covered", "beyond", "outturn_budget"]].fillna(0.0)
    lost = _share((found["adjusted_budget"] - found["outturn_budget"]).clip(lower=0), found, family)
    left = _share((found["outturn_budget"] - found["outturn"]).clip(lower=0), found, family)
    return found.assign(
        outturn=found["outturn"] + lost * gained["covered"] + left * gained["beyond"],
        outturn_budget=found["outturn_budget"] + lost * gained["outturn_budget"],
        is_moved=(lost * gained["outturn_budget"] > 0) | (left * gained["beyond"] > 0),
    )


def _share(amount: pd.Series, found: pd.DataFrame, family: list[str]) -> pd.Series:
    whole = amount.groupby([found[c] for c in family]).transform("sum")
    return (amount / whole.where(whole > 0)).fillna(0.0)


def _with_lags(snaps: dict, keys: list[str], family: list[str], year: int, lags: int) -> pd.DataFrame:
    now = snaps[year]
    parts = [
        _lagged(now, snaps.get(year - lag), keys, family).add_suffix(f"_{lag}") for lag in range(1, lags + 1)
    ]
    return pd.concat([now, *parts], axis=1)


def _lagged(
    now: pd.DataFrame, before: pd.DataFrame | None, keys: list[str], family: list[str]
) -> pd.DataFrame:
    columns = [*AMOUNTS, "outturn", "outturn_budget"]
    if before is None or before["outturn"].isna().all():
        return pd.DataFrame(np.nan, index=now.index, columns=columns).assign(joined="none")
    same = now[keys].merge(before[[*keys, *columns]], on=keys, how="left")[columns]
    is_same = same["outturn"].notna()
    if family == keys:
        return same.where(is_same).assign(joined=np.where(is_same, "same", "none"))
    totals = before.groupby(family)[columns].sum()
    kin = now[family].join(totals, on=family)[columns]
    whole = now.groupby(family)["adjusted_budget"].transform("sum")
    share = now["adjusted_budget"] / whole.where(whole > 0)
    is_kin = ~is_same & (kin["adjusted_budget"] > 0) & share.notna()
    values = same.where(is_same, kin.mul(share, axis=0).where(is_kin))
    return values.assign(joined=np.select([is_same, is_kin], ["same", "family"], "none"))


def _with_months_back(panel: pd.DataFrame, sums: pd.DataFrame, keys: list[str], month: int) -> pd.DataFrame:
    by = ["year", *keys]
    for back in (1, 2, 3):
        then = sums.loc[sums["month"] == month - back, [*by, *BACK]]
        names = {c: f"{c}_back{back}" for c in BACK}
        panel = panel.merge(then.rename(columns=names), on=by, how="left")
    return panel


def _check(lines: pd.DataFrame, keys: list[str], month: int, others: list[str]) -> None:
    if not 1 <= month < LAST_MONTH:
        raise ArgumentError("progress.bad_cutoff", month=month)
    needed = ["year", "month", *keys, *others, "adjusted_budget", "executed"]
    missing = [c for c in dict.fromkeys(needed) if c not in lines]
    if missing:
        raise ArgumentError(
            "progress.missing_columns", missing=", ".join(missing), found=", ".join(lines.columns)
        )
