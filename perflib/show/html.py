"""The report as one web page that asks nothing of any other address."""

import base64
import hashlib
import io
from html import escape
from pathlib import Path

import jinja2
from PIL import Image

from perflib.data.places import shared_folder
from perflib.show.assembly import Report, chapter_table, trail
from perflib.show.document import (
    as_json,
    attribute,
    changed,
    classes,
    headings,
    pandoc,
    plain,
    raw,
)
from perflib.show.html_tables import behind_figure, framed_table, with_folded

WORDS = ("find", "sort", "whole", "seen", "pick", "picks", "drawn", "clear", "all", "apart")
"""What the script says."""
FIELDS = {name: f"{{{name}}}" for name in ("rows", "seen", "name")}  # which it fills in
HTML_LANG = {"zh": "zh-Hans", "en": "en"}


def report_html(report: Report, tree: dict, folder: Path) -> str:
    """The page. `folder` holds `figures/` and `tables/`; the figures go in, the tables are linked to."""
    counts = {"figure": 0, "table": 0}
    body = changed(tree, lambda e: _numbered(e, report, counts) or _element(e, report, folder))
    body["blocks"] = with_folded(body["blocks"], report)
    beside = shared_folder("reports/templates") / "report"
    script = (beside / "report.js").read_text("utf-8")
    return html_page(
        "report/report.html.jinja",
        lang=report.lang,
        page_title=report.running,
        css=(beside / "report.css").read_text("utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
        skip=report.say("skip"),
        marks=" · ".join(report.marks),
        kind=report.look,
        place="" if report.place in report.title else report.place,
        title=report.title,
        period=report.period if report.years else "",
        fields=report.cover_fields,
        contents=report.say("contents"),
        words={key: report.say(f"web_{key}", **FIELDS) for key in WORDS},
        entries=_nested(headings(tree)),
        body=pandoc(as_json(body), "json", "html5").decode("utf-8"),
        footer=" · ".join([report.running, *report.marks]),
    )


def _nested(found: list[tuple[int, str, str]]) -> list[dict]:
    entries: list[dict] = []
    for level, id, text in found:
        entry = {"id": id, "text": text, "below": []}
        (entries if level == 1 or not entries else entries[-1]["below"]).append(entry)
    return entries


def _element(element: dict, report: Report, folder: Path) -> list | None:
    if "fact" in classes(element):
        return [raw("html", _fact_span(element, report))]
    if element["t"] == "Image":
        return [raw("html", _image(element, folder))]
    if element["t"] == "Figure":
        return behind_figure(element, report)
    if element["t"] == "Table":
        return framed_table(element, report, folder)
    return None


def _numbered(element: dict, report: Report, counts: dict[str, int]) -> None:
    """Put "图 1　" before a caption; figures and tables count apart. Changes `element`, gives None."""
    kind = {"Figure": "figure", "Table": "table"}.get(element["t"])
    if kind is None or not element["c"][1][1]:
        return
    counts[kind] += 1
    lead = f"{report.say(kind)}\u00a0{counts[kind]}\u2002"
    element["c"][1][1][0]["c"].insert(0, {"t": "Str", "c": lead})


def _image(element: dict, folder: Path) -> str:
    attributes, alt, (source, _) = element["c"]
    content = base64.b64encode(_small((folder / source).read_bytes())).decode("ascii")
    words = escape(attribute(attributes, "alt") or plain(alt), quote=True)
    return f'<img alt="{words}" loading="lazy" src="data:image/png;base64,{content}">'


def _small(png: bytes) -> bytes:
    """The picture in 64 colours, which a figure of ours has room for, and a third of the bytes."""
    with Image.open(io.BytesIO(png)) as picture:
        flat = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    held = io.BytesIO()
    flat.save(held, "png", optimize=True)
    return held.getvalue()


def _fact_span(element: dict, report: Report) -> str:
    id = attribute(element["c"][0], "data-fact")
    fact = report.facts[id]
    lines = "".join(
        f'<span class="line"><span>{escape(label)}</span><span>{escape(value)}</span></span>'
        for label, value in trail(id, report)
    )
    link = f"tables/{id.partition('/')[0]}-{fact.table}.csv"
    if chapter_table(id, report):
        anchor = f'<a href="{escape(link)}">{escape(report.say("trail_link"))}</a>'
        lines += f'<span class="line"><span></span>{anchor}</span>'
    label, value = escape(fact.label(report.lang)), escape(fact.text(report.lang))
    name = f'<span class="name">{label}<em>{value}</em></span>'
    words = escape(plain(element["c"][1]))
    opened = f'<span class="fact" tabindex="0" data-fact="{escape(id)}">'
    return f'{opened}{words}<span class="trail">{name}{lines}</span></span>'


def html_page(template: str, *, lang: str, **fields) -> str:
    """The page that `template`, a path below the templates, makes of `fields`; all text is escaped.

    A field that the template asks for and does not get is an error.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    source = (shared_folder("reports/templates") / template).read_text("utf-8")
    return environment.from_string(source).render(html_lang=HTML_LANG[lang], **fields)
