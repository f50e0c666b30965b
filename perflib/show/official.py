"""The official text of the year, to edit: a Word file styled after GB/T 9704, and the bureau's own words in it."""

import json
from xml.sax.saxutils import escape

import pandas as pd

from perflib.data.text import say
from perflib.show.document import MARKDOWN, changed, pandoc, raw
from perflib.show.markdown import escape as as_markdown
from perflib.show.word import docx, reference

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
    return docx(body, lang, reference("official", lang, marks=mark), title.replace("\n", ""), author)


def _element(element: dict) -> list | None:
    if element["t"] == "Header":
        level, _, inlines = element["c"]
        return [{"t": "Header", "c": [max(level - 2, 1), ["", [], []], inlines]}]
    # what the bureau must add, 〔…〕, stands out
    if element["t"] == "Str" and (element["c"].startswith(("〔", "[")) or element["c"].endswith(("〕", "]"))):
        return [{"t": "Span", "c": [["", [], [["custom-style", "Typed"]]], [element]]}]
    return None


def _paragraph(style: str, text: str) -> dict:
    lines = "<w:r><w:br/></w:r>".join(f"<w:r><w:t>{escape(line)}</w:t></w:r>" for line in text.split("\n"))
    words = f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{lines}</w:p>'
    return raw("openxml", words, block=True)


def _signature(lang: str) -> list[dict]:
    return [_paragraph("Signature", say(f"summary.{part}", lang)) for part in ("signature", "signed_on")]
