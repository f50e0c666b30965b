"""Outlines of districts: every accepted way to write one gives the same text; what can't be drawn is refused."""

import json
import re

import numpy as np
import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.outline import OutlineError, polygons_of, read_outline
from tests.data.conftest import HEAD, ROW

SQUARE = [[120.0, 30.0], [121.0, 30.0], [121.0, 31.0], [120.0, 31.0], [120.0, 30.0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
TEXT = '{"type":"Polygon","coordinates":[[[120.0,30.0],[121.0,30.0],[121.0,31.0],[120.0,31.0],[120.0,30.0]]]}'
HOLE = [[120.2, 30.2], [120.4, 30.2], [120.4, 30.4], [120.2, 30.2]]


@pytest.mark.parametrize(("cell", "mended"), [
    (json.dumps(POLYGON), ""),
    (TEXT, ""),
    (json.dumps({"type": "Feature", "properties": {}, "geometry": POLYGON}), ""),
    (json.dumps({"type": "MultiPolygon", "coordinates": [[SQUARE]]}), ""),
    (json.dumps({"type": "Polygon", "coordinates": [[[*p, 12.5] for p in SQUARE]]}), ""),
    (json.dumps({"type": "Polygon", "coordinates": [SQUARE[:-1]]}), "outline_closed"),
    ("POLYGON ((120 30, 121 30, 121 31, 120 31, 120 30))", "outline_wkt"),
    ("SRID=4326;multipolygon(((120 30,121 30,121 31,120 31,120 30)))", "outline_wkt"),
    (" Polygon Z ((120 30 5, 121 30 5, 121 31 5, 120 31 5, 120 30 5)) ", "outline_wkt"),
])  # fmt: skip
def test_every_way_to_write_an_outline_gives_the_same_text(cell, mended):
    assert read_outline(cell) == (TEXT, mended)
    assert read_outline(TEXT) == (TEXT, "")


@pytest.mark.parametrize(("cell", "fault"), [
    (json.dumps(POLYGON)[:-20], "text"),
    ("somewhere in the east", "text"),
    ("POLYGON ((120 30, 121 30, 121 31", "text"),
    ("POLYGON ((120 30, a b, 121 31, 120 30))", "text"),
    (json.dumps({"type": "Point", "coordinates": [120, 30]}), "kind"),
    (json.dumps({"type": "FeatureCollection", "features": []}), "kind"),
    (json.dumps({"type": "Feature", "geometry": None}), "kind"),
    ("[1, 2]", "kind"),
    ("LINESTRING (120 30, 121 31)", "kind"),
    ("POINT EMPTY", "kind"),
    ("POLYGON EMPTY", "ring"),
    (json.dumps({"type": "Polygon", "coordinates": []}), "ring"),
    (json.dumps({"type": "Polygon"}), "ring"),
    (json.dumps({"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [120, 30]]]}), "ring"),
    (json.dumps({"type": "Polygon", "coordinates": [[[120, 30], [121], [120, 31]]]}), "ring"),
    (json.dumps({"type": "Polygon", "coordinates": [[["a", 30], ["b", 30], ["c", 31]]]}), "ring"),
    (json.dumps({"type": "Polygon", "coordinates": [SQUARE, []]}), "ring"),
    (json.dumps({"type": "MultiPolygon", "coordinates": [SQUARE]}), "ring"),
    (json.dumps({"type": "Polygon", "coordinates": [[[y, x] for x, y in SQUARE]]}), "degrees"),
    (json.dumps({"type": "Polygon", "coordinates": [[[x * 1e5, y * 1e5] for x, y in SQUARE]]}), "degrees"),
    ('{"type":"Polygon","coordinates":[[[NaN,1],[2,3],[3,1],[2,2]]]}', "degrees"),
    ("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "crossing"),
    ("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (5 5, 6 5, 6 6, 5 5))", "hole"),
    ("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (3 1, 5 1, 5 2, 3 1))", "hole"),
])  # fmt: skip
def test_what_cannot_be_drawn_says_what_is_wrong(cell, fault):
    with pytest.raises(OutlineError, match=f"^{fault}$"):
        read_outline(cell)


def test_holes_and_islands_are_kept():
    text, _ = read_outline({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [SQUARE]]})
    first, second = polygons_of(text)
    assert [len(ring) for ring in first] == [5, 4] and len(second) == 1
    np.testing.assert_array_equal(first[1], HOLE)


DISTRICTS = ["区划代码", "中文名称", "边界"]


def book_of(workbook, *outlines: str):
    rows = [[f"42010{i}", f"第{i}区", text] for i, text in enumerate(outlines, 6)]
    return workbook({"项目": [HEAD, ROW], "区县": [DISTRICTS, *rows]})


def test_a_sheet_s_outlines_are_read_and_what_was_mended_is_counted(workbook):
    wkt = "POLYGON ((120 30, 121 30, 121 31, 120 31, 120 30))"
    book = load_book(book_of(workbook, wkt, "", TEXT))
    assert book.table("districts")["outline"].fillna("").tolist() == [TEXT, "", TEXT]
    assert book.repairs[["column", "kind", "count"]].to_numpy().tolist() == [["outline", "outline_wkt", 1]]


@pytest.mark.parametrize(("cell", "words"), [
    (TEXT[:-9], "32,767"),
    ("POINT (120 30)", "not a point or a line"),
    ("POLYGON EMPTY", "fewer than three"),
    ("POLYGON ((30 120, 30 121, 31 121, 30 120))", "longitude first"),
])  # fmt: skip
def test_a_bad_outline_is_told_with_its_place(workbook, cell, words):
    with pytest.raises(DataError) as error:
        load_book(book_of(workbook, TEXT, cell))
    told = error.value.sentence("en")
    assert words in told and "C3" in told and cell[:40] in told and len(told) < 500
    assert "C3" in error.value.sentence("zh")


def square(x: float, y: float) -> str:
    return read_outline(f"POLYGON (({x} {y}, {x + 1} {y}, {x + 1} {y + 1}, {x} {y}))")[0]


def test_an_outline_with_its_coordinates_exchanged_is_found_beside_the_others(workbook):
    madrid = [square(-3.7, 40 + i) for i in range(3)]
    load_book(book_of(workbook, *madrid))
    with pytest.raises(DataError) as error:
        load_book(book_of(workbook, *madrid, square(40, -3.7)))
    told = error.value.sentence("en")
    assert "Put longitude first" in told and "C5" in told and "-3.20, 40.50" in told


def test_districts_that_lie_far_apart_are_no_mistake(workbook):
    book = load_book(book_of(workbook, square(120, 30), square(121, 31), square(119, 30), square(80, 45)))
    assert book.table("districts")["outline"].notna().sum() == 4


@pytest.mark.parametrize("cell", [
    "POLYGON ((0 0, 2 2, 4 0, 4 4, 2 2, 0 4, 0 0))",  # touches itself in a point
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (0 0, 1 1, 0 1, 0 0))",  # a hole that shares a corner and an edge
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((1 0, 2 0, 1 1, 1 0)))",  # neighbours
])  # fmt: skip
def test_touching_is_no_crossing(cell):
    found, _ = read_outline(cell)
    assert len(re.findall(r"\[\[\d", found)) == len(re.findall(r"\(\d", cell))  # every ring is there


def test_the_place_of_a_crossing_is_told(workbook):
    head = ["区划代码", "中文名称", "边界"]
    rows = [["420106", "武昌", "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"]]
    with pytest.raises(DataError, match="crosses itself at 1, 1"):
        load_book(workbook({"项目": [HEAD, ROW], "区县": [head, *rows]}))
