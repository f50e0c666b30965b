"""The map of districts: true to shape, told by more than colour, named where names fit."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from perflib.data.outline import read_outline
from perflib.show import theme
from perflib.show.plots.chart import framed
from perflib.show.plots.places import NAMED, Shade, contains, extent, inner_points, map, outline_path
from tests.show.cut_off import cut_off

SHADES = {
    "below": Shade("below", theme.ORANGE, "////"),
    "alike": Shade("like the others", theme.PALE),
    "above": Shade("above", theme.BLUE, "...."),
}
WORDS = {"title": "t", "subtitle": "s", "source": "q", "lang": "en"}


def box(x: float, y: float, size: float = 1.0) -> str:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size]]
    return read_outline({"type": "Polygon", "coordinates": [ring]})[0]


def rows(n: int, *, lat: float = 0.0, name: str = "District {}") -> pd.DataFrame:
    """Squares in rows of ten (of a hundred where they are many), with the groups in turn."""
    across = 10 if n <= 100 else 100
    places = [(i % across, lat + i // across) for i in range(n)]
    return pd.DataFrame({"n": [name.format(i) for i in range(n)], "o": [box(*p) for p in places],
                         "g": [list(SHADES)[i % 3] for i in range(n)]})  # fmt: skip


def drawn(frame: pd.DataFrame, **options):
    ax = map(frame, y="n", outline="o", by="g", shades=SHADES, lang="en", **options)
    return framed(ax, **WORDS)


def names(chart) -> list[str]:
    return [t.get_text().replace("\n", " ") for t in chart.axes[0].texts if t.get_text()]


@pytest.mark.parametrize("n", [1, 2, 21, NAMED])
def test_every_district_is_named_once_and_nothing_is_cut_off(n):
    frame = rows(n, name="Distrito de San Nombre {}")
    chart = drawn(frame)
    assert sorted(names(chart)) == sorted(frame["n"])
    assert cut_off(chart) == []


@pytest.mark.parametrize("n", [2, 21, NAMED])
def test_no_name_lies_on_another(n):
    chart = drawn(rows(n))
    renderer = chart.figure.canvas.get_renderer()
    boxes = [t.get_window_extent(renderer) for t in chart.axes[0].texts if t.get_text()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_thousands_are_drawn_without_names_and_counted_in_words():
    chart = drawn(rows(2843))
    assert names(chart) == []
    assert "2,843 districts" in chart.alt_text and "below: 948." in chart.alt_text


def test_the_alternative_text_names_the_districts_of_each_group():
    assert drawn(rows(4)).alt_text == (
        "Map: t. 4 districts. below: District 0, District 3. like the others: District 1. above: District 2."
    )


def test_groups_differ_by_more_than_colour_and_absent_ones_have_no_key():
    chart = drawn(rows(2))
    told = [t.get_text() for t in chart.axes[0].get_legend().get_texts()]
    assert told == ["below", "like the others"]
    parts = [c for c in chart.axes[0].collections if isinstance(c, PathCollection) and len(c.get_facecolor())]
    hatches = [c.get_hatch() for c in parts]
    assert len(set(hatches)) == len(hatches) == 2


@pytest.mark.parametrize("lat", [0.0, 40.0, 60.0])
def test_a_degree_of_longitude_is_as_short_as_at_the_districts_latitude(lat):
    chart = drawn(rows(2, lat=lat))
    to_pixels = chart.axes[0].transData.transform
    origin, east, north = to_pixels([(0, lat), (1, lat), (0, lat + 1)])
    assert (east - origin)[0] / (north - origin)[1] == pytest.approx(np.cos(np.radians(lat + 0.5)))


def test_a_district_without_an_outline_is_not_drawn():
    frame = rows(3)
    frame.loc[1, "o"] = None
    assert sorted(names(drawn(frame))) == ["District 0", "District 2"]


def test_the_district_of_the_reader_has_a_thick_border():
    def thick(chart) -> int:
        held = [c for c in chart.axes[0].collections if isinstance(c, PathCollection)]
        return sum(len(c.get_paths()) for c in held if c.get_linewidth().max() > 2)

    assert thick(drawn(rows(3), mark="District 1")) == 1 and thick(drawn(rows(3))) == 0


def test_a_hole_stays_empty_whichever_way_its_points_go_round():
    outer, hole = [[0, 0], [9, 0], [9, 9], [0, 9]], [[3, 3], [6, 3], [6, 6], [3, 6]]
    for rings in ([outer, hole], [outer[::-1], hole], [outer, hole[::-1]]):
        path = outline_path(read_outline({"type": "Polygon", "coordinates": rings})[0])
        assert contains(path, np.array([(1, 1), (4.5, 4.5)])).tolist() == [True, False]
        assert _turns(path) == [1, -1]  # what is drawn is empty where rings turn against each other
        assert not ((inner_points(path) > 3) & (inner_points(path) < 6)).all(axis=1).any()


def _turns(path) -> list[int]:
    rings = path.to_polygons()
    return [int(np.sign(np.dot(r[:-1, 0], r[1:, 1]) - np.dot(r[1:, 0], r[:-1, 1]))) for r in rings]


def test_the_same_rows_give_the_same_bytes():
    first, second = (drawn(rows(21)) for _ in range(2))
    assert first.png() == second.png() == first.png() and first.svg() == second.svg()


def test_a_span_of_nothing_is_no_division_by_zero():
    assert (extent([outline_path(box(0, 0, 1e-6))]) > 0).all()
