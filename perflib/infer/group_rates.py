"""Execution rates of districts as estimates: how far each would move if the same process ran again."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.infer.interval import CONFIDENCE, check_confidence
from perflib.infer.money_funnel import FEW


def group_rates(
    rates: pd.DataFrame,
    *,
    by: Sequence[str] = ("district",),
    cluster: str | None = None,
    variance: str = "pooled",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per group of `by`: `rate` (Σ executed / Σ budget), `se`, `low`, `high`.

    `rates` has one row per project with `by`, `executed`, `budget` (and `cluster`: what was decided as
    one is added first); rows without a positive budget are left out. With `variance="pooled"` the
    error is σ/√(effective number), σ² pooled over all groups of the frame, and t has as many degrees of
    freedom as there are effective projects less groups: pass one year at a time. "own" uses each group's
    projects only (methods M1: n/(n−1) Σ[b(r−R)/B]², t with effective number − 1): honest for many
    effective projects, too short for few, and NA for one. `reason` says `one_project` or `few_effective`.
    """
    check_confidence(confidence)
    assert variance in ("pooled", "own")
    keys = list(by)
    rows = rates[rates["budget"].gt(0) & rates["executed"].notna()]
    if cluster:
        rows = rows.groupby([*keys, cluster], as_index=False, dropna=False)[["executed", "budget"]].sum()
    rows = rows.sort_values([*keys, "budget", "executed"], ignore_index=True)
    table = _sums(rows, keys)
    table["se"], freedom = _pooled_error(table) if variance == "pooled" else _own_error(table)
    half = stats.t.isf((1 - confidence) / 2, freedom) * table["se"]
    few, alone = table["effective"] < FEW, table["projects"] == 1
    table["reason"] = np.select(
        [alone, few & (variance == "own")], ["one_project", "few_effective"], default=None
    )
    table = table.assign(low=table["rate"] - half, high=table["rate"] + half, confidence=confidence)
    return table.drop(columns=["_squares", "_off", "_weighted_off"]).assign(method=f"{variance} variance")


def _sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per group: sums, effective number, Σ b² and the two sums of squared residuals."""
    b = rows["budget"]
    totals = rows.groupby(keys, dropna=False)[["executed", "budget"]].transform("sum")
    residual = rows["executed"] - b * totals["executed"] / totals["budget"]
    parts = rows.assign(_squares=b**2, _off=residual**2, _weighted_off=residual**2 / b, projects=1)
    names = ["projects", "executed", "budget", "_squares", "_off", "_weighted_off"]
    table = parts.groupby(keys, dropna=False, as_index=False)[names].sum()
    table["rate"] = table["executed"] / table["budget"]
    table["effective"] = table["budget"] ** 2 / table["_squares"]
    return table


def _pooled_error(table: pd.DataFrame) -> tuple[pd.Series, float]:
    spare = (table["budget"] - table["_squares"] / table["budget"]).sum()
    variance = table["_weighted_off"].sum() / spare if spare > 0 else np.nan
    freedom = max(1.0, float((table["effective"] - 1).sum()))
    return np.sqrt(variance / table["effective"]), freedom


def _own_error(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    n = table["projects"].where(table["projects"] > 1)
    error = np.sqrt(n / (n - 1) * table["_off"]) / table["budget"]
    return error, (table["effective"] - 1).clip(lower=1)
