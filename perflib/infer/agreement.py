"""How far self-scores and re-scores agree. Differences are signed: self less re-score, in points."""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.reliability import estimate, icc


def _differences(pairs: pd.DataFrame, first: str, second: str) -> tuple[np.ndarray, np.ndarray]:
    both = pairs[[first, second]].dropna().to_numpy(dtype=float)
    if len(both) < 3:
        raise DataError("evaluation.too_few_pairs", n=len(both))
    return both[:, 0] - both[:, 1], both.mean(axis=1)


def bland_altman(
    pairs: pd.DataFrame, *, first: str = "self_score", second: str = "check_score", confidence: float = 0.95
) -> pd.DataFrame:
    """Bias and limits of agreement of two scores of the same things, with exact intervals.

    Rows quantity = bias, lower_limit, upper_limit; columns value, low, high, confidence, method, n. About 95 % of
    differences are expected between the limits. Source: Bland & Altman 1986; Carkeet 2015 for the intervals.
    """
    d, _ = _differences(pairs, first, second)
    n, mean, sd = len(d), d.mean(), d.std(ddof=1)
    k = stats.norm.ppf((1 + confidence) / 2)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = stats.nct.ppf(tails, n - 1, k * np.sqrt(n)) * sd / np.sqrt(n)
    half = stats.t.ppf(tails[1], n - 1) * sd / np.sqrt(n)
    rows = [
        ("bias", mean, mean - half, mean + half),
        ("lower_limit", mean - k * sd, mean - high, mean - low),
        ("upper_limit", mean + k * sd, mean + low, mean + high),
    ]
    table = pd.DataFrame(rows, columns=["quantity", "value", "low", "high"])
    return table.assign(confidence=confidence, method="bland_altman_exact", n=n)


def proportional_bias(
    pairs: pd.DataFrame, *, first: str = "self_score", second: str = "check_score", confidence: float = 0.95
) -> pd.Series:
    """Slope of the difference on the mean of both scores, with a t interval.

    Above 0: the first score exceeds the second more at the top. NA where the means have no spread.
    """
    d, mean = _differences(pairs, first, second)
    named = {"confidence": confidence, "method": "ols", "n": len(d)}
    if np.ptp(mean) == 0:
        return estimate(np.nan, np.nan, np.nan, **named)
    fit = stats.linregress(mean, d)
    half = stats.t.ppf((1 + confidence) / 2, len(d) - 2) * fit.stderr
    return estimate(fit.slope, fit.slope - half, fit.slope + half, **named)


def concordance(
    pairs: pd.DataFrame, *, first: str = "self_score", second: str = "check_score", confidence: float = 0.95
) -> pd.Series:
    """Lin's concordance correlation (−1 to 1) with its interval from Fisher's z.

    NA where neither score has any spread. Source: Lin 1989, with the 2000 correction of the variance.
    """
    _differences(pairs, first, second)
    x, y = pairs[[first, second]].dropna().to_numpy(dtype=float).T
    n, sx, sy = len(x), x.std(), y.std()
    shift = x.mean() - y.mean()
    if sx == 0 or sy == 0:
        value = 0.0 if sx or sy or shift else np.nan
        return estimate(value, np.nan, np.nan, confidence=confidence, method="lin_ccc", n=n)
    r = np.clip(((x - x.mean()) * (y - y.mean())).mean() / (sx * sy), -1, 1)
    c = 2 * r * sx * sy / (sx**2 + sy**2 + shift**2)
    if abs(r) < 1e-12 or abs(c) >= 1 - 1e-12:
        return estimate(c, np.nan, np.nan, confidence=confidence, method="lin_ccc", n=n)
    u = shift**2 / (sx * sy)
    part = (1 - r**2) * c**2 / ((1 - c**2) * r**2) + 2 * c**3 * (1 - c) * u / (r * (1 - c**2) ** 2)
    variance = (part - c**4 * u**2 / (2 * r**2 * (1 - c**2) ** 2)) / (n - 2)
    half = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(max(variance, 0.0))
    bounds = np.tanh([np.arctanh(c) - half, np.arctanh(c) + half])
    return estimate(c, *bounds, confidence=confidence, method="lin_ccc", n=n)


def agreement_table(
    pairs: pd.DataFrame, *, first: str = "self_score", second: str = "check_score", confidence: float = 0.95
) -> pd.DataFrame:
    """All measures of agreement in one table: quantity, value, low, high, confidence, method, n.

    Rows: bias, lower_limit, upper_limit, icc_agreement (ICC(A,1)), concordance, proportional_bias.
    """
    names = {"first": first, "second": second, "confidence": confidence}
    limits = bland_altman(pairs, **names)
    rest = {
        "icc_agreement": icc(pairs[[first, second]], confidence=confidence),
        "concordance": concordance(pairs, **names),
        "proportional_bias": proportional_bias(pairs, **names),
    }
    rows = [{"quantity": q, **e.reindex(limits.columns[1:]).to_dict()} for q, e in rest.items()]
    return pd.concat([limits, pd.DataFrame(rows)], ignore_index=True)
