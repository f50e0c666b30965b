"""Years and months as files write them: fiscal years, eras, dates, names of months in many languages."""

import re
import unicodedata
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from perflib.data.amounts import to_cents
from perflib.data.units import plain

AsOf = tuple[int, int]  # fiscal year, and the last of its months (1 to 11) that the data has
CLOSE = 0.005  # amounts this near to one another are the same total, told twice
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "民国": 1911, "民國": 1911}
_LANGUAGES = "en es pt fr it de nl pl cs sk id ca gl eu tr sv da nb fi hu ro lt lv et sl sw vi ms fil sq el bg sr_Latn uk ru"
_PERIOD = r"(?:m|p|mes|mth|month|period|periodo|mies|bulan|q)?"


def fiscal_year(cell: object, *, begins: int = 1, called: str = "first") -> int | None:
    """The fiscal year that `cell` names; None if it names none.

    A year over two calendar years (2021/22) is `called` by its "first" or its "last"; a date lies in the
    year that began in month `begins` before it. One number alone (FY22, 2022) is the year's name as it stands.

    >>> fiscal_year("FY2021/22"), fiscal_year("2021-22", called="last"), fiscal_year("FY22")
    (2021, 2022, 2022)
    >>> fiscal_year("2022-03-31", begins=4), fiscal_year("令和5年度"), fiscal_year("soon")
    (2021, 2023, None)
    """
    if isinstance(cell, date):
        return _year_of(cell.year, cell.month, begins, called)
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip().casefold()
    if day := _day(text):
        return _year_of(*day, begins, called)
    text = re.sub(r"^(?:fy|fiscal year|year|ejercicio|rok|tahun|año|exercice|ano|jahr)[\s_:.-]*", "", text)
    text = re.sub(r"(?:财政年度|預算年度|预算年度|年度|财年|年|\.0)$", "", text).strip()
    if span := re.fullmatch(r"((?:19|20)\d\d)\s*[-/_–—]\s*((?:19|20)?\d\d)", text):
        first, last = int(span[1]), int(span[2])
        last += first // 100 * 100 if last < 100 else 0
        return (first if called == "first" else last) if (last - first) % 100 == 1 else None
    if era := re.fullmatch(r"(令和|平成|民[国國]|[rh])\s*(\d{1,3}|元)", text):
        return _ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return int(text)
    return 2000 + int(text) if re.fullmatch(r"\d\d", text) else None


def fiscal_month(cell: object, *, begins: int = 1) -> int | None:
    """The month of the fiscal year that `cell` names, 1 to 12; None if it names none.

    Names of months and dates are the calendar's and are counted from month `begins`; a bare number is
    the month of the fiscal year already.

    >>> fiscal_month("ENERO"), fiscal_month("Července"), fiscal_month("3月"), fiscal_month("April", begins=4)
    (1, 7, 3, 1)
    """
    if isinstance(cell, date):
        return (cell.month - begins) % 12 + 1
    text = unicodedata.normalize("NFKC", str(cell)).strip().casefold()
    if day := _day(text):
        return (day[1] - begins) % 12 + 1
    if found := re.fullmatch(rf"(?:(?:19|20)\d\d[-/年.])?{_PERIOD}\W?0?(\d|1[0-2])(?:\.0)?(月|월)?份?", text):
        month = int(found[1])
        return ((month - begins) % 12 + 1 if found[2] else month) if month else None
    named = _months().get(plain(text))
    return (named - begins) % 12 + 1 if named else None


def _year_of(year: int, month: int, begins: int, called: str) -> int:
    start = year if month >= begins else year - 1
    return start + (called == "last" and begins > 1)


def _day(text: str) -> tuple[int, int] | None:
    """Year and month of a date written in figures."""
    if found := re.match(r"((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月]\d{1,2}日?(?:[t ]|$)", text):
        year, month = int(found[1]), int(found[2])
    elif found := re.match(r"\d{1,2}[-/.](\d{1,2})[-/.]((?:19|20)\d\d)(?:[t ]|$)", text):
        year, month = int(found[2]), int(found[1])
    else:
        return None
    return (year, month) if 1 <= month <= 12 else None


@cache
def _months() -> dict[str, int]:
    """Number of each name of a month, whole or short, in every language where no two differ about it."""
    from babel.dates import get_month_names

    found: dict[str, set[int]] = {}
    for language in _LANGUAGES.split():
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    found.setdefault(plain(name), set()).add(number)
    extra = {"setiembre": 9, "sept": 9, "september": 9, "agt": 8, "okt": 10, "dic": 12, "set": 9, "ene": 1}
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1} | extra


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
    later = projects[projects["year"] > year]
    if last == 12 or ("executed" in later and (later["executed"].fillna(0) != 0).any()):
        return None
    months = progress[(progress["year"] == year) & (progress["month"] == last)]
    by_then = to_cents(months["executed"].to_numpy()).sum()
    there = own["district"].isin(months["district"]) & closed
    total = to_cents(own.loc[there, "executed"].to_numpy()).sum() if there.any() else by_then
    return (year, last) if np.isclose(total, by_then, rtol=CLOSE) else None


def is_whole(year: int, as_of: AsOf | None) -> bool:
    """Whether `year` lies wholly before the end of the data, or that end is not known."""
    return as_of is None or (year, 12) <= as_of
