"""Is a group's rate more than the luck of its projects? Rates are dealt anew among projects of like kind and size.

Where groups don't differ, any dealing is as likely as the one that is there. That needs no formula for the
error, holds for a few large projects as for many small ones, and a kind with a wide spread of rates says
nothing of one with a narrow one. Before dealing, the highest and the lowest rate among the fifteen or so
of a kind and size are brought in to their neighbours: no single project makes or unmakes a finding.
"""

import numpy as np

BLOCK = 15  # projects of like kind and size among which rates are dealt
DRAWS = 10_000  # dealings, where that is affordable
LEAST = 2_000
EXACT = 5_000  # projects that are dealt one by one; what the many small ones beyond add is a normal sum
MOST = 50_000_000  # projects × groups above which nothing is dealt
_CELLS = 20_000_000  # rates dealt in all
_AT_ONCE = 1_000_000
_SLACK = 1e-12  # equal values stay equal when they were added in another order


def blocks(budget: np.ndarray, kind: np.ndarray, *, size: int = BLOCK) -> np.ndarray:
    """The number of the block of each project: `size` to twice as many of one `kind`, neighbours in budget.

    >>> blocks(np.array([1.0, 9.0, 2.0, 8.0]), np.zeros(4, dtype=int), size=2).tolist()
    [0, 1, 0, 1]
    """
    order = np.lexsort((budget, kind))
    sorted_ = kind[order]
    count = np.bincount(kind)[sorted_]
    first = np.searchsorted(sorted_, sorted_)
    parts = np.maximum(1, count // size)
    within = (np.arange(len(order)) - first) * parts // count
    starts = np.concatenate([[True], (np.diff(sorted_) != 0) | (np.diff(within) != 0)])[: len(order)]
    found = np.empty(len(order), dtype=int)
    found[order] = np.cumsum(starts) - 1
    return found


def trimmed(rate: np.ndarray, block: np.ndarray) -> np.ndarray:
    """`rate` with the highest and the lowest of each block of five or more brought in to the next one.

    >>> trimmed(np.array([0.0, 0.8, 0.9, 0.9, 1.0]), np.zeros(5, dtype=int)).tolist()
    [0.8, 0.8, 0.9, 0.9, 0.9]
    """
    order = np.lexsort((rate, block))
    values, home = rate[order].copy(), block[order]
    start = np.flatnonzero(np.concatenate([[True], home[1:] != home[:-1]])[: len(home)])
    end = np.append(start[1:], len(home)) - 1
    many = end - start >= 4
    values[start[many]], values[end[many]] = values[start[many] + 1], values[end[many] - 1]
    found = np.empty_like(values)
    found[order] = values
    return found


def deal(
    rate: np.ndarray, weights: np.ndarray, block: np.ndarray, *, seed: int = 0, draws: int | None = None
):
    """`Σ rate × weight` of each column of `weights` as it is, and in each of many dealings (draws × columns).

    Rates are dealt within blocks. Of more than 5,000 projects those of the blocks that matter most are dealt, the
    rest adds a normal sum with the variance that dealing would give it.
    """
    rng = np.random.default_rng(seed)
    observed = rate @ weights
    dealt = _chosen(rate, weights, block)
    rest, middle = _beyond(rate, weights, block, ~dealt)
    rows = np.flatnonzero(dealt)[np.argsort(block[dealt], kind="stable")]
    rate, weights, block = rate[rows], weights[rows], block[rows]
    n = draws or int(np.clip(_CELLS // max(len(rows), 1), LEAST, DRAWS))
    shapes = _shapes(block)
    found = np.empty((n, weights.shape[1]))
    step = max(1, _AT_ONCE // max(len(rows), 1))
    for start in range(0, n, step):
        stop = min(start + step, n)
        found[start:stop] = _dealings(rate, shapes, stop - start, rng) @ weights
    return observed, found + middle + rest * rng.standard_normal(found.shape)


def _shapes(block: np.ndarray) -> list[np.ndarray]:
    """The places of the rows of all blocks of one size (blocks × size), for each size."""
    start = np.flatnonzero(np.concatenate([[True], block[1:] != block[:-1]])[: len(block)])
    size = np.diff(np.append(start, len(block)))
    return [start[size == s][:, None] + np.arange(s) for s in np.unique(size)]


def _dealings(rate: np.ndarray, shapes: list[np.ndarray], n: int, rng: np.random.Generator) -> np.ndarray:
    found = np.empty((n, len(rate)))
    for places in shapes:
        order = np.argsort(rng.random((n, *places.shape), dtype="float32"), axis=2)
        found[:, places] = np.take_along_axis(np.broadcast_to(rate[places], order.shape), order, axis=2)
    return found


def _moments(rate, weights, block) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the sum of each block (rows) and column when its rates are dealt."""
    count = np.bincount(block)
    sums = lambda x: np.stack([np.bincount(block, c, len(count)) for c in x.T], axis=1)  # noqa: E731
    mean = np.bincount(block, rate) / np.maximum(count, 1)
    spread = np.bincount(block, (rate - mean[block]) ** 2)
    off = sums(weights**2) - sums(weights) ** 2 / np.maximum(count, 1)[:, None]
    return mean[:, None] * sums(weights), off * (spread / np.maximum(count - 1, 1))[:, None]


def _chosen(rate, weights, block) -> np.ndarray:
    """The rows of the blocks to be dealt: all if they are few, else those of most weight for any column."""
    if len(rate) <= EXACT:
        return np.ones(len(rate), dtype=bool)
    variance = _moments(rate, weights, block)[1]
    share = (variance / np.maximum(variance.sum(axis=0), 1e-300)).max(axis=1)
    order = np.argsort(-share, kind="stable")
    kept = order[np.cumsum(np.bincount(block)[order]) <= EXACT]
    return np.isin(block, kept)


def _beyond(rate, weights, block, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation and mean of what the rows that are not dealt add to each column."""
    if not rest.any():
        return np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    mean, variance = _moments(rate[rest], weights[rest], block[rest])
    return np.sqrt(np.maximum(variance.sum(axis=0), 0)), mean.sum(axis=0)


def chance(observed: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided p-values of `observed` among the dealings `found`, and their Monte Carlo error."""
    below = (found <= observed + _SLACK).sum(axis=0)
    above = (found >= observed - _SLACK).sum(axis=0)
    p = np.minimum(1.0, 2 * (1 + np.minimum(below, above)) / (len(found) + 1))
    return p, 2 * np.sqrt(p / 2 * (1 - p / 2) / len(found))
