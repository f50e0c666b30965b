"""Files as grids of cells, whatever their format; a file that can't be read says why."""

import errno
import gc
import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from perflib.data.delimited import decode, read_records
from perflib.data.errors import DataError, Wording
from perflib.data.marks import Marks, ods_marks, xls_marks, xlsx_marks
from perflib.data.whole import sha256

BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
KNOWN = (*BOOKS, *TEXTS, ".parquet")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_INSIDE = {  # what a zip is that holds such a file
    "xl/workbook.bin": "xlsb", "word/document.xml": "document", "ppt/presentation.xml": "document",
    "Index/Document.iwa": "numbers", "Index.zip": "numbers",
}  # fmt: skip
_BEGINS = {  # what a file is that begins so, in lower case
    b"<html": "html", b"<!doctype html": "html", b"<table": "html", b"<meta": "html", b"<head": "html",
    b"mime-version:": "html", b"<?xml": "xml", b"<workbook": "xml", b"%pdf": "pdf", b"{\\rtf": "document",
    b"rar!": "archive", b"7z\xbc\xaf": "archive", b"\x1f\x8b": "archive", b"\x89png": "image",
    b"\xff\xd8\xff": "image",
}  # fmt: skip


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
    marks: Marks = field(default_factory=Marks)
    widths: np.ndarray | None = None  # of a text file: the fields of each row
    lines: np.ndarray | None = None  # and the line on which it begins
    line_count: int = 0  # lines or rows of the file, counted before anything is read from them

    def number(self, at: np.ndarray) -> np.ndarray:
        """Row in the sheet, or line of the text file, of the grid's rows `at`."""
        return at + 1 if self.lines is None else self.lines[at]


def readable(name: str) -> str:
    """A file's name as people read it: bytes that are no UTF-8 are tried as GB18030, as unzip leaves them."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def read_bytes(path: Path) -> bytes:
    """What stands in the file; DataError if there is none or it may not be read."""
    name = readable(path.name)
    try:
        content = path.read_bytes()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EINVAL):
            raise DataError("reading.no_file", file=readable(str(path))) from None
        raise DataError("reading.unreadable_file", file=name, reason=error.strerror or "") from None
    except ValueError:  # a name that no file can have
        raise DataError("reading.no_file", file=readable(str(path))) from None
    if not content.strip(b"\0 \r\n\t"):
        raise DataError("reading.empty_file", file=name)
    return content


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
    content, name = read_bytes(path), readable(path.name)
    if content[:4] == b"PAR1":
        return [_read_parquet(path, content, columns, years)]
    if content[:4] == ZIP:
        return _read_zip(path, content)
    if content[:4] == OLE:
        return _read_ole(path, content)
    start = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if kind := next((kind for mark, kind in _BEGINS.items() if start.startswith(mark)), ""):
        raise _other_kind(path, kind)
    if path.suffix.lower() in TEXTS:
        return [_read_text(path, content, encodings, separator)]
    if path.suffix.lower() in BOOKS:
        if b"\0" in content[:4096]:
            raise DataError("reading.broken_file", file=name)
        raise _other_kind(path, "text")
    raise DataError("reading.unknown_format", file=name, known=", ".join(KNOWN))


def _other_kind(path: Path, kind: str) -> DataError:
    return DataError("reading.other_kind", file=readable(path.name), kind=Wording(f"reading.kind_{kind}"))


def _read_zip(path: Path, content: bytes) -> list[Grid]:
    file = readable(path.name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            manifest = packed.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
            kind = packed.read("mimetype") if "mimetype" in names else b""
    except Exception:  # zipfile raises several kinds for a damaged file
        raise DataError("reading.broken_file", file=file) from None
    if b"encryption-data" in manifest:
        raise DataError("reading.password", file=file)
    if other := next((kind for name, kind in _INSIDE.items() if name in names), ""):
        raise _other_kind(path, other)
    is_open = "content.xml" in names and (not kind or b"spreadsheet" in kind)
    is_book = "xl/workbook.xml" in names or is_open
    if path.suffix.lower() not in BOOKS:
        key = "reading.book_named_csv" if is_book else "reading.zip_named_csv"
        raise DataError(key, file=file, inside=", ".join(names[:5]))
    if not is_book:
        raise DataError("reading.broken_file", file=file)
    return _read_book(path, content)


def _read_ole(path: Path, content: bytes) -> list[Grid]:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise DataError("reading.password", file=readable(path.name))
    words = ("WordDocument", "PowerPoint Document")
    if any(w.encode("utf-16-le") in content for w in words) and path.suffix.lower() not in BOOKS:
        raise _other_kind(path, "document")
    return _read_book(path, content)


def _read_book(path: Path, content: bytes) -> list[Grid]:
    from python_calamine import CalamineWorkbook, PasswordError

    digest, file = sha256(content), readable(path.name)
    marks = _marks(content, file)
    if large := next((name for name, m in marks.items() if m.is_too_large), None):
        rows, columns = marks[large].size
        raise DataError("reading.too_large", file=file, sheet=large, rows=f"{rows:,}", columns=f"{columns:,}")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
        grids = [_sheet_grid(path, name, sheet, digest) for name, sheet in sheets]
    except PasswordError:
        raise DataError("reading.password", file=file) from None
    except BaseException as error:  # a damaged file may also end in a panic of the reader
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise DataError("reading.broken_file", file=file) from error
    for grid in grids:
        _put_marks(grid, marks.get(grid.sheet, Marks()))
    return grids


def _marks(content: bytes, file: str) -> dict[str, Marks]:
    try:
        if content[:4] == OLE:
            return xls_marks(content)
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            read = xlsx_marks if "xl/workbook.xml" in packed.namelist() else ods_marks
            return read(packed)
    except (KeyboardInterrupt, MemoryError):
        raise
    except Exception as error:  # every layer of a damaged file raises its own kind
        if "encrypt" in str(error).lower() or "password" in str(error).lower():
            raise DataError("reading.password", file=file) from None
        raise DataError("reading.broken_file", file=file) from error


def _sheet_grid(path: Path, name: str, sheet, digest: str) -> Grid:
    collects = gc.isenabled()
    gc.disable()  # a million cells hold no cycle: to look for one takes longer than to check them
    try:
        rows = sheet.to_python(skip_empty_area=False)
    finally:
        gc.enable() if collects else None
    width = len(rows[0]) if rows else 0
    cells = np.fromiter(chain.from_iterable(rows), object, len(rows) * width).reshape(len(rows), width)
    return Grid(readable(path.name), name, cells, digest, path=path, line_count=len(rows))


def _put_marks(grid: Grid, marks: Marks) -> None:
    """Write errors into their cells, and each merged range's value into all of its own (one column wide)."""
    grid.marks, cells = marks, grid.cells
    grid.notes["rich_text"] = len(marks.texts)
    for (row, at), text in (marks.texts | marks.errors).items():
        if not (0 <= row < len(cells) and 0 <= at < cells.shape[1]):
            raise DataError("reading.broken_file", file=grid.file)
        cells[row, at] = text
    for (top, left), (bottom, right) in marks.merged:
        if top < len(cells) and left < cells.shape[1] and left == right and isinstance(cells[top, left], str):
            cells[top : bottom + 1, left] = cells[top, left]
    grid.notes["merged_cells"] = len(marks.merged)


def line_count(text: str) -> int:
    """Lines of a text, counted before anything reads it; the last may lack its end."""
    ends = text.count("\n") + text.replace("\r\n", "\n").count("\r")
    return ends + (not text.endswith(("\n", "\r")))


def _read_text(path: Path, content: bytes, encodings: Sequence[str], separator: str) -> Grid:
    file = readable(path.name)
    if b"\0" in content[:4096] and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError("reading.not_text", file=file)
    text, encoding = decode(content, file, encodings)
    found = read_records(text, file, separator)
    used = np.flatnonzero((found.cells != "").any(axis=0))
    width = int(used[-1]) + 1 if len(used) else 0
    blank = found.cells.shape[1] - width
    grid = Grid(file, "", found.cells[:, :width], sha256(content), encoding, is_typed=False, path=path)
    grid.widths, grid.lines, grid.line_count = found.widths, found.lines, line_count(text)
    # a closing separator makes one empty column: only more than that is worth a word
    grid.notes = {"empty_columns": blank if blank > 1 else 0, "open_line": int(found.is_open)}
    grid.notes["quoted_text"] = found.quoted
    return grid


def _read_parquet(path: Path, content: bytes, columns: Sequence[str], years: tuple) -> Grid:
    import pandas as pd
    import pyarrow.parquet as pq

    file = readable(path.name)
    try:
        held = pq.ParquetFile(io.BytesIO(content))
        wanted = [c for c in columns if c in held.schema_arrow.names] or None
        frame = held.read(columns=wanted).to_pandas()
    except Exception as error:  # pyarrow raises several kinds for a damaged file
        raise DataError("reading.broken_file", file=file) from error
    if years and "year" in frame:
        frame = frame[pd.to_numeric(frame["year"]).between(*years)]
    cells = np.empty((0, 0), object)
    return Grid(file, "", cells, sha256(content), frame=frame, path=path, line_count=len(frame))
