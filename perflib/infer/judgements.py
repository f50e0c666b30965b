"""Pairwise judgements of a group, from how important each of its members finds things."""

import itertools

import numpy as np
import pandas as pd


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
