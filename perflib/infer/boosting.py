"""Boosted regression trees on binned features, for weighted medians and for probabilities.

Small on purpose: level-wise trees of a fixed depth, a random part of the features in each, leaves
set to the weighted median (loss "median") or to one Newton step (loss "logistic"). Everything runs
on histograms, so that a fit is a few hundred `numpy.bincount` calls and no loop over rows.
"""

from dataclasses import dataclass

import numpy as np

BINS = 32
EDGE_ROWS = 4000


@dataclass(frozen=True)
class Boosted:
    """A fitted model; `predict_boosted` turns it into numbers."""

    edges: list
    start: float
    trees: list
    loss: str


def _bin_edges(x: np.ndarray) -> list:
    steps = np.linspace(0, 1, BINS + 1)[1:-1]
    x = x[:: max(1, len(x) // EDGE_ROWS)]  # a few thousand rows place 31 edges well enough
    return [np.unique(np.quantile(column, steps)) for column in x.T]


def _bin(x: np.ndarray, edges: list) -> np.ndarray:
    return np.stack([np.searchsorted(e, c, side="left") for e, c in zip(edges, x.T, strict=True)])


def _weighted_medians(value: np.ndarray, weight: np.ndarray, group: np.ndarray, n: int) -> np.ndarray:
    """Weighted median of each group 0 … n−1 (0 for an empty one)."""
    order = np.lexsort((value, group))
    v, w, g = value[order], weight[order], group[order]
    total = np.bincount(g, w, n)
    before = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    reached = np.cumsum(w) - before[g] >= total[g] / 2
    first = np.flatnonzero(reached & ~np.concatenate([[False], reached[:-1] & (g[1:] == g[:-1])]))
    out = np.zeros(n)
    out[g[first]] = v[first]
    return out


def _histograms(codes, node, gradient, weight, n_nodes):
    """Sums of gradient, weight and rows per feature, node and bin, running over the bins."""
    size, shape = n_nodes * BINS, (len(codes), n_nodes, BINS)
    sums = np.empty((3, len(codes), size))
    first = node * BINS
    for k, code in enumerate(codes):
        cell = first + code
        sums[0, k] = np.bincount(cell, gradient, size)
        sums[1, k] = np.bincount(cell, weight, size)
        sums[2, k] = np.bincount(cell, minlength=size)
    return (part.reshape(shape).cumsum(axis=2) for part in sums)


def _best_splits(codes, node, gradient, weight, n_nodes, penalty, smallest):
    """Best feature and bin of each node; a node that gains nothing sends all its rows left."""
    g, h, n = _histograms(codes, node, gradient, weight, n_nodes)
    rest_g, rest_h, rest_n = g[:, :, -1:] - g, h[:, :, -1:] - h, n[:, :, -1:] - n
    gain = (
        g**2 / (h + penalty) + rest_g**2 / (rest_h + penalty) - g[:, :, -1:] ** 2 / (h[:, :, -1:] + penalty)
    )
    gain = np.where((n >= smallest) & (rest_n >= smallest), gain, -1.0)
    flat = gain.transpose(1, 0, 2).reshape(n_nodes, -1)
    best = flat.argmax(axis=1)
    is_split = flat[np.arange(n_nodes), best] > 0
    return best // BINS, np.where(is_split, best % BINS, BINS)


def _grow(codes, gradient, weight, depth, penalty, smallest):
    """Feature and cut of every node, level by level, from the rows given."""
    node, levels = np.zeros(codes.shape[1], dtype=np.int64), []
    for level in range(depth):
        feature, cut = _best_splits(codes, node, gradient, weight, 2**level, penalty, smallest)
        levels.append((feature, cut))
        node = _step(codes, node, feature, cut)
    return levels


def _step(codes, node, feature, cut):
    return 2 * node + (codes[feature[node], np.arange(codes.shape[1])] > cut[node])


def _leaves(codes, levels):
    node = np.zeros(codes.shape[1], dtype=np.int64)
    for feature, cut in levels:
        node = _step(codes, node, feature, cut)
    return node


def _leaf_values(loss, y, score, gradient, weight, curvature, node, n_leaves, penalty):
    if loss == "median":
        return _weighted_medians(y - score, weight, node, n_leaves)
    return np.bincount(node, gradient, n_leaves) / (np.bincount(node, curvature, n_leaves) + penalty)


def _slopes(loss, y, score, weight):
    """Gradient and curvature of the loss at `score`."""
    if loss == "median":
        return weight * np.sign(y - score), weight
    p = 1 / (1 + np.exp(-score))
    return weight * (y - p), weight * p * (1 - p)


def fit_boosted(
    x: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    *,
    loss: str,
    seed: int,
    rounds: int = 150,
    rate: float = 0.08,
    depth: int = 4,
    share: float = 0.3,
    penalty: float = 1.0,
    smallest: int = 40,
) -> Boosted:
    """A boosted model of `y` on the columns of `x` (no NA), rows weighted by `weight` (mean 1 is best).

    `loss` is "median" (least absolute error) or "logistic" (y is 0 or 1). `share` of the features is
    drawn for each tree with `seed`, and half of the rows to find its splits; leaves hold
    at least `smallest` rows.
    Sources: Friedman (2001), Greedy function approximation, and (2002), Stochastic gradient boosting.
    """
    rng, edges = np.random.default_rng(seed), _bin_edges(x)
    codes = _bin(x, edges)
    start = _start(loss, y, weight)
    score, trees, width = np.full(len(y), start), [], max(1, round(share * x.shape[1]))
    for _ in range(rounds):
        gradient, curvature = _slopes(loss, y, score, weight)
        features = np.sort(rng.choice(len(codes), width, replace=False))
        rows = np.sort(rng.choice(len(y), max(1, len(y) // 2), replace=False))
        part = codes[np.ix_(features, rows)]
        found = _grow(part, gradient[rows], curvature[rows], depth, penalty, max(1, smallest // 2))
        levels = [(features[feature], cut) for feature, cut in found]
        node = _leaves(codes, levels)
        leaf = rate * _leaf_values(loss, y, score, gradient, weight, curvature, node, 2**depth, penalty)
        trees.append((levels, leaf))
        score = score + leaf[node]
    return Boosted(edges, start, trees, loss)


def _start(loss, y, weight):
    if loss == "median":
        return float(_weighted_medians(y, weight, np.zeros(len(y), dtype=np.int64), 1)[0])
    p = np.clip(np.average(y, weights=weight), 0.001, 0.999)
    return float(np.log(p / (1 - p)))


def predict_boosted(model: Boosted, x: np.ndarray) -> np.ndarray:
    """Medians, or probabilities for the loss "logistic", one per row of `x`."""
    codes, score = _bin(x, model.edges), np.full(len(x), model.start)
    for levels, leaf in model.trees:
        score = score + leaf[_leaves(codes, levels)]
    return score if model.loss == "median" else 1 / (1 + np.exp(-score))
