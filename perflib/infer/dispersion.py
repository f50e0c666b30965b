"""How unequal districts are, and whether they come closer over the years."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.infer.interval import CONFIDENCE, check_confidence

DRAWS = 1000


def _known(values, weights) -> tuple[np.ndarray, np.ndarray]:
    x = np.asarray(values, dtype="float64")
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype="float64")
    use = ~np.isnan(x) & (w > 0)
    order = np.argsort(x[use], kind="stable")
    return x[use][order], w[use][order]


def gini(values, weights=None) -> float:
    """Gini coefficient, 0 (all equal) to 1; NaN if nothing or a total of 0. As in R's laeken.

    >>> round(gini([1, 1, 1, 1]), 12), gini([0, 0, 0, 4])
    (0.0, 1.0)
    """
    x, w = _known(values, weights)
    if len(x) < 2 or (w * x).sum() <= 0:
        return 0.0 if len(x) == 1 else float("nan")
    numerator = 2 * (w * x * np.cumsum(w)).sum() - (w**2 * x).sum()
    # laeken corrects for the largest value that n units can reach, as here.
    biased = numerator / (w.sum() * (w * x).sum()) - 1
    return float(biased * (len(x) / (len(x) - 1) if weights is None else 1.0))


def quantile(values, shares, weights=None) -> np.ndarray:
    """Weighted quantiles: the smallest value with at least that share of the weight at or below it."""
    x, w = _known(values, weights)
    if len(x) == 0:
        return np.full(np.shape(shares), np.nan)
    reached = np.cumsum(w)
    target = np.atleast_1d(shares) * reached[-1]
    place = np.minimum(np.searchsorted(reached, target * (1 - 1e-12)), len(x) - 1)
    # Exactly on a step: halfway to the next value, as laeken's incQuantile does.
    exact = np.isclose(reached[place], target, rtol=1e-12) & (place < len(x) - 1)
    return np.where(exact, (x[place] + x[np.minimum(place + 1, len(x) - 1)]) / 2, x[place])


def quintile_ratio(values, weights=None) -> float:
    """S80/S20: mean-weighted total of those above the 80 % quantile over that of those up to the 20 % one."""
    x, w = _known(values, weights)
    if len(x) < 5:
        return float("nan")
    low, high = quantile(x, [0.2, 0.8], w)
    bottom, top = x <= low, x > high
    below, above = (w[bottom] * x[bottom]).sum(), (w[top] * x[top]).sum()
    return float(above / below) if below > 0 else float("nan")


def percentile_ratio(values, weights=None) -> float:
    """P90/P10; NaN where P10 isn't above 0."""
    low, high = quantile(values, [0.1, 0.9], weights)
    return float(high / low) if low > 0 else float("nan")


def coefficient_of_variation(values, weights=None) -> float:
    """Weighted standard deviation over the weighted mean; NaN where the mean is 0."""
    x, w = _known(values, weights)
    if len(x) == 0 or (mean := np.average(x, weights=w)) == 0:
        return float("nan")
    return float(np.sqrt(np.average((x - mean) ** 2, weights=w)) / mean)


MEASURES: dict[str, Callable] = {
    "coefficient_of_variation": coefficient_of_variation,
    "gini": gini,
    "percentile_ratio": percentile_ratio,
    "quintile_ratio": quintile_ratio,
}


def dispersion_by_year(
    rates: pd.DataFrame,
    *,
    value: str = "value",
    year: str = "year",
    weight: str | None = None,
    measures: Sequence[str] = tuple(MEASURES),
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per year and measure: `value, low, high, confidence, method` and `districts`.

    `rates` has one row per district and year. Intervals are jackknifed over districts (t, districts − 1
    degrees of freedom); NA for fewer than three districts.
    """
    check_confidence(confidence)
    rows = [
        {"year": y, "measure": name, "districts": len(part), **_jackknifed(MEASURES[name], x, w, confidence)}
        for y, part in rates.dropna(subset=[value]).groupby(year)
        for x, w in [(part[value].to_numpy(), part[weight].to_numpy() if weight else None)]
        for name in measures
    ]
    return pd.DataFrame(rows).assign(confidence=confidence, method="jackknife")


def _jackknifed(
    measure: Callable, x: np.ndarray, w: np.ndarray | None, confidence: float
) -> dict[str, float]:
    whole, n = measure(x, w), len(x)
    if n < 3:
        return {"value": whole, "low": float("nan"), "high": float("nan")}
    left = [measure(np.delete(x, i), None if w is None else np.delete(w, i)) for i in range(n)]
    se = np.sqrt((n - 1) / n * ((np.array(left) - np.mean(left)) ** 2).sum())
    half = stats.t.isf((1 - confidence) / 2, n - 1) * se
    return {"value": whole, "low": whole - half, "high": whole + half}


def sigma_convergence(by_year: pd.DataFrame, *, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """One row per measure: the yearly change of log dispersion; below 0 districts come closer.

    `by_year` is what `dispersion_by_year` gives. Least squares, t with years − 2 degrees of freedom; NA
    and the reason `too_few_years` for fewer than four years with a dispersion above 0.
    """
    check_confidence(confidence)
    rows = [{"measure": m, **_slope(part, confidence)} for m, part in by_year.groupby("measure", sort=True)]
    return pd.DataFrame(rows).assign(confidence=confidence, method="log-linear trend")


def _slope(part: pd.DataFrame, confidence: float) -> dict:
    part = part[part["value"] > 0]
    if len(part) < 4:
        blank = dict.fromkeys(("value", "low", "high"), float("nan"))
        return {**blank, "years": len(part), "reason": "too_few_years"}
    fit = stats.linregress(part["year"], np.log(part["value"]))
    half = stats.t.isf((1 - confidence) / 2, len(part) - 2) * fit.stderr
    bounds = {"value": fit.slope, "low": fit.slope - half, "high": fit.slope + half}
    return {**bounds, "years": len(part), "reason": None}
