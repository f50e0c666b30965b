"""Outlines of districts: GeoJSON geometries as text, read from GeoJSON or WKT, and looked at."""

import json
import re

import numpy as np

_BLOCK = 512  # segments looked at at once: an outline of thousands of points must not fill the memory

Place = tuple[float, float]
FAULTS = ("text", "kind", "ring", "degrees", "crossing", "hole")
TOLD = 60  # characters of an outline that a message repeats
_DECIMALS = 6  # of a degree: a tenth of a metre
_WKT = re.compile(r"\s*(?:SRID=\d+;)?\s*(MULTIPOLYGON|POLYGON)\s*(?:Z|M|ZM)?\s*(\(.*\))\s*", re.I | re.S)
_OTHER_WKT = re.compile(r"(?:(?!MULTIPOLYGON|POLYGON)[A-Z]+\s*Z?\s*\(|[A-Z]+\s+EMPTY$)", re.I)
_POINT = re.compile(r"[-+.\deE]+(?:\s+[-+.\deE]+)+")


class OutlineError(ValueError):
    """What keeps an outline from being drawn: one of FAULTS, and at which place, where one can be told."""

    def __init__(self, fault: str, place: str = ""):
        super().__init__(fault)
        self.place = place


def read_outline(cell: object) -> tuple[str, str]:
    """The outline in `cell` as the table holds it, and how it was mended ("" if not).

    `cell`: text or a dict with a Polygon or MultiPolygon as GeoJSON (a Feature will do), or WKT. The result is
    a GeoJSON geometry in one form: no blanks, two coordinates a point, six decimals, rings closed.
    Raises OutlineError with what is wrong.

    >>> read_outline("POLYGON ((1 2, 3 2, 3 4, 1 2))")
    ('{"type":"Polygon","coordinates":[[[1.0,2.0],[3.0,2.0],[3.0,4.0],[1.0,2.0]]]}', 'outline_wkt')
    """
    shape, mended = _parsed(cell)
    if shape.get("type") == "Feature":
        shape = shape.get("geometry")
    if not isinstance(shape, dict):
        raise OutlineError("kind")
    kind, places = shape.get("type"), shape.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise OutlineError("kind")
    polygons = [places] if kind == "Polygon" else places
    if not isinstance(polygons, list) or not all(isinstance(p, list) and p for p in polygons) or not polygons:
        raise OutlineError("ring")
    rings = [[_ring(r) for r in polygon] for polygon in polygons]
    is_open = any(not closed for polygon in rings for _, closed in polygon)
    closed = [[points for points, _ in polygon] for polygon in rings]
    for polygon in closed:
        if fault := fault_of_polygon([np.array(ring) for ring in polygon]):
            raise OutlineError(fault[0], "{:.6g}, {:.6g}".format(*fault[1]))
    return outline_text(closed), mended or ("outline_closed" if is_open else "")


def outline_text(polygons: list) -> str:
    """The text of an outline of `polygons`, each a list of closed rings of (longitude, latitude)."""
    kind, coordinates = ("Polygon", polygons[0]) if len(polygons) == 1 else ("MultiPolygon", polygons)
    shape = {"type": kind, "coordinates": coordinates}
    return json.dumps(shape, separators=(",", ":"))


def polygons_of(outline: str) -> list[list[np.ndarray]]:
    """The polygons of an outline as the table holds it: each a list of rings (points × 2), the outer one first."""
    shape = json.loads(outline)
    places = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return [[np.array(ring, dtype=float) for ring in polygon] for polygon in places]


def fault_of(cell: object) -> tuple[str, str]:
    """What keeps `cell` from being read as an outline: one of FAULTS ("" if nothing does), and the place."""
    try:
        read_outline(cell)
    except OutlineError as error:
        return str(error), error.place
    return "", ""


def _parsed(cell: object) -> tuple[dict, str]:
    if isinstance(cell, dict):
        return cell, ""
    text = str(cell).strip()
    if found := _WKT.fullmatch(text):
        return {"type": _KINDS[found[1].upper()], "coordinates": _wkt_places(found[2])}, "outline_wkt"
    if _OTHER_WKT.match(text):
        raise OutlineError("ring" if text.upper().endswith("POLYGON EMPTY") else "kind")
    try:
        shape = json.loads(text)
    except (ValueError, RecursionError):
        raise OutlineError("text") from None
    if not isinstance(shape, dict):
        raise OutlineError("kind")
    return shape, ""


_KINDS = {"POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon"}


def _wkt_places(text: str) -> list:
    """The nested lists of a WKT's brackets: "((1 2, 3 4))" as [[[1, 2], [3, 4]]]."""
    points = _POINT.sub(lambda m: "[" + ",".join(map(_plain_number, m[0].split())) + "]", text)
    try:
        return json.loads(points.replace("(", "[").replace(")", "]"))
    except ValueError:
        raise OutlineError("text") from None


def _plain_number(word: str) -> str:
    try:
        return repr(float(word))
    except ValueError:
        raise OutlineError("text") from None


def _ring(points: object) -> tuple[list[list[float]], bool]:
    """A ring's points, closed and rounded, and whether it was closed."""
    try:
        ring = np.array([list(point)[:2] for point in points], dtype=float)
    except (TypeError, ValueError):
        raise OutlineError("ring") from None
    if ring.ndim != 2 or ring.shape[1:] != (2,) or len(np.unique(ring, axis=0)) < 3:
        raise OutlineError("ring")
    if not (np.isfinite(ring).all() and (np.abs(ring) <= (180, 90)).all()):
        raise OutlineError("degrees")
    is_closed = bool((ring[0] == ring[-1]).all())
    closed = ring if is_closed else np.vstack([ring, ring[:1]])
    return (np.round(closed, _DECIMALS) + 0.0).tolist(), is_closed


def middle(outline: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of the box around an outline."""
    points = np.vstack([ring for polygon in polygons_of(outline) for ring in polygon])
    low, high = points.min(axis=0), points.max(axis=0)
    return float((low[0] + high[0]) / 2), float((low[1] + high[1]) / 2)


def crossing(one: np.ndarray, two: np.ndarray) -> Place | None:
    """Where a segment of ring `one` crosses a segment of ring `two` (points × 2, closed); touching is no crossing.

    >>> bow = np.array([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]], float)
    >>> crossing(bow, bow)
    (1.0, 1.0)
    """
    for start in range(0, len(one) - 1, _BLOCK):
        part = one[start : start + _BLOCK + 1]
        hit = _changes(_sides(part, two)) & _changes(_sides(two, part)).T
        if hit.any():
            first, second = np.argwhere(hit)[0]
            return _meeting(part[first : first + 2], two[second : second + 2])
    return None


def _sides(line: np.ndarray, points: np.ndarray) -> np.ndarray:
    """On which side of each segment of `line` each point lies: segments × points, positive on the left."""
    step = np.diff(line, axis=0)
    away = points[None] - line[:-1, None]
    return np.sign(step[:, None, 0] * away[..., 1] - step[:, None, 1] * away[..., 0])


def _changes(sides: np.ndarray) -> np.ndarray:
    """Which steps between points lead from one side to the other."""
    return sides[:, :-1] * sides[:, 1:] < 0


def _meeting(one: np.ndarray, two: np.ndarray) -> Place:
    first, second, gap = one[1] - one[0], two[1] - two[0], two[0] - one[0]
    share = (gap[0] * second[1] - gap[1] * second[0]) / (first[0] * second[1] - first[1] * second[0])
    x, y = one[0] + share * first
    return float(x), float(y)


def is_inside(point: np.ndarray, ring: np.ndarray) -> bool:
    """Whether a ray from the point to the east leaves the ring an odd number of times."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    passes = (y0 > point[1]) != (y1 > point[1])
    height = np.where(passes, y1 - y0, 1)
    return bool((passes & (point[0] < x0 + (point[1] - y0) * (x1 - x0) / height)).sum() % 2)


def fault_of_polygon(rings: list[np.ndarray]) -> tuple[str, Place] | None:
    """("crossing" or "hole", place) of the first fault of a polygon: the outer ring and its holes; None if sound."""
    for ring in rings:
        if (place := crossing(ring, ring)) is not None:
            return "crossing", place
    shell = rings[0]
    for hole in rings[1:]:
        place = crossing(hole, shell)
        if place is None and not any(is_inside(point, shell) for point in hole):
            place = float(hole[0, 0]), float(hole[0, 1])
        if place is not None:
            return "hole", place
    return None
