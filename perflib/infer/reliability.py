"""How far several raters agree, and how consistent a questionnaire's items are.

Every function takes a wide frame: one row per thing that is rated, one column per rater (or per
item of the scale). An estimate is a Series with `value, low, high, confidence, method`.
"""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError


def estimate(
    value: float, lower: float, upper: float, *, confidence: float, method: str, **more
) -> pd.Series:
    """One estimate with its interval, in the columns that every estimate here carries."""
    head = {"value": value, "low": lower, "high": upper, "confidence": confidence, "method": method}
    return pd.Series({**head, **more}, dtype=object)


def _complete(wide: pd.DataFrame) -> np.ndarray:
    """The rows without a missing rating, as floats; at least two rows and two columns of them."""
    x = wide.dropna().to_numpy(dtype=float)
    if x.shape[0] < 2 or x.shape[1] < 2:
        raise DataError("evaluation.too_few_ratings", rows=x.shape[0], columns=x.shape[1])
    return x


def mean_squares(wide: pd.DataFrame) -> pd.Series:
    """Mean squares of the complete two-way table: rows, columns and error.

    Rows with a missing rating are left out; `n` and `k` say how many rows and columns were used.

    >>> mean_squares(pd.DataFrame([[1.0, 2.0], [3.0, 4.0]])).round(1).to_dict()
    {'rows': 4.0, 'columns': 1.0, 'error': 0.0, 'n': 2.0, 'k': 2.0}
    """
    x = _complete(wide)
    n, k = x.shape
    by_row, by_column, mean = x.mean(axis=1), x.mean(axis=0), x.mean()
    rows = k * ((by_row - mean) ** 2).sum() / (n - 1)
    columns = n * ((by_column - mean) ** 2).sum() / (k - 1)
    residual = x - by_row[:, None] - by_column[None, :] + mean
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    squares = pd.Series({"rows": rows, "columns": columns, "error": error})
    # What is left of a spread of zero after rounding is no spread.
    squares = squares.where(squares > 1e-13 * max((x**2).mean(), 1e-300), 0.0)
    return pd.concat([squares, pd.Series({"n": float(n), "k": float(k)})])


def _agreement_bounds(ms: pd.Series, value: float, alpha: float) -> tuple[float, float]:
    """Interval of ICC(A,1), raters random: Satterthwaite degrees of freedom (Shrout & Fleiss 1979)."""
    n, k, error, columns = ms["n"], ms["k"], ms["error"], ms["columns"]
    fc = columns / error
    rest = n * (1 + (k - 1) * value) - k * value
    df = (k - 1) * (n - 1) * (k * value * fc + rest) ** 2 / ((n - 1) * (k * value * fc) ** 2 + rest**2)
    up, down = stats.f.ppf(1 - alpha / 2, n - 1, df), stats.f.ppf(1 - alpha / 2, df, n - 1)
    spread = k * columns + (k * n - k - n) * error
    # Divided through by the quantile, which is boundless where the degrees of freedom are next to none.
    lower = n * (ms["rows"] / up - error) / (spread + n * ms["rows"] / up)
    return lower, n * (down * ms["rows"] - error) / (spread + n * down * ms["rows"])


def icc(wide: pd.DataFrame, *, confidence: float = 0.95) -> pd.Series:
    """ICC(A,1), in Shrout and Fleiss ICC(2,1): how far one rater agrees with another, as an estimate with `n` rows.

    One row per project, one column per rater; a row with a missing rating is left out. A severe expert counts as
    error. NA where the ratings have no spread at all.

    Source: Shrout & Fleiss 1979; McGraw & Wong 1996.
    """
    ms = mean_squares(wide)
    n, k, error = ms["n"], ms["k"], ms["error"]
    top = ms["rows"] - error
    bottom = ms["rows"] + (k - 1) * error + k * (ms["columns"] - error) / n
    value = top / bottom if bottom > 1e-12 * max(abs(top), 1e-12) else np.nan
    bounds = _agreement_bounds(ms, value, 1 - confidence) if error > 0 else (np.nan, np.nan)
    return estimate(value, *bounds, confidence=confidence, method="shrout_fleiss_f", n=int(n))


def _alpha_of(counts: np.ndarray, values: np.ndarray) -> float:
    """Krippendorff's alpha from a table of counts: one row per unit, one column per value."""
    m = counts.sum(axis=1)
    counts, m = counts[m > 1], m[m > 1]
    if not len(m):
        return np.nan
    weighted = counts / (m - 1)[:, None]
    coincidence = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    totals = coincidence.sum(axis=1)
    d = (values[:, None] - values[None, :]) ** 2
    expected = (np.outer(totals, totals) * d).sum() / (totals.sum() - 1)
    return 1 - (coincidence * d).sum() / expected if expected > 0 else np.nan


def krippendorff_alpha(
    wide: pd.DataFrame, *, confidence: float = 0.95, draws: int = 1000, seed: int = 0
) -> pd.Series:
    """Krippendorff's alpha of scores (interval level) with a bootstrap interval; missing ratings are allowed.

    Parameters
    ----------
    wide : one row per thing rated, one column per rater, NA where somebody did not rate.
    draws : bootstrap samples of rows; 0 leaves the bounds NA.

    Returns
    -------
    Estimate; NA where fewer than two values were ever used (nothing to agree about).

    Source: Krippendorff 2011.
    """
    x = wide.to_numpy(dtype=float)
    values = np.unique(x[~np.isnan(x)])
    counts = (x[:, :, None] == values[None, None, :]).sum(axis=1)
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(counts), (draws, len(counts)))
    boot = np.array([_alpha_of(counts[p], values) for p in picks])
    alpha = 1 - confidence
    usable = boot[~np.isnan(boot)]
    bounds = np.quantile(usable, [alpha / 2, 1 - alpha / 2]) if len(usable) else [np.nan, np.nan]
    used = int((counts.sum(axis=1) > 1).sum())
    value = _alpha_of(counts, values)
    return estimate(value, *bounds, confidence=confidence, method="krippendorff_interval_bootstrap", n=used)


def cronbach_alpha(wide: pd.DataFrame, *, confidence: float = 0.95) -> pd.Series:
    """Cronbach's alpha of a scale with Feldt's exact interval; one row per respondent, one column per item.

    Source: Feldt, Woodruff & Salih 1987. NA where the answers have no spread.
    """
    x = _complete(wide)
    n, k = x.shape
    total = x.sum(axis=1).var(ddof=1)
    if total == 0:
        return estimate(np.nan, np.nan, np.nan, confidence=confidence, method="feldt", n=n, k=k)
    value = k / (k - 1) * (1 - x.var(axis=0, ddof=1).sum() / total)
    low, high = stats.f.ppf([(1 + confidence) / 2, (1 - confidence) / 2], n - 1, (n - 1) * (k - 1))
    lower, upper = 1 - (1 - value) * low, 1 - (1 - value) * high
    return estimate(value, lower, upper, confidence=confidence, method="feldt", n=n, k=k)


def _omega_of(covariance: np.ndarray, steps: int = 200) -> np.ndarray:
    """Omega total of a stack of covariance matrices: one factor by iterated principal axes."""
    sd = np.sqrt(np.einsum("bii->bi", covariance))
    r = covariance / (sd[:, :, None] * sd[:, None, :])
    k = r.shape[1]
    eye = np.eye(k, dtype=bool)
    shared = np.abs(r - np.eye(k)).max(axis=2)
    for _ in range(steps):
        values, vectors = np.linalg.eigh(np.where(eye, shared[:, :, None], r))
        loadings = vectors[:, :, -1] * np.sqrt(np.clip(values[:, -1:], 0, None))
        shared = np.clip(loadings**2, 0, 1)
    return (loadings * sd).sum(axis=1) ** 2 / covariance.sum(axis=(1, 2))


def mcdonald_omega(
    wide: pd.DataFrame, *, confidence: float = 0.95, draws: int = 500, seed: int = 0
) -> pd.Series:
    """McDonald's omega of a one-factor scale with a bootstrap interval over respondents.

    One row per respondent, one column per item (three or more, each with some spread); rows with a
    missing answer are left out. Unlike alpha it doesn't take the items for equally good. NA where an
    item has no spread.
    """
    x = _complete(wide)
    n, k = x.shape
    nothing = estimate(np.nan, np.nan, np.nan, confidence=confidence, method="omega_bootstrap", n=n, k=k)
    if (x.var(axis=0) == 0).any():
        return nothing
    rng = np.random.default_rng(seed)
    samples = x[rng.integers(0, n, (draws, n))]
    centred = samples - samples.mean(axis=1, keepdims=True)
    covariance = np.einsum("bni,bnj->bij", centred, centred) / (n - 1)
    covariance = covariance[(np.einsum("bii->bi", covariance) > 0).all(axis=1)]
    value = float(_omega_of(np.cov(x, rowvar=False)[None])[0])
    alpha = 1 - confidence
    bounds = [np.nan, np.nan]
    if len(covariance):
        bounds = np.quantile(_omega_of(covariance, 60), [alpha / 2, 1 - alpha / 2])
    return estimate(value, *bounds, confidence=confidence, method="omega_bootstrap", n=n, k=k)
