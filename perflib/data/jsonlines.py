"""Files of JSON: one object a line, or a list of objects, as open-data portals export them."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from perflib.data.digests import sha256
from perflib.data.errors import DataError
from perflib.data.files import Grid, decode

LONG = 10**15  # whole numbers of more digits are codes
ENDINGS = (".jsonl", ".ndjson", ".json")


def read_json(path: Path, encodings: Sequence[str] = ()) -> Grid:
    """The objects of the file as a grid: a header of their names, then a row each; `a.b` names what lies deeper.

    A list may stand in the file or under one name in it (`{"records": [...]}`).
    """
    content = path.read_bytes()
    text, encoding = decode(content, path.name, encodings)
    rows = [_flat(row) for row in _objects(path, text)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = np.full((len(rows) + 1, len(names)), "", dtype=object)
    cells[0] = names
    place = {name: at for at, name in enumerate(names)}
    for at, row in enumerate(rows, 1):
        for name, value in row.items():
            cells[at, place[name]] = value
    return Grid(path.name, "", cells, sha256(content), encoding, is_typed=True, path=path)


def _objects(path: Path, text: str) -> list[dict]:
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if isinstance(whole, dict):
        lists = [v for v in whole.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        whole = lists[0] if lists else [whole]
    if isinstance(whole, list) and all(isinstance(row, dict) for row in whole):
        return whole
    rows = []
    for at, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise DataError("reading.bad_json", file=path.name, row=at, found=line[:60])
        rows.append(row)
    return rows


def _flat(row: dict, before: str = "") -> dict:
    out = {}
    for name, value in row.items():
        if isinstance(value, dict):
            out |= _flat(value, f"{before}{name}.")
        elif isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
            out[before + name] = json.dumps(value, ensure_ascii=False)
        elif isinstance(value, int):
            out[before + name] = float(value) if abs(value) < LONG else str(value)
        else:
            out[before + name] = "" if value is None else value
    return out
