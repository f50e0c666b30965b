"""The report as one web page that asks nothing of any other address."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import jinja2
from PIL import Image

from perflib.data.places import shared_folder
from perflib.show.assembly import Report, trail
from perflib.show.document import as_json, attribute, changed, classes, headings, pandoc, plain, raw
from perflib.show.labels import ESTIMATES
from perflib.show.part import Part
from perflib.show.tables import GROUPS, NUMBERS

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
        fields=[(label, value) for label, value in report.cover_fields if value],  # nobody signs a web page
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
    """The picture in at most 256 colours, which a figure of ours has room for, and a third of the bytes."""
    with Image.open(io.BytesIO(png)) as picture:
        flat = picture.convert("RGB").quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    flat.putpalette([255 if level == 254 else level for level in flat.getpalette()])  # paper stays white
    held = io.BytesIO()
    flat.save(held, "png")
    return held.getvalue()


def _fact_span(element: dict, report: Report) -> str:
    id = attribute(element["c"][0], "data-fact")
    fact = report.facts[id]
    lines = "".join(
        f'<span class="line"><span>{escape(label)}</span><span>{escape(value)}</span></span>'
        for label, value in trail(id, report)
    )
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


ENDS = ("low", "high"), ("lower", "upper")


def framed_table(element: dict, report: Report, folder: Path) -> list:
    """A table as the page has it: in a frame that scrolls, with its rows behind, and the way to its CSV."""
    anchor = element["c"][0][0]
    part, table = next(
        ((p, t) for p, t in _tables(report) if anchor == _anchor(p, t)),
        (None, {"columns": (), "behind": (), "caption": ""}),
    )
    behind = json.dumps(table["behind"], ensure_ascii=False).replace("<", "\\u003c")
    rows = f'<script type="application/json">{behind}</script>' if table["behind"] else ""
    opened = raw("html", f"{_opened(table)}{rows}", block=True)
    blocks = [opened, element, raw("html", "</div>", block=True)]
    if part and (folder / _file(part, table)).is_file():
        blocks.append(raw("html", _download(part, table, report), block=True))
    return blocks


def _tables(report: Report) -> Iterator[tuple[Part, dict]]:
    yield from ((part, table) for part in report.told for table in part.manifest["tables"])


def _anchor(part: Part, table: dict) -> str:
    return f"tbl-{part.name}-{table['id']}".replace("_", "-")


def _file(part: Part, table: dict) -> str:
    return f"tables/{part.name}-{table['id']}.csv"


def _download(part: Part, table: dict, report: Report) -> str:
    said = escape(report.say("download"))
    return f'<p class="download"><a href="{escape(_file(part, table))}">{said}</a></p>'


def _opened(table: dict) -> str:
    """The frame of a table, which a keyboard can scroll."""
    called = f' aria-label="{escape(table["caption"])}"' if table["caption"] else ""
    return f'<div class="wrap" tabindex="0" role="group"{called}{_asked(table)}>'


def _asked(table: dict) -> str:
    """What the script may do with a comparison: the places of the columns that name a row, and of those that it can
    draw, each with its interval (" data-names="0" data-drawn="4,5,6 7""); nothing of another table.
    """
    columns = list(table["columns"])
    if not columns or columns[0] not in GROUPS:
        return ""
    numbers = [unit in NUMBERS for unit in table["units"]]
    first = [*numbers, True].index(True)
    own = [c for c, is_number in zip(columns, numbers, strict=True) if is_number]
    drawn = [_with_ends(columns, c) for c in own if c.rpartition("_")[2] not in sum(ENDS, ())]
    if not drawn:
        return ""
    drawn.sort(key=len, reverse=True)  # to begin with, one that has an interval
    said = " ".join(",".join(map(str, places)) for places in drawn)
    return f' data-names="{",".join(map(str, range(first)))}" data-drawn="{said}"'


def _with_ends(columns: list[str], name: str) -> list[int]:
    """The place of column `name`, and those of the ends of its interval."""
    for ends in ENDS:
        for named in ([f"{name}_{e}" for e in ends], list(ends) if name in ESTIMATES else []):
            if named and set(named) <= set(columns):
                return [columns.index(c) for c in (name, *named)]
    return [columns.index(name)]


def behind_figure(element: dict, report: Report) -> list[dict]:
    """The figure, and folded below it the comparison of its name that no page prints."""
    anchor = element["c"][0][0]
    known = {
        f"fig-{p.name}-{t['id']}".replace("_", "-"): (p, t) for p, t in _tables(report) if _is_unprinted(t)
    }
    return [element, *([_folded(*known[anchor], report)] if anchor in known else [])]


def with_folded(blocks: list[dict], report: Report) -> list[dict]:
    """`blocks`, with the comparisons that no page prints and no figure shows folded at the end of their chapters."""
    made: list[dict] = []
    chapter = ""
    for block in blocks:
        if block["t"] == "Header" and block["c"][0] == 1:
            figures = {f["id"] for p in report.told if p.name == chapter for f in p.manifest["figures"]}
            own = [(p, t) for p, t in _tables(report) if p.name == chapter and _is_unprinted(t)]
            made += [_folded(p, t, report) for p, t in own if t["id"] not in figures]
            chapter = block["c"][1][0].removeprefix("ch-")
        made.append(block)
    return made


def _is_unprinted(table: dict) -> bool:
    return len(table["behind"]) == table["rows"]


def _folded(part: Part, table: dict, report: Report) -> dict:
    sides = [f' style="text-align: {"right" if unit in NUMBERS else "left"};"' for unit in table["units"]]
    heads = _cells("th", table["heads"], sides)
    rows = "\n".join(_cells("td", cells, sides) for _, cells in table["behind"])
    caption = escape(table["caption"])
    return raw(
        "html",
        f'<details class="folded"><summary>{caption}</summary>\n{_opened(table)}<table>\n'
        f"<caption>{caption}</caption><thead>{heads}</thead>\n<tbody>{rows}</tbody></table></div>\n"
        f"{_download(part, table, report)}</details>",
        block=True,
    )


def _cells(tag: str, cells: Sequence[str], sides: Sequence[str]) -> str:
    inside = (f"<{tag}{side}>{escape(cell)}</{tag}>" for cell, side in zip(cells, sides, strict=True))
    return f"<tr>{''.join(inside)}</tr>"
