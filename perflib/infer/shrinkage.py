"""Small districts lean on the whole: empirical Bayes, with the variance between units estimated."""

import numpy as np
import pandas as pd
from scipy import optimize, stats

from perflib.infer.interval import CONFIDENCE, check_confidence


def between_variance(values, variances) -> float:
    """Variance τ² by which true values differ, given estimates and their sampling variances (above 0).

    The τ² at which Cochran's Q is its expectation (Paule & Mandel 1982). Never below 0; 0 for fewer than two units.
    """
    y, v = np.asarray(values, dtype="float64"), np.asarray(variances, dtype="float64")
    assert (v > 0).all()
    excess = lambda tau2: _cochran(y, v, tau2) - (len(y) - 1)  # noqa: E731
    if len(y) < 2 or excess(0.0) <= 0:
        return 0.0
    most = 2 * float(((y - y.mean()) ** 2).sum()) + 10 * float(v.max())  # Q is below its expectation for sure
    return float(optimize.brentq(excess, 0.0, most, xtol=1e-14 * most))


def _centre(y: np.ndarray, v: np.ndarray, tau2: float) -> tuple[np.ndarray, float]:
    w = 1 / (v + tau2)
    return w, float((w * y).sum() / w.sum())


def _cochran(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    w, mu = _centre(y, v, tau2)
    return float((w * (y - mu) ** 2).sum())


def shrink(
    estimates: pd.DataFrame, *, value: str = "value", se: str = "se", confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """`estimates` with `own`, `mean`, `shrinkage`, `tau2` and the shrunken `value, low, high`.

    shrunken = (1 − B)·own + B·mean, B = (k−3)/(k−1) · s²/(s² + τ²), so it lies between the two; the interval
    has Morris's correction for what is not known of mean and τ² (Morris 1983, k units). `shrinkage` is B.
    A unit without a standard error above 0 keeps NA, and a reason `no_standard_error`; with fewer than
    four units nothing can be learnt from the others: B is 0 and the reason `too_few_units`.
    """
    check_confidence(confidence)
    own = estimates[value].astype("float64")
    variance = estimates[se].astype("float64") ** 2
    usable = own.notna() & (variance > 0)
    table = estimates.assign(
        own=own, shrinkage=np.nan, mean=np.nan, tau2=np.nan, value=np.nan, _variance=np.nan
    )
    table["reason"] = np.where(usable, None, "no_standard_error")
    if usable.any():
        found = _shrunken(own[usable].to_numpy(), variance[usable].to_numpy())
        table.loc[usable, list(found)] = pd.DataFrame(found, index=table.index[usable])
        table.loc[usable, "reason"] = None if usable.sum() >= 4 else "too_few_units"
    half = stats.norm.ppf(0.5 + confidence / 2) * np.sqrt(table.pop("_variance"))
    return table.assign(
        low=table["value"] - half,
        high=table["value"] + half,
        confidence=confidence,
        method="empirical_bayes",
    )


def _shrunken(y: np.ndarray, v: np.ndarray) -> dict[str, np.ndarray | float]:
    k = len(y)
    tau2 = between_variance(y, v)
    w, mu = _centre(y, v, tau2)
    factor = max(0.0, (k - 3) / (k - 1)) if k > 1 else 0.0
    b = factor * v / (v + tau2)
    doubt = 2 / (k - 3) * b**2 * (np.average(v, weights=w) + tau2) / (v + tau2) if k > 3 else 0.0
    spread = v * (1 - (k - 1) / k * b) + doubt * (y - mu) ** 2
    return {"shrinkage": b, "mean": mu, "tau2": tau2, "value": (1 - b) * y + b * mu, "_variance": spread}
