"""Is a group's rate more than the luck of its projects? Rates are dealt anew among projects of like kind and size.

Where groups don't differ, any dealing is as likely as the one that is there. That needs no formula for the
error, holds for a few large projects as for many small ones, and a kind with a wide spread of rates says
nothing of one with a narrow one. Before dealing, the highest and the lowest rate among the fifteen or so
of a kind and size are brought in to their neighbours: no single project makes or unmakes a finding.
"""

from functools import lru_cache

import numpy as np

from perflib.infer.interval import control_discoveries

BLOCK = 15  # projects of like kind and size among which rates are dealt
ROUND = 2_000  # dealings at first
DRAWS = 10_000  # dealings at most, for groups whose verdict hangs on the luck of the first
EXACT = 2_000  # projects that are dealt one by one; what the many small ones beyond add is a normal sum
MOST = 20_000_000  # projects × groups above which nothing is dealt: it would take a minute
_AT_ONCE = 2_000_000
_SLACK = 1e-12  # equal values stay equal when they were added in another order


def blocks(budget: np.ndarray, kind: np.ndarray, *, size: int = BLOCK) -> np.ndarray:
    """The number of the block of each project: `size` to twice as many of one `kind`, neighbours in budget.

    >>> blocks(np.array([1.0, 9.0, 2.0, 8.0]), np.zeros(4, dtype=int), size=2).tolist()
    [0, 1, 0, 1]
    """
    # Rows come group after group: equal budgets in that order would make blocks of one group.
    tie = np.random.default_rng(0).random(len(budget))
    order = np.lexsort((tie, budget, kind))
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
    rate: np.ndarray, weights: np.ndarray, block: np.ndarray, *, seed: int = 0, draws: int = ROUND, first: int = 0
) -> np.ndarray:  # fmt: skip
    """`Σ rate × weight` of each column of `weights` in each of `draws` dealings within blocks (draws × columns).

    Of more than 2,000 projects those of the blocks that matter most are dealt, the rest adds a normal sum with the
    variance that dealing would give it. Dealings come in rounds; `first` is the number of the first one.
    """
    dealt = _chosen(rate, weights, block)
    rest, middle = _beyond(rate, weights, block, ~dealt)
    rows = np.flatnonzero(dealt)[np.argsort(block[dealt], kind="stable")]
    rate, weights, shapes = rate[rows], weights[rows], _shapes(block[rows])
    found = np.empty((0, weights.shape[1]))
    for number in range(first, first + -(-draws // ROUND)):
        rng, many = np.random.default_rng([seed, number]), min(ROUND, draws - len(found))
        normal = rest * rng.standard_normal((many, weights.shape[1]))
        dealt = _round(rate, weights, shapes, (number, many), rng) + normal + middle
        found = np.concatenate([found, dealt])
    return found


def _shapes(block: np.ndarray) -> list[np.ndarray]:
    """The places of the rows of all blocks of one size (blocks × size), for each size."""
    start = np.flatnonzero(np.concatenate([[True], block[1:] != block[:-1]])[: len(block)])
    size = np.diff(np.append(start, len(block)))
    return [start[size == s][:, None] + np.arange(s) for s in np.unique(size)]


@lru_cache(maxsize=512)
def _orders(size: int, number: int) -> np.ndarray:
    """As many random orders of `size` things as a round has dealings."""
    rng = np.random.default_rng([size, number])
    return rng.permuted(np.tile(np.arange(size, dtype="int16"), (ROUND, 1)), axis=1)


def _round(rate, weights, shapes, which: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A round of dealings (its number, and how many): every block takes the same orders, each in a sequence of its own."""
    number, many = which
    found = np.zeros((many, weights.shape[1]))
    for shape in shapes:
        orders = _orders(shape.shape[1], number)[:many].astype("intp")
        step = max(1, _AT_ONCE // (many * max(shape.shape[1], weights.shape[1])))
        for start in range(0, len(shape), step):
            places = shape[start : start + step]
            sums = rate[places][:, orders] @ weights[places]  # blocks × dealings × columns
            for of_block in sums:
                found += of_block[rng.permutation(many)]
    return found


def moments(rate, weights, block) -> tuple[np.ndarray, np.ndarray]:
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
    variance = moments(rate, weights, block)[1]
    share = (variance / np.maximum(variance.sum(axis=0), 1e-300)).max(axis=1)
    order = np.argsort(-share, kind="stable")
    kept = order[np.cumsum(np.bincount(block)[order]) <= EXACT]
    return np.isin(block, kept)


def _beyond(rate, weights, block, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation and mean of what the rows that are not dealt add to each column."""
    if not rest.any():
        return np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    mean, variance = moments(rate[rest], weights[rest], block[rest])
    return np.sqrt(np.maximum(variance.sum(axis=0), 0)), mean.sum(axis=0)


def chances(
    observed: np.ndarray, rate: np.ndarray, weights: np.ndarray, block: np.ndarray,
    *, level: float = 0.05, seed: int = 0, draws: int = DRAWS,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Two-sided p-values of `observed` (statistics × columns of `weights`) among dealings, and their Monte Carlo error.

    After a first round those columns are dealt on, to `draws` in all, of which the verdict at `level` (all columns
    together, Benjamini-Hochberg) is within four Monte Carlo errors. NaN in `observed` is no test.
    """
    tests, columns = observed.shape
    count, n = np.zeros((tests, 2, columns)), np.zeros(columns)
    near, first = np.ones(columns, dtype=bool), 0
    for amount in (min(ROUND, draws), draws - ROUND):
        if amount <= 0 or not near.any():
            break
        dealt = deal(rate, weights[:, near], block, seed=seed, draws=amount, first=first)
        n[near] += amount
        ends = [[dealt <= x + _SLACK, dealt >= x - _SLACK] for x in observed[:, near]]
        count[:, :, near] += np.sum(ends, axis=2)
        p = np.minimum(1.0, 2 * (1 + count.min(axis=1)) / (n + 1))
        p[np.isnan(observed)] = np.nan
        error = 2 * np.sqrt(p / 2 * (1 - p / 2) / n)
        adjusted, first = np.stack([control_discoveries(one)["adjusted"] for one in p]), 1
        near = (np.abs(adjusted - level) < 4 * error * adjusted / p).any(axis=0)
    return p, error
