"""Groups side by side, asked for from the projects themselves: shares, funnels, ranks, splits.

Each takes a frame and gives a frame in one vocabulary, so that what one gives the next one takes.
"""

from collections.abc import Sequence

import pandas as pd

from perflib.infer.decomposition import category_contributions, decompose_rates
from perflib.infer.discovery import control_discoveries
from perflib.infer.interval import CONFIDENCE, wilson_interval
from perflib.infer.money_funnel import money_funnel
from perflib.infer.ranks import rank_sets
from perflib.infer.rates import check_columns
from perflib.infer.shrinkage import shrink as shrink_estimates
from perflib.measure.rates import project_rates

FEWEST = 5  # effective projects below which nothing is claimed (methods, M29)
AMOUNTS = ["projects", "executed", "budget"]


def decisions(
    projects: pd.DataFrame, *, by: str | Sequence[str], base: str = "adjusted", together: str = "policy"
) -> pd.DataFrame:
    """What was decided as one, a row each: its `by`, `decision`, `projects`, `budget` and `executed`.

    Projects of one `together` (a policy) rise and fall together and are added; one without stands by itself.
    `together="project"` lets each stand by itself. Projects that do not report both amounts are left out; money
    spent without a budget stays with its policy.
    """
    keys = [by] if isinstance(by, str) else list(by)
    check_columns(projects, keys if together == "project" else [*keys, together])
    rated = project_rates(projects, base=base)
    alone = rated["project"].astype("string")
    named = alone if together == "project" else rated[together].astype("string").fillna(alone)
    rows = rated.assign(decision=named.astype(object), projects=1)[
        rated["reason"].fillna("").ne("not_reported")
    ]
    table = rows.groupby([*dict.fromkeys([*keys, "decision"])], dropna=False, as_index=False)[AMOUNTS].sum()
    table.attrs = dict(projects.attrs)
    return table


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


def funnel(
    projects: pd.DataFrame, *, by: str = "district", base: str = "adjusted", together: str = "policy",
    confidence: float = CONFIDENCE, false_rate: float = 0.05, **options,
) -> pd.DataFrame:  # fmt: skip
    """Which groups' rates lie beyond what the luck of their projects explains: one row per group.

    Columns of `money_funnel` (`rate`, `centre`, `low` to `high`, `low_outer` to `high_outer`, `p_value`,
    `is_outside`), and `is_claimed`: outside with false claims held at `false_rate` over all groups that have five
    effective projects.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> bool(pf.funnel(rows, draws=200)["rate"].between(0, 1.2).all())
    True
    """
    table = money_funnel(
        decisions(projects, by=by, base=base, together=together), group=by, confidence=confidence, **options
    )
    tested = table["p_value"].where(table["effective"] >= FEWEST)
    return table.assign(is_claimed=control_discoveries(tested, rate=false_rate)["is_flagged"].to_numpy(bool))


def ranks(
    table: pd.DataFrame,
    *,
    unit: str = "",
    confidence: float = CONFIDENCE,
    highest_first: bool = True,
    **options,
) -> pd.DataFrame:
    """`table` (of `rates` or `share`) with the ranks that the data allow: `rank_low` to `rank_high`, and `tier`.

    `unit` is the column that names the rows (none: the first). The table's own columns and order stay; a row
    without a standard error has no rank. See `rank_sets` for what the sets promise.

    >>> rates = pd.DataFrame({"district": ["a", "b"], "rate": [0.9, 0.5], "se": [0.01, 0.01]})
    >>> ranks(rates)["tier"].tolist()
    [1, 2]
    """
    name = unit or str(table.columns[0])
    check_columns(table, [name, "rate", "se"])
    found = rank_sets(
        table[[name, "rate", "se"]],
        unit=name,
        value="rate",
        confidence=confidence,
        highest_first=highest_first,
        **options,
    )
    return table.merge(
        found[[name, "rank_low", "rank_high", "tier"]], on=name, how="left", validate="one_to_one"
    )


def shrink(table: pd.DataFrame, *, unit: str = "") -> pd.DataFrame:
    """`table` (of `rates` or `share`) with `shrunken`, each rate pulled to the mean by how little it rests on.

    `shrinkage` is by how much (0 to 1). The table's own columns stay.

    >>> rates = pd.DataFrame({"d": list("abcd"), "rate": [0.5, 0.6, 0.7, 0.8], "se": [0.1] * 4})
    >>> shrink(rates)["shrunken"].is_monotonic_increasing
    True
    """
    name = unit or str(table.columns[0])
    check_columns(table, [name, "rate", "se"])
    found = shrink_estimates(table[[name, "rate", "se"]], value="rate")
    return table.merge(
        found[[name, "value", "shrinkage"]].rename(columns={"value": "shrunken"}), on=name, how="left"
    )


def decompose(
    projects: pd.DataFrame, *, by: str | Sequence[str], unit: str = "district",
    base: str = "adjusted", cluster: str = "department", **options,
) -> pd.DataFrame:  # fmt: skip
    """Each unit's rate against all together, split into `mix_effect` and `rate_effect`, each with its interval.

    `by` are the categories; `cluster` is what is drawn anew for the intervals. Columns of `decompose_rates`.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> split = pf.decompose(rows, by="class")
    >>> bool((split["difference"] - split["mix_effect"] - split["rate_effect"]).abs().max() < 1e-12)
    True
    """
    keys = [by] if isinstance(by, str) else list(by)
    rows = _for_split(projects, keys, unit, base, cluster)
    return decompose_rates(rows, by=keys, unit=unit, cluster=cluster, **options)


def contributions(
    projects: pd.DataFrame, *, by: str | Sequence[str], unit: str = "district", base: str = "adjusted"
) -> pd.DataFrame:
    """What each category of `by` adds to a unit's difference: `mix_effect`, `rate_effect`, shares and rates.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> {"mix_effect", "rate_effect"} <= set(pf.contributions(rows, by="class"))
    True
    """
    keys = [by] if isinstance(by, str) else list(by)
    return category_contributions(_for_split(projects, keys, unit, base, ""), by=keys, unit=unit)


def _for_split(projects: pd.DataFrame, keys: list[str], unit: str, base: str, cluster: str) -> pd.DataFrame:
    asked = [unit, *keys, *([cluster] if cluster else [])]
    check_columns(projects, asked)
    rated = project_rates(projects, base=base)
    return rated[rated["reason"].fillna("").ne("not_reported")]
