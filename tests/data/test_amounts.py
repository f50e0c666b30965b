"""Numbers as people type them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.amounts import is_blank, read_numbers, to_cents


def one(cell, **options):
    numbers = read_numbers(np.array([cell], dtype=object), **options)
    return None if numbers.bad[0] else numbers.values[0]


@pytest.mark.parametrize(
    ("cell", "value", "repair"),
    [
        ("１２３．５", 123.5, "full_width"),
        ("1,200", 1200, "thousands"),
        ("1，200，300.25", 1200300.25, "full_width"),
        ("(1,200)", -1200, "brackets"),
        ("（３）", -3, "brackets"),
        ("△50", -50, "brackets"),
        ("95.3%", 0.953, "percent"),
        ("¥1,200.00", 1200, "currency"),
        ("1,200.00 CNY", 1200, "currency"),
        ("1 200,00", 1200, "thousands"),
        ("12.5万元", 12.5, "currency"),
        (" 12 ", 12, "spaces"),
        ("12", 12, "number_as_text"),
        ("1.234,56", 1234.56, "decimal_comma"),
        ("1234,5", 1234.5, "decimal_comma"),
        ("−7", -7, None),
        ("1.2E+05", 120000, "number_as_text"),
    ],
)
def test_one_way_of_writing(cell, value, repair):
    numbers = read_numbers(np.array([cell], dtype=object))
    assert not numbers.bad[0]
    assert numbers.values[0] == pytest.approx(value, abs=1e-12)
    assert repair is None or numbers.repairs[repair] == (1, cell)


@pytest.mark.parametrize("cell", ["—", "-", "——", "/", "无", "N/A", "－", "不适用"])
def test_dash_is_blank_and_counted(cell):
    numbers = read_numbers(np.array([cell], dtype=object))
    assert np.isnan(numbers.values[0]) and not numbers.bad[0]
    assert numbers.repairs["dash"] == (1, cell)


@pytest.mark.parametrize("cell", ["约100", "1,2,3", "12.3.4", "abc", "1 2 x", True])
def test_what_is_no_number_is_bad(cell):
    assert one(cell) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [("17.300,74", 17300.74), ("0,00", 0), ("15465,01", 15465.01), ("12.345", 12345), ("12000", 12000),
     ("-90200,00", -90200), ("1234.5", 1234.5), ("1.234.567,89", 1234567.89)],
)  # fmt: skip
def test_decimal_comma(cell, value):
    assert one(cell, decimal=",", is_typed=False) == pytest.approx(value, abs=1e-9)


def test_text_number_is_no_repair_where_all_is_text():
    assert read_numbers(np.array(["12", "3.5"], dtype=object), is_typed=False).repairs == {}


def test_repairs_count_every_cell_not_every_spelling():
    numbers = read_numbers(np.array(["1,000", "1,000", "2,000", 5.0, ""], dtype=object))
    assert numbers.repairs == {"thousands": (3, "1,000")}


def test_unit_in_the_cell_is_told_apart_from_the_value():
    numbers = read_numbers(np.array(["3万元", 2.0], dtype=object))
    assert numbers.values.tolist() == [3, 2]
    assert numbers.scale[0] == 10_000 and np.isnan(numbers.scale[1])


@settings(deadline=None)
@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=30))
def test_any_amount_comes_back_however_it_is_written(cents):
    amounts = [c / 100 for c in cents]
    for form in ("{:.2f}", "{:,.2f}"):
        cells = np.array([form.format(a) for a in amounts], dtype=object)
        assert to_cents(read_numbers(cells).values).tolist() == cents
    cells = np.array([f"{a:,.2f}".translate(str.maketrans(",.", ".,")) for a in amounts], dtype=object)
    assert to_cents(read_numbers(cells, decimal=",").values).tolist() == cents


def test_input_is_unchanged_and_blanks_are_found():
    cells = np.array(["１", None, "", float("nan"), 0.0], dtype=object)
    before = cells.copy()
    read_numbers(cells)
    assert cells[0] == before[0]
    assert is_blank(cells).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("101000①", 101000), ("202000²", 202000), ("300000¹", 300000), ("5*", 5), ("7[1]", 7), ("8（注）", None), ("①5", None),
     ("3½", None), ("60000\n40000", None), ("600 400", None), ("1 234 567", 1234567), ("1\u00a0234,5", 1234.5),
     ("1'234'567.50", 1234567.5), ("'12", 12), ("12,3456", None), ("1,23,456", None), ("1e400", None),
     ("110101202300000012", None), ("12\u200b3", 123), ("+5", 5), ("1,234 元", 1234),
     ("90, 000.25", 90000.25), ("90, 000", None), ("90,\n000.25", None), ("９０００。２５", 9000.25), ("负5,000", -5000),
     ("`12", 12)],
)  # fmt: skip
def test_odd_numbers_are_right_or_refused(cell, value):
    assert one(cell) == value


@pytest.mark.parametrize("value", [float("inf"), 1e18, -1e16])
def test_numbers_beyond_all_sense_are_bad(value):
    assert one(value) is None


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.000.000", "101.000"], [1_000_000, 101_000]),
        (["1.234,56", "1.234", "12"], [1234.56, 1234, 12]),
        (["1,234.50", "2,000"], [1234.5, 2000]),
        (["12,5", "1.250,75", "100"], [12.5, 1250.75, 100]),
        (["0.125", "1.250"], [0.125, 1.25]),
    ],
)
def test_decimal_mark_of_a_column(cells, values):
    assert read_numbers(np.array(cells, object)).values.tolist() == values


def test_number_in_the_other_style_is_bad():
    assert read_numbers(np.array(["1,234.50", "2,345.50", "3.456,50"], object)).bad.tolist() == [
        False,
        False,
        True,
    ]


def test_decimals_that_may_be_thousands_are_unsure():
    assert read_numbers(np.array(["101.000", "5"], object)).is_unsure.tolist() == [True, False]
    assert not read_numbers(np.array(["101.000", "5.2500"], object)).is_unsure.any()


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("90,000.00-", -90000.0), ("(¥90,000.00)", -90000.0), ("-¥90,000.00", -90000.0), ("¥-90,000.00", -90000.0),
        ("١٠٠٬٠٠٠٫٥", 100000.5), ("۱۲۳", 123.0),
    ],
)  # fmt: skip
def test_signs_and_digits_as_other_systems_print_them(cell, value):
    assert read_numbers(np.array([cell], dtype=object)).values.tolist() == [value]


@pytest.mark.parametrize("cell", ["100-", "-(100)", "1-2", "(100", "100.00--"])
def test_a_minus_that_may_be_a_slip_is_no_number(cell):
    assert read_numbers(np.array([cell], dtype=object)).bad.tolist() == [True]
