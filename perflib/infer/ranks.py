"""What can be said of ranks: for each unit the set of ranks that the data allow, and tiers.

Mogstad, Romano, Shaikh & Wilhelm (2024, Review of Economic Studies): all ordered pairs are tested at
once by a step-down test on the largest difference; a unit's lowest possible rank is one after those
that are significantly better.

The largest difference is found without trying every pair. With independent errors s·z the difference of a
pair is |s_j z_j − s_k z_k| / √(s_j² + s_k²) ≤ √(z_j² + z_k²) (Cauchy–Schwarz). So a pair of small z can't be
the largest: the units with the largest |z| are tried first, and the others only where the bound can't exclude
them. The result is exact.
"""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence

_FIRST = 32  # units with the largest |z| that are tried first
_CELLS = 200_000  # numbers held at once: they fit the processor's cache


def largest_differences(z: np.ndarray, scale: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Largest (s_j z_j − s_k z_k) / √(s_j² + s_k²) per row of `z`, over ordered pairs not `left_out`.

    `z` is draws × units of standard normals, `scale` the standard errors s. −inf if no pair is left.
    """
    n = z.shape[1]
    order = np.argsort(-np.abs(z), axis=1)
    best = np.full(len(z), -np.inf)
    open_rows, tried = np.arange(len(z)), min(_FIRST, n)
    while len(open_rows):
        for rows in _chunks(open_rows, tried * tried):
            best[rows] = _top_pairs(z, scale, left_out, order[rows, :tried], rows)
        if tried == n:
            break
        # Any pair with a unit outside the tried ones is at most this large.
        size = np.abs(np.take_along_axis(z[open_rows], order[open_rows], axis=1)[:, [0, tried]])
        open_rows = open_rows[np.hypot(size[:, 0], size[:, 1]) > best[open_rows]]
        tried = min(2 * tried, n)
    return best


def _top_pairs(z, scale, left_out, units: np.ndarray, rows: np.ndarray) -> np.ndarray:
    error, s = z[rows[:, None], units] * scale[units], scale[units]
    gaps = (error[:, :, None] - error[:, None, :]) / np.sqrt((s**2)[:, :, None] + (s**2)[:, None, :])
    same = np.eye(units.shape[1], dtype=bool)
    gaps[left_out[units[:, :, None], units[:, None, :]] | same] = -np.inf
    return gaps.max(axis=(1, 2))


def _chunks(rows: np.ndarray, width: int) -> list[np.ndarray]:
    size = max(1, _CELLS // max(width, 1))
    return [rows[i : i + size] for i in range(0, len(rows), size)]


DRAWS = 2000


def rank_sets(
    estimates: pd.DataFrame,
    *,
    unit: str = "district",
    value: str = "value",
    se: str = "se",
    confidence: float = CONFIDENCE,
    highest_first: bool = True,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per unit, best first: its rank, the set of ranks that the data allow, and its tier.

    `estimates` has one row per `unit` with independent estimates `value` and their `se`; a unit
    without a standard error above 0 is left out of the ranking, keeps NA and the reason `no_standard_error`.
    Columns: `rank` (ties share the better one), `rank_low`, `rank_high` (simultaneous: all sets are right together
    with probability `confidence`: for "which are the worst"), `tier` (1 is best; two neighbours are in different
    tiers only if every unit above is significantly better than every one below), `confidence`, `method`.

    Never wider than the sets by Bonferroni's rule for pairs. Raises DataError for equal names or fewer
    than two units.
    """
    check_confidence(confidence, draws)
    check_units(estimates[unit])
    known = estimates[value].notna() & (estimates[se] > 0)
    rows = estimates[known].sort_values(unit)
    if len(rows) < 2:
        raise DataError("compare.too_few_to_rank", found=len(rows))
    x = rows[value].to_numpy(dtype="float64") * (1 if highest_first else -1)
    error = rows[se].to_numpy(dtype="float64")
    better = _clearly_better(x, error, alpha=1 - confidence, draws=draws, seed=seed)
    sets = {
        "rank": 1 + (x[None, :] > x[:, None]).sum(axis=1),
        "rank_low": 1 + better.sum(axis=0),
        "rank_high": len(better) - better.sum(axis=1),
    }
    table = rows.assign(**sets, tier=tiers(sets["rank"], sets["rank_low"], sets["rank_high"]), reason=None)
    # An interval of the estimate is no set of ranks.
    left_out = estimates[~known].drop(columns=list(sets), errors="ignore").assign(reason="no_standard_error")
    table = (
        pd.concat([table.sort_values(["rank", unit]), left_out.sort_values(unit)]) if len(left_out) else table
    )
    whole = dict.fromkeys([*sets, "tier"], "Int64")
    table = table.astype(whole).sort_values(["rank", unit], ignore_index=True)
    return table.assign(confidence=confidence, method="step-down max-t")


def rank_pairs(
    estimates: pd.DataFrame, *, unit: str = "district", value: str = "value", se: str = "se",
    confidence: float = CONFIDENCE, highest_first: bool = True, draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """One row per pair that is told apart, the clearest first: `unit` is ahead of `other` by `value`, with its `se`.

    All of them hold together with probability `confidence`; they are the pairs behind the sets of `rank_sets`, and
    say what differs where no clean cut between tiers exists. Estimates as there.
    """
    rows = estimates[estimates[value].notna() & (estimates[se] > 0)].sort_values(unit)
    if len(rows) < 2:
        raise DataError("compare.too_few_to_rank", found=len(rows))
    names, x, error = (rows[c].to_numpy() for c in (unit, value, se))
    sign = 1 if highest_first else -1
    better = _clearly_better(x * sign, error, alpha=1 - confidence, draws=draws, seed=seed)
    first, other = np.nonzero(better)
    gap, se_ = x[first] - x[other], np.hypot(error[first], error[other])
    table = pd.DataFrame({unit: names[first], "other": names[other], "value": gap, "se": se_})
    order = np.argsort(-np.abs(gap) / se_, kind="stable")
    return table.iloc[order].reset_index(drop=True).assign(confidence=confidence, method="step-down max-t")


def check_units(names: pd.Series) -> None:
    """Raises DataError if two rows bear one name: two districts, or one district twice?"""
    twice = names[names.duplicated()]
    if len(twice):
        raise DataError(
            "compare.one_name_twice", name=twice.iloc[0], count=int((names == twice.iloc[0]).sum())
        )


def _clearly_better(x: np.ndarray, se: np.ndarray, *, alpha: float, draws: int, seed: int) -> np.ndarray:
    """Pairs (j, k) with j significantly better than k, over all ordered pairs, stepping down.

    A rejected pair leaves the family, its reverse stays (that j is no better than k was rejected; that
    k is no better than j was not).
    """
    n = len(x)
    t = (x[:, None] - x[None, :]) / np.hypot(se[:, None], se[None, :])
    np.fill_diagonal(t, -np.inf)
    errors = np.random.default_rng(seed).standard_normal((draws, n))
    rejected = np.zeros((n, n), dtype=bool)
    while True:
        left = n * (n - 1) - int(rejected.sum())
        if left == 0:
            return rejected
        maxima = largest_differences(errors, se, rejected)
        critical = min(np.quantile(maxima, 1 - alpha, method="higher"), stats.norm.isf(alpha / left))
        new = (t > critical) & ~rejected
        if not new.any():
            return rejected
        rejected |= new


def tiers(rank: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Tier of each unit, 1 the best; a cut after the m best only if no set reaches across it.

    >>> tiers(np.array([1, 2, 3]), np.array([1, 1, 3]), np.array([2, 2, 3])).tolist()
    [1, 1, 2]
    """
    order = np.lexsort((upper, rank))
    reach = np.maximum.accumulate(upper[order])
    ahead = np.minimum.accumulate(lower[order][::-1])[::-1]
    place = np.arange(1, len(order) + 1)
    cut = (reach[:-1] <= place[:-1]) & (ahead[1:] > place[:-1])
    numbers = np.empty(len(order), dtype="int64")
    numbers[order] = np.concatenate([[1], 1 + np.cumsum(cut)])
    return numbers
