"""Why the amount-weighted rate and the simple mean of rates differ: an exact bridge.

>>> import perflib as pf
>>> rows = pf.load("sample").rows("projects", year=2023)
>>> rated = pf.project_rates(rows, base="adjusted")
>>> parts, whole = pf.bridge.group_contributions(rated, group="department"), pf.bridge.bridge_rates(rated)
>>> bool(abs(parts["contribution"].sum() - whole.loc[0, "gap"]) < 1e-12)
True
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.measure.rates import check_rated
from perflib.measure.tally import check_columns, keys_of


def effective_number(budgets: Sequence[float]) -> float:
    """Number of equal budgets that would carry a rate as well as these do: (Σb)² / Σb².

    NA and zeros count for nothing. A district of 150 projects often has one of about 10.

    >>> effective_number([1, 1, 1, 1]), effective_number([97, 1, 1, 1])
    (4.0, 1.0624734...)
    """
    b = np.nan_to_num(np.asarray(budgets, dtype="float64"))
    largest = b.max(initial=0.0)
    if largest == 0:
        return 0.0
    share = b / largest
    return float(share.sum() ** 2 / (share**2).sum())


def bridge_rates(rates: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `by` (without `by` one, NA where no project has a rate): both
    means, their gap, and what the gap is made of.

    `rates` is what `perflib.measure.rates.project_rates` gives: one row per project with `executed`,
    `budget`, `rate`. Projects without a rate are left out and counted in `left_out`: what was spent without a
    budget, which `rate` of `rates` holds, is not in `weighted_rate`.

    gap = weighted_rate − mean_rate = covariance / mean_budget = correlation × cv_budget × sd_rate,
    population moments (methods M1): exact, not an estimate. `correlation` is NA where budgets or
    rates are all equal, and the gap is then 0. `effective` is of the budgets.
    """
    by = keys_of(rates, by)
    parts = project_contributions(rates, by=by)
    keys = by or [pd.Series(0, index=parts.index)]
    grouped = parts.groupby(keys, sort=True, dropna=False)
    table = grouped.agg(
        projects=("rate", "size"),
        executed=("executed", "sum"),
        budget=("budget", "sum"),
        mean_rate=("rate", "mean"),
        covariance=("_cross", "mean"),
        mean_budget=("budget", "mean"),
        _var_rate=("_rate2", "mean"),
        _var_budget=("_budget2", "mean"),
        effective=("budget", effective_number),
    )
    if not by:
        table = table.reindex([0]).fillna({"projects": 0, "executed": 0, "budget": 0})
        table = table.astype({"projects": "int64"})
    groups = [rates[k] for k in by] or np.zeros(len(rates), int)
    left_out = rates["rate"].isna().groupby(groups, dropna=False).sum()
    table["left_out"] = left_out.reindex(table.index).fillna(0).astype("int64")
    return _add_identity(table).reset_index(drop=not by)


def _add_identity(table: pd.DataFrame) -> pd.DataFrame:
    sd_rate, sd_budget = np.sqrt(table.pop("_var_rate")), np.sqrt(table.pop("_var_budget"))
    spread = (sd_rate * sd_budget).where(lambda s: s > 0)
    table["weighted_rate"] = table["executed"] / table["budget"]
    table["gap"] = table["weighted_rate"] - table["mean_rate"]
    table["correlation"] = table["covariance"] / spread
    table["cv_budget"], table["sd_rate"] = sd_budget / table["mean_budget"], sd_rate
    return table


def project_contributions(rates: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """The projects with a rate, with `budget_share`, `count_share` and `contribution` in their group.

    contribution = (b/B − 1/n)·(rate − mean rate); it sums to the group's gap between the weighted and
    the simple mean. Large and positive: a big project that executed well, or a small one that did not.
    """
    check_rated(rates)
    rows = rates[rates["rate"].notna()].copy()
    keys = [rows[k] for k in keys_of(rates, by)] or [pd.Series(0, index=rows.index)]
    n = rows.groupby(keys, dropna=False)["rate"].transform("size")
    means = rows.groupby(keys, dropna=False)[["rate", "budget"]].transform("mean")
    off_rate, off_budget = rows["rate"] - means["rate"], rows["budget"] - means["budget"]
    rows["count_share"] = 1 / n
    rows["budget_share"] = rows["budget"] / (means["budget"] * n)
    rows["contribution"] = (rows["budget_share"] - rows["count_share"]) * off_rate
    return rows.assign(_cross=off_rate * off_budget, _rate2=off_rate**2, _budget2=off_budget**2)


def group_contributions(rates: pd.DataFrame, *, group: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """One row per value of `group` within `by`: projects, shares of count and budget, and contribution.

    The contributions of a group's projects, added; within `by` they sum to the gap. Sorted by the
    size of the contribution, largest first.
    """
    by = keys_of(rates, by)
    check_columns(rates, [group])
    rows = project_contributions(rates, by=by)
    keys = [*by, group]
    table = rows.groupby(keys, dropna=False, as_index=False).agg(
        projects=("rate", "size"),
        executed=("executed", "sum"),
        budget=("budget", "sum"),
        count_share=("count_share", "sum"),
        budget_share=("budget_share", "sum"),
        contribution=("contribution", "sum"),
    )
    table["_size"] = table["contribution"].abs().round(12)
    ascending = [*[True] * len(by), False, True]
    table = table.sort_values([*by, "_size", group], ascending=ascending, ignore_index=True)
    return table.drop(columns="_size")
