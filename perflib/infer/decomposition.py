"""Why two rates differ: the mix of what is funded, or how well each kind is executed.

Kitagawa (1955) and Das Gupta (1993): exact, symmetric, without a remainder. Each district is
compared with the pool of all, never with the next one in a chain.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence
from perflib.infer.spread import project_variance
from perflib.measure.tally import one_of

PARTS = ("difference", "mix_effect", "rate_effect")
SPLIT = ["rate", "pool", *PARTS, *(f"{part}_{end}" for part in PARTS for end in ("low", "high")), "imputed_share",
         "categories", "confidence", "method", "reason"]  # fmt: skip


def kitagawa(share_a, rate_a, share_b, rate_b) -> tuple[np.ndarray, np.ndarray]:
    """Contributions of each category (last axis) to rate A − rate B: (mix, rate). They sum to the difference.

    mix = (w_A − w_B)·(mean of the two rates − mean of the two totals); rate = (r_A − r_B)·(mean of the
    two shares). Shares must sum to 1 each; centring moves nothing between mix and rate in total,
    it says of each category whether more of it raises or lowers the total.
    """
    w_a, r_a, w_b, r_b = (np.asarray(v, dtype="float64") for v in (share_a, rate_a, share_b, rate_b))
    middle = ((w_a * r_a + w_b * r_b).sum(axis=-1, keepdims=True)) / 2
    return (w_a - w_b) * ((r_a + r_b) / 2 - middle), (r_a - r_b) * (w_a + w_b) / 2


def decompose_rates(
    rates: pd.DataFrame,
    *,
    by: Sequence[str],
    unit: str = "district",
    cluster: str | None = None,
    against: str | int | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per `unit`: its rate against the pool of all units, split into mix and rate exactly.

    With `against`, the code of a unit, each of the others against that unit, whose rate is then `pool`.

    `rates` has one row per project with `unit`, the columns of `by` (the categories), `executed` and
    `budget`; rows without a positive budget are left out. Columns: `rate` (the unit's rate),
    `pool`, `difference` = `mix_effect` + `rate_effect`, each part with `_low` and `_high`, `categories`,
    `imputed_share`: how much of the pool's money is in categories that the unit lacks. Such a category
    has no rate of its own there and takes the pool's, so that it can only count as mix.

    Given the budgets each part is a sum over projects of rate × a known number, so that its error follows from
    the variance of projects by kind (`perflib.infer.spread`, the categories being the kinds) and, with
    `cluster`, from what projects of one department of a unit have in common. No bound passes what is possible with
    rates between 0 and 1 (or the highest there is). No row of no row; DataError for one unit,
    ArgumentError for an `against` that is none of them.
    """
    check_confidence(confidence)
    rows = rates[rates["budget"].gt(0) & rates["executed"].notna()].reset_index(drop=True)
    names = pd.Index(sorted(rows[unit].unique()), name=unit)
    if not len(names):
        return pd.DataFrame(columns=[unit, *SPLIT])
    if len(names) < 2:
        raise DataError("compare.one_district", found=", ".join(map(str, names)))
    against = None if against is None else one_of(names, against)
    sums = _sums(rows, names, unit, list(by))
    other = None if against is None else names.get_loc(against)
    table = pd.DataFrame(_parts(sums, other), index=names).assign(categories=sums.shape[1])
    errors, freedom = _errors(rows, sums, names, unit, list(by), cluster, other)
    z, limits = stats.t.isf((1 - confidence) / 2, max(freedom, 1)), _possible(sums, other)
    for part, error in errors.items():
        least, most = limits[part]
        table[f"{part}_low"] = np.maximum(table[part] - z * error, least)
        table[f"{part}_high"] = np.minimum(table[part] + z * error, most)
    reason = None if freedom else "no_spread"
    table = table.assign(confidence=confidence, method="kitagawa", reason=reason).reset_index()
    return table if against is None else table[table[unit] != against].reset_index(drop=True)


def category_contributions(
    rates: pd.DataFrame, *, by: Sequence[str], unit: str = "district", against: str | int | None = None
) -> pd.DataFrame:
    """One row per unit and category of `by`: shares, rates, both effects, and `is_imputed`; see `decompose_rates`."""
    rows = rates[rates["budget"].gt(0) & rates["executed"].notna()]
    if rows.empty:
        numbers = ["share", "pool_share", "rate", "pool_rate", *PARTS[1:]]
        none = pd.DataFrame(columns=[unit, *by, *numbers, "is_imputed"])
        return none.astype(dict.fromkeys(numbers, "float64"))
    names = pd.Index(sorted(rows[unit].unique()), name=unit)
    against = None if against is None else one_of(names, against)
    other = None if against is None else names.get_loc(against)
    share, rate, pool_share, pool_rate = _shares(_sums(rows, names, unit, list(by)), other)
    mix, effect = kitagawa(share, rate, pool_share, pool_rate)
    labels = rows[list(by)].drop_duplicates().sort_values(list(by))
    index = pd.MultiIndex.from_product([names, range(len(labels))], names=[unit, "_category"])
    columns = {"share": share, "pool_share": pool_share, "rate": rate, "pool_rate": pool_rate}
    columns |= {"mix_effect": mix, "rate_effect": effect}
    flat = {k: np.broadcast_to(v, share.shape).ravel() for k, v in columns.items()}
    table = pd.DataFrame(flat, index=index).assign(is_imputed=lambda t: t["share"] == 0).reset_index()
    table = table.merge(labels.reset_index(drop=True), left_on="_category", right_index=True)
    kept = table if against is None else table[table[unit] != against]
    return kept.drop(columns="_category").sort_values([unit, *by], ignore_index=True)


def _places(rows: pd.DataFrame, names: pd.Index, unit: str, by: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The number of each row's unit and category."""
    category = rows.groupby(by, sort=True, dropna=False).ngroup().to_numpy()
    return names.get_indexer(rows[unit]), category


def _sums(rows: pd.DataFrame, names: pd.Index, unit: str, by: list[str]) -> np.ndarray:
    """Units × categories × (executed, budget)."""
    number, category = _places(rows, names, unit, by)
    shape = (len(names), int(category.max()) + 1)
    flat = np.ravel_multi_index((number, category), shape)
    sums = [np.bincount(flat, rows[c], int(np.prod(shape))) for c in ("executed", "budget")]
    return np.stack(sums, axis=-1).reshape(*shape, 2)


def _shares(sums: np.ndarray, other: int | None = None) -> tuple[np.ndarray, ...]:
    """Shares and rates of units (units × categories) and pool; a category that one side lacks has the other's rate.

    The pool is all units together, or the unit with the number `other`.
    """
    pool = sums.sum(axis=0, keepdims=True) if other is None else sums[[other]]
    with np.errstate(divide="ignore", invalid="ignore"):
        pool_rate = np.nan_to_num(pool[..., 0] / pool[..., 1])
        rate = np.where(sums[..., 1] > 0, sums[..., 0] / sums[..., 1], pool_rate)
        pool_rate = np.where(pool[..., 1] > 0, pool_rate, rate)
        share = sums[..., 1] / sums[..., 1].sum(axis=1, keepdims=True)
        pool_share = pool[..., 1] / pool[..., 1].sum(axis=1, keepdims=True)
    return share, rate, pool_share, pool_rate


def _parts(sums: np.ndarray, other: int | None = None) -> dict[str, np.ndarray]:
    share, rate, pool_share, pool_rate = _shares(sums, other)
    mix, effect = (part.sum(axis=-1) for part in kitagawa(share, rate, pool_share, pool_rate))
    value, pool = (share * rate).sum(axis=-1), (pool_share * pool_rate).sum(axis=-1)
    imputed = np.where(share > 0, 0, pool_share).sum(axis=-1)
    return {
        "rate": value, "pool": np.broadcast_to(pool, value.shape), "difference": mix + effect,
        "mix_effect": mix, "rate_effect": effect, "imputed_share": imputed,
    }  # fmt: skip


def _possible(sums: np.ndarray, other: int | None) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The least and the most that each part can be with rates between 0 and 1, or the highest that there is."""
    share, rate, pool_share, pool_rate = _shares(sums, other)
    most = np.maximum(1.0, np.maximum(rate, pool_rate).max(axis=-1))
    pool = (pool_share * pool_rate).sum(axis=-1)
    like_pool = ((share + pool_share) / 2 * pool_rate).sum(axis=-1)
    moved = most * np.abs(share - pool_share).sum(axis=-1) / 2
    return {
        "difference": (-pool, most - pool), "mix_effect": (-moved, moved),
        "rate_effect": (-like_pool, most - like_pool),
    }  # fmt: skip


def _errors(rows, sums, names, unit, by, cluster, other=None) -> tuple[dict[str, np.ndarray], int]:
    """Standard error of each part of each unit, and the degrees of freedom of the variance."""
    number, category = _places(rows, names, unit, by)
    b = rows["budget"].to_numpy(dtype="float64")
    rate = rows["executed"].to_numpy(dtype="float64") / b
    variance, freedom = project_variance(rate, b, number, category)
    cell = np.ravel_multi_index((number, category), sums.shape[:2])
    noise = np.bincount(cell, b**2 * variance, sums[..., 0].size).reshape(sums.shape[:2])
    elsewhere = noise.sum(axis=0) - noise if other is None else noise[[other]]
    errors = {}
    shared = None if cluster is None else _shared(rate, b, number, category, cell, rows[cluster])
    found = _coefficients(sums) if other is None else _coefficients_of_pair(sums, other)
    for part, (own, others) in found.items():
        squares = (own**2 * noise + others**2 * elsewhere).sum(axis=1)
        if shared is not None:
            common, homes, home_unit = shared
            weight = np.bincount(homes, b * own[number, category])
            squares = squares + common * np.bincount(home_unit, weight**2, len(names))
            if other is not None:
                squares = squares + common * _other_homes(homes, home_unit == other, b, others[:, category])
        errors[part] = np.sqrt(squares)
    return errors, freedom


def _coefficients(sums: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What an additional yuan executed in each category adds to each part of a unit: in itself, in another unit."""
    money, pool = sums[..., 1], sums[..., 1].sum(axis=0)
    share, _, pool_share, _ = _shares(sums)
    has = money > 0
    own = np.divide(1.0, money, out=np.zeros_like(money), where=has)
    more, middle = (share - pool_share) / 2, (share + pool_share) / 2
    mix = np.where(has, more * (own + 1 / pool), 0.0), np.where(has, more, 2 * more) / pool
    effect = np.where(has, middle * (own - 1 / pool), 0.0), np.where(has, -middle / pool, 0.0)
    both = mix[0] + effect[0], mix[1] + effect[1]
    return {"difference": both, "mix_effect": mix, "rate_effect": effect}


def _coefficients_of_pair(sums: np.ndarray, other: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The same for parts of the difference from unit `other`: in the unit itself, in that other."""
    money, theirs = sums[..., 1], sums[[other], :, 1]
    share, _, their_share, _ = _shares(sums, other)
    has, they_have = money > 0, theirs > 0
    own = np.divide(1.0, money, out=np.zeros_like(money), where=has)
    their = np.divide(1.0, theirs, out=np.zeros_like(theirs), where=they_have)
    more, middle, both = (share - their_share) / 2, (share + their_share) / 2, has & they_have
    # A kind that one side lacks has the other's rate: it counts twice there, and only as mix.
    mix = np.where(they_have, more, 2 * more) * own, np.where(has, more, 2 * more) * their
    effect = np.where(both, middle, 0) * own, -np.where(both, middle, 0) * their
    return {"difference": (mix[0] + effect[0], mix[1] + effect[1]), "mix_effect": mix, "rate_effect": effect}


def _other_homes(
    homes: np.ndarray, is_other: np.ndarray, budget: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Sum of squared weights of the other unit's clusters, for each unit (rows of `weights`: units × projects)."""
    clusters = np.flatnonzero(is_other)
    mine = np.isin(homes, clusters)
    places = np.searchsorted(clusters, homes[mine])
    sums = np.zeros((len(weights), len(clusters)))
    np.add.at(sums.T, places, (weights[:, mine] * budget[mine]).T)
    return (sums**2).sum(axis=1)


def _shared(rate, budget, number, category, cell, cluster) -> tuple[float, np.ndarray, np.ndarray]:
    """The variance that projects of one cluster of a unit have in common; each row's cluster and its unit."""
    count = np.bincount(cell)
    off = rate - (np.bincount(cell, rate) / np.maximum(count, 1))[cell]
    homes = pd.DataFrame({"unit": number, "cluster": cluster.to_numpy()}).groupby(
        ["unit", "cluster"], dropna=False
    )
    place = homes.ngroup().to_numpy()
    size = np.bincount(place)
    surplus = (np.bincount(place, off) ** 2 - np.bincount(place, off**2)).sum()
    pairs = (size**2 - size).sum()
    unit_of = np.zeros(len(size), dtype=int)
    unit_of[place] = number
    return max(float(surplus / pairs), 0.0) if pairs else 0.0, place, unit_of
