"""Intervals of one proportion, count or mean: Wilson, Byar, and the exact ones."""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import ArgumentError

CONFIDENCE = 0.95


def check_confidence(confidence: float) -> None:
    """Raises ArgumentError unless `confidence` lies between 0 and 1, both excluded."""
    if not 0 < confidence < 1:
        raise ArgumentError("compare.bad_confidence", value=confidence)


def estimates(value, lower, upper, *, confidence: float, method: str, index=None) -> pd.DataFrame:
    """The five columns that every estimate carries: `value, low, high, confidence, method`."""
    table = pd.DataFrame({"value": value, "low": lower, "high": upper}, index=index, dtype="float64")
    return table.assign(confidence=confidence, method=method)


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
    return estimates(x / n, lower, upper, confidence=confidence, method="wilson")
