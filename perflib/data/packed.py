"""A packed folder: checked rows as Parquet, and the stamp that says what they are and that they are whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from perflib.data import contract
from perflib.data.errors import DataError
from perflib.data.files import Grid, decode
from perflib.data.whole import hash_file, hash_json, sha256

LONG = 10**15  # whole numbers of more digits are codes
ENDINGS = (".jsonl", ".ndjson", ".json")
STAMP = "perflib-pack.json"
FORMAT = 1
RECORDS = ("inputs", "repairs", "set_aside", "reconciliation", "warnings")
MARK = b"perflib"  # key of the note in each file: contract, and whether the rows are real


@dataclass(frozen=True)
class Part:
    """The rows of one district in one file: one partition, a district's year of one table."""

    district: str
    rows: int
    sha256: str
    is_spent: bool = False


@dataclass(frozen=True)
class File:
    """One Parquet file: whole partitions of one table and one year ("" where the table has none)."""

    name: str
    table: str
    year: int | None
    bytes: int
    sha256: str
    parts: tuple[Part, ...]
    source: str = ""

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True)
class Packed:
    """What the stamp of a packed folder says.

    `columns`: for each table its columns and their types as checked; `records`: the files that tell
    how the rows came to be (what was read, mended, set aside and doubted).
    """

    folder: Path
    currency: str
    is_sample: bool
    note: str
    columns: dict[str, dict[str, str]]
    files: tuple[File, ...]
    records: dict[str, str]
    about: dict[str, str] = field(default_factory=dict)
    year_begins: int = 1
    as_of: tuple[int, int] | None = None
    seen: dict = field(default_factory=dict, compare=False)  # files found whole, by their stamp

    @cached_property
    def by_table(self) -> dict[str, list[File]]:
        out: dict[str, list[File]] = {name: [] for name in self.columns}
        for file in self.files:
            out[file.table].append(file)
        return out

    @cached_property
    def rows(self) -> dict[str, int]:
        return {name: sum(f.rows for f in files) for name, files in self.by_table.items()}

    def chosen(self, table: str, district: str = "", year: int = 0) -> list[File]:
        """Files of `table` that may hold rows of the district and year."""
        is_yearly = "year" in self.columns[table]
        files = [f for f in self.by_table[table] if not year or not is_yearly or f.year in (year, None)]
        return [f for f in files if not district or any(p.district in (district, "") for p in f.parts)]

    def whole(self, files: list[File]) -> list[Path]:
        """Paths of `files`, each found unchanged since it was packed; DataError for one that isn't."""
        paths = [self.folder / f.name for f in files]
        for file, path in zip(files, paths, strict=True):
            self._hold_to(path, file.name, file.sha256)
        return paths

    def record(self, name: str) -> Path:
        """Path of one of `RECORDS`, unchanged."""
        path = self.folder / f"records/{name}.parquet"
        self._hold_to(path, f"records/{name}.parquet", self.records[name])
        return path

    def _hold_to(self, path: Path, name: str, sha256: str) -> None:
        if not path.is_file():
            raise DataError("pack.file_missing", folder=self.folder, file=name)
        found = path.stat()
        stamp = (found.st_size, found.st_mtime_ns)
        if self.seen.get(name) == stamp:
            return
        if hash_file(path) != sha256:
            raise _changed(self.folder, name, path)
        self.seen[name] = stamp


def _changed(folder: Path, name: str, path: Path) -> DataError:
    other = _contract_of(path)
    if other and other != (own := contract.version()):
        return DataError("pack.other_part", folder=folder, file=name, found=other, expected=own)
    return DataError("pack.file_changed", folder=folder, file=name)


def _contract_of(path: Path) -> str:
    """Contract version noted in a Parquet file, "" if it can't be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        note = (pq.read_schema(path).metadata or {}).get(MARK, b"{}")
        return str(json.loads(note).get("contract", ""))
    except (OSError, ValueError, pa.ArrowException):
        return ""


def is_packed(folder: Path) -> bool:
    """Whether `folder` is packed, or looks so: a stamp, or Parquet in a folder named projects."""
    return (folder / STAMP).is_file() or any((folder / "projects").rglob("*.parquet"))


def open_packed(folder: Path) -> Packed:
    """The packed data in `folder`, stamped, of this contract, with every file there and no other.

    Files are held to their hashes when they are first read (`Packed.whole`). Raises DataError.
    """
    if not (folder / STAMP).is_file():
        raise DataError("pack.unstamped", folder=folder, stamp=STAMP)
    content = _read_stamp(folder)
    found, expected = content["contract"], contract.version()
    if found != expected:
        raise DataError("pack.other_contract", folder=folder, found=found, expected=expected)
    files = tuple(File(**{**f, "parts": tuple(Part(*part) for part in f["parts"])}) for f in content["files"])
    _check_listing(folder, files, content["records"])
    held, columns = content["columns"], {}
    for name in (n for n in contract.tables() if n in held):
        columns[name] = {c: held[name][c] for c in contract.table(name).names if c in held[name]}
    names = ("currency", "is_sample", "note", "records")
    told = {"about": content.get("about", {}), "year_begins": content.get("year_begins", 1)}
    told["as_of"] = tuple(content["as_of"]) if content.get("as_of") else None
    return Packed(folder, files=files, columns=columns, **told, **{n: content[n] for n in names})


def _read_stamp(folder: Path) -> dict:
    try:
        content = json.loads((folder / STAMP).read_text("utf-8"))
        stamp = content.pop("stamp")
        is_ours = stamp == hash_json(content)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        is_ours = False
    if not is_ours:
        raise DataError("pack.stamp_broken", folder=folder, stamp=STAMP)
    if content["format"] != FORMAT:
        raise DataError("pack.other_format", folder=folder, found=content["format"], expected=FORMAT)
    return content


def _check_listing(folder: Path, files: tuple[File, ...], records: dict[str, str]) -> None:
    """Every listed file there in its size, and no Parquet file beside them."""
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*.parquet")}
    for file in files:
        if file.name not in there:
            raise DataError("pack.file_missing", folder=folder, file=file.name)
        if there[file.name].stat().st_size != file.bytes:
            raise _changed(folder, file.name, there[file.name])
    listed = {f.name for f in files} | {f"records/{name}.parquet" for name in records}
    if extra := sorted(set(there) - listed):
        raise DataError("pack.file_extra", folder=folder, file=extra[0], count=len(extra))


def read_json(path: Path, encodings: Sequence[str] = ()) -> list[Grid]:
    """The lists of objects of the file, each as a grid, the longest first: a header of names, then a row each.

    Such a list may lie deep (`{"result": {"records": [...]}}` is the sheet `result.records`); `a.b` names what
    lies deeper in its objects, and a list of objects inside one gives a row each, with what is around it.
    """
    content = path.read_bytes()
    text, encoding = decode(content, path.name, encodings)
    lists = sorted(_objects(path, text).items(), key=lambda found: -len(found[1]))
    return [_grid(path, name, rows, sha256(content), encoding) for name, rows in lists]


def _grid(path: Path, sheet: str, objects: list[dict], digest: str, encoding: str) -> Grid:
    rows = [row for one in objects for row in _spread(one)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = np.array([names, *([row.get(name, "") for name in names] for row in rows)], dtype=object)
    return Grid(path.name, sheet, cells, digest, encoding, is_typed=True, path=path)


def _objects(path: Path, text: str) -> dict[str, list[dict]]:
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if _is_rows(whole):
        return {"": whole}
    if isinstance(whole, dict):
        return _lists(whole) or {"": [whole]}
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
    return {"": rows}


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _lists(value: dict, before: str = "") -> dict[str, list[dict]]:
    """Lists of objects in an object, and in the objects in it, by their place."""
    out = {f"{before}{n}": v for n, v in value.items() if _is_rows(v)}
    for name, inner in value.items():
        out |= _lists(inner, f"{before}{name}.") if isinstance(inner, dict) else {}
    return out


def _spread(row: dict, before: str = "") -> list[dict]:
    """An object as a row; as a row for each object of the lists in it, where there are any."""
    lists: list[tuple[str, list[dict]]] = []
    own = _flat(row, before, lists)
    return [own | inner for name, items in lists for item in items for inner in _spread(item, name)] or [own]


def _flat(row: dict, before: str, lists: list) -> dict:
    out = {}
    for name, value in row.items():
        if isinstance(value, dict):
            out |= _flat(value, f"{before}{name}.", lists)
        elif _is_rows(value):
            lists.append((f"{before}{name}.", value))
        elif isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
            out[before + name] = json.dumps(value, ensure_ascii=False)
        elif isinstance(value, int):
            out[before + name] = float(value) if abs(value) < LONG else str(value)
        else:
            out[before + name] = "" if value is None else value
    return out
