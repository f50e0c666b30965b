"""The report as a Word file: native captions, filled contents, A4, the same bytes each time."""

import io
import re
import struct
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from perflib.data.places import shared_folder
from perflib.show.assembly import Report
from perflib.show.document import (
    as_json,
    attribute,
    cards,
    changed,
    classes,
    headings,
    pandoc,
    plain,
    raw,
    without_facts,
)
from perflib.show.pdf import BLOCKS, MANY_COLUMNS, title_lines

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PALE = "D5DBE1"
LANG = {"zh": "zh-Hans", "en": "en-GB"}
_TABLE = re.compile(r"<w:tbl>.*?</w:tbl>", re.DOTALL)
_AFTER_TABLE = re.compile(
    r'(</w:tbl>\s*(?:<w:bookmarkEnd [^>]*>\s*)*<w:p>\s*<w:pPr>\s*<w:pStyle w:val="(?:FirstParagraph|BodyText|Note)" ?/>)'
)
_CAPTION_END = re.compile(
    r'(</w:fldSimple>\s*(?:<w:bookmarkEnd [^>]*>)?\s*<w:r>\s*<w:t xml:space="preserve">): '
)
_CLOSING = re.compile(
    r'(<w:bookmarkStart [^>]*w:name="(?:methods|sources)"[^>]*/>\s*<w:p>\s*'
    r'<w:pPr>\s*<w:pStyle w:val="Heading1" ?/>)'
)
_STAMP = (2020, 1, 1, 0, 0, 0)
_NARROW_CELLS = '<w:tblCellMar><w:left w:w="50" w:type="dxa"/><w:right w:w="50" w:type="dxa"/></w:tblCellMar>'
TALLEST = 1.075
"""Of a figure as wide as the page, height over width: 172 mm, what a chapter's first page has left."""


def report_docx(report: Report, tree: dict, folder: Path) -> bytes:
    """The Word file. `folder` holds `figures/`."""
    body = changed(tree, lambda element: _element(element, folder, report))
    opening = _title(report) if report.look == "leader" else [*_cover(report), *_contents(report, tree)]
    body["blocks"] = [*opening, *body["blocks"]]
    body["meta"] = {"lang": {"t": "MetaString", "c": LANG[report.lang]}}
    with tempfile.TemporaryDirectory() as made:
        styles, target = Path(made) / "reference.docx", Path(made) / "report.docx"
        kind, marks = "leader" if report.look == "leader" else "report", " · ".join(report.marks)
        styles.write_bytes(reference(kind, report.lang, title=report.running, marks=marks))
        options = [f"--reference-doc={styles}", f"--output={target}", f"--resource-path={folder}"]
        pandoc(as_json(body), "json", "docx+native_numbering", *options)
        return rezipped(target.read_bytes(), lambda name, data: _mended(name, data, report))


def reference(kind: str, lang: str, *, marks: str, title: str = "") -> bytes:
    """Our styles, page, header and footer: a Word file of `reports/templates/word`, to be edited in Word; `title` and
    `marks` stand in the head of every page."""
    file = shared_folder("reports/templates") / "word" / f"{kind}.{lang}.docx"
    words = {"{title}": title, "{marks}": marks}

    def filled(name: str, data: bytes) -> bytes:
        if name != "word/header1.xml":
            return data
        text = data.decode("utf-8")
        for place, given in words.items():
            text = text.replace(place, escape(given))
        return text.encode("utf-8")

    return rezipped(file.read_bytes(), filled)


def named(name: str, data: bytes, title: str, author: str) -> bytes:
    """The file's title and author, which pandoc can't be told without printing them."""
    if name != "docProps/core.xml":
        return data
    text = re.sub(r"<dc:(title|creator)>.*?</dc:\1>|<dc:(title|creator) ?/>", "", data.decode("utf-8"))
    given = f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
    return text.replace("</cp:coreProperties>", given + "</cp:coreProperties>").encode("utf-8")


def _mended(name: str, data: bytes, report: Report) -> bytes:
    """What pandoc can't be told: small type in tables, and the file's title and author."""
    if name == "word/document.xml":
        return mended_body(data.decode("utf-8"), report.lang).encode("utf-8")
    return named(name, data, report.title, report.prepared_by or report.district_name)


def mended_body(text: str, lang: str) -> str:
    """Tables in small type; a Chinese caption without colon; what closes the report on the same page."""
    text = _AFTER_TABLE.sub(r'\1<w:spacing w:before="200"/>', _TABLE.sub(_mended_table, text))
    text = _CAPTION_END.sub(lambda m: m.group(1) + ("\u3000" if lang == "zh" else ". "), text)
    return _CLOSING.sub(r'\1<w:pageBreakBefore w:val="0"/>', text)


def _mended_table(found: re.Match) -> str:
    """A table in small type (smaller when it is wide), whose head stays with the first row, and whose rows stay
    whole on a page."""
    table, style = found.group(), "TableText"
    if table.count("<w:gridCol") > MANY_COLUMNS:
        table, style = table.replace("<w:tblLook", _NARROW_CELLS + "<w:tblLook", 1), "WideTableText"
    head, split, rows = table.replace('w:val="Compact"', f'w:val="{style}"').partition("</w:tr>")
    kept = head.replace(f'<w:pStyle w:val="{style}" />', f'<w:pStyle w:val="{style}" /><w:keepNext/>')
    return kept + split + rows.replace("<w:tr><w:tc>", "<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>")


def rezipped(content: bytes, mend) -> bytes:
    """The zip `content` with each part mended, in a fixed order, at a fixed time."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {n: mend(n, old.read(n)) for n in old.namelist() if not n.endswith("/")}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(parts, key=lambda n: (n != "[Content_Types].xml", n)):
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, parts[name])
    return held.getvalue()


def _element(element: dict, folder: Path, report: Report) -> list | None:
    if element["t"] == "Image":
        attributes, alt, (source, title) = element["c"]
        words = attribute(attributes, "alt") or plain(alt)
        sized = [attributes[0], [], [["width", f"{drawn_width(folder / source):.0f}%"]]]
        return [{"t": "Image", "c": [sized, [{"t": "Str", "c": words}], [source, title]]}]
    pairs = cards(element)
    if pairs is not None:
        return [raw("openxml", card_table(pairs), block=True)]
    if "question" in classes(element):
        blocks = element["c"][1]
        return (
            [_styled("KickerShort", blocks[0]["c"][1]), *blocks[1:]]
            if "short" in classes(element)
            else blocks
        )
    for kind in BLOCKS:
        if kind in classes(element) and element["t"] == "Div":
            return [_styled(kind.capitalize(), element["c"][1])]
    if "at" in classes(element):
        return [raw("openxml", _page_of(element["c"][2][0].removeprefix("#"), report))]
    return without_facts(element)


def drawn_width(drawing: Path) -> float:
    """Per cent of the page's width that a PNG file may take: all of it, unless it is tall."""
    with drawing.open("rb") as file:
        width, height = struct.unpack(">II", file.read(24)[16:])
    return 100 * min(1, TALLEST * width / height)


def _styled(style: str, blocks: list) -> dict:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], blocks]}


def _paragraph(style: str, text: str) -> str:
    lines = "<w:r><w:br/></w:r>".join(
        f'<w:r><w:t xml:space="preserve">{escape(t)}</w:t></w:r>' for t in text.split("\n")
    )
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{lines}</w:p>'


def _title(report: Report) -> list:
    """The head of a report without a cover: marks, title, a rule."""
    words = _paragraph("TopMark", " · ".join(report.marks)) + _paragraph("TopTitle", report.running)
    return [raw("openxml", words, block=True)]


def _page_of(anchor: str, report: Report) -> str:
    """The page on which `anchor` stands: a field that Word fills in."""
    before, after = report.say("at_page", page="|").split("|")
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    return run.format(f" ({before}") + _page_field(anchor) + run.format(f"{after})")


def _page_field(anchor: str) -> str:
    """The number of the page on which `anchor` stands: a field that Word fills in when it opens the file."""
    marks = (f'<w:r><w:fldChar w:fldCharType="{kind}"{dirty}/></w:r>' for kind, dirty in
             (("begin", ' w:dirty="true"'), ("separate", ""), ("end", "")))  # fmt: skip
    begin, separate, end = marks
    told = f'<w:r><w:instrText xml:space="preserve"> PAGEREF {anchor} \\h </w:instrText></w:r>'
    return f"{begin}{told}{separate}<w:r><w:t>1</w:t></w:r>{end}"


def _cover(report: Report) -> list:
    place = "" if report.place in report.title else report.place
    paragraphs = [
        _paragraph("CoverMark", " · ".join(report.marks)),
        _paragraph("CoverPlace", place),
        _paragraph("CoverTitle", "\n".join(title_lines(report))),
        _paragraph("CoverLine", report.period),
    ]
    return [raw("openxml", "".join([*paragraphs, _fields(report.cover_fields)]), block=True)]


def _fields(fields: list[tuple[str, str]]) -> str:
    line = f'<w:tcBorders><w:bottom w:val="single" w:sz="4" w:color="{PALE}"/></w:tcBorders>'
    rows = "".join(
        f"<w:tr>{_cell(2000, _paragraph('CoverField', label))}"
        f"{_cell(4000, _paragraph('CoverField', value), line)}</w:tr>"
        for label, value in fields
    )
    head = '<w:tblPr><w:tblW w:w="6000" w:type="dxa"/><w:jc w:val="center"/></w:tblPr>'
    return f"<w:tbl>{head}{_grid(2000, 4000)}{rows}</w:tbl>"


def card_table(tiles: list[dict[str, str]]) -> str:
    """Tiles three a row, or two where none would be left over, in a table of thin lines."""
    wide = 2 if len(tiles) in (2, 4) else 3
    width, sides = 9069 // wide, ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="{PALE}"/>' for side in sides)
    padded = [*tiles, *[{"value": ""}] * (-len(tiles) % wide)]
    cells = [
        _cell(width, "".join(_paragraph(f"Key{k.capitalize()}", v) for k, v in tile.items()))
        for tile in padded
    ]
    rows = "".join(f"<w:tr>{''.join(cells[i : i + wide])}</w:tr>" for i in range(0, len(cells), wide))
    head = (
        f'<w:tblPr><w:tblW w:w="{wide * width}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders></w:tblPr>'
    )
    return f"<w:tbl>{head}{_grid(*[width] * wide)}{rows}</w:tbl>"


def _grid(*widths: int) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tblGrid>{columns}</w:tblGrid>"


def _cell(width: int, content: str, borders: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{borders}</w:tcPr>{content}</w:tc>'


def _contents(report: Report, tree: dict) -> list:
    """The contents, filled: a field that Word can update, whose entries are links and whose pages are fields."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">'
        ' TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    entries = [
        f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{begin if i == 0 else ""}'
        f'<w:hyperlink w:anchor={quoteattr(id)} w:history="1"><w:r><w:t xml:space="preserve">{escape(text)}'
        f"</w:t></w:r><w:r><w:tab/></w:r>{_page_field(id)}</w:hyperlink></w:p>"
        for i, (level, id, text) in enumerate(headings(tree))
    ]
    head = _paragraph("TOCHeading", report.say("contents"))
    return [raw("openxml", head + "".join(entries) + end, block=True)]
