"""Cells that are not numbers."""

from datetime import date, datetime

import numpy as np
import pytest

from perflib.data.contract import table
from perflib.data.words import as_series, normal, read_words

PROJECTS = table("projects")


def read(kind_column: str, *cells, of=PROJECTS):
    return read_words(np.array([*cells, None], dtype=object)[:-1], of[kind_column])


@pytest.mark.parametrize(
    "cell", ["2022", "2022年", "2022年度", "２０２２", " 2022 ", 2022.0, 2022, datetime(2022, 3, 1)]
)
def test_year_in_any_dress(cell):
    words = read("year", cell)
    assert words.values.tolist() == [2022] and not words.bad[0]
    assert bool(words.repairs) == (isinstance(cell, datetime) or (isinstance(cell, str) and cell != "2022"))


@pytest.mark.parametrize("cell", ["22", "二〇二二", "2022-2023", 20222, 2022.5, "今年"])
def test_what_is_no_year(cell):
    assert read("year", cell).bad[0]


@pytest.mark.parametrize(("cell", "month"), [("3月", 3), ("03", 3), (3.0, 3), ("2022-03", 3), ("12月份", 12)])
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
