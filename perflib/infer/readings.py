"""Indicators read every month: what stands out this year, and where a level changed.

>>> import perflib as pf
>>> readings = pf.monitoring.monthly_readings(pf.load("sample").rows("indicators"))
>>> {"series_name", "time", "actual"} <= set(readings)
True
"""

import numpy as np
import pandas as pd

from perflib.infer.control_chart import control_chart
from perflib.infer.trend import SHORTEST, change_points

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
