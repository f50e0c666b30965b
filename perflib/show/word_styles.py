"""The styles of the Word file: made by code, in the fonts that offices have."""

from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
INK, GREY, BLUE, ORANGE, PALE = "1D2733", "5B6673", "1F4E8C", "B34D05", "D5DBE1"
# Names that Chinese Word has, and what stands in where it hasn't.
FALLBACKS = {"仿宋": "FangSong_GB2312", "黑体": "SimHei", "楷体": "KaiTi_GB2312", "宋体": "SimSun"}
FACES = {
    "zh": {
        "body": ("仿宋", "Times New Roman"),
        "head": ("黑体", "Arial"),
        "sub": ("楷体", "Times New Roman"),
    },
    "en": {"body": ("宋体", "Calibri"), "head": ("黑体", "Calibri"), "sub": ("黑体", "Calibri")},
}


@dataclass(frozen=True)
class Style:
    """One paragraph style: sizes in points, spacing before and after in points."""

    id: str
    size: float
    face: str = "body"
    colour: str = INK
    before: float = 0
    after: float = 6
    line: float = 1.3
    align: str = "left"
    extra: str = ""
    outline: int | None = None
    is_indented: bool = False


_KEEP = "<w:keepNext/><w:keepLines/>"
_RULE = f'<w:pBdr><w:bottom w:val="single" w:sz="8" w:space="4" w:color="{BLUE}"/></w:pBdr>'
_BAR = f'<w:pBdr><w:left w:val="single" w:sz="36" w:space="10" w:color="{ORANGE}"/></w:pBdr>'
_DOTS = '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9070"/></w:tabs>'
STYLES = (
    Style("Normal", 12),
    Style("BodyText", 12, line=1.5, align="both", is_indented=True),
    Style("FirstParagraph", 12, line=1.5, align="both", is_indented=True),
    Style("Compact", 12, line=1.5, after=3),
    Style("TableText", 9, line=1.15, before=2, after=2),
    Style("WideTableText", 7, line=1.1, before=2, after=2),
    Style(
        "Heading1", 17, "head", before=6, after=14, extra=_KEEP + "<w:pageBreakBefore/>" + _RULE, outline=0
    ),
    Style("Heading2", 14, "sub", BLUE, before=16, after=6, extra=_KEEP, outline=1),
    Style("Heading3", 12, "sub", before=10, after=4, extra=_KEEP, outline=2),
    Style("Headline", 13, line=1.5, before=6, after=12, extra=_BAR),
    Style("Kicker", 10, colour=GREY, before=0, after=2, extra="<w:keepNext/><w:pageBreakBefore/>"),
    Style("KickerShort", 10, colour=GREY, before=18, after=2, extra="<w:keepNext/>"),
    Style("Todo", 11, line=1.4, before=4, after=6, extra=_BAR),
    Style("Sure", 9, colour=GREY, before=2, after=8),
    Style("Decisions", 11, line=1.3, before=2, after=2),
    Style("TopMark", 9, colour=ORANGE, after=0, align="right"),
    Style("TopTitle", 20, "head", after=8, line=1.2, extra=_RULE),
    Style("Note", 9, colour=GREY, before=2, after=8),
    Style("TableCaption", 10, "head", before=12, after=4, extra=_KEEP),
    Style("ImageCaption", 10, "head", before=4, after=12),
    Style("CaptionedFigure", 12, before=10, after=0, line=1, extra="<w:keepNext/>"),
    Style("Figure", 12, line=1),
    Style("KeyValue", 16, "head", BLUE, before=6, after=0, line=1.1, extra="<w:keepNext/>"),
    Style("KeyLabel", 9, colour=GREY, after=6, line=1.1),
    Style("KeyNote", 8.5, colour=GREY, after=2, line=1.1),
    Style("KeyVerdict", 8.5, colour=BLUE, after=6, line=1.1),
    Style("KeyAct", 8.5, colour=ORANGE, after=6, line=1.1),
    Style("CoverMark", 12, colour=ORANGE, after=0, align="right"),
    Style("CoverPlace", 18, colour=GREY, before=150, after=8, align="center"),
    Style("CoverTitle", 32, "head", before=0, after=10, line=1.25, align="center"),
    Style("CoverLine", 13, colour=GREY, before=10, after=150, align="center"),
    Style("CoverField", 12, before=5, after=1, line=1),
    Style("TOCHeading", 17, "head", before=6, after=14, extra="<w:pageBreakBefore/>" + _RULE),
    Style("TOC1", 12, before=7, after=2, line=1.15, extra=_DOTS),
    Style("TOC2", 11, colour=GREY, after=1, line=1.15, extra=_DOTS),
    Style(
        "Header",
        9,
        colour=GREY,
        after=0,
        line=1,
        extra=f'<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="4" w:color="{PALE}"/></w:pBdr>'
        '<w:tabs><w:tab w:val="right" w:pos="9070"/></w:tabs>',
    ),
    Style("Footer", 9, colour=GREY, after=0, line=1, align="center"),
)
_NAMES = {
    "BodyText": "Body Text",
    "FirstParagraph": "First Paragraph",
    "Heading1": "heading 1",
    "Heading2": "heading 2",
    "Heading3": "heading 3",
    "TableCaption": "Table Caption",
    "ImageCaption": "Image Caption",
    "CaptionedFigure": "Captioned Figure",
    "TOCHeading": "TOC Heading",
    "TOC1": "toc 1",
    "TOC2": "toc 2",
    "Header": "header",
    "Footer": "footer",
}


def styles_xml(lang: str, kind: str = "") -> str:
    """`word/styles.xml` for a report in `lang`; the leader's has its page breaks before the question, not the heading."""
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{_fonts("body", lang)}<w:sz w:val="24"/><w:szCs w:val="24"/>'
        f'<w:lang w:val="{"en-GB" if lang == "en" else "zh-CN"}" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr>'
        "</w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    )
    paragraphs = "".join(_paragraph_style(style, lang) for style in STYLES)
    if kind == "leader":
        known = {style.id: style for style in STYLES}
        smaller = {"Compact": 10.5, "BodyText": 11, "FirstParagraph": 11, "Headline": 12}
        ours = {id: replace(known[id], size=size, line=1.3) for id, size in smaller.items()}
        ours["Heading1"] = replace(known["Heading1"], size=15, extra=_KEEP + _RULE)
        for id, style in ours.items():
            paragraphs = paragraphs.replace(_paragraph_style(known[id], lang), _paragraph_style(style, lang))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><w:styles {W} {R}>{defaults}{paragraphs}{_OTHERS}</w:styles>'
    )


def fonts_xml() -> str:
    """`word/fontTable.xml`: what may stand in for a font that is not there."""
    fonts = "".join(
        f"<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(other)}/>"
        '<w:charset w:val="86"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {W} {R}>{fonts}</w:fonts>'


def header_xml(left: str, right: str) -> str:
    """A header: the report's title to the left, its marks to the right in orange."""
    marks = (
        f'<w:r><w:tab/></w:r><w:r><w:rPr><w:color w:val="{ORANGE}"/></w:rPr>{_text(right)}</w:r>'
        if right
        else ""
    )
    body = f'<w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r>{_text(left)}</w:r>{marks}</w:p>'
    return f'<?xml version="1.0" encoding="UTF-8"?><w:hdr {W} {R}>{body}</w:hdr>'


def footer_xml(before: str, between: str, after: str) -> str:
    """A footer with the page's number and how many there are."""
    runs = [_run(before), _field("PAGE"), _run(between), _field("NUMPAGES"), _run(after)]
    body = f'<w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{"".join(runs)}</w:p>'
    return f'<?xml version="1.0" encoding="UTF-8"?><w:ftr {W} {R}>{body}</w:ftr>'


def section_xml() -> str:
    """A4, with header and footer on every page but the cover, whose marks are in its text."""
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rIdHead"/>'
        '<w:footerReference w:type="default" r:id="rIdFoot"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1588" w:right="1418" w:bottom="1361" w:left="1418" w:header="794" w:footer="680" '
        'w:gutter="0"/><w:titlePg/></w:sectPr>'
    )


def _paragraph_style(style: Style, lang: str) -> str:
    is_default = ' w:default="1"' if style.id == "Normal" else ""
    based = "" if style.id == "Normal" else '<w:basedOn w:val="Normal"/>'
    after_heading = '<w:next w:val="BodyText"/>' if style.outline is not None else ""
    indent = '<w:ind w:firstLineChars="200" w:firstLine="480"/>' if style.is_indented and lang == "zh" else ""
    level = f'<w:outlineLvl w:val="{style.outline}"/>' if style.outline is not None else ""
    extra, own_indent = style.extra, ""
    if "<w:ind" in extra:
        extra, own_indent = "", extra
    spacing = (
        f'<w:spacing w:before="{round(style.before * 20)}" w:after="{round(style.after * 20)}" '
        f'w:line="{round(style.line * 240)}" w:lineRule="auto"/>'
    )
    return (
        f'<w:style w:type="paragraph"{is_default} w:styleId="{style.id}">'
        f'<w:name w:val="{_NAMES.get(style.id, style.id)}"/>{based}{after_heading}<w:qFormat/>'
        f'<w:pPr>{extra}{spacing}{own_indent}{indent}<w:jc w:val="{style.align}"/>{level}</w:pPr>'
        f'<w:rPr>{_fonts(style.face, lang)}<w:color w:val="{style.colour}"/>'
        f'<w:sz w:val="{round(style.size * 2)}"/><w:szCs w:val="{round(style.size * 2)}"/></w:rPr></w:style>'
    )


def _fonts(face: str, lang: str) -> str:
    asian, latin = FACES[lang][face]
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{asian}" w:cs="{latin}"/>'


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>'


def _run(text: str) -> str:
    return f"<w:r>{_text(text)}</w:r>" if text else ""


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


_OTHERS = (
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/></w:style>'
    '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
    f'<w:rPr><w:color w:val="{BLUE}"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="VerbatimChar"><w:name w:val="Verbatim Char"/></w:style>'
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/>'
    "</w:tblCellMar></w:tblPr></w:style>"
    '<w:style w:type="table" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val="TableNormal"/>'
    "<w:tblPr>"
    f'<w:tblBorders><w:top w:val="single" w:sz="8" w:color="{INK}"/><w:bottom w:val="single" w:sz="8" '
    f'w:color="{INK}"/><w:insideH w:val="single" w:sz="4" w:color="{PALE}"/></w:tblBorders></w:tblPr>'
    f'<w:tblStylePr w:type="firstRow"><w:rPr><w:color w:val="{GREY}"/></w:rPr><w:tcPr><w:tcBorders>'
    f'<w:bottom w:val="single" w:sz="6" w:color="{INK}"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
    "</w:tblStylePr></w:style>"
)
