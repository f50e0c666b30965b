"""Formulas that were never computed: every reader shows such a cell as empty, so look in the XML."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb"<c\b([^>]*)>(.*?)</c>", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]+\d+)"')
_VALUE = re.compile(rb"<v\b[^>]*>\s*[^<\s]|<is\b")


def uncomputed(path: Path) -> dict[str, list[str]]:
    """Cells (A1) by sheet that hold a formula and no value; empty for a file that is no xlsx."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as packed:
        names = set(packed.namelist())
        if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
            return {}
        return {
            s: cells
            for s, part in _parts(packed).items()
            if part in names and (cells := _empty(packed.read(part)))
        }


def _parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """File inside the package of each sheet, by the sheet's name."""
    rels = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    target = {r.get("Id"): r.get("Target", "") for r in rels}
    sheets = ElementTree.fromstring(packed.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    return {s.get("name"): _absolute(target.get(s.get(_REL), "")) for s in sheets}


def _absolute(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _empty(xml: bytes) -> list[str]:
    if b"<f" not in xml:
        return []
    found = []
    for cell in _CELL.finditer(xml):
        inside = cell[2]
        if b"<f" in inside and not _VALUE.search(inside) and b't="str"' not in cell[1]:
            found.append(_PLACE.search(cell[1])[1].decode())
    return found
