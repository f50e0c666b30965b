"""A control chart of monthly readings: this year's, against what the years before it did."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from perflib.infer.interval import CONFIDENCE, check_confidence

STRENGTHS = np.round(np.arange(0, 0.91, 0.05), 2)
"""Lag-one correlations that are told apart; a negative one is taken as 0, which errs on the safe side."""
WORLDS, _SEED = 3000, 20240601
SHORTEST = 24  # readings before the year: with fewer, memory and trend can't be told from chance
LONGEST = 48  # what lies further back says little of today
LOOKS = 12  # the chart may be drawn after each month of the year
FLAGS = ["is_outside", "is_shift"]
COLUMNS = ["value", "is_watched", "centre", "low", "high", *FLAGS, "reason"]
_MEAN_OF = 3  # the mean of fewer readings says no more than they do
_ERRORS = 0.75


def control_chart(values: Sequence[float], *, baseline: int, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """One row per reading: `value, is_watched, centre, low, high, is_outside, is_shift, reason`.

    `values` are in time order without gaps; the first `baseline` come from the years before (the last 48 of them
    count), the rest from one year, of which twelve are watched. The years before alone make the centre, a line with a trend that is continued, and the limits. `is_outside`: a watched reading beyond its
    limit; `is_shift`: the mean of the year so far (three readings or more) too far from the line. Limits are set by
    simulation for the length of the baseline, its trend and its lag-one correlation, so that a
    year of twelve readings in which nothing changed is signalled by either rule, at any of the looks, with
    probability 1 − `confidence`. `reason` is "too_short" with fewer than 24 readings before the year, where memory
    and trend can't be known, and "no_spread" if they are all alike: limits are then NA and nothing is flagged.
    For increments, not for sums over the year. False signals in simulations (5 % aimed at, 24 to 48 readings before,
    correlations 0 to .5, with or without trend): 2 to 6 %.

    >>> readings = [5, 7, 6, 4, 6, 5] * 6 + [6, 5, 14, 6]
    >>> control_chart(readings, baseline=36)["is_outside"].tolist()[-4:]
    [False, False, True, False]
    """
    check_confidence(confidence)
    x = np.asarray(values, dtype="float64")[: baseline + LOOKS]
    before = x[max(0, baseline - LONGEST) : baseline]
    is_watched = np.arange(len(x)) >= baseline
    if len(before) < SHORTEST:
        return _unjudged(x, is_watched, "too_short")
    found = _fitted(before[None, :], len(x) - baseline)
    line, sd = found["line"][0], found["sd"][0]
    if sd <= 1e-9 * np.abs(before).max():
        return _unjudged(x, is_watched, "no_spread")
    one, mean = _limits(len(before), float(found["strength"][0]), confidence)
    off = (x[-len(line) :] - line) / sd
    watched = off[len(before) :]
    far = np.abs(np.cumsum(watched)) / np.arange(1, len(watched) + 1) > mean[: len(watched)]
    limit = np.concatenate([np.full(len(before), one[0]), one])[: len(line)]
    found = {
        "centre": line,
        "low": line - limit * sd,
        "high": line + limit * sd,
        "is_outside": np.abs(off) > limit,
        "is_shift": np.concatenate([np.zeros(len(before), dtype=bool), far]),
    }
    blank = np.full(len(x) - len(line), np.nan)
    table = pd.DataFrame({name: np.concatenate([blank, part]) for name, part in found.items()})
    flags = {flag: (table[flag] == 1) & is_watched for flag in FLAGS}
    return table.assign(value=x, is_watched=is_watched, **flags, reason=None)[COLUMNS]


def _unjudged(x: np.ndarray, is_watched: np.ndarray, reason: str) -> pd.DataFrame:
    blank = {"centre": np.nan, "low": np.nan, "high": np.nan, "is_outside": False, "is_shift": False}
    return pd.DataFrame({"value": x, "is_watched": is_watched, **blank, "reason": reason})[COLUMNS]


def _fitted(before: np.ndarray, ahead: int) -> dict[str, np.ndarray]:
    """Of each row: the straight `line` through it and `ahead` points beyond, `sd` around it, `strength` of memory."""
    n = before.shape[1]
    t = np.arange(n + ahead) - (n - 1) / 2
    slope = before @ t[:n] / (t[:n] @ t[:n])
    line = before.mean(axis=1, keepdims=True) + slope[:, None] * t
    rest = before - line[:, :n]
    # A line takes from the correlation of what is left: about (2 + 4 × correlation) / n.
    strength = (n * lag_one(rest) + 2) / (n - 4)
    return {
        "line": line,
        "sd": np.sqrt((rest**2).sum(axis=1) / (n - 2)),
        "strength": on_the_safe_side(strength, n, errors=_ERRORS),
    }


@lru_cache(maxsize=256)
def _limits(n: int, strength: float, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """How many `sd` each of the year's readings, and the mean up to it, may lie off the line.

    Half of what may go wrong is given to each rule; within a rule every look is as strict as the next.
    """
    series = simulated_series(n + LOOKS, strength)
    found = _fitted(series[:, :n], LOOKS)
    off = (series[:, n:] - found["line"][:, n:]) / found["sd"][:, None]
    means = np.cumsum(off, axis=1) / np.arange(1, LOOKS + 1)
    level = 1 - (1 - confidence) / 2
    one, mean = (np.sqrt((part**2).mean(axis=0)) for part in (off, means))
    one = one * np.quantile((np.abs(off) / one).max(axis=1), level)
    mean = mean * np.quantile((np.abs(means) / mean)[:, _MEAN_OF - 1 :].max(axis=1), level)
    mean[: _MEAN_OF - 1] = np.inf
    return one, mean


@lru_cache(maxsize=64)
def simulated_series(length: int, strength: float) -> np.ndarray:
    """`WORLDS` series of independent shocks of variance 1 that remember `strength` of the reading before.

    Always the same ones for the same arguments, so that a verdict does not hang on a seed. Read only.
    """
    shocks = np.random.default_rng(_SEED).normal(size=(length, WORLDS))
    x = np.empty_like(shocks)
    x[0] = shocks[0] / np.sqrt(1 - strength**2)
    for t in range(1, length):
        x[t] = strength * x[t - 1] + shocks[t]
    x.flags.writeable = False
    return x.T


def lag_one(residuals: np.ndarray) -> np.ndarray:
    """Correlation of each reading with the one before, one per row of `residuals`; 0 where all are 0."""
    squares = (residuals**2).sum(axis=-1)
    products = (residuals[..., 1:] * residuals[..., :-1]).sum(axis=-1)
    return products / np.where(squares > 0, squares, 1.0)


def on_the_safe_side(strength: np.ndarray, length: int, *, errors: float) -> np.ndarray:
    """`strength` and `errors` standard errors of it more, on the grid of `STRENGTHS`.

    What is estimated too low makes false alarms, what is estimated too high only costs some power.
    """
    raised = strength + errors * np.sqrt((1 - np.clip(strength, 0, 0.9) ** 2) / length)
    return STRENGTHS[np.clip(np.round(raised / 0.05), 0, len(STRENGTHS) - 1).astype("int64")]
