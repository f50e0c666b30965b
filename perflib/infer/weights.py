"""Weights for several criteria, scores made with them, and how much the ranking depends on them."""

import itertools

import numpy as np
import pandas as pd

from perflib.data.errors import DataError

# Saaty's random index by number of criteria; two criteria are always consistent.
RANDOM_INDEX = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.9, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45}
LARGEST_RATIO = 0.1


def _check_judgements(judgements: pd.DataFrame) -> np.ndarray:
    a = judgements.to_numpy(dtype=float)
    names = [str(c) for c in judgements.columns]
    if a.shape[0] != a.shape[1] or a.shape[0] not in RANDOM_INDEX:
        raise DataError("evaluation.judgement_shape", rows=a.shape[0], columns=a.shape[1])
    wrong = ~(a > 0) | (np.abs(a * a.T - 1) > 0.02)
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        raise DataError(
            "evaluation.judgement_reciprocal", row=names[i], column=names[j], there=a[i, j], back=a[j, i]
        )
    return a


def ahp_weights(judgements: pd.DataFrame) -> pd.DataFrame:
    """Weights of criteria from pairwise judgements (principal eigenvector), one row per criterion.

    Parameters
    ----------
    judgements : square, cell (i, j) how much more i matters than j (1/9 to 9), its mirror the reciprocal.

    Returns
    -------
    Columns criterion, weight (sum 1), lambda_max, ci, cr (NA-free; the same in every row) and
    is_consistent (CR below 0.1).

    Source: Saaty 1980.
    """
    a = _check_judgements(judgements)
    n = len(a)
    values, vectors = np.linalg.eig(a)
    top = int(np.argmax(values.real))
    weight = np.abs(vectors[:, top].real)
    lambda_max = float(values[top].real)
    ci = (lambda_max - n) / (n - 1) if n > 1 else 0.0
    cr = ci / RANDOM_INDEX[n] if RANDOM_INDEX[n] else 0.0
    table = pd.DataFrame({"criterion": judgements.columns, "weight": weight / weight.sum()})
    return table.assign(lambda_max=lambda_max, ci=ci, cr=cr, is_consistent=cr < LARGEST_RATIO)


def _matrix(units: pd.DataFrame) -> np.ndarray:
    x = units.to_numpy(dtype=float)
    if len(x) < 2 or np.isnan(x).any():
        raise DataError("evaluation.units_incomplete", rows=len(x), missing=int(np.isnan(x).sum()))
    return x


def equal_weights(units: pd.DataFrame) -> pd.Series:
    """The same weight for each column; the comparator that every other set should beat."""
    return pd.Series(1 / units.shape[1], index=units.columns, name="weight")


def entropy_weights(units: pd.DataFrame) -> pd.Series:
    """Weights by entropy: the more a criterion differs between units, the more it weighs.

    One row per unit, one column per criterion, values not below 0. Dispersion isn't importance: noise
    raises a weight too. Equal weights where no criterion differs at all.
    """
    x = _matrix(units)
    if (x < 0).any():
        raise DataError("evaluation.entropy_negative", n=int((x < 0).sum()))
    total = x.sum(axis=0)
    p = np.divide(x, total, out=np.full(x.shape, 1 / len(x)), where=total > 0)
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=0) / np.log(len(x))
    spread = np.clip(1 - entropy, 0, None)
    even = spread.sum() < 1e-12
    weight = np.full(len(spread), 1 / len(spread)) if even else spread / spread.sum()
    return pd.Series(weight, index=units.columns, name="weight")


def score_units(units: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Weighted mean (0-1) of several criteria, each brought from worst 0 to best 1, and rank of each unit.

    Parameters
    ----------
    units : one row per unit, one column per criterion, more is better, no NA. One without spread is 0 throughout.
    weights : by criterion; brought to a sum of 1.

    Returns
    -------
    Columns unit, value, rank (1 best; ties share the better rank), in the order of `units`.
    """
    scaled, w = _prepare(units, weights)
    value = pd.Series(scaled @ w, units.index)
    rank = value.round(12).rank(ascending=False, method="min").astype(int)
    return pd.DataFrame({"unit": units.index, "value": value.to_numpy(), "rank": rank.to_numpy()})


def _prepare(units: pd.DataFrame, weights: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    x, w = _matrix(units), weights.reindex(units.columns).to_numpy(dtype=float)
    if np.isnan(w).any() or (w < 0).any() or w.sum() <= 0:
        raise DataError("evaluation.bad_weights", listed=", ".join(map(str, units.columns)))
    low, span = x.min(axis=0), np.ptp(x, axis=0)
    return np.divide(x - low, span, out=np.zeros(x.shape), where=span > 0), w / w.sum()


def rank_stability(
    units: pd.DataFrame, weights: pd.Series, *, concentration: float = 50.0, draws: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Share of other weights under which each unit has each rank, one row per unit and rank.

    Weights are drawn from a Dirichlet with mean `weights`; a `concentration` of 50 lets a weight of 0.30
    vary by about ± 0.06 (one standard deviation), 10 by ± 0.14. Columns unit, rank, probability.
    """
    scaled, w = _prepare(units, weights)
    drawn = np.random.default_rng(seed).dirichlet(np.maximum(w * concentration, 1e-6), draws)
    value = np.round(drawn @ scaled.T, 12)
    rank = 1 + (value[:, None, :] > value[:, :, None]).sum(axis=2)
    n = len(units)
    counts = (rank[:, :, None] == np.arange(1, n + 1)).mean(axis=0)
    names, places = np.repeat(units.index.to_numpy(), n), np.tile(np.arange(1, n + 1), n)
    return pd.DataFrame({"unit": names, "rank": places, "probability": counts.ravel()})


def judge_importance(ratings: pd.DataFrame) -> pd.DataFrame:
    """How much more one criterion matters than another to those who rated both, one row per pair.

    Parameters
    ----------
    ratings : rater, criterion, score (importance, above 0). A rater's importance of a criterion is the mean
        of what they gave to it.

    Returns
    -------
    Columns first, second, ratio, raters. ratio = geometric mean, over raters, of their importance of
    the first over that of the second (Aczél & Saaty 1983): above 1, the first matters more. Pairs that
    nobody rated are left out. Each rater's ratios agree with one another, and where all rated
    everything so do the group's.
    """
    known = ratings[ratings["score"] > 0]
    own = known.groupby(["rater", "criterion"])["score"].mean().unstack()
    logs = np.log(own.astype("float64"))
    rows = []
    for first, second in itertools.combinations(logs.columns, 2):
        gap = (logs[first] - logs[second]).dropna()
        if len(gap):
            rows.append((first, second, float(np.exp(gap.mean())), len(gap)))
    return pd.DataFrame(rows, columns=["first", "second", "ratio", "raters"])
