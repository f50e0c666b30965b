"""What can be said of ranks: for each unit the set of ranks that the data allow, and tiers.

Mogstad, Romano, Shaikh & Wilhelm (2024, Review of Economic Studies): all ordered pairs are tested at
once by a step-down test on the largest difference; a unit's lowest possible rank is one after those
that are significantly better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence
from perflib.infer.pair_maxima import largest_differences, largest_differences_each

DRAWS = 2000
MOST_NAMED = 300  # above, sets for units named beforehand are given for those that are named only


def rank_sets(
    estimates: pd.DataFrame,
    *,
    unit: str = "district",
    value: str = "value",
    se: str = "se",
    confidence: float = CONFIDENCE,
    highest_first: bool = True,
    named: Sequence | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per unit, best first: its rank, the sets of ranks that the data allow, and its tier.

    `estimates` has one row per `unit` with independent estimates `value` and their `se`; a unit
    without a standard error above 0 is left out of the ranking, keeps NA and the reason `no_standard_error`.
    Columns: `rank` (ties share the better one), `rank_low`, `rank_high` (simultaneous: all sets are right together
    with probability `confidence`: for "which are the worst"), `rank_low_marginal`, `rank_high_marginal` (each is
    right by itself: for a unit `named` beforehand; of more than 300 units none is unless you name it, and
    NA stands there), `tier` (1 is best; two neighbours are in different tiers only if every unit above is
    significantly better than every one below), `confidence`, `method`.

    Never wider than the sets by Bonferroni's rule for pairs. Raises DataError for equal names or fewer
    than two units.
    """
    check_confidence(confidence)
    check_units(estimates[unit])
    known = estimates[value].notna() & (estimates[se] > 0)
    rows = estimates[known].sort_values(unit)
    if len(rows) < 2:
        raise DataError("compare.too_few_to_rank", found=len(rows))
    x = rows[value].to_numpy(dtype="float64") * (1 if highest_first else -1)
    family = _family(x, rows[se].to_numpy(dtype="float64"), draws, seed)
    chosen = (
        rows[unit].isin(named) if named is not None else pd.Series(len(x) <= MOST_NAMED, index=rows.index)
    )
    sets = {**_sets(family, 1 - confidence), **_named_sets(family, 1 - confidence, chosen.to_numpy())}
    sets["rank"] = 1 + (x[None, :] > x[:, None]).sum(axis=1)
    table = rows.assign(**sets, tier=tiers(sets["rank"], sets["rank_low"], sets["rank_high"]), reason=None)
    # An interval of the estimate is no set of ranks.
    left_out = estimates[~known].drop(columns=list(sets), errors="ignore").assign(reason="no_standard_error")
    table = (
        pd.concat([table.sort_values(["rank", unit]), left_out.sort_values(unit)]) if len(left_out) else table
    )
    whole = ("rank", "rank_low", "rank_high", "rank_low_marginal", "rank_high_marginal", "tier")
    table = table.astype(dict.fromkeys(whole, "Int64")).sort_values(["rank", unit], ignore_index=True)
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
    better = _reject_together(_family(x * (1 if highest_first else -1), error, draws, seed), 1 - confidence)
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


@dataclass(frozen=True)
class _Family:
    """The estimates, standardised differences of all ordered pairs, and simulated errors."""

    t: np.ndarray
    errors: np.ndarray
    scale: np.ndarray


def _family(x: np.ndarray, se: np.ndarray, draws: int, seed: int) -> _Family:
    t = (x[:, None] - x[None, :]) / np.hypot(se[:, None], se[None, :])
    np.fill_diagonal(t, -np.inf)
    return _Family(t, np.random.default_rng(seed).standard_normal((draws, len(x))), se)


def _sets(family: _Family, alpha: float) -> dict[str, np.ndarray]:
    better = _reject_together(family, alpha)
    return {"rank_low": 1 + better.sum(axis=0), "rank_high": len(better) - better.sum(axis=1)}


def _named_sets(family: _Family, alpha: float, chosen: np.ndarray) -> dict[str, np.ndarray]:
    """The marginal sets of the `chosen` units, NaN for the others."""
    units = np.flatnonzero(chosen)
    worse, better = _reject_alone(family, alpha, units)
    sets = {
        "rank_low_marginal": np.full(len(chosen), np.nan),
        "rank_high_marginal": np.full(len(chosen), np.nan),
    }
    sets["rank_low_marginal"][units], sets["rank_high_marginal"][units] = 1 + better, len(chosen) - worse
    return sets


def _reject_together(family: _Family, alpha: float) -> np.ndarray:
    """Pairs (j, k) with j significantly better than k, over all ordered pairs, stepping down.

    A rejected pair leaves the family, its reverse stays (that j is no better than k was rejected; that
    k is no better than j was not).
    """
    n = len(family.t)
    rejected = np.zeros((n, n), dtype=bool)
    while True:
        left = n * (n - 1) - int(rejected.sum())
        if left == 0:
            return rejected
        maxima = largest_differences(family.errors, family.scale, rejected)
        critical = min(np.quantile(maxima, 1 - alpha, method="higher"), stats.norm.isf(alpha / left))
        new = (family.t > critical) & ~rejected
        if not new.any():
            return rejected
        rejected |= new


def _reject_alone(family: _Family, alpha: float, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each of `units` by itself: how many it beats, how many beat it; all pairs with it are a family."""
    n = len(family.t)
    beats, beaten = np.zeros((n, n), dtype=bool), np.zeros((n, n), dtype=bool)
    active = units
    while len(active):
        maxima = largest_differences_each(family.errors, family.scale, active, beats, beaten)
        left = 2 * (n - 1) - beats[active].sum(axis=1) - beaten[active].sum(axis=1)
        bonferroni = stats.norm.isf(alpha / np.maximum(left, 1))
        critical = np.minimum(np.quantile(maxima, 1 - alpha, axis=0, method="higher"), bonferroni)[:, None]
        won = (family.t[active] > critical) & ~beats[active]
        lost = (critical < family.t[:, active].T) & ~beaten[active]
        beats[active] |= won
        beaten[active] |= lost
        again = (won | lost).any(axis=1) & (left > won.sum(axis=1) + lost.sum(axis=1))
        active = active[again]
    return beats[units].sum(axis=1), beaten[units].sum(axis=1)


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
