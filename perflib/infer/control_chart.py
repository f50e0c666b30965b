"""Control charts of an indicator's series: individuals with moving range (XmR), and EWMA."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError

# 3 / d2 with d2 = 1.128 for ranges of two; health services print it rounded to 2.66.
XMR_FACTOR = 3 / 1.128
RANGE_FACTOR = 3.267
RUN = 7
SHORTEST = 3


def xmr_chart(
    values: Sequence[float], *, factor: float = XMR_FACTOR, is_screened: bool = False, run: int = RUN
) -> pd.DataFrame:
    """One row per point: `value, moving_range, centre, low, high, range_high`, and one flag per rule.

    For increments or residuals, not for cumulative sums: those are correlated by construction.
    NA stay in place and belong to no run. Limits are mean ± `factor` × mean moving range; with
    `is_screened`, ranges above 3.267 × their mean are left out of it once. Flags:
    `is_outside`; `is_near_limit` (two of three beyond two thirds of the way, on the same side);
    `is_shift` (`run` points on one side of the centre); `is_trend` (`run` points rising or falling).
    Raises ArgumentError with fewer than three points. Source: NIST handbook 6.3.2.2; rules of NHS
    England, Making Data Count. 12 points are the honest minimum, 20 are better.

    >>> xmr_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])["high"].round(4)[0]
    np.float64(55.8041)
    """
    x = pd.Series(np.asarray(values, dtype="float64"))
    _check_length(x)
    ranges = x.diff().abs()
    mean_range = _mean_range(ranges, is_screened)
    centre = x.mean()
    table = pd.DataFrame({"value": x, "moving_range": ranges, "centre": centre})
    table = table.assign(
        low=centre - factor * mean_range,
        high=centre + factor * mean_range,
        range_high=RANGE_FACTOR * mean_range,
    )
    return table.assign(**_rules(table, run))


def _mean_range(ranges: pd.Series, is_screened: bool) -> float:
    mean = ranges.mean()
    return ranges[ranges <= RANGE_FACTOR * mean].mean() if is_screened else mean


def _rules(table: pd.DataFrame, run: int) -> dict:
    x, side = table["value"], np.sign(table["value"] - table["centre"])
    inner = 2 / 3 * (table["high"] - table["centre"])
    beyond = np.where((x - table["centre"]).abs() > inner, side, 0.0)
    steps = np.sign(x.diff())
    return {
        "is_outside": (x > table["high"]) | (x < table["low"]),
        "is_near_limit": _near(pd.Series(beyond)),
        "is_shift": _in_run(side, run),
        # `run` points that rise are run - 1 steps; the first point of the run belongs to it.
        "is_trend": _in_run(steps, run - 1, lead=1),
    }


def _near(beyond: pd.Series) -> pd.Series:
    """Points beyond two thirds of the way that have another one on the same side within three."""
    out = pd.Series(False, index=beyond.index)
    for side in (1.0, -1.0):
        is_side = beyond == side
        window = is_side.astype("int64").rolling(3, min_periods=1).sum() >= 2
        reached = window | window.shift(-1, fill_value=False) | window.shift(-2, fill_value=False)
        out |= is_side & reached
    return out


def _in_run(side: pd.Series, length: int, *, lead: int = 0) -> pd.Series:
    """Whether a point lies in a run of at least `length` equal non-zero signs (`lead` points earlier too)."""
    block = (side != side.shift()).cumsum()
    size = side.groupby(block).transform("size")
    inside = (size >= length) & (side != 0) & side.notna()
    for back in range(1, lead + 1):
        inside = inside | inside.shift(-back, fill_value=False)
    return inside


def ewma_chart(
    values: Sequence[float], *, centre: float, sd: float, lam: float = 0.3, width: float = 3.0
) -> pd.DataFrame:
    """One row per point: `value, ewma, low, high, is_outside`; for small, lasting drifts.

    `centre` and `sd` come from an earlier, quiet period. Limits are the steady ones,
    centre ± width × sd × √(lam / (2 - lam)). NA leave the mean where it was.
    Raises ArgumentError unless 0 < lam <= 1. Source: NIST handbook 6.3.2.4.
    """
    if not 0 < lam <= 1:
        raise ArgumentError("progress.bad_weight", value=lam)
    x = pd.Series(np.asarray(values, dtype="float64"))
    _check_length(x)
    known = pd.concat([pd.Series([centre], index=[-1]), x.dropna()]).ewm(alpha=lam, adjust=False).mean()
    mean = known.reindex(range(-1, len(x))).ffill().iloc[1:].reset_index(drop=True)
    half = width * sd * np.sqrt(lam / (2 - lam))
    table = pd.DataFrame({"value": x, "ewma": mean, "low": centre - half, "high": centre + half})
    return table.assign(is_outside=(mean < table["low"]) | (mean > table["high"]))


def _check_length(x: pd.Series) -> None:
    found = int(x.notna().sum())
    if found < SHORTEST:
        raise ArgumentError("progress.short_series", needed=SHORTEST, found=found)
