"""How two quantities go together."""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.infer.interval import CONFIDENCE, check_confidence

FEWEST = 5  # pairs below which nothing is said


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
