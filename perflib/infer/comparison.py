"""Groups side by side, asked for from the projects themselves: shares, ranks, splits.

Each takes a frame and gives a frame in one vocabulary, so that what one gives the next one takes.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.infer.decomposition import category_contributions, decompose_rates
from perflib.infer.interval import CONFIDENCE, wilson_interval
from perflib.infer.ranks import rank_pairs, rank_sets
from perflib.infer.rates import check_columns, decided
from perflib.infer.shrinkage import shrink as shrink_estimates
from perflib.measure.rates import project_rates

FEWEST = 5  # effective projects below which nothing is claimed (methods, M29)
MOSTLY = 0.99  # share of projects that must be of a kind for kinds to split by
RANKS = ["rank_low", "rank_high", "tier"]


def share(
    projects: pd.DataFrame,
    where: str,
    *,
    by: str | Sequence[str],
    base: str = "adjusted",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Share of the projects with a rate for which `where` holds ("rate < 0.5"): the columns of a rate.

    One row per group of `by`: `projects` (with a rate), `count` (for which it holds), `rate` (the share), `low`,
    `high` (Wilson), `se`, `effective` (each project counts the same). It ranks and draws as a rate does.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> pf.share(rows, "rate < 0.5", by="class").columns.tolist()[:4]
    ['class', 'projects', 'count', 'rate']
    """
    keys = [by] if isinstance(by, str) else list(by)
    check_columns(projects, keys)
    rated = project_rates(projects, base=base).dropna(subset=["rate"])
    holds = rated.eval(where).astype("int64")
    table = (
        rated[keys].assign(count=holds, projects=1).groupby(keys, as_index=False)[["projects", "count"]].sum()
    )
    interval = wilson_interval(table["count"], table["projects"], confidence=confidence)
    rate = table["count"] / table["projects"]
    table = table.assign(
        rate=rate, low=interval["low"].to_numpy(), high=interval["high"].to_numpy(),
        se=(rate * (1 - rate) / table["projects"]) ** 0.5, effective=table["projects"].astype(float),
        confidence=confidence, method="wilson",
    )  # fmt: skip
    table.attrs = dict(projects.attrs)
    return table


def ranks(
    table: pd.DataFrame,
    *,
    unit: str = "",
    confidence: float = CONFIDENCE,
    highest_first: bool = True,
    pairs: bool = False,
    **options,
) -> pd.DataFrame:
    """`table` (of `rates` or `share`) with the ranks that the data allow: `rank_low` to `rank_high`, and `tier`.

    `unit` is the column that names the rows (none: the first). The table's own columns and order stay; a row
    without a standard error, or with fewer than five `effective` projects, has no rank, and none has one where there
    are not two to rank. See `rank_sets` for what the sets promise. With `pairs` the rows are the pairs that are told
    apart, the clearest first: `unit` is ahead of `other` by `value` (all right together with probability `confidence`).

    >>> rates = pd.DataFrame({"district": ["a", "b"], "rate": [0.9, 0.5], "se": [0.01, 0.01]})
    >>> ranks(rates)["tier"].tolist()
    [1, 2]
    """
    name = unit or str(table.columns[0])
    check_columns(table, [name, "rate", "se"])
    known = table.get("effective", pd.Series(np.inf, table.index)) >= FEWEST
    rows = table[[name, "rate"]].assign(se=table["se"].where(known))
    options = {"confidence": confidence, "highest_first": highest_first, **options}
    can_rank = (rows["se"] > 0).sum() > 1
    if pairs:
        known = rows[rows["se"] > 0]
        none = pd.DataFrame(columns=[name, "other", "value", "se"])
        found = rank_pairs(known, unit=name, value="rate", **options) if can_rank else none
        found.attrs = dict(table.attrs)
        return found
    if not can_rank:
        return table.assign(**{c: pd.array([pd.NA] * len(table), dtype="Int64") for c in RANKS})
    found = rank_sets(rows, unit=name, value="rate", **options)
    ranked = table.merge(found[[name, *RANKS]], on=name, how="left", validate="one_to_one")
    ranked.attrs = dict(table.attrs)
    return ranked


def shrink(table: pd.DataFrame, *, unit: str = "") -> pd.DataFrame:
    """`table` (of `rates` or `share`) with `shrunken`, each rate pulled to the mean by how little it rests on.

    `shrunken_low` to `shrunken_high` is its interval, `shrinkage` by how much it was pulled (0 to 1); NA where fewer
    than four rows can learn from each other. The table's own columns stay.

    >>> rates = pd.DataFrame({"d": list("abcd"), "rate": [0.5, 0.6, 0.7, 0.8], "se": [0.1] * 4})
    >>> shrink(rates)["shrunken"].is_monotonic_increasing
    True
    """
    name = unit or str(table.columns[0])
    check_columns(table, [name, "rate", "se"])
    found = shrink_estimates(table[[name, "rate", "se"]], value="rate")
    columns = {"value": "shrunken", "low": "shrunken_low", "high": "shrunken_high", "shrinkage": "shrinkage"}
    learnt = found[list(columns)].where(found["reason"].ne("too_few_units"), np.nan).rename(columns=columns)
    shrunk = table.merge(learnt.assign(**{name: found[name]}), on=name, how="left", validate="one_to_one")
    shrunk.attrs = dict(table.attrs)
    return shrunk


def decompose(
    projects: pd.DataFrame, *, by: str | Sequence[str], unit: str = "district",
    against: str | int | None = None,
    base: str = "adjusted", cluster: str = "", together: str = "policy", **options,
) -> pd.DataFrame:  # fmt: skip
    """Each unit's rate against all together, split into `mix_effect` and `rate_effect`, each with its interval.

    `by` are the categories: what is funded is the mix. `against` another unit: each is held against that one instead
    of all together (two units are a pair). `cluster` is what projects of a unit have in common (none: the department,
    where units have several). Columns of `decompose_rates`; `difference` is the two effects' sum. No row where the
    projects are of one kind, or of none. Money spent without a budget of its kind is with the largest of its kind.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> split = pf.decompose(rows, by="class", against="330190")
    >>> bool((split["difference"] - split["mix_effect"] - split["rate_effect"]).abs().max() < 1e-12)
    True
    """
    keys = [by] if isinstance(by, str) else list(by)
    rows = _for_split(projects, keys, unit, base, together)
    if cluster == "":
        usual = rows.groupby(unit)["department"].nunique().median() if "department" in rows else 0
        cluster = "department" if usual >= 2 else "_decision"
    table = decompose_rates(rows, by=keys, unit=unit, cluster=cluster, against=against, **options)
    table.attrs = dict(projects.attrs)
    return table


def contributions(
    projects: pd.DataFrame,
    *,
    by: str | Sequence[str],
    unit: str = "district",
    against: str | int | None = None,
    base: str = "adjusted",
    together: str = "policy",
) -> pd.DataFrame:
    """What each category of `by` adds to a unit's difference: `mix_effect`, `rate_effect`, shares and rates.

    The difference is from all units together (`pool_share`, `pool_rate`) or from the unit `against`.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> {"mix_effect", "rate_effect"} <= set(pf.contributions(rows, by="class"))
    True
    """
    keys = [by] if isinstance(by, str) else list(by)
    rows = _for_split(projects, keys, unit, base, together)
    table = category_contributions(rows, by=keys, unit=unit, against=against)
    table.attrs = dict(projects.attrs)
    return table


def _for_split(projects: pd.DataFrame, keys: list[str], unit: str, base: str, together: str) -> pd.DataFrame:
    """What was decided as one within a unit, kind and department, with its money; no row where kinds say nothing."""
    check_columns(projects, [unit, *keys])
    rated, column = decided(projects, base=base, together=together)
    named = rated["project"].astype("string")
    rated["_decision"] = named if column is None else rated[column].astype("string").fillna(named)
    told = rated[keys].notna().all(axis=1).mean() > MOSTLY if len(rated) else False
    groups = [unit, *keys, "_decision", *(["department"] if "department" in rated else [])]
    rows = rated[rated["budget"].notna() & rated["executed"].notna()]
    table = rows.groupby(list(dict.fromkeys(groups)), as_index=False, dropna=False)[
        ["executed", "budget"]
    ].sum()
    if not told or table[keys].drop_duplicates().shape[0] < 2:
        table = table[:0]
    return with_credit(table, unit, keys)


def with_credit(cells: pd.DataFrame, unit: str, kinds: Sequence[str]) -> pd.DataFrame:
    """`cells` without a budget of their own joined to the largest of their unit and kind, else of their unit.

    Their spending was paid from it, and dropping it would break the sums.
    """
    rows = cells.reset_index(drop=True)
    for keys in ([unit, *kinds], [unit]):
        bare = rows["budget"] <= 0
        if not bare.any():
            return rows
        largest = rows[~bare].sort_values("budget").groupby(keys, dropna=False).tail(1)
        home = largest.assign(_home=largest.index)[[*keys, "_home"]]
        moved = rows[bare].reset_index().merge(home, on=keys, how="inner").set_index("index")
        sums = moved.groupby("_home")[["executed", "budget"]].sum()
        rows.loc[sums.index, ["executed", "budget"]] += sums
        rows = rows.drop(index=moved.index).reset_index(drop=True)
    return rows
