"""Scores that stand on round marks or just at a line between grades, and how much of that is mechanical.

Two different things: rounding (heaps at 85, 90, 95 alike) and pushing over a line (too many at it, too few just
below). A ceiling of 100 is neither, so scores at the ceiling take no part in the tests.

>>> import pandas as pd, perflib as pf
>>> scores = pd.DataFrame({"score": [90.0, 90.0, 95.5, 100.0]})
>>> pf.heaping.round_marks(scores, rules=pf.rules("national-2020"))["on_mark"].tolist()
[2, 0, 1]
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.rules import Rules
from perflib.infer.interval import control_discoveries
from perflib.measure.tally import like, tally

MARKS = (90, 95, 100)
CONVINCING = 0.05  # a shift this unlikely by chance is called one
MIN_SCORES, MIN_WINDOW = 60, 20
WINDOW = 2  # points below the threshold from which scores may have come
BELOW, ABOVE = 10, 8  # points on either side over which the smooth curve is fitted
DEGREE = 3
ROUND = 5.0  # a heap as high at 85 and 95 as at 90 is rounding, not bunching
CONFIDENCE = 0.90
LUMPY = 0.05
GRID = 31  # numbers of scores put back or brought over that are tried, each way
STEP = 1e-6  # scores closer than this are equal: what is left of 0.1 in binary


def round_marks(scores: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """How many `score`s stand exactly on each round mark, and how many their neighbours let expect.

    The neighbourhood reaches two points either way and leaves multiples of five out. One row per mark: `score_line`,
    `on_mark`, `on_mark_share`, `expected_on_mark`, `heap_p` (binomial, one-sided), `reason` ("ceiling": nothing lies
    above, so no expectation; "too_few_scores").
    """
    x = scores["score"].dropna().to_numpy(dtype=float)
    decimals = next((d for d in (0, 1) if (np.abs(x - np.round(x, d)) < STEP).all()), 2)
    places = 4 * 10**decimals
    rows = []
    for mark in MARKS:
        away = np.abs(x - mark)
        n, near = int((away < STEP).sum()), int(((away < 2 + STEP) & (away > STEP)).sum())
        row = {"score_line": mark, "on_mark": n, "on_mark_share": n / len(x) if len(x) else np.nan}
        if mark >= float(rules.scoring.score_max) - STEP:
            row["reason"] = "ceiling"
        elif n + near < MIN_WINDOW:
            row["reason"] = "too_few_scores"
        else:
            p = float(stats.binom.sf(n - 1, n + near, 1 / (places + 1)))
            row |= {"expected_on_mark": near / places, "heap_p": p, "reason": pd.NA}
        rows.append(row)
    columns = ["score_line", "on_mark", "on_mark_share", "expected_on_mark", "heap_p", "reason"]
    return like(pd.DataFrame(rows, columns=columns), scores)


def heaped(marks: pd.DataFrame) -> pd.DataFrame:
    """One row: marks on which more scores stand than the neighbourhood lets expect, how many, and how many expected."""
    piled = marks[(marks["heap_p"] < CONVINCING).fillna(False)]
    expected = piled["expected_on_mark"].sum() if len(piled) else None
    found = tally(
        marks, heaped_marks=len(piled), heaped_scores=int(piled["on_mark"].sum()), heaped_expected=expected,
        reason="too_few_scores",
    )  # fmt: skip
    return found.assign(rows=int(marks["on_mark"].sum()))  # scores, not marks


def grade_lines(scores: pd.DataFrame, *, rules: Rules, seed: int = 0) -> pd.DataFrame:
    """The test for bunching at each line between grades, the best grade first.

    `scores` has `score` and `execution_points` (marks that execution gave, for the part of a heap that the formula
    makes by itself). One row per line: `score_line`, `bunch_below`, `bunch_above`, `bunch_excess`, its interval
    `bunch_low` to `bunch_high`, `bunch_p` (adjusted over lines), `mechanical`, `mechanical_share`, `bunch_reason`.
    """
    full = float(rules.scoring.score_max)
    lines = [float(band.lower) for band in rules.grades if 0 < band.lower < full]
    tested = bunching(scores["score"], thresholds=lines, ceiling=full)
    others, execution = scores["score"] - scores["execution_points"], scores["execution_points"]
    dealt = mechanical_bunching(others, execution, thresholds=lines, seed=seed)
    dealt = dealt.rename(columns={"value": "mechanical", "share": "mechanical_share"})
    table = tested.merge(dealt, on="threshold", how="left")
    names = {"threshold": "score_line", "value": "bunch_excess", "low": "bunch_low", "high": "bunch_high",
             "p_adjusted": "bunch_p", "n_below": "bunch_below", "n_above": "bunch_above", "reason": "bunch_reason"}  # fmt: skip
    table = table.rename(columns=names).sort_values("score_line", ascending=False, ignore_index=True)
    return like(table, scores)


def best_line(lines: pd.DataFrame) -> pd.DataFrame:
    """One row on the line of the best grade, and how many lines (`bunched_lines`) show a shift beyond chance.

    Where the line could not be tested its numbers are NA, with the reason too_few_scores.
    """
    row = lines.iloc[[0]].rename(columns={"score_line": "best_line"}).copy()
    if row["bunch_p"].isna().all():
        row[["bunch_excess", "bunch_low", "bunch_high", "mechanical_share"]] = None
    row = row.assign(
        bunched_lines=int((lines["bunch_p"] < CONVINCING).fillna(False).sum()), reason="too_few_scores"
    )
    return like(row, lines)


def _clean(scores: pd.Series, ceiling: float) -> np.ndarray:
    x = scores.dropna().to_numpy(dtype=float)
    return x[x < ceiling - STEP]


def _fit(design: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Poisson regressions of a stack of counts (last axis: bins): fitted means and coefficients."""
    y = np.atleast_2d(counts).astype(float)
    mean = y + 0.5
    eta = np.log(mean)
    ridge = 1e-9 * np.eye(design.shape[1])
    for _ in range(40):
        working = mean * (eta + (y - mean) / mean)
        gram = np.einsum("bi,ip,iq->bpq", mean, design, design) + ridge
        beta = np.linalg.solve(gram, (working @ design)[:, :, None])[:, :, 0]
        previous, eta = eta, np.clip(beta @ design.T, -15, 15)
        mean = np.exp(eta)
        if np.abs(eta - previous).max() < 1e-8:
            break
    return mean, beta


def _deviance(y: np.ndarray, mean: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(y > 0, y * np.log(y / mean), 0.0)
    return 2 * (part - (y - mean)).sum(axis=-1)


def _bins(x: np.ndarray, threshold: float) -> pd.DataFrame:
    """Counts in bins of a point that start at the threshold and run both ways; a score on an edge belongs above."""
    place = np.floor(x - threshold + STEP).astype(int)
    index = np.arange(-BELOW, ABOVE)
    counts = np.bincount(place[(place >= -BELOW) & (place < ABOVE)] + BELOW, minlength=len(index))
    return pd.DataFrame({"start": threshold + index, "place": index, "n": counts})


def _design(bins: pd.DataFrame) -> np.ndarray:
    """A smooth curve, and one effect shared by the bins that hold a multiple of `ROUND`."""
    middle = bins["place"].to_numpy() + 0.5
    t = middle / np.abs(middle).max()
    start = bins["start"].to_numpy()
    is_round = np.ceil(start / ROUND - STEP) * ROUND < start + 1 - STEP
    return np.column_stack([*(t**p for p in range(DEGREE + 1)), is_round.astype(float)])


def _shift(counts: np.ndarray, design: np.ndarray, shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Signed-root likelihood ratio of a shift in each of a stack of counts, and the means with one."""
    full = np.column_stack([design, shift])
    without, _ = _fit(design, counts)
    with_, beta = _fit(full, counts)
    gain = np.maximum(_deviance(counts, without) - _deviance(counts, with_), 0.0)
    return np.sign(beta[:, -1]) * np.sqrt(gain), with_


def _shift_test(y: np.ndarray, design: np.ndarray, below: np.ndarray, above: np.ndarray) -> dict:
    """Test of a shift from the bins below to those above, quasi-Poisson, and how many scores it may have been.

    So many may have come over the threshold as can be put back without leaving a shift: the test inverted.
    """
    shift = above.astype(float) - below
    up, down = above / above.sum(), np.where(below, y + 0.5, 0) / (y[below] + 0.5).sum()
    steps = np.linspace(0, 0.95, GRID)
    moved = np.concatenate([-steps[:0:-1] * y[below].sum(), steps * y[above].sum()])
    root, mean = _shift(np.maximum(y + moved[:, None] * (down - up), 0), design, shift)
    now, free = GRID - 1, len(y) - design.shape[1] - 1
    pearson = float(((y - mean[now]) ** 2 / mean[now]).sum())
    # Counts scatter as Poisson unless the bins themselves say otherwise (a lumpy rubric does).
    is_lumpy = stats.chi2.sf(pearson, free) < LUMPY
    dispersion = pearson / free if is_lumpy else 1.0
    law = stats.t(free) if is_lumpy else stats.norm
    z = root / np.sqrt(dispersion)
    ends = law.isf((1 - CONFIDENCE) / 2) * np.array([0.0, 1.0, -1.0])
    value, low, high = np.interp(-ends, np.maximum.accumulate(-z), moved)
    return {"value": value, "low": low, "high": high, "p": float(law.sf(z[now]))}


def _one_threshold(x: np.ndarray, threshold: float) -> dict:
    bins = _bins(x, threshold)
    place = bins["place"].to_numpy()
    below, above = (place < 0) & (place >= -WINDOW), place == 0
    seen = {"n_below": int(bins["n"][below].sum()), "n_above": int(bins["n"][above].sum())}
    if len(x) < MIN_SCORES or sum(seen.values()) < MIN_WINDOW:
        return {**seen, "reason": "too_few_scores"}
    test = _shift_test(bins["n"].to_numpy(dtype=float), _design(bins), below, above)
    return {**seen, **test, "reason": pd.NA}


def bunching(scores: pd.Series, *, thresholds: Sequence[float], ceiling: float = 100) -> pd.DataFrame:
    """Scores in excess just at each threshold against a smooth counterfactual, with tests.

    Parameters
    ----------
    scores : one score per project; NA and scores at the `ceiling` take no part.

    Returns
    -------
    One row per threshold: threshold, n_below, n_above, value (how many scores came from below the threshold to its
    first point) with low and high, p (one-sided, shift from below to the threshold), p_adjusted (Benjamini–Hochberg
    over thresholds), reason. The bounds are the test turned round: at 90 %, low is above 0 where p is below 5 %. NA
    with reason "too_few_scores" where fewer than 20 scores lie in the window.

    Source: Chetty et al. 2011; Kleven 2016.
    """
    x = _clean(scores, ceiling)
    rows = [{"threshold": t, **_one_threshold(x, t)} for t in sorted(thresholds)]
    table = pd.DataFrame(
        rows, columns=["threshold", "n_below", "n_above", "value", "low", "high", "p", "reason"]
    )
    return table.assign(p_adjusted=control_discoveries(table["p"])["adjusted"])


def mechanical_bunching(
    points: pd.Series,
    execution_points: pd.Series,
    *,
    thresholds: Sequence[float],
    draws: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """How many scores would stand just at each threshold if nobody had steered by the total.

    score = `points` of the indicators + `execution_points` (10 × rate). Honest indicator marks
    don't know the threshold of the sum, so the execution part is dealt anew among the projects:
    what stands at the threshold then is mechanical (full marks of 90 and a rate near 0 make a 90).

    Returns
    -------
    One row per threshold: threshold, value (mechanical count in [threshold, threshold + 1), mean of the deals), share
    (mechanical part of the scores that stand there, at most 1). Indicator marks that follow the rate for good reason
    (late projects achieve less) weaken it.
    """
    known = points.notna() & execution_points.notna()
    own, dealt = points[known].to_numpy(dtype=float), execution_points[known].to_numpy(dtype=float, copy=True)
    rng = np.random.default_rng(seed)
    sums = np.vstack([own + dealt, *[own + rng.permutation(dealt) for _ in range(draws)]]) + STEP
    rows = []
    for t in sorted(thresholds):
        there = ((sums >= t) & (sums < t + 1)).sum(axis=1)
        mean = float(there[1:].mean())
        rows.append(
            {"threshold": t, "value": mean, "share": min(mean / there[0], 1.0) if there[0] else np.nan}
        )
    return pd.DataFrame(rows)
