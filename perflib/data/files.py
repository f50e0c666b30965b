"""Files as grids of cells, whatever their format; a file that can't be read says why."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from perflib.data.digests import sha256
from perflib.data.errors import DataError

BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
KNOWN = (*BOOKS, *TEXTS, ".parquet")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKS = ("锟斤拷", "\ufffd")


@dataclass
class Grid:
    """Cells of one sheet (rows × columns, "" where empty), beginning at A1."""

    file: str
    sheet: str
    cells: np.ndarray
    sha256: str
    encoding: str = ""
    is_typed: bool = True
    path: Path | None = None
    frame: object = None  # a Parquet file keeps its own columns
    notes: dict[str, int] = field(default_factory=dict)


def read_grids(
    path: Path,
    encodings: Sequence[str] = (),
    separator: str = "",
    *,
    columns: Sequence[str] = (),
    years: tuple[int, int] | tuple[()] = (),
) -> list[Grid]:
    """Every sheet of the file at `path`.

    `encodings` are tried in turn for a text file; none given: UTF-8, UTF-16 with a mark, GB18030.
    `columns` and `years` (first, last) narrow a Parquet file to what is asked for.
    """
    if not path.is_file():
        raise DataError("reading.no_file", file=str(path))
    content = path.read_bytes()
    if not content.strip():
        raise DataError("reading.empty_file", file=path.name)
    if content[:4] == b"PAR1":
        return [_read_parquet(path, content, columns, years)]
    if content[:4] == _ZIP:
        return _read_zip(path, content)
    if content[:4] == _OLE:
        return _read_ole(path, content)
    if path.suffix.lower() in TEXTS:
        return [_read_text(path, content, encodings, separator)]
    raise DataError("reading.unknown_format", file=path.name, known=", ".join(KNOWN))


def _read_zip(path: Path, content: bytes) -> list[Grid]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            manifest = packed.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except zipfile.BadZipFile:
        raise DataError("reading.broken_file", file=path.name) from None
    if b"encryption-data" in manifest:
        raise DataError("reading.password", file=path.name)
    is_book = "xl/workbook.xml" in names or "content.xml" in names
    if path.suffix.lower() not in BOOKS:
        key = "reading.book_named_csv" if is_book else "reading.zip_named_csv"
        raise DataError(key, file=path.name, inside=", ".join(names[:5]))
    if not is_book:
        raise DataError("reading.broken_file", file=path.name)
    return _read_book(path, content)


def _read_ole(path: Path, content: bytes) -> list[Grid]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise DataError("reading.password", file=path.name)
    return _read_book(path, content)


def _read_book(path: Path, content: bytes) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    digest = sha256(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
        return [_sheet_grid(path, name, sheet, digest) for name, sheet in sheets]
    except PasswordError:
        raise DataError("reading.password", file=path.name) from None
    except CalamineError as error:
        raise DataError("reading.broken_file", file=path.name) from error


def _sheet_grid(path: Path, name: str, sheet, digest: str) -> Grid:
    rows = sheet.to_python(skip_empty_area=False)
    cells = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    if rows:
        cells[:] = rows
    grid = Grid(path.name, name, cells, digest, path=path)
    grid.notes["merged_cells"] = _fill_merged(cells, getattr(sheet, "merged_cell_ranges", None) or [])
    return grid


def _fill_merged(cells: np.ndarray, ranges: Sequence) -> int:
    """Write each merged range's value into all of its cells (one column wide: else it is a title)."""
    count = 0
    for (top, left), (bottom, right) in ranges:
        if top < len(cells) and left < cells.shape[1] and (bottom > top or right > left):
            if left == right and isinstance(cells[top, left], str):
                cells[top : bottom + 1, left] = cells[top, left]
            count += 1
    return count


def decode(content: bytes, file: str, encodings: Sequence[str] = ()) -> tuple[str, str]:
    """Text of `content` and the encoding it was in; DataError if none fits or the text is spoilt."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16"), "utf-16"
    for name in encodings or ("utf-8", "gb18030"):
        try:
            text = content.decode("utf-8-sig" if name == "utf-8" else name)
        except UnicodeDecodeError:
            continue
        if name == "gb18030" and not encodings and not _looks_chinese(text):
            break
        if any(mark in text for mark in _MARKS):
            line = next(i for i, row in enumerate(text.splitlines(), 1) if any(m in row for m in _MARKS))
            raise DataError("reading.spoilt_text", file=file, row=line)
        return text, "utf-8-bom" if content[:3] == b"\xef\xbb\xbf" and name == "utf-8" else name
    raise DataError("reading.encoding", file=file, tried=", ".join(encodings or ("utf-8", "gb18030")))


def _looks_chinese(text: str) -> bool:
    """Whether the non-ASCII characters are common Chinese: Latin-1 bytes rarely decode to those."""
    foreign = [c for c in text[:200_000] if ord(c) > 127]
    common = sum(
        1
        for c in foreign
        if "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef"
    )
    return not foreign or common / len(foreign) > 0.85


def _separator(text: str) -> str:
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    return max((",", ";", "\t", "|"), key=lambda s: sum(line.count(s) for line in lines))


def _read_text(path: Path, content: bytes, encodings: Sequence[str], separator: str) -> Grid:
    import pandas as pd

    if b"\0" in content[:4096] and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError("reading.not_text", file=path.name)
    text, encoding = decode(content, path.name, encodings)
    mark = separator or _separator(text)
    lines = text.splitlines()
    width = max(line.count(mark) for line in lines) + 1
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=mark, header=None, names=range(width), index_col=False, dtype=object,
            keep_default_na=False, na_filter=False, skip_blank_lines=False, engine="c",
        )  # fmt: skip
    except (pd.errors.ParserError, csv.Error) as error:
        raise DataError("reading.broken_file", file=path.name) from error
    cells = frame.to_numpy(dtype=object)
    used = np.flatnonzero((cells != "").any(axis=0))
    blank = cells.shape[1] - (used[-1] + 1 if len(used) else 0)
    grid = Grid(
        path.name,
        "",
        cells[:, : cells.shape[1] - blank],
        sha256(content),
        encoding,
        is_typed=False,
        path=path,
    )
    # a closing separator makes one empty column: only more than that is worth a word
    grid.notes["empty_columns"] = blank if blank > 1 and lines[0].rstrip().endswith(mark * 2) else 0
    return grid


def _read_parquet(path: Path, content: bytes, columns: Sequence[str], years: tuple) -> Grid:
    import pandas as pd
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content))
        wanted = [c for c in columns if c in file.schema_arrow.names] or None
        frame = file.read(columns=wanted).to_pandas()
    except Exception as error:  # pyarrow raises several kinds for a damaged file
        raise DataError("reading.broken_file", file=path.name) from error
    if years and "year" in frame:
        frame = frame[pd.to_numeric(frame["year"]).between(*years)]
    return Grid(path.name, "", np.empty((0, 0), object), sha256(content), frame=frame, path=path)
