"""Where the next finding is likely: a risk score from past material findings, judged on later years only.

Only audited projects have outcomes, and they were picked because they looked risky. A score is therefore
judged with each audited project weighted by one over its probability of having been audited.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError

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
    min_findings: int = MIN_FINDINGS,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The probability of a material finding for each project of `new`, learnt from audited projects.

    Parameters
    ----------
    history : audited projects of earlier years: `features`, `by`, `target` (0/1 or boolean, not NA).
    features : numeric columns known before the audit; NA counts as the mean. Never what the audit wrote.
    probability : column of the probability of having been audited, to weight the fit; None: unweighted.
    penalty : ridge penalty on standardised features; None chooses by leave-one-out deviance.
    min_findings : with fewer material findings the shrunken rate of the project's class is given.

    Returns
    -------
    `new` with risk (0–1), method ("ridge_logistic" or "class_rates"), leading (the feature that raises
    the score most above the average project's, NA if none does or by class), n_findings.

    Raises
    ------
    DataError where `history` is empty or has unknown outcomes.
    """
    if not len(history) or history[target].isna().any():
        raise DataError("evaluation.no_history", n=len(history), unknown=int(history[target].isna().sum()))
    y = history[target].astype(float).to_numpy()
    names = list(features)
    if y.sum() < min_findings or y.sum() > len(y) - 1 or not names:
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
