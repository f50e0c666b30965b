"""A year in course is declared, or seen from its months, and is never taken for a year."""

import pandas as pd
import pytest

from perflib.data.book import Book, load_book
from perflib.data.periods import is_whole, seen_as_of
from perflib.data.study import places_of


def tables(spent: float = 55.0, last: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    projects = pd.DataFrame(
        {"district": "A", "year": [2023, 2024], "project": "1", "executed": [101.0, spent]}
    )
    progress = pd.DataFrame(
        {"district": "A", "year": 2024, "month": [last - 1, last], "project": "1", "executed": [40.0, 55.0]}
    )
    return projects, progress


@pytest.mark.parametrize(
    ("spent", "last", "seen"),
    [
        (55.0, 7, (2024, 7)),
        (55.2, 7, (2024, 7)),  # within one in two hundred
        (98.0, 8, None),  # watched to August, and closed at the year's end
        (55.0, 12, None),
    ],
)
def test_the_months_tell_a_year_in_course(spent, last, seen):
    assert seen_as_of(*tables(spent, last)) == seen


def test_a_year_is_whole_from_its_twelfth_month_on():
    assert [is_whole(y, (2024, 7)) for y in (2023, 2024, 2025)] == [True, False, False]
    assert is_whole(2024, (2024, 12)) and is_whole(2024, None)


def test_the_year_in_course_travels_with_the_book(tmp_path):
    projects, progress = tables()
    projects.assign(name="x", adjusted_budget=120.0).to_parquet(tmp_path / "projects.parquet")
    progress.to_parquet(tmp_path / "progress.parquet")
    book = load_book(str(tmp_path))
    assert book.as_of == (2024, 7) and (book.years, book.whole_years) == ([2023, 2024], [2023])
    assert book.year == 2023 and load_book(str(tmp_path), year=2024).year == 2024
    assert [place.years for place in places_of("", book)] == [(2023,)]
    assert book.select("A", 2024).as_of == (2024, 7)


def test_where_no_year_is_over_the_year_in_course_is_taken():
    from perflib.data.book import resolve_year

    projects = tables()[0].query("year == 2024")
    assert resolve_year(Book({"projects": projects}, as_of=(2024, 7)), "A", 0) == 2024


@pytest.mark.parametrize(
    ("begins", "as_of", "day"),
    [
        (1, None, "2024-12-31"),
        (1, (2024, 2), "2024-02-29"),
        (4, None, "2025-03-31"),
        (4, (2024, 10), "2025-01-31"),
    ],
)
def test_the_last_day_is_that_of_the_months_there(begins, as_of, day):
    book = Book({"projects": tables()[0]}, district="A", year=2024, year_begins=begins, as_of=as_of)
    assert str(book.last_day) == day
