"""Indicators read every month: what stands out this year, and where a level changed.

>>> import perflib as pf
>>> readings = pf.monitoring.monthly_readings(pf.load("sample").rows("indicators"))
>>> {"series_name", "time", "actual"} <= set(readings)
True
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence

SHORTEST = 36  # readings: with fewer, memory and trend look like a change of level
_CUTTING = "best step beside a line, simulated"
_EDGE = 6  # readings that a level has at least


def change_points(
    values: Sequence[float], *, confidence: float = CONFIDENCE, draws: int = 300, seed: int = 0
) -> pd.DataFrame:
    """One row per change of level: `value` (index of the new level's first point), its bounds, `change`.

    A level changes where a step fits better than a straight line alone, by more than such readings do by chance:
    the best of all cuts with six points or more on either side is held against simulated series of the same
    length and the same correlation from one reading to the next (Andrews 1993, sup F). Both sides of a
    change are looked at again while they have `SHORTEST` readings. `low` and `high` come from resampling what is left
    around line and step; `change` is the step, beside the trend where there clearly is one.
    False changes in simulations (5 % aimed at; correlations 0 to .7): 4 to 6 % with 60 readings, 2 to 7 % with 36.
    An empty frame when no cut is sure. Raises DataError below 36 values, where memory and trend can't be known.
    """
    y = np.asarray(values, dtype="float64")
    if len(y) < SHORTEST or np.isnan(y).any():
        raise DataError("compare.series_too_short", length=int((~np.isnan(y)).sum()), least=SHORTEST)
    rng = np.random.default_rng(seed)
    rows = _changes_within(y, 0, confidence, draws, rng)
    table = pd.DataFrame(rows, columns=["value", "low", "high", "change"])
    table = table.astype({"value": "int64", "low": "int64", "high": "int64", "change": "float64"})
    return table.assign(confidence=confidence, method=_CUTTING)


def _changes_within(y: np.ndarray, first: int, confidence: float, draws: int, rng) -> list[tuple]:
    """The changes within `y`, whose first point is number `first` of the series, in time order."""
    n = len(y)
    if n < SHORTEST or np.ptp(y) <= 1e-9 * np.abs(y).max():
        return []
    strength = float(_strength(y[None, :])[0])
    gain, at = _best_step(y[None, :], strength)
    if gain[0] <= _critical_gain(n, strength, confidence):
        return []
    cut = _EDGE + int(at[0])
    step, fitted, has_line = _effect(y, cut)
    series = fitted + _resampled(y - fitted, strength, draws, rng)
    again = _best_step(series, strength, has_line)[1] + _EDGE
    tail = (1 - confidence) / 2
    low, high = np.quantile(again, [tail, 1 - tail], method="nearest")
    own = (first + cut, first + min(low, cut), first + max(high, cut), step)
    rest = (confidence, draws, rng)
    parts = (_changes_within(y[:cut], first, *rest), _changes_within(y[cut:], first + cut, *rest))
    return [*parts[0], own, *parts[1]]


@lru_cache(maxsize=256)
def _design(n: int, strength: float, has_line: bool) -> tuple[np.ndarray, np.ndarray]:
    """Level and line (a column each) and every step (a row each, free of them), after taking out the memory."""
    line = np.stack([np.ones(n), np.arange(n) - (n - 1) / 2])[: 1 + has_line]
    base = np.linalg.qr(_whitened(line, strength).T)[0]
    cuts = np.arange(_EDGE, n - _EDGE + 1)
    steps = _whitened((np.arange(n) >= cuts[:, None]).astype("float64"), strength)
    steps = steps - (steps @ base) @ base.T
    return base, steps / np.linalg.norm(steps, axis=1, keepdims=True)


def _whitened(rows: np.ndarray, strength: float) -> np.ndarray:
    first = rows[..., :1] * np.sqrt(1 - strength**2)
    return np.concatenate([first, rows[..., 1:] - strength * rows[..., :-1]], axis=-1)


def _best_step(series: np.ndarray, strength: float, has_line: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """F of the best step of each row beside its line, and which step it is."""
    base, steps = _design(series.shape[1], strength, has_line)
    rest = _whitened(series, strength)
    rest = rest - (rest @ base) @ base.T
    gains = (rest @ steps.T) ** 2
    at = gains.argmax(axis=1)
    best = gains[np.arange(len(at)), at]
    left = np.maximum((rest**2).sum(axis=1) - best, 1e-12 * best + 1e-300)
    return best * (series.shape[1] - 3) / left, at


def _raw_strength(series: np.ndarray) -> np.ndarray:
    """Correlation of neighbours in what line and best step leave: too low, as both follow the memory's swings."""
    base, steps = _design(series.shape[1], 0.0, True)
    rest = series - (series @ base) @ base.T
    along = rest @ steps.T
    at = np.abs(along).argmax(axis=1)
    return lag_one(rest - along[np.arange(len(at)), at][:, None] * steps[at])


def _strength(series: np.ndarray) -> np.ndarray:
    n = series.shape[1]
    return on_the_safe_side(np.interp(_raw_strength(series), _usual_strengths(n), STRENGTHS), n, errors=0.5)


@lru_cache(maxsize=64)
def _usual_strengths(n: int) -> np.ndarray:
    """What `_raw_strength` says in the median of series with each of `STRENGTHS`."""
    return np.array([np.median(_raw_strength(simulated_series(n, float(s)))) for s in STRENGTHS])


@lru_cache(maxsize=256)
def _critical_gain(n: int, strength: float, confidence: float) -> float:
    """F that the best step reaches by chance with probability 1 - `confidence`, its memory estimated anew."""
    series = simulated_series(n, strength)
    found, gains = _strength(series), np.empty(len(series))
    for one in np.unique(found):
        gains[found == one] = _best_step(series[found == one], float(one))[0]
    return float(np.quantile(gains, confidence))


def _effect(y: np.ndarray, cut: int) -> tuple[float, np.ndarray, bool]:
    """The step at `cut`, the fitted series, and whether it has a trend: only one beyond two of its errors."""
    n = len(y)
    x = np.column_stack([np.ones(n), np.arange(n) >= cut, np.arange(n) - (n - 1) / 2])
    fits = [np.linalg.lstsq(columns, y, rcond=None)[0] for columns in (x, x[:, :2])]
    rest = y - x @ fits[0]
    error = np.sqrt((rest**2).sum() / (n - 3) * np.linalg.inv(x.T @ x)[2, 2])
    has_line = bool(abs(fits[0][2]) > 2 * error)
    beta = fits[0] if has_line else fits[1]
    return float(beta[1]), x[:, : len(beta)] @ beta, has_line


def _resampled(rest: np.ndarray, strength: float, draws: int, rng) -> np.ndarray:
    """Series like `rest` around 0: its shocks drawn anew, with the same memory."""
    shocks = rest[1:] - strength * rest[:-1]
    picked = rng.choice(shocks - shocks.mean(), (draws, len(rest)))
    out = np.empty_like(picked)
    out[:, 0] = picked[:, 0] / np.sqrt(1 - strength**2)
    for t in range(1, len(rest)):
        out[:, t] = strength * out[:, t - 1] + picked[:, t]
    return out


STRENGTHS = np.round(np.arange(0, 0.91, 0.05), 2)
"""Lag-one correlations that are told apart; a negative one is taken as 0, which errs on the safe side."""
WORLDS, _SEED = 3000, 20240601
FEWEST_BEFORE = 24  # readings before the year: with fewer, memory and trend can't be told from chance
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
    if len(before) < FEWEST_BEFORE:
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
    shift = np.concatenate([np.zeros(len(before), dtype=bool), far])
    found = {"centre": line, "low": line - limit * sd, "high": line + limit * sd}
    found |= {"is_outside": np.abs(off) > limit, "is_shift": shift}
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
    sd = np.sqrt((rest**2).sum(axis=1) / (n - 2))
    return {"line": line, "sd": sd, "strength": on_the_safe_side(strength, n, errors=_ERRORS)}


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


KEYS = ["subject_kind", "subject", "indicator"]
CHANGES = ["series_name", "readings", "change_month", "change_earliest", "change_latest", "level_change",
           "measure_unit"]  # fmt: skip
_SHOWN, _FEWEST = 24, 12  # two years of readings; fewer than one are no chart
POINTS = {"subject": "str", "name": "str", "unit": "str", "year": "int64", "month": "int64", "value": "float64",
          "is_recent": "bool", "centre": "float64", "low": "float64", "high": "float64", "is_outside": "bool",
          "is_shift": "bool", "reason": "str", "period": "str", "series": "str", "adds_up": "bool",
          "is_signal": "bool", "is_worse": "bool"}  # fmt: skip
_MONTHLY = 3  # readings in a year that is read by the month


def control_points(indicators: pd.DataFrame, *, year: int, month: int) -> pd.DataFrame:
    """The last 24 readings up to `month` of `year` of every series with at least 12, with limits and signals.

    Limits come from the years before `year` (see `control_chart`); `reason` is "too_short" where they are too
    few. A series whose readings never fall within a year adds up: its monthly increments are charted.
    `is_signal` is either rule, `is_recent` a reading of `year`, `is_worse` one on the wrong side by its `direction`. An empty frame where there is no series.
    """
    seen = (indicators["year"] < year) | ((indicators["year"] == year) & (indicators["month"] <= month))
    rows = indicators[seen & indicators["actual"].notna() & indicators["month"].notna()]
    counts = rows.groupby([*KEYS, "year"])["month"].transform("nunique")
    rows = rows[counts >= min(_MONTHLY, month)].sort_values([*KEYS, "year", "month"])
    rows = rows[rows.groupby(KEYS)["month"].transform("size") >= _FEWEST]
    parts = [_chart(part, year) for _, part in rows.groupby(KEYS)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*POINTS]).astype(POINTS)


def _chart(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    step = rows.groupby("year")["actual"].diff()
    adds_up = bool((step.dropna() >= 0).all() and (step.dropna() > 0).any())
    value = step.fillna(rows["actual"]) if adds_up else rows["actual"]
    chart = control_chart(value.to_numpy("float64"), baseline=int((rows["year"] < year).sum()))
    table = rows[["subject", "name", "unit", "year", "month"]].reset_index(drop=True).join(chart)
    table = table.rename(columns={"is_watched": "is_recent"}).assign(
        period=table["year"].astype("str") + "-" + table["month"].astype("str").str.zfill(2),
        series=(table["subject"] + " · " + table["name"].fillna("")),
        adds_up=adds_up,
        is_signal=table["is_outside"] | table["is_shift"],
        is_worse=_is_worse(rows, table),
    )
    return table.tail(_SHOWN)


def _is_worse(rows: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    """Whether a reading lies on the wrong side of its centre; either side where the direction is not known."""
    direction = rows["direction"].to_numpy(object) if "direction" in rows else np.full(len(rows), None)
    above, below = (table["value"] > table["centre"]), (table["value"] < table["centre"])
    return np.select([direction == "at_most", direction == "at_least"], [above, below], True).astype(bool)


def monthly_readings(indicators: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of the series with readings enough for `change_points`, month after month, in time order.

    A series that adds up within the year is left out: its steps are the calendar's.
    """
    if indicators is None or indicators["month"].isna().all():
        return pd.DataFrame(columns=[*KEYS, "series_name", "time", "actual", "unit"])
    rows = indicators[indicators["actual"].notna() & indicators["month"].between(1, 12)]
    rows = rows.assign(time=rows["year"].astype(int) * 12 + rows["month"].astype(int) - 1)
    rows = rows.sort_values([*KEYS, "time"])
    groups = rows.groupby(KEYS)
    spans = groups["time"].transform("max") - groups["time"].transform("min") + 1
    rows = rows[(groups["time"].transform("size") == spans) & (spans >= SHORTEST)]
    rows = rows.assign(series_name=rows["subject"].astype(str) + " · " + rows["name"].fillna("").astype(str))
    if rows.empty:
        return rows
    step = rows.groupby([*KEYS, "year"])["actual"].diff()
    falls = step.lt(0).groupby([rows[k] for k in KEYS]).transform("any")
    return rows[falls].reset_index(drop=True)


def level_changes(readings: pd.DataFrame) -> pd.DataFrame:
    """One row per change of level: when, between which months it may lie, and by how much.

    `readings` is what `monthly_readings` gives.
    """
    parts = [_changes(rows) for _, rows in readings.groupby(KEYS)]
    return pd.concat(parts, ignore_index=True)[CHANGES] if parts else pd.DataFrame(columns=CHANGES)


def _changes(rows: pd.DataFrame) -> pd.DataFrame:
    found = change_points(rows["actual"].to_numpy())
    places = {"change_month": "value", "change_earliest": "low", "change_latest": "high"}
    named = {name: _month(rows, found[place]) for name, place in places.items()}
    first = rows.iloc[0]
    return pd.DataFrame(named).assign(
        series_name=first["series_name"],
        readings=len(rows),
        level_change=found["change"].to_numpy(),
        measure_unit=first["unit"],
    )


def _month(rows: pd.DataFrame, places: pd.Series) -> list[str]:
    times = rows["time"].iloc[places.astype(int)]
    return [f"{t // 12}-{t % 12 + 1:02d}" for t in times]
