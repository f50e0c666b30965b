"""The rush before the year's end: how much of the year's spending falls in its last month and quarter."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.measure.money import sum_amounts

_Z = 1.959963984540054


def year_end_rush(progress: pd.DataFrame, *, unit: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """December's and the last quarter's share of the year's spending, one row per `year` and group of `by`.

    `progress` holds `year`, `month`, `executed` (to date) and `unit` (the columns of a single unit); `by` are
    columns of a unit, such as type or department. Columns:

    - `units`, `executed` (year), `december`, `last_quarter` (amounts) and their shares of the year;
    - `spike`: December ÷ the mean of the eleven months before, with `low`, `high` (95 %, on the log
      scale, units being what varies), `confidence`, `method`; 1 means no rush;
    - `p_half`: share of units that spent at least half of their year in the last quarter;
    - `incomplete`: units left out, as November, September or December is missing.

    NA where the year's spending is not above 0. Reversals count as they are, negative.
    Source: Liebman & Mahoney (2017) for the ratio, here by months.
    """
    by = list(by)
    months = progress[progress["month"].isin([9, 11, 12])]
    sums = sum_amounts(months, ["executed"], by=list(dict.fromkeys(["year", *by, *unit, "month"])))
    wide = sums.pivot(index=list(dict.fromkeys(["year", *by, *unit])), columns="month", values="executed")
    wide = wide.reindex(columns=[9, 11, 12])
    is_whole = wide.notna().all(axis=1)
    parts = wide.assign(
        december=wide[12] - wide[11],
        rest=wide[11],
        last_quarter=wide[12] - wide[9],
        executed=wide[12],
        is_whole=is_whole,
    ).reset_index()
    groups = parts.groupby(["year", *by], sort=True)
    return groups.apply(_rush, include_groups=False).reset_index()


def _rush(rows: pd.DataFrame) -> pd.Series:
    part = rows[rows["is_whole"]]
    december, rest, year = (part[c].to_numpy("float64") for c in ("december", "rest", "executed"))
    total = np.round(year.sum(), 2)
    last = part["last_quarter"].to_numpy("float64")
    active = year > 0
    out = {
        "units": len(part),
        "incomplete": int((~rows["is_whole"]).sum()),
        "executed": total,
        "december": december.sum(),
        "last_quarter": last.sum(),
        "december_share": december.sum() / total if total > 0 else np.nan,
        "last_quarter_share": last.sum() / total if total > 0 else np.nan,
        "p_half": float((last[active] >= 0.5 * year[active]).mean()) if active.any() else np.nan,
    }
    return pd.Series({**out, **_spike(december, rest)})


def _spike(december: np.ndarray, rest: np.ndarray) -> dict:
    """Ratio of sums with the linearised variance of the log; needs two units and positive sums."""
    out = {"spike": np.nan, "low": np.nan, "high": np.nan, "confidence": 0.95, "method": "linearised_log"}
    d, r, n = december.sum(), rest.sum() / 11, len(december)
    if r <= 0:
        return out
    out["spike"] = d / r
    if n >= 2 and d > 0:
        parts = december / d - rest / 11 / r
        se = np.sqrt(n / (n - 1) * (parts**2).sum())
        out["low"], out["high"] = d / r * np.exp(-_Z * se), d / r * np.exp(_Z * se)
    return out
