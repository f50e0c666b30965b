"""Change points: found where a series is long enough, refused where it isn't."""

import pandas as pd

from perflib.data.book import Book
from perflib.infer.trend import SHORTEST, change_points
from perflib.show.chapter import Chapter
from perflib.show.chapters.name_list import join_names
from perflib.show.chapters.whole import whole_table

KEYS = ["subject_kind", "subject", "indicator"]
COLUMNS = ["series_name", "readings", "change_month", "change_earliest", "change_latest", "level_change",
           "measure_unit"]  # fmt: skip


def add_points(chapter: Chapter, book: Book, *, years: list[int]) -> None:
    """What the district's monthly readings say, and that a yearly rate is too short a series for it."""
    add = chapter.facts.add
    add("shortest", str(SHORTEST), unit="text", table="rules", rows=0)
    add("is_long", float(len(years) >= SHORTEST), unit="ratio", table="series", rows=len(years))
    readings = monthly_readings(whole_table(book, "indicators"))
    found = level_changes(readings)
    names = readings.drop_duplicates(KEYS)["series_name"] if len(readings) else []
    if len(found):
        chapter.add_table("points", found[COLUMNS])
    rows = len(readings)
    number = str(len(names)) if len(names) else None
    add("monthly_series", number, unit="text", table="indicators", rows=rows, reason="no_long_series")
    changed = found["series_name"] if len(found) else []
    moved = join_names(changed, chapter.lang, many="show_names.many_series")
    add("moved_series", moved, unit="text", table="points", rows=rows, reason="nobody")


def monthly_readings(indicators: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of the series with at least twenty readings month after month, without a gap, in time order.

    A series that adds up within the year is left out: its steps are the calendar's.
    """
    if indicators is None or indicators["month"].isna().all():
        return pd.DataFrame(columns=[*KEYS, "series_name", "time", "actual", "unit"])
    rows = indicators[indicators["actual"].notna() & indicators["month"].between(1, 12)]
    rows = rows.assign(time=rows["year"].astype(int) * 12 + rows["month"].astype(int) - 1)
    rows = rows.sort_values([*KEYS, "time"])
    groups = rows.groupby(KEYS)
    spans = groups["time"].transform("max") - groups["time"].transform("min") + 1
    is_whole = (groups["time"].transform("size") == spans) & (spans >= SHORTEST)
    rows = rows[is_whole]
    names = rows["subject"].astype(str) + " · " + rows["name"].fillna("").astype(str)
    rows = rows.assign(series_name=names)
    if rows.empty:
        return rows
    step = rows.groupby([*KEYS, "year"])["actual"].diff()
    falls = step.lt(0).groupby([rows[k] for k in KEYS]).transform("any")
    return rows[falls].reset_index(drop=True)


def level_changes(readings: pd.DataFrame) -> pd.DataFrame:
    """One row per change of level: when, between which months it may lie, and by how much."""
    parts = []
    for _, rows in readings.groupby(KEYS):
        found = change_points(rows["actual"].to_numpy(), seed=0, draws=300)
        if len(found):
            first = rows.iloc[0]
            places = {"change_month": "value", "change_earliest": "low", "change_latest": "high"}
            named = {name: _month(rows, found[place]) for name, place in places.items()}
            parts.append(pd.DataFrame(named).assign(
                series_name=first["series_name"], readings=len(rows), level_change=found["change"].to_numpy(),
                measure_unit=first["unit"]))  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _month(rows: pd.DataFrame, places: pd.Series) -> list[str]:
    times = rows["time"].iloc[places.astype(int)]
    return [f"{t // 12}-{t % 12 + 1:02d}" for t in times]
