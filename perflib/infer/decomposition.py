"""Why two rates differ: the mix of what is funded, or how well each kind is executed.

Kitagawa (1955) and Das Gupta (1993): exact, symmetric, without a remainder. Each district is
compared with the pool of all, never with the next one in a chain.
"""

from collections.abc import Sequence
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence

DRAWS = 2000
PARTS = ("difference", "mix_effect", "rate_effect")
_CELLS = 400_000  # numbers held at once: they fit the processor's cache


def kitagawa(share_a, rate_a, share_b, rate_b) -> tuple[np.ndarray, np.ndarray]:
    """Contributions of each category (last axis) to rate A − rate B: (mix, rate). They sum to the difference.

    mix = (w_A − w_B)·(mean of the two rates − mean of the two totals); rate = (r_A − r_B)·(mean of the
    two shares). Shares must sum to 1 each; centring moves nothing between mix and rate in total,
    it says of each category whether more of it raises or lowers the total.
    """
    w_a, r_a, w_b, r_b = (np.asarray(v, dtype="float64") for v in (share_a, rate_a, share_b, rate_b))
    middle = ((w_a * r_a + w_b * r_b).sum(axis=-1, keepdims=True)) / 2
    return (w_a - w_b) * ((r_a + r_b) / 2 - middle), (r_a - r_b) * (w_a + w_b) / 2


def factor_effects(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Effect of each factor (rows) on Σ over cells (columns) of the product of factors, going from B to A.

    Das Gupta's symmetric effects: the average over all orders in which the factors could change
    (the Shapley value). They sum to the difference exactly. `a`, `b` are factors × cells; two factors
    give Kitagawa's parts. Work doubles with each factor: fewer than about ten.
    """
    a, b = (np.atleast_2d(np.asarray(v, dtype="float64")) for v in (a, b))
    n = len(a)
    effects = np.zeros(n)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for size in range(n):
            weight = factorial(size) * factorial(n - 1 - size) / factorial(n)
            for changed in combinations(others, size):
                kept = [j for j in others if j not in changed]
                rest = a[list(changed)].prod(axis=0) * b[kept].prod(axis=0)
                effects[i] += weight * ((a[i] - b[i]) * rest).sum()
    return effects


def decompose_rates(
    rates: pd.DataFrame,
    *,
    by: Sequence[str],
    unit: str = "district",
    cluster: str | None = None,
    confidence: float = CONFIDENCE,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per `unit`: its rate against the pool of all units, split into mix and rate exactly.

    `rates` has one row per project with `unit`, the columns of `by` (the categories), `executed` and
    `budget`; rows without a positive budget are left out. Columns: `rate` (the unit's rate),
    `pool`, `difference` = `mix_effect` + `rate_effect`, each part with `_low` and `_high`, `categories`,
    `imputed_share`: how much of the pool's money is in categories that the unit lacks. Such a category
    has no rate of its own there and takes the pool's, so that it can only count as mix.

    Intervals: percentiles when the values of `cluster` (departments, programmes) are drawn anew within each
    unit, since projects of one department rise and fall together; NA and `reason` "one_cluster" where a
    unit has only one, or without `cluster` ("no_cluster"). Raises DataError for fewer than two units.
    """
    check_confidence(confidence)
    rows = rates[rates["budget"].gt(0) & rates["executed"].notna()]
    names = pd.Index(sorted(rows[unit].unique()), name=unit)
    if len(names) < 2:
        raise DataError("compare.one_district", found=", ".join(map(str, names)))
    sums = _sums_by_cluster(rows, names, unit, list(by), cluster)
    table = _table(_parts(sums.sum(axis=0)[None]), names)
    intervals = _intervals(rows, sums, names, unit, cluster, confidence, draws, seed)
    table = table.assign(categories=sums.shape[2], **intervals)
    return table.assign(confidence=confidence, method="kitagawa, cluster bootstrap").reset_index()


def decompose_levels(rates: pd.DataFrame, *, levels: dict[str, Sequence[str]], **options) -> pd.DataFrame:
    """`decompose_rates` at several levels of detail, one under the other, with the column `level`.

    The split depends on how fine the categories are: show two or three. `levels` maps a label to columns.
    """
    return pd.concat(
        [decompose_rates(rates, by=by, **options).assign(level=level) for level, by in levels.items()],
        ignore_index=True,
    )


def category_contributions(rates: pd.DataFrame, *, by: Sequence[str], unit: str = "district") -> pd.DataFrame:
    """One row per unit and category of `by`: shares, rates, both effects, and `is_imputed`."""
    rows = rates[rates["budget"].gt(0) & rates["executed"].notna()]
    names = pd.Index(sorted(rows[unit].unique()), name=unit)
    sums = _sums_by_cluster(rows, names, unit, list(by), None).sum(axis=0)[None]
    share, rate, pool_share, pool_rate = _shares(sums)
    mix, effect = kitagawa(share, rate, pool_share, pool_rate)
    labels = rows[list(by)].drop_duplicates().sort_values(list(by))
    index = pd.MultiIndex.from_product([names, range(len(labels))], names=[unit, "_category"])
    columns = {"share": share, "pool_share": pool_share, "rate": rate, "pool_rate": pool_rate}
    columns |= {"mix_effect": mix, "rate_effect": effect}
    flat = {k: np.broadcast_to(v, share.shape)[0].ravel() for k, v in columns.items()}
    table = pd.DataFrame(flat, index=index).assign(is_imputed=lambda t: t["share"] == 0).reset_index()
    return (
        table.merge(labels.reset_index(drop=True), left_on="_category", right_index=True)
        .drop(columns="_category")
        .sort_values([unit, *by], ignore_index=True)
    )


def _sums_by_cluster(rows: pd.DataFrame, names: pd.Index, unit: str, by: list[str], cluster: str | None):
    """Clusters × units × categories × (executed, budget); clusters are numbered within their unit."""
    category = rows.groupby(by, sort=True, dropna=False).ngroup().to_numpy()
    number = names.get_indexer(rows[unit])
    within = _numbers_within(rows, unit, cluster)
    shape = (within.max() + 1, len(names), category.max() + 1, 2)
    flat = np.ravel_multi_index((within, number, category), shape[:3])
    sums = [np.bincount(flat, rows[c], int(np.prod(shape[:3]))) for c in ("executed", "budget")]
    return np.stack(sums, axis=-1).reshape(shape)


def _numbers_within(rows: pd.DataFrame, unit: str, cluster: str | None) -> np.ndarray:
    if cluster is None:
        return np.zeros(len(rows), dtype=int)
    pairs = rows[[unit, cluster]].drop_duplicates().sort_values([unit, cluster])
    pairs["_number"] = pairs.groupby(unit).cumcount()
    return rows[[unit, cluster]].merge(pairs, how="left")["_number"].to_numpy()


def _shares(sums: np.ndarray) -> tuple[np.ndarray, ...]:
    """Shares and rates of units and pool from draws × units × categories × 2; NA rates take the pool's."""
    pool = sums.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        pool_rate = np.nan_to_num(pool[..., 0] / pool[..., 1])
        rate = np.where(sums[..., 1] > 0, sums[..., 0] / sums[..., 1], pool_rate)
        share = sums[..., 1] / sums[..., 1].sum(axis=2, keepdims=True)
        pool_share = pool[..., 1] / pool[..., 1].sum(axis=2, keepdims=True)
    return share, rate, pool_share, pool_rate


def _parts(sums: np.ndarray) -> dict[str, np.ndarray]:
    share, rate, pool_share, pool_rate = _shares(sums)
    mix, effect = (part.sum(axis=-1) for part in kitagawa(share, rate, pool_share, pool_rate))
    value, pool = (share * rate).sum(axis=-1), (pool_share * pool_rate).sum(axis=-1)
    imputed = np.where(share > 0, 0, pool_share).sum(axis=-1)
    return {
        "rate": value, "pool": np.broadcast_to(pool, value.shape), "difference": mix + effect,
        "mix_effect": mix, "rate_effect": effect, "imputed_share": imputed,
    }  # fmt: skip


def _table(parts: dict[str, np.ndarray], names: pd.Index) -> pd.DataFrame:
    return pd.DataFrame({k: v[0] for k, v in parts.items()}, index=names)


def _intervals(rows, sums, names, unit, cluster, confidence, draws, seed) -> dict:
    columns = [f"{p}_{end}" for p in PARTS for end in ("low", "high")]
    if cluster is None:
        return {**dict.fromkeys(columns, np.nan), "clusters": pd.NA, "reason": "no_cluster"}
    clusters = rows.groupby(unit)[cluster].nunique().reindex(names).to_numpy()
    drawn = resampled_parts(sums, clusters, draws=draws, seed=seed)
    tail = (1 - confidence) / 2
    bounds = {}
    for part in PARTS:
        low, high = np.quantile(drawn[part], [tail, 1 - tail], axis=0)
        alone = clusters < 2
        bounds[f"{part}_low"], bounds[f"{part}_high"] = np.where(alone, np.nan, [low, high])
    return {**bounds, "clusters": clusters, "reason": np.where(clusters < 2, "one_cluster", None)}


def resampled_parts(
    sums: np.ndarray, clusters: np.ndarray, *, draws: int, seed: int
) -> dict[str, np.ndarray]:
    """The parts (draws × units) when each unit's clusters are drawn anew, all draws in one product."""
    rng = np.random.default_rng(seed)
    most, units, categories, _ = sums.shape
    flat = np.ascontiguousarray(sums.swapaxes(0, 1)).reshape(units, most, -1)
    step = max(1, _CELLS // (units * max(most, 2 * categories)))
    chunks = []
    for start in range(0, draws, step):
        n = min(step, draws - start)
        times = np.stack([_times_drawn(rng, k, n, most) for k in clusters])
        again = (times @ flat).reshape(units, n, categories, 2).swapaxes(0, 1)
        chunks.append(_parts(again))
    return {k: np.concatenate([c[k] for c in chunks]) for k in PARTS}


def _times_drawn(rng: np.random.Generator, clusters: int, draws: int, most: int) -> np.ndarray:
    """How often each cluster is drawn when as many are drawn as there are: draws × `most` (the rest 0)."""
    drawn = rng.integers(clusters, size=(draws, clusters)) + most * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * most).reshape(draws, most).astype("float64")
