"""Where the next finding is likely: a risk score from past material findings, judged on later years only.

Only audited projects have outcomes, and they were picked because they looked risky. A score is therefore
judged with each audited project weighted by one over its probability of having been audited.

How good it was is told by lift and calibration on the selected set, and by measures weighted back to all. A
frame of predictions has one row per project and year: risk, is_audited, is_material (NA where not audited) and
audit_probability (of having been audited).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.interval import wilson_interval


def _weights(predicted: pd.DataFrame, is_weighted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Risk, outcome and weight of the audited; unweighted is what the selected set itself says."""
    audited = predicted[predicted["is_audited"].astype(bool) & predicted["is_material"].notna()]
    p = audited["audit_probability"].to_numpy(dtype=float) if is_weighted else np.ones(len(audited))
    bad = ~((p > 0) & (p <= 1))
    if bad.any():
        raise DataError("evaluation.no_probability", n=int(bad.sum()), total=len(p))
    return audited["risk"].to_numpy(dtype=float), audited["is_material"].to_numpy(dtype=float), 1 / p


def _average_precision(risk: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    if (w * y).sum() == 0:
        return np.nan
    order = np.argsort(-risk, kind="stable")
    r, y, w = risk[order], y[order], w[order]
    # Ties are one step: the order within them carries nothing.
    last = np.append(r[1:] != r[:-1], True)
    hit, seen = np.cumsum(w * y)[last], np.cumsum(w)[last]
    return float((np.diff(hit, prepend=0.0) / hit[-1] * hit / seen).sum())


def evaluate_scores(
    predicted: pd.DataFrame, *, is_weighted: bool, draws: int = 200, confidence: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Base rate, Brier score, average precision and calibration of a score, weighted or naive.

    Returns
    -------
    Rows quantity = base_rate, mean_risk, brier, average_precision: `is_weighted` each audited project counts for
    those like it, else the audited set is taken as it is (biased where risk picked it); columns value, low, high,
    confidence, method (bootstrap over projects), n. mean_risk weighted and base_rate weighted agree for a
    calibrated score.
    """
    risk, y, w = _weights(predicted, is_weighted)
    picks = np.random.default_rng(seed).integers(0, max(len(y), 1), (draws, len(y)))
    drawn = pd.DataFrame([_measures(risk[i], y[i], w[i]) for i in picks])
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    rows = []
    for name, value in _measures(risk, y, w).items():
        known = drawn[name].dropna() if len(drawn) else pd.Series(dtype=float)
        lower, upper = np.quantile(known, tails) if len(known) else (np.nan, np.nan)
        rows.append({"quantity": name, "value": value, "low": lower, "high": upper})
    return pd.DataFrame(rows).assign(confidence=confidence, method="bootstrap", n=len(y))


def _measures(risk: np.ndarray, y: np.ndarray, w: np.ndarray) -> dict[str, float]:
    total = w.sum() if len(w) else np.nan
    return {
        "base_rate": (w * y).sum() / total,
        "mean_risk": (w * risk).sum() / total,
        "brier": (w * (risk - y) ** 2).sum() / total,
        "average_precision": _average_precision(risk, y, w),
    }


def lift_at(looked: pd.DataFrame, sizes: Sequence[int]) -> pd.DataFrame:
    """What looking at the k riskiest of those who were looked at would have found, one row per k of `sizes`.

    `looked` holds risk and is_material, with one finding at least. Ties are cut by row order after sorting.
    Columns top_k, precision, recall (share of all findings), lift (precision over the base rate) with `lift_low` and
    `lift_high` (Wilson, the base rate taken as it is).
    """
    order = looked.sort_values("risk", ascending=False, kind="stable")
    hits = order["is_material"].astype(float).cumsum().to_numpy()
    k = np.asarray(sizes)
    found, base = hits[k - 1], hits[-1] / len(hits)
    interval = wilson_interval(found, k)
    return pd.DataFrame(
        {
            "top_k": k,
            "precision": found / k,
            "recall": found / hits[-1],
            "lift": found / k / base,
            "lift_low": interval["low"] / base,
            "lift_high": interval["high"] / base,
        }
    )


def calibration(looked: pd.DataFrame, *, bins: int) -> pd.DataFrame:
    """Predicted risk against what was found, in groups of equal size from low to high risk.

    Columns risk_group, audited_projects, predicted, observed. A calibrated score has the two about equal in every row.
    """
    rows = looked.sort_values("risk", kind="stable").astype({"is_material": float})
    group = ((np.arange(len(rows)) + 0.5) / len(rows) * bins).astype(int) + 1
    table = rows.groupby(group).agg(
        audited_projects=("risk", "size"), predicted=("risk", "mean"), observed=("is_material", "mean")
    )
    return table.rename_axis("risk_group").reset_index()


MIN_FINDINGS = 50  # below this many material findings a model of its own says little: rates by class
PENALTIES = np.logspace(-1, 3, 9)


def _logistic(x: np.ndarray, y: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (intercept first, unpenalised) of a ridge logistic regression, and the leverages."""
    design = np.column_stack([np.ones(len(x)), x])
    ridge = np.diag([1e-8, *[penalty] * x.shape[1]])
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((y.sum() + 0.5) / ((1 - y).sum() + 0.5))
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        curve = p * (1 - p)
        hessian = design.T @ (curve[:, None] * design) + ridge
        step = np.linalg.solve(hessian, design.T @ (y - p) - ridge @ beta)
        beta = beta + step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    leverage = curve * np.einsum("ij,jk,ik->i", design, np.linalg.inv(hessian), design)
    return beta, leverage


def _choose_penalty(x: np.ndarray, y: np.ndarray) -> float:
    """The penalty with the smallest approximate leave-one-out deviance."""
    design = np.column_stack([np.ones(len(x)), x])
    losses = []
    for penalty in PENALTIES:
        beta, leverage = _logistic(x, y, penalty)
        eta = np.clip(design @ beta, -30, 30)
        p = 1 / (1 + np.exp(-eta))
        curve = np.maximum(p * (1 - p), 1e-9)
        without = eta - leverage * (y - p) / (curve * np.maximum(1 - leverage, 1e-3))
        losses.append((np.logaddexp(0, without) - y * without).sum())
    return float(PENALTIES[int(np.argmin(losses))])


def class_rates(history: pd.DataFrame) -> pd.DataFrame:
    """Shares of projects with a finding by class, shrunk to the overall share as far as they are uncertain.

    Beta-binomial empirical Bayes; the spread between classes is estimated by moments. One row per class:
    class, n, rate (as it is), value (shrunken). A row for any other class (class NA, n 0) gives the overall share.

    Source: Kleinman 1973; Efron & Morris 1975 for the idea.
    """
    groups = history.groupby(history["class"].astype(object))["is_material"]
    n, k = groups.size().astype(float), groups.sum().astype(float)
    mean = (k.sum() + 0.5) / (n.sum() + 1)
    prior = _prior_size(n.to_numpy(), k.to_numpy(), mean)
    n.loc[None], k.loc[None] = 0.0, 0.0
    table = pd.DataFrame(
        {"n": n.astype(int), "rate": k / n.where(n > 0), "value": (prior * mean + k) / (prior + n)}
    )
    return table.rename_axis("class").reset_index()


def _prior_size(n: np.ndarray, k: np.ndarray, mean: float) -> float:
    """How many projects the overall share counts for: mean·(1 − mean)/spread − 1, within 2 and 1000."""
    if len(n) < 2:
        return 2.0
    spread = (n * (k / n - mean) ** 2).sum() - (len(n) - 1) * mean * (1 - mean)
    between = spread / max(n.sum() - (n**2).sum() / n.sum(), 1e-9)
    size = mean * (1 - mean) / between - 1 if between > 0 else 1000.0
    return float(np.clip(size, 2.0, 1000.0))


def _standardise(
    history: pd.DataFrame, new: pd.DataFrame, features: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Both frames' features on the scale of `history`; a missing value is its mean."""
    base = history[features].astype(float)
    mean, sd = base.mean().fillna(0.0), base.std(ddof=0)
    sd = sd.where(sd > 0, 1.0).fillna(1.0)
    return tuple(((f[features].astype(float) - mean) / sd).fillna(0.0).to_numpy() for f in (base, new))


def score_risk(
    history: pd.DataFrame,
    new: pd.DataFrame,
    *,
    features: Sequence[str],
    penalty: float | None = None,
) -> pd.DataFrame:
    """The probability of a material finding for each project of `new`, learnt from audited projects.

    Parameters
    ----------
    history : audited projects of earlier years: `features`, class, is_material (0/1 or boolean, not NA).
    features : numeric columns known before the audit; NA counts as the mean. Never what the audit wrote.
    penalty : ridge penalty on standardised features; None chooses by leave-one-out deviance.

    Returns
    -------
    `new` with risk (0–1), method ("ridge_logistic", or with few material findings "class_rates"), leading (the feature that raises
    the score most above the average project's, NA if none does or by class), n_findings.

    Raises
    ------
    DataError where `history` is empty or has unknown outcomes.
    """
    unknown = int(history["is_material"].isna().sum())
    if not len(history) or unknown:
        raise DataError("evaluation.no_history", n=len(history), unknown=unknown)
    y = history["is_material"].astype(float).to_numpy()
    names = list(features)
    if y.sum() < MIN_FINDINGS or y.sum() > len(y) - 1 or not names:
        rates = class_rates(history)
        rate = rates.dropna(subset=["class"]).set_index("class")["value"]
        other = rates.loc[rates["n"] == 0, "value"].iloc[0]
        value = new["class"].map(rate).astype(float).fillna(other)
        return new.assign(risk=value, method="class_rates", leading=None, n_findings=int(y.sum()))
    x, z = _standardise(history, new, names)
    beta, _ = _logistic(x, y, _choose_penalty(x, y) if penalty is None else penalty)
    share = z * beta[1:]
    risk = 1 / (1 + np.exp(-(beta[0] + share.sum(axis=1))))
    leading = np.where(share.max(axis=1) > 0, np.array(names, dtype=object)[share.argmax(axis=1)], None)
    return new.assign(risk=risk, method="ridge_logistic", leading=leading, n_findings=int(y.sum()))


def predict_later_years(
    projects: pd.DataFrame,
    *,
    features: Sequence[str],
    first_year: int | None = None,
    **options,
) -> pd.DataFrame:
    """Each year's projects scored by a model of earlier years only: what evaluation may look at.

    `projects` has one row per project and year, with `year`, `features`, `is_audited`, `is_material` (NA where
    not audited). Years from `first_year` (None: the second one) on are scored; a year with no
    audited project before it is left out. `options` go to `score_risk`.
    """
    years = sorted(projects["year"].unique())
    start = first_year if first_year is not None else (years[1] if len(years) > 1 else np.inf)
    audited = projects["is_audited"].astype(bool) & projects["is_material"].notna()
    parts = []
    for year in (y for y in years if y >= start):
        past = projects[audited & (projects["year"] < year)]
        if len(past):
            now = projects[projects["year"] == year]
            parts.append(score_risk(past, now, features=features, **options))
    return pd.concat(parts, ignore_index=True) if parts else projects.head(0).assign(risk=np.nan)
