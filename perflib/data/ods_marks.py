"""The marks of an ods: what its XML says and a reader of values leaves out."""

import io
import zipfile
from datetime import date
from xml.etree import ElementTree

from perflib.data.marks import PERCENT, Marks, is_error


def ods_marks(packed: zipfile.ZipFile) -> dict[str, Marks]:
    """Marks of each sheet by its name. Raises KeyError, BadZipFile or ParseError for a damaged file."""
    out, marks, row, unseen = {}, Marks(), 0, set()
    for event, e in ElementTree.iterparse(io.BytesIO(packed.read("content.xml")), ("start", "end")):
        tag = _local(e.tag)
        if event == "start":
            if tag == "table":
                marks, row = Marks(is_hidden=_get(e, "style-name") in unseen), 0
                out[_get(e, "name")] = marks
        elif tag == "style" and any(_get(p, "display") == "false" for p in e):
            unseen.add(_get(e, "name"))
        elif tag == "null-date" and (day := _get(e, "date-value")):
            marks.epoch = date.fromisoformat(day[:10])
        elif tag == "table-row":
            row = _note_row(marks, e, row)
            e.clear()
    epoch = next((m.epoch for m in out.values()), marks.epoch)
    for other in out.values():
        other.epoch = epoch
    return out


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _get(e: ElementTree.Element, name: str) -> str:
    return next((v for k, v in e.attrib.items() if _local(k) == name), "")


def _note_row(marks: Marks, e: ElementTree.Element, row: int) -> int:
    """Note the marks of a row's cells; the number of the row that follows."""
    times, at, last = int(_get(e, "number-rows-repeated") or 1), 0, 0
    for cell in e:
        count = int(_get(cell, "number-columns-repeated") or 1)
        text = "".join(cell.itertext()).strip()
        if text or _get(cell, "value"):
            last = at + count
            _note_cell(marks, cell, text, row, at)
        at += count
    if last:
        marks.size = (row + times, max(marks.size[1], last))
        if _get(e, "visibility") in ("collapse", "filter"):
            marks.hidden_rows += range(row, row + times)
    return row + times


def _note_cell(marks: Marks, cell: ElementTree.Element, text: str, row: int, at: int) -> None:
    if is_error(text) and (_get(cell, "formula") or "error" in cell.attrib.values()):
        marks.errors[row, at] = text
    elif _get(cell, "value-type") == "percentage":
        marks.formats[row, at] = PERCENT
    down, right = (int(_get(cell, f"number-{n}-spanned") or 1) for n in ("rows", "columns"))
    if down > 1 or right > 1:
        marks.merged.append(((row, at), (row + down - 1, at + right - 1)))
