"""Intervals of a proportion, a difference and a rank correlation; and many flags at once, false ones controlled."""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import ArgumentError


def control_discoveries(p_values, *, rate: float = 0.05) -> pd.DataFrame:
    """One row per p-value, in its order: `p_value`, `adjusted`, `is_flagged` (Benjamini-Hochberg).

    At most a share `rate` of the flagged is false on average. An NA is not a test: it stays NA, unflagged, and
    doesn't count.
    """
    p = pd.Series(p_values, dtype="float64")
    adjusted, known = pd.Series(np.nan, index=p.index), p.notna()
    if known.any():
        adjusted[known] = stats.false_discovery_control(p[known])
    return pd.DataFrame({"p_value": p, "adjusted": adjusted, "is_flagged": adjusted <= rate})


FEWEST = 5  # pairs below which nothing is said
CONFIDENCE = 0.95


def check_confidence(confidence: float, draws: int = 1) -> None:
    """Raises ArgumentError unless `confidence` lies between 0 and 1, both excluded, and something is drawn."""
    if not 0 < confidence < 1:
        raise ArgumentError("compare.bad_confidence", value=confidence)
    if draws < 1:
        raise ArgumentError("compare.bad_draws", value=draws)


def wilson_interval(successes, trials, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Proportion `successes / trials` with its Wilson score interval, one row per pair.

    NA where trials are 0. Wilson (1927), as in PHEindicatormethods.

    >>> wilson_interval([65], [100]).round(4).iloc[0, :3].tolist()
    [0.65, 0.5525, 0.7364]
    """
    check_confidence(confidence)
    x, n = np.broadcast_arrays(*(np.asarray(v, dtype="float64") for v in (successes, trials)))
    n = np.where(n > 0, n, np.nan)
    z2 = stats.norm.ppf(0.5 + confidence / 2) ** 2
    half = np.sqrt(z2) * np.sqrt(z2 + 4 * x * (1 - x / n))
    lower, upper = (2 * x + z2 - half) / (2 * (n + z2)), (2 * x + z2 + half) / (2 * (n + z2))
    table = pd.DataFrame({"value": x / n, "low": lower, "high": upper})
    return table.assign(confidence=confidence, method="wilson")


def difference(value, low, high, other, other_low, other_high) -> dict:
    """`value` less `other` with its bounds, from those of each: lopsided as they are, never beyond the possible.

    Zou & Donner (2008), for independent estimates.

    >>> found = difference(0.98, 0.90, 0.99, 0.95, 0.90, 0.97)
    >>> {key: round(float(number), 3) for key, number in found.items()}
    {'value': 0.03, 'low': -0.052, 'high': 0.081}
    """
    gap = value - other
    down, up = np.hypot(value - low, other_high - other), np.hypot(high - value, other - other_low)
    return {"value": gap, "low": gap - down, "high": gap + up}


def rank_correlation(x: pd.Series, y: pd.Series, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Spearman's rank correlation of two series by row: `value, low, high, confidence, method, rows, reason`.

    Pairs with a missing side are left out; below five of them, or where one side never varies, `value` is NA with
    the reason too_few_scores. The interval is Fisher's with the variance of Bonett & Wright (Psychometrika, 2000); a
    perfect order has none. An association among units is no effect of one on the other.

    >>> rank_correlation(pd.Series([1, 2, 3, 4, 5]), pd.Series([1, 3, 2, 5, 4]))["value"].round(2).item()
    0.8
    """
    check_confidence(confidence)
    known = x.notna() & y.notna()
    n = int(known.sum())
    value = x[known].rank().corr(y[known].rank()) if n >= FEWEST else np.nan
    low = high = np.nan
    if np.isfinite(value) and abs(value) < 1:
        half = stats.norm.isf((1 - confidence) / 2) * np.sqrt((1 + value**2 / 2) / (n - 3))
        low, high = np.tanh(np.arctanh(value) + np.array([-half, half]))
    row = {
        "value": value,
        "low": low,
        "high": high,
        "confidence": confidence,
        "method": "spearman",
        "rows": n,
    }
    return pd.DataFrame([{**row, "reason": None if np.isfinite(value) else "too_few_scores"}])
