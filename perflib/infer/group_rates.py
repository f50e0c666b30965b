"""Execution rates of districts as estimates: how far each would move if the same process ran again."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.infer.interval import CONFIDENCE, check_confidence
from perflib.infer.spread import bounded, kind_numbers, project_variance
from perflib.measure.decisions import decisions


def group_rates(
    rates: pd.DataFrame,
    *,
    by: Sequence[str] = ("district",),
    cluster: str | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per group of `by`: `budget`, `executed`, `rate` (their ratio), `se`, `low`, `high`, `effective`.

    `rates` has one row per project with `by`, `executed`, `budget` (and `cluster`: what was decided as one is
    added first); rows without a positive budget are left out. The error is √Σ(b/B)²σ², with σ² of each kind of
    spending (`perflib.infer.spread`) learnt from all groups of the frame: pass one year at a time. Bounds stay
    between 0 and what is possible: 1, or more where projects spent more than they had. `reason` says `one_project`.

    >>> frame = pd.DataFrame({"district": list("aaabbb"), "budget": [10.0] * 6, "executed": [9, 10, 8, 7, 10, 4]})
    >>> group_rates(frame)[["district", "rate", "low", "high"]].round(2)
      district  rate   low  high
    0        a   0.9  0.46  0.99
    1        b   0.7  0.29  0.93
    """
    check_confidence(confidence)
    keys = list(by)
    rows = decisions(rates, by=keys, together=cluster)
    rows = rows[rows["budget"] > 0].sort_values([*keys, "budget", "executed"], ignore_index=True)
    table = _sums(rows, keys)
    table["se"], freedom = _error(rows, table, keys)
    table["reason"] = np.where(table["projects"] == 1, "one_project", None)
    z = stats.t.isf((1 - confidence) / 2, freedom)
    columns = [table[c].to_numpy(dtype="float64") for c in ("rate", "se", "_expected", "effective")]
    table["low"], table["high"] = bounded(*columns, z, table["_most"].to_numpy())
    table[["low", "high"]] = table[["low", "high"]].where(table["se"].notna())
    names = [*keys, "projects", "budget", "executed", "rate", "effective", "se", "low", "high", "reason"]
    return table[names].assign(confidence=confidence, method="pooled variance")


def _sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per group: sums, rate, effective number, the rate that its kinds have everywhere, the most possible."""
    b = rows["budget"]
    kind = kind_numbers(rows, but=keys)
    everywhere = np.bincount(kind, rows["executed"]) / np.bincount(kind, b)
    parts = rows.assign(
        _squares=b**2,
        _expected=b * everywhere[kind],
        _most=np.maximum(b, rows["executed"]),
    )
    # Each decision counts once, however many projects it has.
    parts["projects"] = 1
    names = ["projects", "budget", "executed", "_squares", "_expected", "_most"]
    table = parts.groupby(keys, dropna=False, as_index=False)[names].sum()
    table["rate"] = table["executed"] / table["budget"]
    table["effective"] = table["budget"] ** 2 / table["_squares"]
    table[["_expected", "_most"]] = table[["_expected", "_most"]].div(table["budget"], axis=0)
    return table


def _error(rows: pd.DataFrame, table: pd.DataFrame, keys: list[str]) -> tuple[pd.Series, float]:
    group = rows.groupby(keys, dropna=False).ngroup().to_numpy()
    b = rows["budget"].to_numpy()
    found, freedom = project_variance(rows["rate"].to_numpy(), b, group, kind_numbers(rows, but=keys))
    error = np.sqrt(np.bincount(group, b**2 * found, len(table))) / table["budget"]
    return error, max(1.0, float(freedom))
