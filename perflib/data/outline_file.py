"""The outlines of districts that lie in a data folder as one GeoJSON file, `districts.geojson`."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import is_blank
from perflib.data.columns import own_piece
from perflib.data.contract import Column, table
from perflib.data.errors import DataError
from perflib.data.files import Grid
from perflib.data.load import Source
from perflib.data.piece import Piece
from perflib.data.whole import sha256
from perflib.data.words import normal

FILE = "districts.geojson"
PROPERTIES = ("district", "code")  # besides the column's own labels


def add_outlines(source: Source, folder: Path) -> Source:
    """`source` with the outlines of `folder`/districts.geojson in its table of districts, if there is such a file.

    A cell of the table that has an outline keeps it. Without a table of districts, the file makes one.
    """
    others = [p.name for p in sorted(folder.glob("*.geojson")) if p.name != FILE]
    source.notes += [problems.report("unknown_geojson", "warning", "", file=name) for name in others]
    path = folder / FILE
    if not path.is_file():
        return source
    piece = _read(path)
    there = [p for p in source.pieces if p.table.name == "districts"]
    if there:
        _fill(piece, there)
    source.pieces.append(piece)
    return source


def _read(path: Path) -> Piece:
    content = path.read_bytes()
    declared, name = table("districts"), path.name
    features = _features(content, name)
    grid = Grid(name, "", np.empty((0, 0), object), sha256(content), path=path)
    codes = [_code(f.get("properties") or {}, declared["district"]) for f in features]
    shapes: dict[str, list[dict]] = {}
    first: dict[str, int] = {}
    for number, (code, feature) in enumerate(zip(codes, features, strict=True), 1):
        if code:
            shapes.setdefault(code, []).append(feature.get("geometry") or {})
            first.setdefault(code, number)
    joined = (_joined(parts) for parts in shapes.values())
    texts = [json.dumps(shape, separators=(",", ":")) if shape else "" for shape in joined]
    cells = {"district": np.array(list(shapes), object), "outline": np.array(texts, object)}
    rows = np.array(list(first.values()), int)
    piece = own_piece(declared, grid, cells, rows)
    piece.rows_read = len(features)
    piece.rows_merged = len(features) - len(rows)
    bare = [n for n, code in enumerate(codes, 1) if not code]
    if bare:
        seen = [", ".join(map(str, features[n - 1].get("properties") or {}))[:200] or "—" for n in bare]
        piece.report("outline_no_code", "error", "district", count=len(bare), row=bare, found=seen)
    return piece


def _features(content: bytes, name: str) -> list[dict]:
    try:
        held = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise DataError("reading.broken_geojson", file=name) from None
    features = held.get("features") if isinstance(held, dict) else None
    if not isinstance(features, list) or not all(map(_is_feature, features)):
        raise DataError("reading.broken_geojson", file=name)
    if not features:
        raise DataError("reading.empty_file", file=name)
    return features


def _is_feature(held: object) -> bool:
    parts = [held.get("properties"), held.get("geometry")] if isinstance(held, dict) else [""]
    return all(part is None or isinstance(part, dict) for part in parts)


def _code(properties: dict, column: Column) -> str:
    """The code of a district among the properties of a feature, under the names that a header may have."""
    known = {normal(w) for w in (*PROPERTIES, column.zh, column.en, *column.also)}
    value = next((v for k, v in properties.items() if normal(k) in known and v not in (None, "")), "")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _joined(shapes: list[dict]) -> dict:
    """The shapes of one district as one; the first that is no polygon by itself, for the reader to refuse."""
    told = [s for s in shapes if s]
    if len(told) < 2:
        return told[0] if told else {}
    parts: list = []
    for shape in told:
        if shape.get("type") not in ("Polygon", "MultiPolygon"):
            return shape
        places = shape.get("coordinates") or []
        parts += [places] if shape["type"] == "Polygon" else places
    return {"type": "MultiPolygon", "coordinates": parts}


def _fill(outlines: Piece, tables: list[Piece]) -> None:
    """Write the outlines into the tables of districts; then every row of the file is merged."""
    held = outlines.frame.set_index("district")["outline"]
    known = pd.concat(
        [p.frame["district"] for p in tables if "district" in p.frame] or [pd.Series(dtype=str)]
    )
    at = np.flatnonzero(~held.index.isin(known) & ~is_blank(held.to_numpy(object)))
    outlines.complain("outline_unknown", "warning", "district", at, held.index[at].tolist())
    for piece in (p for p in tables if "district" in p.frame):
        found = piece.frame["district"].map(held)
        own = piece.frame.get("outline", found)
        piece.frame = piece.frame.assign(outline=own.where(own.notna(), found).astype("str"))
    outlines.rows_merged = outlines.rows_read
    outlines.frame, outlines.rows = outlines.frame.iloc[:0], outlines.rows[:0]
