"""Word files and texts as people send them: paragraphs, and tables as grids of cells, in order."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perflib.data.delimited import decode
from perflib.data.errors import DataError
from perflib.data.files import OLE, ZIP, Grid, read_bytes, readable
from perflib.data.whole import sha256

TEXTS = (".txt", ".md")


@dataclass(frozen=True)
class Block:
    """A paragraph (`text`) or a table (`grid`); `number` counts each of the two kinds from 1."""

    number: int
    text: str = ""
    grid: Grid | None = None


def read_document(path: Path) -> list[Block]:
    """Paragraphs and tables of a Word file (.docx) or a text, in order; DataError for one that can't be opened."""
    content, name = read_bytes(path), readable(path.name)
    if content[:4] == OLE:
        is_locked = "EncryptedPackage".encode("utf-16-le") in content
        raise DataError("reading.password" if is_locked else "reading.old_word", file=name)
    if content[:4] == ZIP:
        return _blocks(_body(content, name), name, sha256(content))
    if path.suffix.lower() not in TEXTS:
        raise DataError("reading.broken_word", file=name)
    lines = decode(content, name, ())[0].splitlines()
    return [Block(n, line) for n, line in enumerate(lines, 1) if line.strip()]


def _body(content: bytes, name: str):
    import docx

    try:
        return docx.Document(io.BytesIO(content)).element.body
    except Exception as error:  # every layer of a damaged file raises its own kind
        raise DataError("reading.broken_word", file=name) from error


def _blocks(body, name: str, digest: str) -> list[Block]:
    found, paragraphs, tables = [], 0, 0
    for element in body.xpath(".//w:p[not(ancestor::w:tc)] | .//w:tbl[not(ancestor::w:tc)]"):
        if _tag(element) == "tbl":
            tables += 1
            found.append(Block(tables, grid=_grid(element, name, tables, digest)))
        else:
            paragraphs += 1
            if text := _text(element):
                found.append(Block(paragraphs, text))
    return found


def _tag(element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element) -> str:
    """The words of an element as they are read now: without what a tracked change has deleted."""
    parts = []
    for node in element.iter():
        kind = _tag(node)
        if kind == "t":
            parts.append(node.text or "")
        elif kind in ("tab", "br", "cr"):
            parts.append(" " if kind == "tab" else "\n")
        elif kind == "p" and parts:
            parts.append("\n")
    return re.sub(r"\n+", "\n", "".join(parts)).strip()


def _grid(table, name: str, number: int, digest: str) -> Grid:
    """The cells of a table, each merged cell's words in its first cell only."""
    rows = []
    for line in table.xpath("./w:tr"):
        cells: list[str] = [""] * _number(line, "gridBefore", 0)
        depth = int(line.xpath("count(ancestor::w:tr)")) + 1
        for cell in line.xpath(f".//w:tc[count(ancestor::w:tr) = {depth}]"):
            merged = cell.xpath(".//w:vMerge")
            is_below = bool(merged) and "restart" not in merged[0].values()
            cells += ["" if is_below else _text(cell), *[""] * (_number(cell, "gridSpan", 1) - 1)]
        rows.append(cells)
    grid = np.full((len(rows), max(map(len, rows), default=0)), "", dtype=object)
    for at, cells in enumerate(rows):
        grid[at, : len(cells)] = cells
    return Grid(name, str(number), grid, digest, line_count=len(rows), is_typed=False)


def _number(element, name: str, default: int) -> int:
    found = element.xpath(f".//w:{name}/@w:val")
    return int(found[0]) if found else default
