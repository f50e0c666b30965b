"""Where the next finding is likely: a risk score from past material findings, judged on later years only.

Only audited projects have outcomes, and they were picked because they looked risky. A score is therefore
judged with each audited project weighted by one over its probability of having been audited.

How good it was is told by lift and calibration, on the selected set and weighted back to all. A
frame of predictions has one row per project and year: risk, is_audited, is_material (NA where not audited),
audit_probability (of having been audited), and an amount where money matters.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

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
    predicted: pd.DataFrame, *, draws: int = 200, confidence: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Base rate, Brier score, average precision and calibration of a score, weighted and naive.

    Returns
    -------
    Rows quantity = base_rate, mean_risk, brier, average_precision, once with is_weighted True (each audited
    project counts for those like it) and once False (the audited set as it is, biased where risk picked
    it); columns value, low, high, confidence, method (bootstrap over projects), n. mean_risk weighted
    and base_rate weighted agree for a calibrated score.
    """
    rows = []
    for is_weighted in (True, False):
        risk, y, w = _weights(predicted, is_weighted)
        picks = np.random.default_rng(seed).integers(0, max(len(y), 1), (draws, len(y)))
        drawn = pd.DataFrame([_measures(risk[i], y[i], w[i]) for i in picks])
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        for name, value in _measures(risk, y, w).items():
            known = drawn[name].dropna() if len(drawn) else pd.Series(dtype=float)
            lower, upper = np.quantile(known, tails) if len(known) else (np.nan, np.nan)
            rows.append(
                {"quantity": name, "is_weighted": is_weighted, "value": value, "low": lower, "high": upper}
            )
    return pd.DataFrame(rows).assign(confidence=confidence, method="bootstrap", n=len(y))


def _measures(risk: np.ndarray, y: np.ndarray, w: np.ndarray) -> dict[str, float]:
    total = w.sum() if len(w) else np.nan
    return {
        "base_rate": (w * y).sum() / total,
        "mean_risk": (w * risk).sum() / total,
        "brier": (w * (risk - y) ** 2).sum() / total,
        "average_precision": _average_precision(risk, y, w),
    }


def lift_at(
    predicted: pd.DataFrame, sizes: Sequence[int], *, is_weighted: bool = True
) -> pd.DataFrame:  # fmt: skip
    """What looking at the k riskiest of all projects would have found, one row per k.

    The k riskiest are taken from all rows of `predicted`, audited or not; what they hold is estimated
    from the audited among them. Ties are cut by row order after sorting.

    Returns
    -------
    Columns k, n_audited (audited among the k), precision, recall (share of all findings), lift (precision
    over the base rate) with `lift_low` and `lift_high` where every project counts the same (Wilson, the base rate
    taken as it is). NA where nobody of the k was audited.
    """
    table = predicted.sort_values("risk", ascending=False, kind="stable", ignore_index=True)
    known = table["is_audited"].astype(bool) & table["is_material"].notna()
    _weights(table, is_weighted)
    p = table["audit_probability"].to_numpy(dtype=float) if is_weighted else 1.0
    w = np.where(known, 1 / p, 0.0)
    y = table["is_material"].astype(float).fillna(0.0).to_numpy()
    hits, seen, audited = np.cumsum(w * y), np.cumsum(w), np.cumsum(known)
    rows = []
    for k in sizes:
        i = min(int(k), len(table)) - 1
        precision = hits[i] / seen[i] if seen[i] > 0 else np.nan
        base = hits[-1] / seen[-1] if seen[-1] > 0 else np.nan
        row = {"k": i + 1, "n_audited": int(audited[i]), "precision": precision}
        row["recall"] = hits[i] / hits[-1] if hits[-1] > 0 else np.nan
        row["lift"] = precision / base if base else np.nan
        if not is_weighted:
            ends = wilson_interval([hits[i]], [audited[i]])[["low", "high"]].to_numpy()[0]
            row["lift_low"], row["lift_high"] = ends / base if base else (np.nan, np.nan)
        rows.append(row)
    return pd.DataFrame(rows)


def calibration(predicted: pd.DataFrame, *, bins: int = 5, is_weighted: bool = True) -> pd.DataFrame:
    """Predicted risk against what was found, in groups of equal (weighted) size from low to high risk.

    Columns group, n, predicted, observed. A calibrated score has the two about equal in every row.
    """
    risk, y, w = _weights(predicted, is_weighted)
    order = np.argsort(risk, kind="stable")
    risk, y, w = risk[order], y[order], w[order]
    group = np.minimum((np.cumsum(w) - w / 2) / w.sum() * bins, bins - 1).astype(int) if len(w) else []
    table = pd.DataFrame({"group": group, "w": w, "r": w * risk, "y": w * y})
    sums = table.groupby("group").sum()
    return pd.DataFrame(
        {
            "group": sums.index + 1,
            "n": table.groupby("group").size().to_numpy(),
            "predicted": (sums["r"] / sums["w"]).to_numpy(),
            "observed": (sums["y"] / sums["w"]).to_numpy(),
        }
    )


MIN_FINDINGS = 50  # below this many material findings a model of its own says little: rates by class
PENALTIES = np.logspace(-1, 3, 9)


def _logistic(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: float
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (intercept first, unpenalised) of a ridge logistic regression, and the leverages."""
    design = np.column_stack([np.ones(len(x)), x])
    ridge = np.diag([1e-8, *[penalty] * x.shape[1]])
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((weight @ y + 0.5) / (weight @ (1 - y) + 0.5))
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        curve = weight * p * (1 - p)
        hessian = design.T @ (curve[:, None] * design) + ridge
        step = np.linalg.solve(hessian, design.T @ (weight * (y - p)) - ridge @ beta)
        beta = beta + step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    leverage = curve * np.einsum("ij,jk,ik->i", design, np.linalg.inv(hessian), design)
    return beta, leverage


def _choose_penalty(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The penalty with the smallest approximate leave-one-out deviance."""
    design = np.column_stack([np.ones(len(x)), x])
    losses = []
    for penalty in PENALTIES:
        beta, leverage = _logistic(x, y, weight, penalty)
        eta = np.clip(design @ beta, -30, 30)
        p = 1 / (1 + np.exp(-eta))
        curve = np.maximum(weight * p * (1 - p), 1e-9)
        without = eta - leverage * weight * (y - p) / (curve * np.maximum(1 - leverage, 1e-3))
        losses.append((weight * (np.logaddexp(0, without) - y * without)).sum())
    return float(PENALTIES[int(np.argmin(losses))])


def class_rates(
    history: pd.DataFrame, *, by: str = "class", target: str = "is_material", confidence: float = 0.95
) -> pd.DataFrame:
    """Shares of projects with a finding by class, shrunk to the overall share as far as they are uncertain.

    Beta-binomial empirical Bayes; the spread between classes is estimated by moments. One row per class:
    `by`, n, n_findings, rate (as it is), value (shrunken), low, high, confidence, method. A row for any
    other class (`by` NA, n 0) gives the overall share.

    Source: Kleinman 1973; Efron & Morris 1975 for the idea.
    """
    groups = history.groupby(history[by].astype(object))[target]
    n, k = groups.size().astype(float), groups.sum().astype(float)
    total, found = n.sum(), k.sum()
    mean = (found + 0.5) / (total + 1)
    prior = _prior_size(n.to_numpy(), k.to_numpy(), mean)
    n.loc[None], k.loc[None] = 0.0, 0.0
    a, b = prior * mean + k, prior * (1 - mean) + n - k
    tails = (1 - confidence) / 2
    return pd.DataFrame(
        {
            by: n.index,
            "n": n.to_numpy().astype(int),
            "n_findings": k.to_numpy().astype(int),
            "rate": (k / n.where(n > 0)).to_numpy(),
            "value": (a / (a + b)).to_numpy(),
            "low": stats.beta.ppf(tails, a, b),
            "high": stats.beta.ppf(1 - tails, a, b),
            "confidence": confidence,
            "method": "beta_binomial",
        }
    )


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
    by: str = "class",
    target: str = "is_material",
    probability: str | None = None,
    penalty: float | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The probability of a material finding for each project of `new`, learnt from audited projects.

    Parameters
    ----------
    history : audited projects of earlier years: `features`, `by`, `target` (0/1 or boolean, not NA).
    features : numeric columns known before the audit; NA counts as the mean. Never what the audit wrote.
    probability : column of the probability of having been audited, to weight the fit; None: unweighted.
    penalty : ridge penalty on standardised features; None chooses by leave-one-out deviance.

    Returns
    -------
    `new` with risk (0–1), method ("ridge_logistic", or with few material findings "class_rates"), leading (the feature that raises
    the score most above the average project's, NA if none does or by class), n_findings.

    Raises
    ------
    DataError where `history` is empty or has unknown outcomes.
    """
    if not len(history) or history[target].isna().any():
        raise DataError("evaluation.no_history", n=len(history), unknown=int(history[target].isna().sum()))
    y = history[target].astype(float).to_numpy()
    names = list(features)
    if y.sum() < MIN_FINDINGS or y.sum() > len(y) - 1 or not names:
        rates = class_rates(history, by=by, target=target, confidence=confidence)
        rate = rates.dropna(subset=[by]).set_index(by)["value"]
        other = rates.loc[rates["n"] == 0, "value"].iloc[0]
        value = new[by].map(rate).astype(float).fillna(other)
        return new.assign(risk=value, method="class_rates", leading=None, n_findings=int(y.sum()))
    x, z = _standardise(history, new, names)
    weight = 1 / history[probability].to_numpy(dtype=float) if probability else np.ones(len(y))
    weight = weight * len(y) / weight.sum()
    beta, _ = _logistic(x, y, weight, _choose_penalty(x, y, weight) if penalty is None else penalty)
    share = z * beta[1:]
    risk = 1 / (1 + np.exp(-(beta[0] + share.sum(axis=1))))
    leading = np.where(share.max(axis=1) > 0, np.array(names, dtype=object)[share.argmax(axis=1)], None)
    return new.assign(risk=risk, method="ridge_logistic", leading=leading, n_findings=int(y.sum()))


def predict_later_years(
    projects: pd.DataFrame,
    *,
    features: Sequence[str],
    first_year: int | None = None,
    is_audited: str = "is_audited",
    target: str = "is_material",
    **options,
) -> pd.DataFrame:
    """Each year's projects scored by a model of earlier years only: what evaluation may look at.

    `projects` has one row per project and year, with `year`, `features`, `is_audited`, `target` (NA where
    not audited). Years from `first_year` (None: the second one) on are scored; a year with no
    audited project before it is left out. `options` go to `score_risk`.
    """
    years = sorted(projects["year"].unique())
    start = first_year if first_year is not None else (years[1] if len(years) > 1 else np.inf)
    audited = projects[is_audited].astype(bool) & projects[target].notna()
    parts = []
    for year in (y for y in years if y >= start):
        past = projects[audited & (projects["year"] < year)]
        if len(past):
            now = projects[projects["year"] == year]
            parts.append(score_risk(past, now, features=features, target=target, **options))
    return pd.concat(parts, ignore_index=True) if parts else projects.head(0).assign(risk=np.nan)
