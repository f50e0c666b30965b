"""How good a risk score was: lift, money-lift, calibration, on a selected set and weighted back to all.

A frame of predictions has one row per project and year: risk, is_audited, is_material (NA where not
audited), audit_probability (of having been audited), and an amount where money matters.
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
    predicted: pd.DataFrame,
    sizes: Sequence[int],
    *,
    amount: str | None = None,
    is_weighted: bool = True,
) -> pd.DataFrame:
    """What looking at the k riskiest of all projects would have found, one row per k.

    The k riskiest are taken from all rows of `predicted`, audited or not; what they hold is estimated
    from the audited among them. Ties are cut by row order after sorting.

    Returns
    -------
    Columns k, n_audited (audited among the k), precision, recall (share of all findings), lift (precision
    over the base rate) with `lift_low` and `lift_high` where every project counts the same (Wilson, the base rate
    taken as it is), and with `amount` money_recall (share of the money in findings) and money_lift
    (that over the share k of N). NA where nobody of the k was audited.
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
        if amount:
            money = np.cumsum(w * y * table[amount].astype(float).fillna(0.0).to_numpy())
            row["money_recall"] = money[i] / money[-1] if money[-1] > 0 else np.nan
            row["money_lift"] = row["money_recall"] / ((i + 1) / len(table))
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
