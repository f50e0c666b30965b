"""How sure the execution rate of a group of projects is, and which groups differ from the whole."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.measure.bridge import effective_number

FEWEST = 5  # effective projects below which nothing is said of a group (methods, M29)
METHOD = "pooled"


def rate_intervals(rates: pd.DataFrame, *, by: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
    """The amount-weighted rate of each group with its interval, one row per group of `by`, sorted by it.

    `rates` is what `perflib.measure.rates.project_rates` gives; projects without a rate are left out.
    Columns: `projects`, `effective_number`, `value` (a share, may exceed 1), `lower`, `upper`,
    `confidence`, `method`, `p_value` (of no difference from the whole) and `verdict`: "below",
    "above" or "alike", false discoveries held at 1 − `confidence` (Benjamini-Hochberg), or "too_few".

    The variance of a project's rate, weighted by budget, is pooled within the groups: a group's own is
    unreliable, because a few large projects carry it. s² = σ²/n_eff (methods M4). The interval is of the
    process and not of a sample: every project was counted.
    """
    rows = rates[rates["rate"].notna()]
    table = _groups(rows, list(by))
    spread = np.sqrt(_pooled_variance(table) / table["effective_number"])
    z = _quantile(confidence)
    table["lower"] = (table["value"] - z * spread).clip(lower=0)
    table["upper"] = table["value"] + z * spread
    whole = rows["numerator"].sum() / rows["denominator"].sum() if len(rows) else np.nan
    table["p_value"] = _p_value(table["value"] - whole, spread).where(table["effective_number"] >= FEWEST)
    table["verdict"] = _verdict(table["value"] - whole, table["p_value"], 1 - confidence)
    order = ["projects", "effective_number", "value", "lower", "upper"]
    return table[order].assign(
        confidence=confidence, method=METHOD, p_value=table["p_value"], verdict=table["verdict"]
    ).reset_index()


def _groups(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    grouped = rows.groupby(by, sort=True, dropna=False)
    table = grouped[["numerator", "denominator"]].sum()
    table["projects"] = grouped.size()
    table["effective_number"] = grouped["denominator"].agg(effective_number)
    table["value"] = table["numerator"] / table["denominator"]
    own = grouped["numerator"].transform("sum") / grouped["denominator"].transform("sum")
    table["_squares"] = (
        (rows["denominator"] * (rows["rate"] - own) ** 2).groupby([rows[k] for k in by], dropna=False).sum()
    )
    return table


def _pooled_variance(table: pd.DataFrame) -> float:
    """Unbiased where projects of a group share one variance: Σb(r−R)² has mean σ²·B·(1 − 1/n_eff)."""
    free = (table["denominator"] * (1 - 1 / table["effective_number"])).sum()
    return float(table["_squares"].sum() / free) if free > 0 else np.nan


def _quantile(confidence: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf(0.5 + confidence / 2))


def _p_value(difference: pd.Series, spread: pd.Series) -> pd.Series:
    from scipy.stats import norm

    z = difference.abs() / spread.where(spread > 0)
    return pd.Series(2 * norm.sf(z), index=difference.index).where(z.notna())


def _verdict(difference: pd.Series, p_value: pd.Series, rate: float) -> pd.Series:
    from statsmodels.stats.multitest import multipletests

    known = p_value.notna()
    verdict = pd.Series("too_few", index=p_value.index, dtype="object")
    if known.any():
        found = multipletests(p_value[known], alpha=rate, method="fdr_bh")[0]
        side = np.where(difference[known] < 0, "below", "above")
        verdict[known] = np.where(found, side, "alike")
    return verdict.astype("str")
