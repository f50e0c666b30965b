"""Years, months and units as files of many places write them."""

from datetime import datetime

import pytest

from perflib.data.patterns import captured
from perflib.data.periods import fiscal_month, fiscal_year
from perflib.data.units import scale_of


@pytest.mark.parametrize(
    ("cell", "year"),
    [(2022.0, 2022), ("FY 2022", 2022), ("FY22", 2022), ("2021/22", 2021), ("2021/2022", 2021), ("2021/24", None),
     ("令和5年度", 2018 + 5), ("平成30年度", 1988 + 30), ("2022年", 2022), ("soon", None), ("13", 2013)],
)  # fmt: skip
def test_years(cell, year):
    assert fiscal_year(cell) == year


@pytest.mark.parametrize(
    ("day", "first", "last"), [("2022-03-31", 2021, 2022), (datetime(2022, 4, 1), 2022, 2023)]
)
def test_a_day_lies_in_the_fiscal_year_that_began_before_it(day, first, last):
    assert fiscal_year(day, begins=4) == first and fiscal_year(day, begins=4, called="last") == last


@pytest.mark.parametrize(
    ("cell", "month"), [("3", 3), ("M07", 7), ("ENERO", 1), ("květen", 5), ("Agustus", 8), ("październik", 10), ("12月", 12), ("13", None), ("Total", None)]
)  # fmt: skip
def test_months(cell, month):
    assert fiscal_month(cell) == month


def test_names_of_months_count_from_the_first_of_the_fiscal_year_numbers_do_not():
    assert [fiscal_month(m, begins=7) for m in ("July", "June", "3")] == [1, 12, 3]


@pytest.mark.parametrize(
    ("text", "scale"),
    [("cents", 0.01), ("PLN", 1), ("tis. Kč", 1e3), ("万元", 1e4), ("KSh million", 1e6), ("百万円", 1e6), ("億円", 1e8),
     ("miliar rupiah", 1e9), ("兆円", 1e12), ("1000", 1e3), ("apples", None), ("", None), ("%", None)],
)  # fmt: skip
def test_units(text, scale):
    assert scale_of(text) == scale


@pytest.mark.parametrize(
    ("path", "pattern", "told"),
    [
        ("2023/b.csv", "{year}/b.csv", {"year": "2023"}),
        ("FY22.csv", "FY{year}.csv", {"year": "22"}),
        ("2021-22/b.csv", "{year}/b.csv", {"year": "2021-22"}),
        ("2023-06.csv", "{year}-{month}.csv", {"year": "2023", "month": "06"}),
        ("a/b/2023.csv", "**/{year}.csv", {"year": "2023"}),
        ("spending.csv", "{year}.csv", None),
    ],
)
def test_names_of_files(path, pattern, told):
    assert captured(path, pattern) == told
