"""The report as a Word file: native captions, filled contents, A4, the same bytes each time."""

import io
import re
import struct
import tempfile
import zipfile
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from rich.cells import cell_len

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
CLOSING = ("methods", "sources")  # what closes a report goes on on the same page
_STAMP = (2020, 1, 1, 0, 0, 0)
_NARROW_CELLS = '<w:tblCellMar><w:left w:w="50" w:type="dxa"/><w:right w:w="50" w:type="dxa"/></w:tblCellMar>'
TALLEST = 1.075
"""Of a figure as wide as the page, height over width: 172 mm, what a chapter's first page has left."""
PAGE, FILLED, ACROSS, LINE, ROW = 250, 0.6, 80, 5.5, 5
"""Of a leader's page: its text's height in mm; how full it is before a question begins the next one; half-width letters
in a line; mm that a line takes, and a row of a table."""


def report_docx(report: Report, tree: dict, folder: Path) -> bytes:
    """The Word file. `folder` holds `figures/`."""
    counts = dict.fromkeys(("figure", "table"), 0)
    spaced = {**tree, "blocks": _apart(tree["blocks"])}
    spaced["blocks"] = _paged(spaced["blocks"], folder)
    body = changed(spaced, lambda element: _element(element, folder, report, counts))
    opening = _title(report) if report.look == "leader" else [*_cover(report), *_contents(report, tree)]
    body["blocks"] = [*opening, *body["blocks"]]
    kind, marks = "leader" if report.look == "leader" else "report", " · ".join(report.marks)
    styles = reference(kind, report.lang, title=report.running, marks=marks)
    author = report.prepared_by or report.district_name
    return docx(body, report.lang, styles, report.title, author, f"--resource-path={folder}")


def docx(body: dict, lang: str, styles: bytes, title: str, author: str, *options: str) -> bytes:
    """The Word file of pandoc's tree `body` in the `styles` of another, with its title and author."""
    body["meta"] = {"lang": {"t": "MetaString", "c": LANG[lang]}}
    with tempfile.TemporaryDirectory() as made:
        first, target = Path(made) / "reference.docx", Path(made) / "made.docx"
        first.write_bytes(styles)
        pandoc(as_json(body), "json", "docx", f"--reference-doc={first}", f"--output={target}", *options)
        return rezipped(target.read_bytes(), lambda name, data: _named(name, data, title, author))


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


def _named(name: str, data: bytes, title: str, author: str) -> bytes:
    """The file's title and author, which pandoc can't be told without printing them."""
    if name != "docProps/core.xml":
        return data
    text = re.sub(r"<dc:(title|creator)>.*?</dc:\1>|<dc:(title|creator) ?/>", "", data.decode("utf-8"))
    given = f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
    return text.replace("</cp:coreProperties>", given + "</cp:coreProperties>").encode("utf-8")


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


def _apart(blocks: list[dict]) -> list[dict]:
    """`blocks`, a text that follows a table at a distance from it."""
    inside = [{**b, "c": [b["c"][0], _apart(b["c"][1])]} if b["t"] == "Div" else b for b in blocks]
    pairs = pairwise([{"t": ""}, *inside])
    return [_styled("AfterTable", [b]) if (a["t"], b["t"]) == ("Table", "Para") else b for a, b in pairs]


def _paged(blocks: list[dict], folder: Path) -> list[dict]:
    """`blocks`, each question "short", so that it begins no page, where the page before would be left half empty."""
    full, paged = 1.0, []
    for block in blocks:
        if "question" in classes(block):
            tall = sum(_height(inner, folder) for inner in block["c"][1]) / PAGE
            is_next = "short" not in classes(block) and full >= FILLED and full + tall > 1
            full = (tall if is_next else full + tall) % 1
            block = {**block, "c": [["", ["question", *["short"] * (not is_next)], []], block["c"][1]]}
        paged.append(block)
    return paged


def _height(block: dict, folder: Path) -> float:
    """About how many mm of a page `block` takes."""
    if block["t"] == "Div":
        return sum(_height(inner, folder) for inner in block["c"][1])
    if block["t"] == "Table":
        rows = [row for body in block["c"][4] for row in body[3]]
        lines = [max(cell_len(plain(cell[4])) // (ACROSS // 2) for cell in row[1]) + 1 for row in rows]
        return 4 * LINE + ROW * sum(lines)
    if block["t"] == "Figure":
        drawing = folder / block["c"][2][0]["c"][0]["c"][2][0]
        width, height = _size(drawing)
        return 1.6 * drawn_width(drawing) * height / width + 2 * LINE
    if block["t"] in ("Para", "Plain", "Header"):
        words = plain(block["c"][-1] if block["t"] == "Header" else block["c"])
        return LINE * (cell_len(words) // ACROSS + (3 if block["t"] == "Header" else 1.5))
    return LINE * 2 * len(block["c"]) if block["t"] == "BulletList" else LINE


def _element(element: dict, folder: Path, report: Report, counts: dict[str, int]) -> list | None:
    if element["t"] == "Table":
        (id, *_), (_, caption), columns, head, bodies, _ = element["c"]
        made = table(columns, head, bodies, plain(caption))
        return [_caption("table", id, caption, report, counts), raw("openxml", made, block=True)]
    if element["t"] == "Figure":
        (id, *_), (_, caption), drawn = element["c"]
        return [_styled("Captioned Figure", drawn), _caption("figure", id, caption, report, counts)]
    if element["t"] == "Header" and element["c"][1][0] in CLOSING:
        words = _paragraph("Heading1", plain(element["c"][2]), '<w:pageBreakBefore w:val="0"/>')
        return [{"t": "Div", "c": [element["c"][1], [raw("openxml", words, block=True)]]}]
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
        is_short = "short" in classes(element)
        return [_styled("KickerShort", blocks[0]["c"][1]), *blocks[1:]] if is_short else blocks
    for kind in BLOCKS:
        if kind in classes(element) and element["t"] == "Div":
            return [_styled(kind.capitalize(), element["c"][1])]
    if "at" in classes(element):
        return [raw("openxml", _page_of(element["c"][2][0].removeprefix("#"), report))]
    return without_facts(element)


def drawn_width(drawing: Path) -> float:
    """Per cent of the page's width that a PNG file may take: all of it, unless it is tall."""
    width, height = _size(drawing)
    return 100 * min(1, TALLEST * width / height)


def _size(drawing: Path) -> tuple[int, int]:
    with drawing.open("rb") as file:
        return struct.unpack(">II", file.read(24)[16:])


def _styled(style: str, blocks: list) -> dict:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], blocks]}


def _paragraph(style: str, text: str, more: str = "") -> str:
    """A paragraph of plain text, its lines below each other, with `more` properties than its style has."""
    is_cjk = any(character > "\u2e7f" for character in text)  # then its quotation marks are Chinese ones too
    hint = '<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>' if is_cjk else ""
    lines = "<w:r><w:br/></w:r>".join(
        f'<w:r>{hint}<w:t xml:space="preserve">{escape(t)}</w:t></w:r>' for t in text.split("\n")
    )
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{lines}</w:p>'


def _caption(kind: str, id: str, words: list[dict], report: Report, counts: dict[str, int]) -> dict:
    """The caption of a figure or table, its number a field that Word counts."""
    counts[kind] += 1
    field = f'<w:fldSimple w:instr="SEQ {kind.capitalize()} \\* ARABIC "><w:r><w:t>{counts[kind]}</w:t></w:r></w:fldSimple>'
    lead = [{"t": "Str", "c": f"{report.say(kind)}\u00a0"}, raw("openxml", field)]
    gap = {"t": "Str", "c": "\u3000" if report.lang == "zh" else ". "}
    inlines = [word for block in words for word in block["c"]]
    style, told = {"table": "Table Caption", "figure": "Image Caption"}[kind], [*lead, gap, *inlines]
    return {"t": "Div", "c": [[id, [], [["custom-style", style]]], [{"t": "Para", "c": told}]]}


def table(columns: list, head: list, bodies: list, caption: str) -> str:
    """Pandoc's table in small type (smaller when it is wide), whose head stays with the first row and comes again on
    each page, and whose rows stay whole on a page.
    """
    is_wide = len(columns) > MANY_COLUMNS
    style = "WideTableText" if is_wide else "TableText"
    sides = ["right" if side["t"] == "AlignRight" else "left" for side, _ in columns]
    widths = [round(7920 * width["c"]) if "c" in width else 7920 // len(columns) for _, width in columns]

    def row(cells: list, of_row: str, of_cell: str = "") -> str:
        told = ""
        for cell, side in zip(cells, sides, strict=True):
            text = _paragraph(style, plain(cell[4]), f'{of_cell}<w:jc w:val="{side}"/>')
            told += f"<w:tc><w:tcPr/>{text}</w:tc>"
        return f"<w:tr><w:trPr>{of_row}</w:trPr>{told}</w:tr>"

    heads = [row(cells, "<w:tblHeader/>", "<w:keepNext/>") for _, cells in head[1]]
    rows = [row(cells, "<w:cantSplit/>") for body in bodies for _, cells in body[3]]
    look = '<w:tblLook w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="0" w:val="0020"/>'
    properties = (
        '<w:tblStyle w:val="Table"/><w:tblW w:type="pct" w:w="5000"/><w:tblLayout w:type="fixed"/>'
        f"{_NARROW_CELLS if is_wide else ''}{look}<w:tblCaption w:val={quoteattr(caption)}/>"
    )
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{_grid(*widths)}{''.join(heads + rows)}</w:tbl>"


def _title(report: Report) -> list:
    """The head of a report without a cover: marks, title, a rule."""
    words = _paragraph("TopMark", " · ".join(report.marks)) + _paragraph("TopTitle", report.running)
    words += _paragraph("Note", report.period) if report.years else ""
    return [raw("openxml", words, block=True)]


def _page_of(anchor: str, report: Report) -> str:
    """The page on which `anchor` stands: a field that Word fills in."""
    before, after = report.say("at_page", page="|").split("|")
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    return run.format(f" ({before}") + _page_field(anchor) + run.format(f"{after})")


def _page_field(anchor: str) -> str:
    """The number of the page on which `anchor` stands: a field that Word fills in when it opens the file, and that is
    blank until then, since nobody else knows where Word's pages end.
    """
    marks = (f'<w:r><w:fldChar w:fldCharType="{kind}"{dirty}/></w:r>' for kind, dirty in
             (("begin", ' w:dirty="true"'), ("separate", ""), ("end", "")))  # fmt: skip
    begin, separate, end = marks
    told = f'<w:r><w:instrText xml:space="preserve"> PAGEREF {anchor} \\h </w:instrText></w:r>'
    return f"{begin}{told}{separate}{end}"


def _cover(report: Report) -> list:
    place = "" if report.place in report.title else report.place
    told = {"CoverMark": " · ".join(report.marks), "CoverPlace": place}
    told |= {"CoverTitle": "\n".join(title_lines(report)), "CoverLine": report.period}
    paragraphs = [_paragraph(style, text) for style, text in told.items()]
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
    told = ("".join(_paragraph(f"Key{k.capitalize()}", v) for k, v in tile.items()) for tile in padded)
    cells = [_cell(width, text) for text in told]
    rows = "".join(f"<w:tr>{''.join(cells[i : i + wide])}</w:tr>" for i in range(0, len(cells), wide))
    size = f'<w:tblW w:w="{wide * width}" w:type="dxa"/>'
    head = f"<w:tblPr>{size}<w:tblBorders>{lines}</w:tblBorders></w:tblPr>"
    return f"<w:tbl>{head}{_grid(*[width] * wide)}{rows}</w:tbl>"


def _grid(*widths: int) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tblGrid>{columns}</w:tblGrid>"


def _cell(width: int, content: str, borders: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{borders}</w:tcPr>{content}</w:tc>'


def _contents(report: Report, tree: dict) -> list:
    """The contents, filled: a field that Word can update, whose entries are links and whose pages are fields."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r><w:r><w:instrText xml:space="preserve">'
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
