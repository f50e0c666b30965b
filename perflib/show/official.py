"""The official text of the year, to edit: a Word file styled after GB/T 9704, and the bureau's own words in it."""

import json
import re
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from perflib.data.text import say
from perflib.show.document import MARKDOWN, as_json, changed, pandoc, raw
from perflib.show.markdown import escape as as_markdown
from perflib.show.word import LANG, rezipped, with_page
from perflib.show.word_styles import R, W, footer_xml, header_xml

# Names that official documents use, and what stands in for them where they are not installed.
FALLBACKS = {"方正小标宋简体": "宋体", "仿宋_GB2312": "仿宋", "楷体_GB2312": "楷体", "黑体": "SimHei"}
LATIN = "Times New Roman"
# Style: face, size in points, alignment, outline level. GB/T 9704: 二号 is 22 points, 三号 16, 四号 14.
STYLES = {
    "Normal": ("仿宋_GB2312", 16, "both", None),
    "BodyText": ("仿宋_GB2312", 16, "both", None),
    "FirstParagraph": ("仿宋_GB2312", 16, "both", None),
    "Title": ("方正小标宋简体", 22, "center", None),
    "Heading1": ("黑体", 16, "both", 0),
    "Heading2": ("楷体_GB2312", 16, "both", 1),
    "Signature": ("仿宋_GB2312", 16, "right", None),
    "Header": ("黑体", 10.5, "right", None),
    "Footer": ("仿宋_GB2312", 14, "center", None),
}
_NAMES = {"BodyText": "Body Text", "FirstParagraph": "First Paragraph", "Heading1": "heading 1",
          "Heading2": "heading 2", "Header": "header", "Footer": "footer"}  # fmt: skip
LINE = 28  # points, exact
_SIZE_EN = {22: 18, 16: 12, 14: 11}  # a Latin text of 16 points would shout
_PAGE = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rIdHead"/>'
    '<w:footerReference w:type="default" r:id="rIdFoot"/><w:pgSz w:w="11906" w:h="16838"/>'
    # Margins of 37, 26, 35 and 28 mm leave the 156 by 225 mm that the standard asks for.
    '<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851" w:footer="1134" '
    'w:gutter="0"/></w:sectPr>'
)

WORK = ("rule", "system", "mechanism", "training", "reform", "definition_break")
STAGES = ("general", "ex_ante", "targets", "monitoring", "self_evaluation", "spot_check", "key_evaluation",
          "assessment", "audit_linkage", "use_of_results", "comparison")  # fmt: skip


def bureau_words(items: pd.DataFrame, *, year: int, lang: str) -> dict:
    """What the bureau itself says of `year` in the table of work items, as Markdown: its sentences by stage, titles of
    `rules` issued and of what came `firsts`, `plan_done`, `plan_open` and the plans `coming`; and the official forms of
    counting (`ordinals`, `firstly`, `sections`).
    """
    own = items[(items["year"] == year) & items["kind"].isin(WORK)].sort_values(
        ["date", "item"], na_position="last"
    )
    plan = items[(items["year"] == year) & (items["kind"] == "plan")]
    coming = items[(items["year"] == year + 1) & (items["kind"] == "plan")]
    rules, firsts = own[own["kind"] == "rule"], own[own["is_first"].fillna(False).astype(bool)]
    cited = [
        say("summary.cited" if pd.notna(document) else "summary.titled", lang, title=title, document=document)
        for title, document in zip(_texts(rules, lang, "title"), rules["document"], strict=True)
    ]
    told = {stage: _texts(own[own["stage"] == stage], lang, "text") for stage in STAGES}
    told = {stage: [_closed(text, lang) for text in texts if text] for stage, texts in told.items()}
    told |= {
        "any": len(own) > 0, "rules": cited, "firsts": _texts(firsts, lang, "title"),
        "plan_done": _texts(plan[plan["done_on"].notna()], lang, "title"),
        "plan_open": _texts(plan[plan["done_on"].isna()], lang, "title"), "coming": _plans(coming, lang),
    }  # fmt: skip
    words = {name: say(f"summary.{name}", lang).split("|") for name in ("ordinals", "firstly", "sections")}
    return {k: [as_markdown(v) for v in vs] if isinstance(vs, list) else vs for k, vs in told.items()} | words


def _plans(rows: pd.DataFrame, lang: str) -> list[str]:
    """Plans as "title。text", without a full stop; a text that begins with its title needs no title before it."""
    pairs = zip(_texts(rows, lang, "title"), _texts(rows, lang, "text"), strict=True)
    stop = say("summary.stop", lang)
    whole = (
        text if text.startswith(title) else f"{title}{stop}{text}" if text else title for title, text in pairs
    )
    return [words.rstrip("。. ") for words in whole]


def _texts(rows: pd.DataFrame, lang: str, column: str) -> list[str]:
    """The words of `column` in `lang`; the Chinese ones where there are no others."""
    words = rows[column].fillna("")
    own = words if lang == "zh" else rows[f"{column}_en"].fillna(words)
    return [" ".join(str(w).split()) for w in own]


def _closed(text: str, lang: str) -> str:
    return text if text.endswith(("。", ".", "！", "；")) else text + say("summary.stop", lang).strip()


def official_docx(markdown: str, *, title: str, lang: str, author: str, mark: str = "") -> bytes:
    """The Word file of the text `markdown` (headings of level 3 and 4): the same bytes each time.

    Lines of `title` are set below each other.

    `mark` stands in the head of every page. The file is plain text in named styles, to be edited; under it are
    places for the signature and the date.
    """
    tree = json.loads(pandoc(markdown, MARKDOWN, "json"))
    body = changed(tree, _element)
    body["blocks"] = [_paragraph("Title", title), *body["blocks"], *_signature(lang)]
    body["meta"] = {"lang": {"t": "MetaString", "c": LANG[lang]}}
    with tempfile.TemporaryDirectory() as made:
        reference, target = Path(made) / "reference.docx", Path(made) / "official.docx"
        reference.write_bytes(_reference(lang, mark))
        pandoc(as_json(body), "json", "docx", f"--reference-doc={reference}", f"--output={target}")
        return rezipped(
            target.read_bytes(), lambda name, data: _named(name, data, title.replace("\n", ""), author)
        )


def _element(element: dict) -> list | None:
    if element["t"] == "Header":
        level, _, inlines = element["c"]
        return [{"t": "Header", "c": [max(level - 2, 1), ["", [], []], inlines]}]
    return _to_add(element)


def _to_add(element: dict) -> list | None:
    """What the bureau must add, 〔…〕, stands out."""
    if element["t"] == "Str" and (element["c"].startswith(("〔", "[")) or element["c"].endswith(("〕", "]"))):
        return [{"t": "Span", "c": [["", [], [["custom-style", "Typed"]]], [element]]}]
    return None


def _paragraph(style: str, text: str) -> dict:
    lines = "<w:r><w:br/></w:r>".join(f"<w:r><w:t>{escape(line)}</w:t></w:r>" for line in text.split("\n"))
    words = f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{lines}</w:p>'
    return raw("openxml", words, block=True)


def _signature(lang: str) -> list[dict]:
    return [_paragraph("Signature", say(f"summary.{part}", lang)) for part in ("signature", "signed_on")]


def _reference(lang: str, mark: str) -> bytes:
    import subprocess

    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"]
    default = subprocess.run(command, capture_output=True, check=True).stdout
    before, after = say("summary.page", lang).split("|")
    ours = {
        "word/styles.xml": _styles_xml(lang),
        "word/fontTable.xml": _fonts_xml(),
        "word/header1.xml": header_xml(mark, ""),
        "word/footer1.xml": re.sub(r'<w:r><w:t[^>]*></w:t></w:r><w:fldSimple w:instr=" NUMPAGES .*?</w:fldSimple>'
                                   r'|<w:fldSimple w:instr=" NUMPAGES .*?</w:fldSimple>', "",
                                   footer_xml(before, "", after)),
    }  # fmt: skip
    return rezipped(default, lambda name, data: with_page(name, data, _PAGE), ours)


def _styles_xml(lang: str) -> str:
    styles = "".join(_style(id, lang) for id in STYLES)
    typed = (
        '<w:style w:type="character" w:customStyle="1" w:styleId="Typed"><w:name w:val="Typed"/><w:rPr>'
        '<w:shd w:val="clear" w:color="auto" w:fill="FFF2CC"/></w:rPr></w:style>'
    )
    language = f'<w:lang w:val="{"en-GB" if lang == "en" else "zh-CN"}" w:eastAsia="zh-CN"/>'
    default = f"<w:docDefaults><w:rPrDefault><w:rPr>{language}</w:rPr></w:rPrDefault></w:docDefaults>"
    return f'<?xml version="1.0" encoding="UTF-8"?><w:styles {W} {R}>{default}{styles}{typed}</w:styles>'


def _style(id: str, lang: str) -> str:
    face, size, align, outline = STYLES[id]
    points = size if lang == "zh" else _SIZE_EN.get(size, size)
    is_text = align == "both"
    chars, twips = (200, points * 40) if is_text and lang == "zh" else (0, 0)
    indent = f'<w:ind w:firstLineChars="{chars}" w:firstLine="{twips}"/>'
    gap = ' w:after="560"' if id == "Title" else ' w:before="280"' if id == "Signature" else ""
    line = LINE if lang == "zh" else 20
    level = "" if outline is None else f'<w:keepNext/><w:outlineLvl w:val="{outline}"/>'
    default = ' w:default="1"' if id == "Normal" else ""
    based = "" if id == "Normal" else '<w:basedOn w:val="Normal"/>'
    bold = "<w:b/>" if lang == "en" and (outline is not None or id == "Title") else ""
    keep, outline_level = ("<w:keepNext/>", level.replace("<w:keepNext/>", "")) if level else ("", "")
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{id}"><w:name w:val="{_NAMES.get(id, id)}"/>{based}'
        f'<w:qFormat/><w:pPr>{keep}<w:spacing{gap} w:line="{line * 20}" w:lineRule="exact"/>{indent}'
        f'<w:jc w:val="{align}"/>{outline_level}</w:pPr><w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" '
        f'w:eastAsia="{face}" w:cs="{LATIN}"/>{bold}<w:sz w:val="{round(points * 2)}"/></w:rPr></w:style>'
    )


def _fonts_xml() -> str:
    fonts = "".join(
        f'<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(other)}/><w:charset w:val="86"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {W} {R}>{fonts}</w:fonts>'


def _named(name: str, data: bytes, title: str, author: str) -> bytes:
    """The file's title and author, which pandoc can't be told without printing them."""
    if name != "docProps/core.xml":
        return data
    text = re.sub(r"<dc:(title|creator)>.*?</dc:\1>|<dc:(title|creator) ?/>", "", data.decode("utf-8"))
    given = f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
    return text.replace("</cp:coreProperties>", given + "</cp:coreProperties>").encode("utf-8")
