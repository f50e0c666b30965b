"""Series of yearly rates: what changed since a base year, where definitions broke, and change points."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence

SHORTEST = 20  # points below which a change point is not looked for (methods M26: annual series are short)
_CUTTING = "least squares, modified BIC"
_EDGE = 3  # points that a segment has at least


def mark_breaks(series: pd.DataFrame, breaks: pd.DataFrame, *, unit: str = "district") -> pd.DataFrame:
    """`series` with `segment`: years of one unit may be compared within a segment, not across.

    `series` has one row per `unit` and year. `breaks` has one row per break of definition with `year`
    (the first under the new definition) and, optionally, `unit` (NA or no such column: all units).
    """
    rows = series.reset_index(drop=True)
    named = breaks[unit] if unit in breaks.columns else pd.Series(pd.NA, index=breaks.index)
    everywhere = np.sort(breaks.loc[named.isna(), "year"].unique())
    segment = np.searchsorted(everywhere, rows["year"], side="right")
    own = breaks[named.notna()]
    if len(own):
        ours = rows.reset_index()[["index", unit, "year"]]
        pairs = ours.merge(own[[unit, "year"]], on=unit, suffixes=("", "_break"))
        passed = pairs["year_break"].le(pairs["year"]) & ~pairs["year_break"].isin(everywhere)
        segment = segment + passed.groupby(pairs["index"]).sum().reindex(rows.index, fill_value=0).to_numpy()
    return rows.assign(segment=segment)


def change_since(
    series: pd.DataFrame,
    *,
    base_year: int,
    unit: str = "district",
    value: str = "value",
    se: str = "se",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per unit and year after `base_year`: `value` (the change), its bounds, `reason`.

    Years are taken as independent, so that the interval is on the wide side where the same projects run
    on. `reason` is `no_base_year` (no value in the base year), `no_data` (none in the year: a row is given
    for every year that any unit has), `break_of_definition` (`series` has the column `segment` and it
    differs) or `no_standard_error` (the change is given, without an interval). Raises DataError if no
    unit has the base year.
    """
    check_confidence(confidence)
    if base_year not in set(series["year"]):
        years = ", ".join(map(str, sorted(series["year"].unique())))
        raise DataError("compare.no_base_year", year=base_year, years=years)
    table = _all_years(series, unit, base_year, [value, se])
    start = table[table["year"] == base_year].set_index(unit).reindex(table[unit]).reset_index(drop=True)
    table = table.reset_index(drop=True)
    same = table["segment"].fillna(-1) == start["segment"].fillna(-1)
    change = (table[value] - start[value]).where(same)
    half = stats.norm.ppf(0.5 + confidence / 2) * np.hypot(table[se], start[se])
    reasons = {
        "no_base_year": start[value].isna(),
        "no_data": table[value].isna(),
        "break_of_definition": ~same,
        "no_standard_error": half.isna(),
    }
    found = np.select([m.to_numpy() for m in reasons.values()], list(reasons), default=None)
    bounds = {"value": change, "low": change - half, "high": change + half}
    result = table[[unit, "year"]].assign(base_year=base_year, **bounds, reason=found)
    result = result.assign(confidence=confidence, method="difference of years")
    return result[result["year"] > base_year].reset_index(drop=True)


def _all_years(series: pd.DataFrame, unit: str, base_year: int, columns: list[str]) -> pd.DataFrame:
    """Every unit in every year from the base year on; `segment` 0 where the series has none."""
    years = sorted(y for y in series["year"].unique() if y >= base_year)
    grid = pd.MultiIndex.from_product([sorted(series[unit].unique()), years], names=[unit, "year"])
    rows = series if "segment" in series.columns else series.assign(segment=0)
    full = rows.set_index([unit, "year"])[[*columns, "segment"]].reindex(grid).reset_index()
    # A year without data has no segment of its own: it says "no data", not "another definition".
    return full.assign(segment=full.groupby(unit)["segment"].ffill())


def change_points(
    values: Sequence[float], *, confidence: float = CONFIDENCE, draws: int = 500, seed: int = 0
) -> pd.DataFrame:
    """One row per change of level: `value` (index of the new level's first point), bounds, `change`.

    Least squares over all ways to cut the series into at most five levels of at least three points, the
    number chosen by the modified Bayesian information criterion. `low` and `high` come from resampling
    the residuals around the fitted levels. An empty frame when no cut is worth it. Raises DataError below
    20 values: in a short annual series chance and change can't be told apart.
    """
    y = np.asarray(values, dtype="float64")
    if len(y) < SHORTEST or np.isnan(y).any():
        raise DataError("compare.series_too_short", length=int((~np.isnan(y)).sum()), least=SHORTEST)
    cuts = best_cuts(y)
    columns = ["value", "low", "high", "change"]
    if not cuts:
        return pd.DataFrame(columns=columns).assign(confidence=confidence, method=_CUTTING)
    level = _levels(y, cuts)
    rng = np.random.default_rng(seed)
    residual = (y - level) * np.sqrt(len(y) / (len(y) - len(cuts) - 1))
    again = [best_cuts(level + rng.choice(residual, len(y)), number=len(cuts)) for _ in range(draws)]
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.array(again), [tail, 1 - tail], axis=0, method="nearest")
    steps = level[cuts] - level[np.array(cuts) - 1]
    table = pd.DataFrame({"value": cuts, "low": low, "high": high, "change": steps})
    table = table.astype({"low": "int64", "high": "int64"})
    return table.assign(confidence=confidence, method=_CUTTING)


def best_cuts(y: np.ndarray, *, number: int | None = None, most: int = 4) -> list[int]:
    """Positions of the cuts with the least squared error: `number` of them, or as many as BIC pays for."""
    n, most = len(y), number if number is not None else min(most, len(y) // _EDGE - 1)
    cost = _segment_costs(y)
    best, back = cost[0], []
    errors = [best[n]]
    for _ in range(most):
        total = best[:, None] + cost  # best cut into levels up to i, then one level from i to j
        back.append(total.argmin(axis=0))
        best = total.min(axis=0)
        errors.append(best[n])
    spread = np.maximum(np.array(errors), 1e-300 + 1e-14 * (y**2).sum())
    # A cut is sought everywhere and so dearer than a parameter: 3·ln n (Zhang & Siegmund 2007).
    bic = n * np.log(spread / n) + 3 * np.arange(len(errors)) * np.log(n)
    chosen = number if number is not None else int(np.argmin(bic))
    cuts, end = [], n
    for step in range(chosen - 1, -1, -1):
        end = int(back[step][end])
        cuts.insert(0, end)
    return cuts


def _segment_costs(y: np.ndarray) -> np.ndarray:
    """Squared error of one level over y[i:j], for all i and j at once; infinite if shorter than three."""
    n = len(y)
    centred = y - y.mean()
    s, s2 = np.concatenate([[0], np.cumsum(centred)]), np.concatenate([[0], np.cumsum(centred**2)])
    length = np.arange(n + 1)[None, :] - np.arange(n + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = (s2[None, :] - s2[:, None]) - (s[None, :] - s[:, None]) ** 2 / length
    return np.where(length >= _EDGE, np.maximum(cost, 0), np.inf)


def _levels(y: np.ndarray, cuts: list[int]) -> np.ndarray:
    segment = np.searchsorted(cuts, np.arange(len(y)), side="right")
    return (np.bincount(segment, y) / np.bincount(segment))[segment]
