"""Totals, means and ratios of a population from a sample with known inclusion probabilities.

A sample frame has one row per unit drawn, its `inclusion_probability` and, if the sample was drawn by
strata, its `stratum`. One variance serves all: within a stratum, Σ c (z − z̃)² with c = (1 − π)·n/(n − 1)
and z̃ the c-weighted mean. It is the textbook one, finite-population correction included, for simple and
stratified samples, and Hájek's approximation for samples with unequal probabilities of fixed size.
"""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.reliability import estimate


def _probabilities(sample: pd.DataFrame) -> np.ndarray:
    p = sample["inclusion_probability"].to_numpy(dtype=float)
    bad = ~((p > 0) & (p <= 1))
    if bad.any():
        raise DataError("evaluation.no_probability", n=int(bad.sum()), total=len(p))
    return p


def _strata(sample: pd.DataFrame, stratum: str | None) -> pd.Series:
    codes = sample[stratum].fillna("") if stratum else pd.Series("", index=sample.index)
    return codes.reset_index(drop=True)


def variance_of_total(z: np.ndarray, p: np.ndarray, strata: pd.Series) -> tuple[float, float]:
    """Variance of Σz (z = value / probability) and its degrees of freedom (units less strata drawn from).

    NA where a stratum has one unit that wasn't taken for sure: one unit shows no spread.
    """
    table = pd.DataFrame({"z": z, "free": 1 - p, "h": strata.to_numpy()})
    n = table.groupby("h")["z"].transform("size")
    lone = (n == 1) & (table["free"] > 1e-12)
    if lone.any():
        return np.nan, np.nan
    c = table["free"] * n / (n - 1).clip(lower=1)
    total = c.groupby(table["h"]).transform("sum")
    centre = (c * table["z"]).groupby(table["h"]).transform("sum") / total.where(total > 0, 1.0)
    drawn = table.loc[table["free"] > 1e-12, "h"]
    return float((c * (table["z"] - centre) ** 2).sum()), float(len(drawn) - drawn.nunique())


def _interval(value: float, variance: float, df: float, confidence: float, method: str, n: int) -> pd.Series:
    se = float(np.sqrt(variance)) if variance >= 0 else np.nan
    half = stats.t.ppf((1 + confidence) / 2, df) * se if df > 0 else (0.0 if se == 0 else np.nan)
    return estimate(
        value, value - half, value + half, confidence=confidence, method=method, se=se, df=df, n=n
    )


def estimate_ratio(
    sample: pd.DataFrame, top: str, bottom: str, *, stratum: str | None = None, confidence: float = 0.95
) -> pd.Series:
    """Estimate of total `top` over total `bottom` in the population, linearised, with a t interval.

    NA where the estimated total of `bottom` is 0. Columns and errors as in `estimate_total`.
    """
    p = _probabilities(sample)
    a, b = sample[top].to_numpy(dtype=float) / p, sample[bottom].to_numpy(dtype=float) / p
    if b.sum() == 0:
        return _interval(np.nan, np.nan, np.nan, confidence, "ratio", len(p))
    value = a.sum() / b.sum()
    variance, df = variance_of_total((a - value * b) / b.sum(), p, _strata(sample, stratum))
    return _interval(float(value), variance, df, confidence, "ratio", len(p))


def estimate_mean(
    sample: pd.DataFrame, y: str, *, stratum: str | None = None, confidence: float = 0.95
) -> pd.Series:
    """Hájek estimate of the population's mean of `y` (weighted mean), with a t interval.

    For a stratified simple sample it is the stratified mean. Columns and errors as in `estimate_total`.
    """
    found = estimate_ratio(sample.assign(_one=1.0), y, "_one", stratum=stratum, confidence=confidence)
    found["method"] = "hajek"
    return found
