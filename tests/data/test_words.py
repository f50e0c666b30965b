"""Cells that are not numbers."""

import re
from datetime import date, datetime

import numpy as np
import pytest

from perflib.data.amounts import INVISIBLE
from perflib.data.contract import table
from perflib.data.words import as_series, normal, read_words

PROJECTS = table("projects")


def read(kind_column: str, *cells, of=PROJECTS):
    return read_words(np.array([*cells, None], dtype=object)[:-1], of[kind_column])


@pytest.mark.parametrize(
    "cell",
    [
        "2022",
        "2022年",
        "2022年度",
        "２０２２",
        " 2022 ",
        2022.0,
        2022,
        datetime(2022, 3, 1),
        "'2022",
        "FY2022",
        "2022-12-31",
    ],
)
def test_year_in_any_dress(cell):
    words = read("year", cell)
    assert words.values.tolist() == [2022] and not words.bad[0]
    assert bool(words.repairs) == (isinstance(cell, datetime) or (isinstance(cell, str) and cell != "2022"))


@pytest.mark.parametrize("cell", ["22", "二〇二二", "2022-2023", 20222, 2022.5, "今年"])
def test_what_is_no_year(cell):
    assert read("year", cell).bad[0]


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("3月", 3),
        ("03", 3),
        (3.0, 3),
        ("2022-03", 3),
        ("12月份", 12),
        ("'3", 3),
        ("三月", 3),
        ("十二月", 12),
        ("6月末", 6),
        ("June", 6),
        ("2023-06-30", 6),
        ("20230630", 6),
        ("2023年6月30日", 6),
    ],
)
def test_month(cell, month):
    assert read("month", cell, of=table("progress")).values.tolist() == [month]


@pytest.mark.parametrize(
    "cell",
    [
        "2023-05-06",
        "2023/5/6",
        "2023年5月6日",
        "20230506",
        "2023.5.6",
        45052.0,
        date(2023, 5, 6),
        "2023-05-06 00:00:00",
        "2023-05-06T00:00:00Z",
        "2023年5月6号",
        "'2023-05-06",
    ],
)
def test_date(cell):
    words = read("done_on", cell, of=table("evaluations"))
    assert words.values[0] == np.datetime64("2023-05-06")


@pytest.mark.parametrize("cell", ["2023-13-01", "五月", 12.0])
def test_what_is_no_date(cell):
    assert read("done_on", cell, of=table("evaluations")).bad[0]


@pytest.mark.parametrize(
    ("cell", "flag"),
    [("是", True), ("否", False), ("√", True), (1.0, True), ("No", False), (True, True), ("是 / Yes", True)],
)
def test_flag(cell, flag):
    assert read("is_new", cell).values.tolist() == [flag]


@pytest.mark.parametrize("cell", ["公开", "public", "Public", "公开 / Public", "公 开"])
def test_choice_by_any_of_its_words(cell):
    assert read("disclosure", cell).values.tolist() == ["public"]


def test_unknown_choice_is_bad():
    assert read("disclosure", "半公开").bad[0]


def test_code_keeps_zeros_and_loses_the_point():
    assert read("name", "'道路", "'十四五'规划").values.tolist() == ["道路", "'十四五'规划"]
    assert read("disclosure", "'公开").values.tolist() == ["public"]
    assert read("project", "P001①", "110101²", "①", "甲①").values.tolist() == ["P001", "110101", "1", "甲①"]
    assert read("project", "'0012", "`12").values.tolist() == ["0012", "12"]
    assert read("project", "0012", 12.0, "１２Ａ").values.tolist() == ["0012", "12", "12A"]


def test_code_of_more_than_fifteen_digits_as_number_is_bad():
    words = read("project", 110101200000000012345.0)
    assert words.bad[0]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("POBLACIÃ“N", "POBLACIÓN"), ("GERIÁ\x81TRICAS", "GERIÁTRICAS"), ("CORUÃ‘A", "CORUÑA")],
)
def test_double_encoded_text_is_restored(cell, meant):
    words = read("name", cell)
    assert words.values.tolist() == [meant] and words.repairs["double_encoded"] == (1, cell)


@pytest.mark.parametrize("cell", ["ESPAÑA", "São Paulo", "鄠邑区", "浉河区 A座", "Â"])
def test_sound_text_stays(cell):
    words = read("name", cell)
    assert words.values.tolist() == [cell] and not words.repairs


def test_spaces_are_trimmed_and_counted():
    words = read("name", "道路　", "道路", " a  b ")
    assert words.values.tolist() == ["道路", "道路", "a b"] and words.repairs["spaces"][0] == 2


def test_dtypes_follow_the_kind():
    made = {
        n: str(as_series(np.array([], dtype=object), PROJECTS[n]).dtype)
        for n in ("project", "is_new", "executed")
    }
    assert made == {"project": "str", "is_new": "boolean", "executed": "float64"}
    assert as_series(np.array([2022, None], dtype=object), PROJECTS["year"]).dtype == "Int64"
    assert as_series(np.array([2022, 2023], dtype=object), PROJECTS["year"]).dtype == "int64"


def test_normal_ignores_width_case_and_decoration():
    assert normal(" 项目 名称＊：") == "项目名称" and normal("ＡＢ c") == "abc"


@pytest.mark.parametrize(
    ("cell", "value"),
    [(date(1900, 1, 6), 6), (date(2023, 6, 1), 6), (6.0, 6), ("2023-6", 6), ("2023.06", 6), ("12月份", 12),
     ("2023.1", None), (2023.1, None), (date(1900, 1, 20), None), ("1-6月", None), ("202306", None)],
)  # fmt: skip
def test_month_however_its_cell_is_formatted(cell, value):
    words = read_words(np.array([cell], object), table("progress")["month"])
    assert words.bad[0] == (value is None) and words.values[0] == value


@pytest.mark.parametrize(
    ("cell", "value"), [(date(1905, 7, 14), 2022), (date(2022, 1, 1), 2022), ("2022年度", 2022), ("22", None)]
)
def test_year_however_its_cell_is_formatted(cell, value):
    words = read_words(np.array([cell], object), table("projects")["year"])
    assert words.bad[0] == (value is None) and words.values[0] == value


@pytest.mark.parametrize(
    "cell",
    [
        "2023.12",
        "2023-12",
        "2023/11",
        "202312",
        2023.12,
        "2023年12月",
        "2023.1.",
        "45291",
        date(1900, 1, 6),
        "2023-1-2-3",
        "31.12.2023",
    ],
)
def test_date_without_a_day_is_refused(cell):
    assert read_words(np.array([cell], object), table("findings")["due_on"]).bad[0]


@pytest.mark.parametrize(
    "cell",
    [
        "2023-12-31",
        "2023.12.31",
        "2023/12/31 10:30",
        "20231231",
        20231231,
        45291,
        "2023 年 12 月 31 日",
        "2023-12-31T00:00:00",
    ],
)
def test_ways_to_write_a_date(cell):
    words = read_words(np.array([cell], object), table("findings")["due_on"])
    assert words.values[0] == np.datetime64("2023-12-31")


def test_serial_of_the_other_date_system():
    words = read_words(np.array([43829.0], object), table("findings")["due_on"], epoch=date(1904, 1, 1))
    assert words.values[0] == np.datetime64("2023-12-31")


@pytest.mark.parametrize(
    "mark", ["\u200e", "\u200b", "\ufeff", "\u00ad", "\u2060", "\u180e", "\U000e0001", "\x07"]
)
def test_invisible_characters_are_no_part_of_a_code(mark):
    words = read_words(np.array([f"P1{mark}", "P2"], object), table("projects")["project"])
    assert words.values.tolist() == ["P1", "P2"] and words.repairs["invisible"][0] == 1


@pytest.mark.parametrize(
    "cell", ["1.10101E+17", "1,1E+17", "1E+05", "1.5e17", 1.1e17, date(2023, 3, 1), "#REF!"]
)
def test_code_that_a_spreadsheet_spoilt(cell):
    assert read_words(np.array([cell, "P2"], object), table("projects")["project"]).bad.tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("cell", "value"), [("110101.0", "110101"), ("1E5", "1E5"), ("3E10A", "3E10A"), ("1.0", "1.0")]
)
def test_code_that_only_looks_spoilt(cell, value):
    assert read_words(np.array([cell], object), table("projects")["project"]).values.tolist() == [value]


def test_every_format_character_of_unicode_is_invisible():
    import sys
    import unicodedata

    kept = [
        c
        for c in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(c) == "Cf" and not re.fullmatch(INVISIBLE, c)
    ]
    assert kept == []


@pytest.mark.parametrize(("cell", "value"), [("'0012", "0012"), ("—", None), ("无", None), ("3-1", "3-1")])
def test_code_with_the_mark_of_text_or_a_dash(cell, value):
    words = read_words(np.array([cell], object), table("projects")["project"])
    assert words.values.tolist() == [value] and not words.bad.any()


def test_dash_in_a_column_of_dates_is_blank():
    words = read_words(np.array(["—", "soon"], object), table("findings")["due_on"])
    assert words.values.tolist() == [None, None] and words.bad.tolist() == [False, True]
