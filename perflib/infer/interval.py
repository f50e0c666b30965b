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


def byar_interval(counts, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Poisson counts with Byar's interval, one row per count; meant for counts of 10 and more.

    Breslow & Day (1987). Below about 10 its lower limit can fall under 0 and is then given as 0.
    """
    check_confidence(confidence)
    x = np.atleast_1d(np.asarray(counts, dtype="float64"))
    z = stats.norm.ppf(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(x > 0, x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3, 0)
    upper = (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * np.sqrt(x + 1))) ** 3
    return estimates(x, np.maximum(lower, 0), upper, confidence=confidence, method="byar")


def exact_poisson_interval(counts, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Poisson counts with the exact interval (Garwood 1936), one row per count."""
    check_confidence(confidence)
    x = np.atleast_1d(np.asarray(counts, dtype="float64"))
    tail = (1 - confidence) / 2
    lower = np.where(x > 0, stats.chi2.ppf(tail, 2 * np.maximum(x, 0.5)) / 2, 0)
    upper = stats.chi2.ppf(1 - tail, 2 * (x + 1)) / 2
    return estimates(x, lower, upper, confidence=confidence, method="exact_poisson")


def exact_proportion_interval(successes, trials, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Proportion with the exact interval of Clopper and Pearson (1934), one row per pair."""
    check_confidence(confidence)
    x, n = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype="float64")) for v in (successes, trials)))
    tail = (1 - confidence) / 2
    n = np.where(n > 0, n, np.nan)
    lower = np.where(x > 0, stats.beta.ppf(tail, np.maximum(x, 1), n - x + 1), 0)
    upper = np.where(x < n, stats.beta.ppf(1 - tail, x + 1, np.maximum(n - x, 1)), 1)
    known = np.where(np.isnan(n), np.nan, 1)
    return estimates(x / n, lower * known, upper * known, confidence=confidence, method="clopper_pearson")
