"""How far rates of projects of one kind differ: what the error of every group's rate is made of.

Salaries are executed to within two points, works to within twenty-five: one variance for both makes the first
look unsure and the second sure. So each kind of spending has its own, learnt from all projects of the kind
alike, whatever their amounts: no single large one can turn it. Large ones may differ more than small ones, and
a group's projects more than those of others; both are allowed for by a factor that is learnt as well.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.measure.rates import KINDS

BORROWED = 50  # projects' worth of common spread with which that of a size or a group is mixed
FEWEST = 5  # degrees of freedom below which a kind takes the spread of all
SIZES = 4  # classes of size, where each has PER_SIZE projects or more on average
PER_SIZE = 50


def kind_numbers(rows: pd.DataFrame, *, but: Sequence[str] = ()) -> np.ndarray:
    """A number for each row's kind of spending: its class and category, as far as `rows` has them.

    Columns of `but` (by which groups are formed) are no kinds.
    """
    columns = [c for c in KINDS if c in rows and c not in but]
    if not columns:
        return np.zeros(len(rows), dtype=int)
    return rows.groupby(columns, dropna=False).ngroup().to_numpy()


def project_variance(
    rate: np.ndarray, budget: np.ndarray, group: np.ndarray, kind: np.ndarray
) -> tuple[np.ndarray, int]:
    """The variance of each project's rate around that of its group and kind, and the degrees of freedom.

    `group` and `kind` are numbers from 0. NaN where nothing can be learnt: every project is alone of its kind
    in its group.
    """
    groups, kinds = int(group.max(initial=0)) + 1, int(kind.max(initial=0)) + 1
    cell = group * kinds + kind
    count = np.bincount(cell, minlength=groups * kinds)
    mean = np.bincount(cell, rate, groups * kinds) / np.maximum(count, 1)
    square = (rate - mean[cell]) ** 2
    # A square in a cell of n is short by (n − 1)/n; a project alone in its cell says nothing.
    square *= np.divide(count, count - 1, out=np.zeros(len(count)), where=count > 1)[cell]
    counted = (count > 1)[cell]
    freedom = np.maximum(count.reshape(groups, kinds) - 1, 0)
    if not freedom.any():
        return np.full(len(rate), np.nan), 0
    weight = (1 - 1 / np.maximum(count, 1))[cell]  # a square's share of its cell's degrees of freedom
    of_kind = np.bincount(kind, square * weight, kinds) / np.maximum(freedom.sum(axis=0), 1)
    whole = (square * weight).sum() / freedom.sum()
    variance = np.where(freedom.sum(axis=0) >= FEWEST, of_kind, whole)[kind]
    for part in (_size_class(budget, kind), group):
        if part.any():
            variance = variance * _factor(square, variance, weight * counted, part)[part]
    return variance, int(freedom.sum())


def _factor(square, variance, weight, part) -> np.ndarray:
    """How much more each part's squares are than its projects' variances say, mixed with 1."""
    usable = np.where(variance > 0, weight, 0.0)
    ratio = np.divide(square, variance, out=np.zeros_like(square), where=variance > 0)
    n = np.bincount(part, usable)
    own = np.bincount(part, _less_one(ratio, part) * usable)
    return (own + BORROWED) / (n + BORROWED)


def _less_one(values: np.ndarray, part: np.ndarray) -> np.ndarray:
    """`values` with the largest of each part brought in to the next: no single project makes a part's spread."""
    order = np.lexsort((-values, part))
    found, home = values.copy(), part[order]
    first = np.flatnonzero(np.concatenate([[True], home[1:] != home[:-1]])[: len(home)])
    second = np.minimum(first + 1, len(order) - 1)
    has = home[second] == home[first]
    found[order[first[has]]] = values[order[second[has]]]
    return found


def _size_class(budget: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """The class of size of each project within its kind, 0 to 3; all 0 where projects are few."""
    if len(budget) < SIZES * PER_SIZE:
        return np.zeros(len(budget), dtype=int)
    order = np.lexsort((budget, kind))
    count = np.bincount(kind)[kind[order]]
    first = np.searchsorted(kind[order], kind[order])
    place = np.empty(len(budget), dtype=int)
    place[order] = (np.arange(len(budget)) - first) * SIZES // count
    return place


def bounded(
    rate: np.ndarray, error: np.ndarray, expected: np.ndarray, effective: np.ndarray, z: np.ndarray,
    most: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The score interval of a rate that can't be below 0 nor above `most` (Wilson's, for any such variance).

    The error is that at the `expected` rate; at another it goes with the square root of rate × (1 − rate). Its
    square is at most that of so many (`effective`) draws of 0 and 1.
    """
    share, middle = np.clip(rate / most, 0, 1), np.clip(expected / most, 1e-9, 1 - 1e-9)
    size = np.minimum((error / most) ** 2 / (middle * (1 - middle)), 1 / effective)
    size = np.where(error == 0, 0.0, size)
    pull = z**2 * size
    half = np.sqrt(pull * (share * (1 - share) + pull / 4))
    low, high = (share + pull / 2 - half) / (1 + pull), (share + pull / 2 + half) / (1 + pull)
    return np.minimum(low * most, rate), np.maximum(high * most, rate)
