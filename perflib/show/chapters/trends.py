"""The chapter on change over the years: what moved since a base year, and whether a reform did it."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.choice import parse_years
from perflib.data.errors import DataError
from perflib.data.rules import load_rules
from perflib.infer.district_trend import changes_to, rate_series
from perflib.measure.calendar import judged_year
from perflib.measure.decisions import decisions
from perflib.measure.rates import project_rates
from perflib.measure.reform import definition_breaks
from perflib.measure.tally import collect
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import CLUSTER, choose_districts, decided_with
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.trends_points import add_points
from perflib.show.chapters.trends_reform import add_reform
from perflib.show.chapters.trends_series import add_change, add_series

NAME = "85_trends_and_reform"


def trends_chapter(
    book: Book,
    *,
    base: str,
    rules: str,
    lang: str,
    base_year: int = 0,
    reform: str = "",
    districts: str = "",
    years: str = "",
) -> Chapter | MissingChapter:
    """Facts, tables and figures on the rates of the book's districts over the years.

    `districts` (codes or names with commas) and `years` ("2019..2023") narrow what is looked at; "": all.
    `base_year` is the year from which change is counted (0: the first there is); `reform` the title of the
    reform that is studied ("": the one that most districts started). Raises DataError for a base year
    without data, or one that is not before the last.
    """
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang)
    if not chapter.is_missing:
        book = book.only(choose_districts(book, districts) if districts else (), parse_years(years))
        year = judged_year(load_rules(rules), "execution", book.year)
        _fill(chapter, book, base, book.year if year is None else year, base_year, reform)
    return chapter


def _fill(chapter: Chapter, book: Book, base: str, year: int, base_year: int, reform: str) -> None:
    items = book.tables["work_items"] if book.has("work_items") else None
    breaks = definition_breaks(items)
    rates = compared_rates(book, base=base, until=year)
    series = rate_series(rates, cluster=CLUSTER, breaks=breaks)
    series["district_label"] = series["district"].map(lambda d: book.district_name(d, chapter.lang))
    years = sorted(int(y) for y in series["year"].unique())
    start = _base_year(base_year, years)
    add_series(chapter, series, breaks, rates=len(rates))
    rows = decisions(rates, by=["district", "year"], together=CLUSTER)
    changes = (
        changes_to(series, base_year=start, year=years[-1], rows=rows) if len(years) > 1 else pd.DataFrame()
    )
    add_change(chapter, series, changes, base_year=start)
    add_points(chapter, book, years=years)
    add_reform(chapter, series, items, wanted=reform)
    chapter.key_facts("all_before", "all_after", "own_change", "reform_effect")


def compared_rates(book: Book, *, base: str, until: int) -> pd.DataFrame:
    """One row per project of the districts that chapter 80 compares, up to the year `until`, with rate and `_cluster`.

    `_cluster` is what is taken as decided as one: the policy or programme, or the project itself.
    """
    projects = collect(book.frame("projects"))
    kept = projects["district"].isin(choose_districts(book)) & (projects["year"] <= until)
    rates = project_rates(projects[kept], base=base)
    return rates.assign(**{CLUSTER: decided_with(rates)})


def _base_year(wanted: int, years: list[int]) -> int:
    if not wanted:
        return years[0] if years else 0
    if wanted not in years[:-1]:
        raise DataError(
            "compare.no_base_year", year=wanted, years=", ".join(map(str, years[:-1])) or str(years[:1])
        )
    return wanted
