"""The marks of an xlsx: what its XML says and a reader of values leaves out.

Names in the XML may have a prefix (`x:c`), and Strict files other namespaces: only local names count.
A sheet may have a million cells, so each mark is looked for in the bytes, and parsed only where it is there.
"""

import re
import zipfile
from datetime import date
from xml.etree import ElementTree

from perflib.data.marks import MOST_CELLS, Marks, Place, format_kind

_CELL = rb"<(?:\w+:)?c(?=\s)([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)"
_FORMULA, _ERROR = re.compile(rb"<(?:\w+:)?f[\s/>]"), re.compile(rb"""\st=["']e["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>\s*([^<\s][^<]*)<|<(?:\w+:)?is\b")
_TEXT_RESULT = re.compile(rb"""\st=["']str["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Z]+)(\d+)["']""")
_ROW = re.compile(rb"<(?:\w+:)?row(?=\s)([^>]*)>")
_ROW_PLACE = re.compile(rb"""\sr=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']""")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")
_BUILT_IN = {9: "0%", 10: "0.00%"}  # number formats that a file need not declare


def xlsx_marks(packed: zipfile.ZipFile) -> dict[str, Marks]:
    """Marks of each sheet by its name. Raises KeyError, BadZipFile or ParseError for a damaged file."""
    book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
    links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    target = {r.get("Id"): r.get("Target", "") for r in links}
    says = {_local(e.tag): e for e in book.iter()}
    is_1904 = "workbookPr" in says and says["workbookPr"].get("date1904") in ("1", "true")
    styles = _styles(packed)
    names, out = set(packed.namelist()), {}
    for sheet in (e for e in book.iter() if _local(e.tag) == "sheet"):
        link = next((v for k, v in sheet.attrib.items() if k.startswith("{") and _local(k) == "id"), "")
        part = _absolute(target.get(link, ""))
        marks = _sheet_marks(packed.read(part), styles) if part in names else Marks()
        marks.is_hidden = sheet.get("state", "visible") != "visible"
        marks.epoch = date(1904, 1, 1) if is_1904 else marks.epoch
        out[sheet.get("name", "")] = marks
    return out


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _absolute(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _styles(packed: zipfile.ZipFile) -> dict[bytes, str]:
    """The kind of each cell style that shows other digits than the cell holds."""
    if "xl/styles.xml" not in packed.namelist():
        return {}
    sheet = ElementTree.fromstring(packed.read("xl/styles.xml"))
    codes = dict(_BUILT_IN)
    for e in (e for e in sheet.iter() if _local(e.tag) == "numFmt"):
        codes[int(e.get("numFmtId", -1))] = e.get("formatCode", "")
    used = next((e for e in sheet.iter() if _local(e.tag) == "cellXfs"), ())
    kinds = [format_kind(codes.get(int(xf.get("numFmtId", 0)), "")) for xf in used]
    return {str(at).encode(): kind for at, kind in enumerate(kinds) if kind}


def _sheet_marks(xml: bytes, styles: dict[bytes, str]) -> Marks:
    marks = Marks(size=_size(xml))
    if _ERROR.search(xml):
        marks.errors = {_place(c[1]): _shown(c[2]) for c in _cells(xml, rb"""[^>]*\st=["']e["']""")}
    if _FORMULA.search(xml):
        marks.uncomputed = [_place(c[1]) for c in _cells(xml, b"") if c[2] and _is_empty(c[1], c[2])]
    for style, kind in styles.items():
        found = _cells(xml, rb"""[^>]*\ss=["']""" + style + rb"""["']""")
        marks.formats |= {_place(c[1]): kind for c in found if c[2]}
    if b"hidden=" in xml:
        rows = (r[1] for r in _ROW.finditer(xml) if _HIDDEN.search(r[1]))
        marks.hidden_rows = [int(at[1]) - 1 for row in rows if (at := _ROW_PLACE.search(row))]
    for left, top, right, bottom in _MERGED.findall(xml):
        marks.merged.append(((int(top) - 1, column(left)), (int(bottom) - 1, column(right))))
    return marks


def _cells(xml: bytes, having: bytes):
    """The cells whose tag has `having` in it, as matches of (attributes, inside)."""
    ahead = rb"(?=" + having + rb"[^>]*>)" if having else b""
    return re.finditer(_CELL.replace(rb"(?=\s)", rb"(?=\s)" + ahead, 1), xml, re.DOTALL)


def _is_empty(tag: bytes, inside: bytes) -> bool:
    return bool(_FORMULA.search(inside)) and not _VALUE.search(inside) and not _TEXT_RESULT.search(tag)


def _shown(inside: bytes | None) -> str:
    found = _VALUE.search(inside or b"")
    return (found[1] or b"#").decode("utf-8", "replace").strip() if found else "#"


def _place(tag: bytes) -> Place:
    found = _PLACE.search(tag)
    return (int(found[2]) - 1, column(found[1])) if found else (-1, -1)


def column(letters: bytes) -> int:
    """Position of a column, from 0, by its letters.

    >>> column(b"A"), column(b"AB")
    (0, 27)
    """
    at = 0
    for letter in letters:
        at = at * 26 + letter - 64
    return at - 1


def _size(xml: bytes) -> Place:
    """Rows and columns that reading the sheet would take, at least; looked at only as closely as needed."""
    last = _ROW_PLACE.search(xml, max(xml.rfind(b"row "), 0))
    rows = int(last[1]) if last else 0
    for letters, widest in ((rb"{3}", 16_384), (rb"{2}", 702)):
        wide = re.compile(rb"""\sr=["']([A-Z]""" + letters + rb""")\d""")
        if wide.search(xml):
            if rows * widest > MOST_CELLS:
                widest = 1 + max(column(m) for m in set(wide.findall(xml)))
            return rows, widest
    return rows, 26
