"""What a workbook says of its cells beside their values: errors, formats, what is hidden, struck out or merged."""

import io
import os
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from itertools import islice, pairwise
from xml.etree import ElementTree

import numpy as np

from perflib.data.rich import as_read, is_rich, read_runs, shared_texts

_CELL = rb"<(?:\w+:)?c(?=\s)([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)"
# A whole sheet is looked through faster for a letter that is rare in it, with what stands before it looked at after.
_ERROR = re.compile(rb"""e["'](?<=\st=["']e["'])""")
_MAY_COMPUTE, _FORMULA = re.compile(rb"f(?<=[<:]f)[\s/>]"), re.compile(rb"<(?:\w+:)?f[\s/>]")
_MAY_HIDE = re.compile(rb"""h(?:idden=|(?<=\sh)t=["']0)""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>\s*([^<\s][^<]*)<|<(?:\w+:)?is\b")
_TEXT_RESULT = re.compile(rb"""\st=["']str["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Z]+)(\d+)["']""")
_FAR = re.compile(rb"""r=(?<=\sr=)["'][A-Z]{2,3}\d""")  # beyond column Z; begins with a word: searched faster
_ROW = re.compile(rb"<(?:\w+:)?row(?=\s)([^>]*)>")
_COLUMN, _SPAN = re.compile(rb"<(?:\w+:)?col(?=\s)([^>]*)>"), re.compile(rb"""\s(min|max)=["'](\d+)["']""")
_ROW_PLACE = re.compile(rb"""\sr=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\s(?:hidden=["'](?:1|true)|(?:ht|width)=["']0(?:\.0*)?)["']""")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")
_BUILT_IN = {9: "0%", 10: "0.00%"}  # number formats that a file need not declare
_SIGN = re.compile(r"\[\$([^\]¥￥-]+)|(?<!\[)([$€£₩₹₽₺₫₱₪])")
_SIGNED = 1000  # cells that are marked of each style that shows a sign: enough to tell of it
_SHARED = "xl/sharedStrings.xml"
Place = tuple[int, int]  # row and column, counted from 0

ERROR = re.compile(r"#(?:[^\W\d_][^\W_]*(?:/0)?[!?]|N/?[AV]|GETTING_DATA)|Err:\d+", re.IGNORECASE)
PERCENT, SCALED = "percent", "scaled"
MOST_CELLS = 30_000_000  # a used range beyond this is a stray cell, and would not fit into memory


@dataclass
class Marks:
    """Marks of one sheet; positions are counted from 0."""

    errors: dict[Place, str] = field(default_factory=dict)  # what an error cell shows
    texts: dict[Place, str] = field(default_factory=dict)  # with what is raised or struck out in them
    formats: dict[Place, str] = field(default_factory=dict)  # PERCENT, SCALED, or the unit behind a number
    uncomputed: list[Place] = field(default_factory=list)
    merged: list[tuple[Place, Place]] = field(default_factory=list)  # first and last cell of each range
    struck: list[Place] = field(default_factory=list)  # cells that are struck out as a whole
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    is_hidden: bool = False
    epoch: date = date(1899, 12, 30)  # day 0 of the numbers of days
    size: Place = (0, 0)  # rows and columns of the used range, where it was looked at

    @property
    def is_too_large(self) -> bool:
        return self.size[0] * self.size[1] > MOST_CELLS


def is_error(cell: object) -> bool:
    """Whether `cell` is the word of a spreadsheet's error: `#DIV/0!`, `#N/A`, `Err:502`."""
    return isinstance(cell, str) and ("#" in cell or "rr" in cell) and bool(ERROR.fullmatch(cell.strip()))


def format_kind(code: str) -> str:
    """PERCENT or SCALED for a number format that shows other digits than the cell holds, else the unit it shows,
    the sign of a currency that is no yuan, or as many zeros as it fills a number up to, and what it puts before them.

    >>> format_kind("0.0%"), format_kind('#,##0,"k"'), format_kind("#,##0.00"), format_kind('0.00"万元"')
    ('percent', 'scaled', '', '万元')
    >>> format_kind("0000"), format_kind('"XM"000')
    ('0000', '000XM')
    >>> format_kind("[$€-407] #,##0.00"), format_kind('"$"#,##0'), format_kind("[$¥-804]#,##0"), format_kind("[$-409]0")
    ('€', '$', '', '')
    """
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", code)
    if "%" in plain or "‰" in plain:
        return PERCENT
    unit = re.search('"[^"]*?([百千万亿]*元|[百千万亿]+)', code)
    if unit or re.search(r"[0#?],+(?![0#?,])", plain):
        return SCALED if re.search(r"[0#?],+(?![0#?,])", plain) else unit[1]
    if padded := re.fullmatch(r'((?:"[^"]*"|\\.)*)(0{2,})', code):
        return padded[2] + re.sub(r'["\\]', "", padded[1])
    # of what is not below zero: a minus, a point or digits of the format's own
    first = plain.split(";")[0].strip()
    is_own = not first or first[0] in "-(" or re.search(r'[!\\][.\d]|"[^"]*\d[^"]*"', code.split(";")[0])
    if code and is_own:
        return SCALED
    sign = _SIGN.search(code)
    return (sign[1] or sign[2]).strip() if sign else ""


def is_sign(kind: str) -> bool:
    """Whether what a number format shows is the sign or the letters of a currency."""
    return kind not in ("", PERCENT, SCALED) and not re.search("[百千万亿元]|^00", kind)


def serial(day: date, epoch: date) -> int:
    """The number of days that a cell shown as the date `day` holds; before March 1900 as Excel counts."""
    found = ((day.date() if isinstance(day, datetime) else day) - epoch).days
    return found - 1 if epoch.year == 1899 and found <= 60 else found


def xlsx_marks(packed: zipfile.ZipFile) -> dict[str, Marks]:
    """Marks of each sheet by its name. Raises KeyError, BadZipFile or ParseError for a damaged file."""
    book = ElementTree.fromstring(packed.read("xl/workbook.xml"))
    links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    target = {r.get("Id"): r.get("Target", "") for r in links}
    says = {_local(e.tag): e for e in book.iter()}
    is_1904 = "workbookPr" in says and says["workbookPr"].get("date1904") in ("1", "true")
    styles, struck = _styles(packed)
    names, out = set(packed.namelist()), {}
    texts = shared_texts(packed.read(_SHARED)) if _SHARED in names else {}
    for sheet in (e for e in book.iter() if _local(e.tag) == "sheet"):
        link = next((v for k, v in sheet.attrib.items() if k.startswith("{") and _local(k) == "id"), "")
        path = target.get(link, "")
        part = path.removeprefix("/") if path.startswith("/") else f"xl/{path}"
        marks = _sheet_marks(packed.read(part), styles, struck, texts) if part in names else Marks()
        marks.is_hidden = sheet.get("state", "visible") != "visible"
        marks.epoch = date(1904, 1, 1) if is_1904 else marks.epoch
        out[sheet.get("name", "")] = marks
    return out


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _styles(packed: zipfile.ZipFile) -> tuple[dict[bytes, str], list[bytes]]:
    """The kind of each cell style that shows other digits than the cell holds; and the styles that strike out."""
    if "xl/styles.xml" not in packed.namelist():
        return {}, []
    sheet = ElementTree.fromstring(packed.read("xl/styles.xml"))
    codes = dict(_BUILT_IN)
    for e in (e for e in sheet.iter() if _local(e.tag) == "numFmt"):
        codes[int(e.get("numFmtId", -1))] = e.get("formatCode", "")
    used = next((e for e in sheet.iter() if _local(e.tag) == "cellXfs"), ())
    kinds = [format_kind(codes.get(int(xf.get("numFmtId", 0)), "")) for xf in used]
    fonts = next((e for e in sheet.iter() if _local(e.tag) == "fonts"), ())
    lines = [next((e for e in font if _local(e.tag) == "strike"), None) for font in fonts]
    struck = {at for at, e in enumerate(lines) if e is not None and e.get("val") not in ("0", "false")}
    return (
        {str(at).encode(): kind for at, kind in enumerate(kinds) if kind},
        [str(at).encode() for at, xf in enumerate(used) if int(xf.get("fontId", 0)) in struck],
    )


def _sheet_marks(xml: bytes, styles: dict[bytes, str], struck: list[bytes], texts: dict[bytes, str]) -> Marks:
    marks = Marks(size=_size(xml))
    if _ERROR.search(xml):
        marks.errors = {_place(c[1]): _shown(c[2]) for c in _cells(xml, rb"""[^>]*\st=["']e["']""")}
    if _MAY_COMPUTE.search(xml) and _FORMULA.search(xml):
        formulas = (c for c in _cells(xml, b"") if c[2] and _FORMULA.search(c[2]))
        bare = (c for c in formulas if not _VALUE.search(c[2]) and not _TEXT_RESULT.search(c[1]))
        marks.uncomputed = [_place(c[1]) for c in bare]
    if texts:
        held = ((c[1], _VALUE.search(c[2] or b"")) for c in _cells(xml, rb"""[^>]*\st=["']s["']"""))
        keys = ((tag, (v[1] or b"").strip()) for tag, v in held if v)
        marks.texts = {_place(tag): texts[key] for tag, key in keys if key in texts}
    if is_rich(xml):
        held = ((c[1], read_runs(c[2] or b"")) for c in _cells(xml, rb"""[^>]*\st=["']inlineStr["']"""))
        marks.texts |= {_place(tag): text for tag, text in held if text is not None}
    for style in struck:
        marks.struck += [_place(c[1]) for c in _styled(xml, style) if c[2]]
    for style, kind in styles.items():
        found = _styled(xml, style)
        found = islice(found, _SIGNED) if is_sign(kind) else found
        marks.formats |= {_place(c[1]): kind for c in found if c[2]}
    if _MAY_HIDE.search(xml) or b' width="0' in xml[: max(xml.find(b"sheetData"), 0)]:
        rows = (r[1] for r in _ROW.finditer(xml) if _HIDDEN.search(r[1]))
        marks.hidden_rows = [int(at[1]) - 1 for row in rows if (at := _ROW_PLACE.search(row))]
        spans = (dict(_SPAN.findall(c[1])) for c in _COLUMN.finditer(xml) if _HIDDEN.search(c[1]))
        for span in spans:
            marks.hidden_columns += range(int(span[b"min"]) - 1, min(int(span[b"max"]), 1000))
    for left, top, right, bottom in _MERGED.findall(xml, max(xml.rfind(b"sheetData"), 0)):
        marks.merged.append(((int(top) - 1, column(left)), (int(bottom) - 1, column(right))))
    return marks


def _cells(xml: bytes, having: bytes):
    """The cells whose tag has `having` in it, as matches of (attributes, inside)."""
    ahead = rb"(?=" + having + rb"[^>]*>)" if having else b""
    return re.finditer(_CELL.replace(rb"(?=\s)", rb"(?=\s)" + ahead, 1), xml, re.DOTALL)


def _styled(xml: bytes, style: bytes):
    return _cells(xml, rb"""[^>]*\ss=["']""" + style + rb"""["']""")


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
    return reduce(lambda before, letter: before * 26 + letter - 64, letters, 0) - 1


def _size(xml: bytes) -> Place:
    """Rows and columns that reading the sheet would take, at least; looked at only as closely as needed."""
    last = _ROW_PLACE.search(xml, max(xml.rfind(b"row "), 0))
    rows = int(last[1]) if last else 0
    for letters, widest in ((rb"{3}", 16_384), (rb"{2}", 702)) if _FAR.search(xml) else ():
        wide = re.compile(rb"""r=(?<=\sr=)["']([A-Z]""" + letters + rb""")\d""")
        if wide.search(xml):
            if rows * widest > MOST_CELLS:
                widest = 1 + max(column(m) for m in set(wide.findall(xml)))
            return rows, widest
    return rows, 26


def ods_marks(packed: zipfile.ZipFile) -> dict[str, Marks]:
    """Marks of each sheet by its name. Raises KeyError, BadZipFile or ParseError for a damaged file."""
    out, marks, row, at, unseen, struck = {}, Marks(), 0, 0, set(), set()
    for event, e in ElementTree.iterparse(io.BytesIO(packed.read("content.xml")), ("start", "end")):
        tag = _local(e.tag)
        if event == "start":
            if tag == "table":
                marks, row, at = Marks(is_hidden=_get(e, "style-name") in unseen), 0, 0
                out[_get(e, "name")] = marks
        elif tag == "style" and any(_get(p, "display") == "false" for p in e):
            unseen.add(_get(e, "name"))
        elif tag == "style" and any(_get(p, "text-line-through-style") not in ("", "none") for p in e):
            struck.add(_get(e, "name"))
        elif tag == "null-date" and (day := _get(e, "date-value")):
            marks.epoch = date.fromisoformat(day[:10])
        elif tag == "table-column":
            count = int(_get(e, "number-columns-repeated") or 1)
            is_seen = _get(e, "visibility") not in ("collapse", "filter")
            marks.hidden_columns += [] if is_seen else range(at, min(at + count, 1000))
            at += count
        elif tag == "table-row":
            row = _note_row(marks, e, row, struck)
            e.clear()
    epoch = next((m.epoch for m in out.values()), marks.epoch)
    for other in out.values():
        other.epoch = epoch
    return out


def _get(e: ElementTree.Element, name: str) -> str:
    return next((v for k, v in e.attrib.items() if _local(k) == name), "")


def _note_row(marks: Marks, e: ElementTree.Element, row: int, struck: set[str]) -> int:
    """Note the marks of a row's cells; the number of the row that follows."""
    times, at, last = int(_get(e, "number-rows-repeated") or 1), 0, 0
    for cell in e:
        count = int(_get(cell, "number-columns-repeated") or 1)
        text = "".join(cell.itertext()).strip()
        if text or _get(cell, "value") or _get(cell, "formula"):
            last = at + count
            _note_cell(marks, cell, text, row, at)
            marks.struck += [(row, at)] if struck and _get(cell, "style-name") in struck else []
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
    elif (code := _get(cell, "currency")) not in ("", "CNY"):
        marks.formats[row, at] = code
    elif _get(cell, "formula") and not text and not _get(cell, "value-type"):
        marks.uncomputed.append((row, at))
    elif _get(cell, "value-type") == "float" and (kind := _shown_kind(text, _get(cell, "value"))):
        marks.formats[row, at] = kind
    down, right = (int(_get(cell, f"number-{n}-spanned") or 1) for n in ("rows", "columns"))
    if down > 1 or right > 1:
        marks.merged.append(((row, at), (row + down - 1, at + right - 1)))


def _shown_kind(text: str, value: str) -> str:
    """As `format_kind` has it, by what a cell of a number shows."""
    if text[:1] == "0" and text.isdigit() and len(text) > 1:
        return "0" * len(text)
    unit = re.search("[百千万亿]*元$|[万亿]$", text)
    return SCALED if text and not _shows(text, float(value or "nan")) else unit[0] if unit else ""


def _shows(text: str, value: float) -> bool:
    """Whether `text` shows `value`, rounded or not, with either mark before the decimals; True where it has no digit,
    or is of another kind (9E+04, 1/2).

    >>> _shows("90,000", 90000.25), _shows("90.000,3", 90000.25), _shows("9.0万元", 90000.25), _shows("90", 90000.25)
    (True, True, False, False)
    """
    for mark in ".,":
        whole, _, part = re.sub(rf"[^\d{mark}]", "", text).partition(mark)
        if not (whole + part).isdigit():
            return True
        if abs(abs(value) - float(f"{whole or 0}.{part}0")) <= 0.51 * 0.1 ** len(part):
            return True
    return bool(re.search(r"[eE/]", text))


def xls_marks(content: bytes) -> dict[str, Marks]:
    """Marks of each sheet by its name. Raises whatever xlrd raises for a damaged file."""
    import xlrd

    with open(os.devnull, "w") as silence:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=silence)
    kinds = np.array([format_kind(book.format_map[xf.format_key].format_str) for xf in book.xf_list], object)
    return {sheet.name: _xls_sheet_marks(sheet, book, kinds) for sheet in book.sheets()}


def _xls_sheet_marks(sheet, book, kinds: np.ndarray) -> Marks:
    import xlrd

    marks = Marks(is_hidden=sheet.visibility != 0, size=(sheet.nrows, sheet.ncols))
    marks.epoch = date(1904, 1, 1) if book.datemode else marks.epoch
    marks.hidden_rows = [row for row, info in sheet.rowinfo_map.items() if info.hidden and row < sheet.nrows]
    marks.hidden_columns = [at for at, info in sheet.colinfo_map.items() if info.hidden and at < sheet.ncols]
    marks.merged = [((top, left), (low - 1, right - 1)) for top, low, left, right in sheet.merged_cells]
    for (row, at), runs in sheet.rich_text_runlist_map.items():
        text = sheet.cell_value(row, at)
        first = book.xf_list[sheet.cell_xf_index(row, at)].font_index
        fonts = [book.font_list[f] for f in (first, *(f for _, f in runs))]
        parts = [text[a:b] for a, b in pairwise((0, *(offset for offset, _ in runs), len(text)))]
        shown = as_read((p, f.escapement == 1, bool(f.struck_out)) for p, f in zip(parts, fonts, strict=True))
        marks.texts |= {(row, at): shown} if shown != text else {}
    lines = np.array([bool(book.font_list[xf.font_index].struck_out) for xf in book.xf_list])
    for row in range(sheet.nrows):
        types = np.array(sheet.row_types(row))
        if lines.any():
            told = np.flatnonzero((types != xlrd.XL_CELL_EMPTY) & (types != xlrd.XL_CELL_BLANK))
            marks.struck += [(row, int(at)) for at in told if lines[sheet.cell_xf_index(row, at)]]
        for at in np.flatnonzero(types == xlrd.XL_CELL_ERROR):
            marks.errors[row, int(at)] = xlrd.error_text_from_code.get(sheet.cell_value(row, at), "#")
        if any(kinds):
            for at in np.flatnonzero(types == xlrd.XL_CELL_NUMBER):
                if kind := kinds[sheet.cell_xf_index(row, at)]:
                    marks.formats[row, int(at)] = kind
    return marks
