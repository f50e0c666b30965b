"""A year in course: the last year of which only the first months are there, declared or seen."""

import re

import numpy as np
import pandas as pd

from perflib.data.amounts import to_cents

AsOf = tuple[int, int]  # fiscal year, and the last of its months (1 to 11) that the data has
CLOSE = 0.005  # amounts this near to one another are the same total, told twice


def read_as_of(text: str) -> AsOf | None:
    """Year and month of "2024-07"; None if it says something else.

    >>> read_as_of("2024-07"), read_as_of("July")
    ((2024, 7), None)
    """
    found = re.fullmatch(r"((?:19|20)\d\d)[-/](0?[1-9]|1[0-2])", text.strip())
    return (int(found[1]), int(found[2])) if found else None


def seen_as_of(projects: pd.DataFrame, progress: pd.DataFrame) -> AsOf | None:
    """The last year of `projects`, where `progress` ends before its December and with the same spending.

    Months alone don't tell: a bureau that watches its projects to August still closes the year. Only
    where the year's spending is what had been spent by the last month, or is not told, is it in course.
    """
    if not {"year", "month", "executed"} <= set(progress) or "year" not in projects:
        return None
    spent = progress[progress["executed"].fillna(0) != 0]
    if spent.empty:
        return None
    year = int(spent["year"].max())
    last = int(progress.loc[(progress["year"] == year) & progress["executed"].notna(), "month"].max())
    own = projects[projects["year"] == year]
    closed = own["executed"].notna() if "executed" in own else pd.Series(False, own.index)
    is_later = (
        "executed" in projects and (projects.loc[projects["year"] > year, "executed"].fillna(0) != 0).any()
    )
    if last == 12 or is_later:
        return None
    months = progress[(progress["year"] == year) & (progress["month"] == last)]
    by_then = to_cents(months["executed"].to_numpy()).sum()
    there = own["district"].isin(months["district"]) & closed
    total = to_cents(own.loc[there, "executed"].to_numpy()).sum() if there.any() else by_then
    return (year, last) if np.isclose(total, by_then, rtol=CLOSE) else None


def is_whole(year: int, as_of: AsOf | None) -> bool:
    """Whether `year` lies wholly before the end of the data, or that end is not known."""
    return as_of is None or (year, 12) <= as_of
