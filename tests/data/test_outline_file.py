"""A file districts.geojson in a data folder: its outlines reach the table of districts, and nothing is lost silently."""

import json
import shutil

import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.outline import polygons_of, read_outline
from perflib.data.problems import sentence
from tests.data.conftest import HEAD, ROW


def shape(x: float = 120.0, y: float = 30.0) -> dict:
    ring = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(code: object, geometry: dict | None, **more) -> dict:
    return {"type": "Feature", "properties": {"district": code, **more}, "geometry": geometry}


@pytest.fixture
def folder(tmp_path, workbook):
    """Writes a folder with a workbook and the features given; rows of the sheet of districts, if any."""

    def write(*features: dict, districts: tuple = (), content: str | None = None) -> str:
        own = tmp_path / "data"
        own.mkdir(exist_ok=True)
        sheets = {"项目": [HEAD, ROW, ["420107", 2022, "B1", "校舍", "一中", 10.0, 9.0]]}
        if districts:
            sheets["区县"] = [["区划代码", "中文名称", "边界"], *districts]
        shutil.move(workbook(sheets), own / "book.xlsx")
        text = json.dumps({"type": "FeatureCollection", "features": list(features)})
        (own / "districts.geojson").write_text(text if content is None else content, "utf-8")
        return str(own)

    return write


def outlines(book) -> dict[str, str]:
    rows = book.table("districts").dropna(subset=["outline"])
    return dict(zip(rows["district"], rows["outline"], strict=True))


BOTH = (["420106", "甲区", ""], ["420107", "乙区", ""])


def test_the_file_fills_the_table_of_districts(folder):
    book = load_book(folder(feature("420106", shape()), feature(420107, shape(121)), districts=BOTH))
    assert outlines(book) == {
        "420106": read_outline(shape())[0],
        "420107": read_outline(shape(121))[0],
    }
    assert book.district_name("420106", "zh") == "甲区" and not len(book.warnings)
    row = book.reconciliation.set_index("file").loc["districts.geojson"]
    assert (row["rows_read"], row["rows_kept"], row["rows_merged"], row["rows_set_aside"]) == (2, 0, 2, 0)
    assert "districts.geojson" in book.inputs["file"].tolist()


def test_a_filled_cell_goes_before_the_file(folder):
    own = read_outline(shape(119))[0]
    rows = (["420106", "甲区", own], BOTH[1])
    book = load_book(folder(feature("420106", shape()), feature("420107", shape(121)), districts=rows))
    assert outlines(book)["420106"] == own and len(outlines(book)) == 2


def test_without_a_table_of_districts_the_file_makes_one(folder):
    book = load_book(folder(feature("420106", shape()), feature("420107", None)))
    assert list(outlines(book)) == ["420106"]
    assert book.table("districts")["district"].tolist() == ["420106", "420107"]


def test_the_parts_of_one_district_are_one_outline(folder):
    book = load_book(folder(feature("420106", shape()), feature("420106", shape(122)), districts=BOTH))
    assert len(polygons_of(outlines(book)["420106"])) == 2


def test_a_property_may_be_named_like_the_column(folder):
    named = {"type": "Feature", "properties": {"区划代码": "420106"}, "geometry": shape()}
    assert list(outlines(load_book(folder(named, districts=BOTH)))) == ["420106"]


def test_an_outline_of_no_district_is_told(folder):
    book = load_book(folder(feature("420106", shape()), feature("999999", shape()), districts=BOTH))
    told = [sentence(row, "en") for row in book.warnings.to_dict("records")]
    assert len(told) == 1 and "999999" in told[0] and "not used" in told[0] and "row 2" in told[0]


def test_a_feature_without_a_code_is_told_with_the_properties_it_has(folder):
    bare = {"type": "Feature", "properties": {"distri_name": "Centro"}, "geometry": shape()}
    with pytest.raises(DataError) as error:
        load_book(folder(feature("420106", shape()), bare, districts=BOTH))
    told = error.value.sentence("en")
    assert "row 2" in told and "distri_name" in told and "Add the property district" in told


def test_a_shape_that_cannot_be_drawn_names_its_feature(folder):
    point = {"type": "Point", "coordinates": [120, 30]}
    parts = (feature("420106", shape()), feature("420107", point), feature("420107", shape()))
    with pytest.raises(DataError) as error:
        load_book(folder(*parts, districts=BOTH))
    told = error.value.sentence("en")
    assert "districts.geojson" in told and "row 2" in told and "not a point or a line" in told


@pytest.mark.parametrize(
    "content",
    [
        '{"type": "FeatureColl',
        '{"type":"Topology"}',
        "[]",
        '{"features":[1]}',
        '{"features":[{"geometry":"x"}]}',
    ],
)
def test_a_file_that_is_no_collection_says_so(folder, content):
    with pytest.raises(DataError) as error:
        load_book(folder(content=content, districts=BOTH))
    assert "FeatureCollection" in error.value.sentence("en") and "FeatureCollection" in error.value.sentence(
        "zh"
    )


def test_a_geojson_of_another_name_is_not_passed_over_silently(folder):
    from pathlib import Path

    place = Path(folder(feature("420106", shape()), districts=BOTH))
    (place / "districts.geojson").rename(place / "shapes.geojson")
    book = load_book(str(place))
    assert [sentence(row, "en") for row in book.warnings.to_dict("records")] == [
        "`shapes.geojson`: a file of outlines is named districts.geojson; this one was not read."
    ]
    assert "outline" not in book.table("districts") or not outlines(book)
