"""The report as PDF that passes PDF/UA-1 and PDF/A-2, set by Typst in the bundled font."""

import io
import json
import re
import shutil
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from perflib.data.errors import PerflibError
from perflib.data.fonts import fallback_files, fallbacks_for, family, font_file, printable
from perflib.data.places import shared_folder
from perflib.show.assembly import Report
from perflib.show.document import (
    EPOCH,
    as_json,
    attribute,
    cards,
    changed,
    classes,
    pandoc,
    plain,
    raw,
    without_facts,
)

STANDARDS = ["ua-1", "a-2a"]
BLOCKS = ("headline", "note", "kicker", "todo", "sure", "decisions", "question")
LONG_WORD, BREAK_EVERY, MANY_COLUMNS, LONG_UNIT = 16, 8, 7, 5
MAY_BREAK = "#h(0.001pt);"  # a zero-width space would be in what is copied and searched
FLOW, AIR, FULL = ("", "questions", "tables"), ("1", "0.9", "1.12", "0.8", "1.25", "0.7", "1.4"), 0.67
PPI, TOP, FOOT, INKED = 25.4, 26, 275, 200
"""Before: the spacings that are tried for a leader's report, and how full each page is to be. Here: the picture of a
page that tells has a pixel a millimetre; between which of them its text stands, and what is darker than paper."""
REGIONS = {"zh": ("zh", "CN"), "en": ("en", "GB")}


def report_pdf(report: Report, tree: dict, folder: Path) -> bytes:
    """The PDF. `folder` holds `figures/`, whose SVG files are set as they are.

    Characters that no font has come as □. Raises PerflibError for whatever the standards refuse.
    """
    body = pandoc(as_json(changed(tree, _element)), "json", "typst").decode("utf-8")
    body, told = printable(body), printable(json.dumps(_words(report), ensure_ascii=False))
    fonts = [family(f) for f in (font_file(), *fallbacks_for(told + body))]
    words = json.dumps({**json.loads(told), "fonts": fonts}, ensure_ascii=False)
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        shutil.copytree(folder / "figures", root / "figures")
        (root / "words.json").write_text(words, "utf-8")
        template = (shared_folder("reports/templates") / "report" / "report.typ").read_text("utf-8")
        (root / "report.typ").write_text(template + body, "utf-8")
        return compiled(root / "report.typ", _filling(root / "report.typ") if report.look == "leader" else {})


def _filling(source: Path) -> dict[str, str]:
    """The spacing of a leader's report that leaves no page less than two thirds full, or the least white there can be."""
    found: list[tuple[float, dict[str, str]]] = []
    for flow, air in product(FLOW, AIR):
        found.append((_least(source, spacing := {"air": air, "flow": flow}), spacing))
        if found[-1][0] >= FULL:
            break
    return max(found, key=lambda pair: pair[0])[1]


def _least(source: Path, spacing: dict[str, str]) -> float:
    """How full the emptiest page is: how far down there is ink, in a small picture of each."""
    drawn = compiled(source, spacing, format="png", ppi=PPI)
    if isinstance(drawn, bytes):  # of a single page there is nothing to spread
        return 1.0
    pages = [Image.open(io.BytesIO(page)).convert("L") for page in drawn]
    inked = [(np.asarray(page)[TOP:FOOT].min(axis=1) < INKED).nonzero()[0] for page in pages]
    return min((rows.max(initial=-1) + 1) / (FOOT - TOP) for rows in inked)


def compiled(source: Path, spacing: dict[str, str] | None = None, **made):
    """What Typst makes of `source`: the PDF, or what is to be `made`."""
    import typst

    options = made or {"format": "pdf", "pdf_standards": STANDARDS, "timestamp": EPOCH}
    try:
        return typst.compile(
            str(source),
            root=str(source.parent),
            font_paths=sorted({str(f.parent) for f in (font_file(), *fallback_files())}),
            ignore_system_fonts=True,
            sys_inputs=spacing or {},
            **options,
        )
    except (RuntimeError, ValueError) as error:
        raise PerflibError(
            "show_errors.pdf_failed", reason=str(error).replace(str(source.parent), "")
        ) from error


def _words(report: Report) -> dict:
    lang, region = REGIONS[report.lang]
    return {
        "lang": lang,
        "region": region,
        "kind": report.look,
        "document": report.running,
        "author": report.prepared_by or report.district_name,
        "title_lines": title_lines(report),
        "place": "" if report.place in report.title else report.place,
        "running": report.running,
        "title": report.title,
        "at_page": report.say("at_page", page="|"),
        "marks": " · ".join(report.marks),
        "fiscal_year": report.period,
        "is_study": bool(report.years),
        "fields": report.cover_fields,
        "contents": report.say("contents"),
        "page": report.say("page", page="|", pages="|"),
    }


def title_lines(report: Report) -> list[str]:
    """The title as the cover breaks it; in English the year stands in the line below."""
    if report.lang == "zh":
        return report.title.replace("年度", "年度\n", 1).split("\n")
    return [report.title.removesuffix(f" {report.year}")]


def _element(element: dict) -> list | None:
    if element["t"] == "Image":
        return [raw("typst", _image(element))]
    if element["t"] == "Table":
        return _table(element)
    if element["t"] in ("Plain", "Para") and _is_list_like(element["c"]):
        return [{**element, "c": [raw("typst", "#[]"), *element["c"]]}]
    tiles = cards(element)
    if tiles is not None:
        return _cards(tiles)
    for kind in BLOCKS:
        if kind in classes(element) and element["t"] == "Div":
            opened = raw("typst", f"#{kind}[", block=True)
            return [opened, *element["c"][1], raw("typst", "]", block=True)]
    if "at" in classes(element):
        return [raw("typst", f"#at(<{element['c'][2][0].removeprefix('#')}>)")]
    return without_facts(element)


def _is_list_like(words: list[dict]) -> bool:
    """Whether a text begins as a list of Typst would: a name such as `- 养护` is none."""
    first = words[0] if words else {"t": ""}
    return first["t"] == "Str" and bool(re.fullmatch(r"[-+/]|\d+\.", first["c"])) and len(words) > 1


def _table(element: dict) -> list:
    """A table whose long words (hashes, file names) can be broken; in smaller type when it is wide."""
    head = changed(element["c"][3], _kept_unit)
    element = changed([{**element, "c": [*element["c"][:3], head, *element["c"][4:]]}], _broken)[0]
    if len(element["c"][2]) <= MANY_COLUMNS:
        return [element]
    smaller = "#[#show table: set text(size: 7pt)\n#set table(inset: (x: 2.6pt, y: 3.7pt))"
    small = raw("typst", smaller, block=True)
    return [small, element, raw("typst", "]", block=True)]


def _kept_unit(element: dict) -> list | None:
    """A column's head whose unit in brackets goes to the next line as a whole; None for anything else."""
    name, bracket, unit = element["c"].partition("（") if element["t"] == "Str" else ("", "", "")
    if not name or not unit.endswith("）") or len(unit) > LONG_UNIT:
        return None
    return [{"t": "Str", "c": name}, raw("typst", f"{MAY_BREAK}#box[{bracket}{unit}]")]


def _broken(element: dict) -> list | None:
    """A long word with places between its pieces where a line may end; None for anything else."""
    if element["t"] != "Str" or len(element["c"]) <= LONG_WORD:
        return None
    word = element["c"]
    pieces = [word[i : i + BREAK_EVERY] for i in range(0, len(word), BREAK_EVERY)]
    joined = [[{"t": "Str", "c": piece}, raw("typst", MAY_BREAK)] for piece in pieces]
    return [item for pair in joined for item in pair][:-1]


def _cards(tiles: list[dict[str, str]]) -> list:
    """A grid of tiles."""
    items = ", ".join("(" + ", ".join(f"{k}: {_string(v)}" for k, v in tile.items()) + ")" for tile in tiles)
    return [raw("typst", f"#cards({items})", block=True)]


def _image(element: dict) -> str:
    attributes, alt, (source, _) = element["c"]
    drawn = source.removesuffix(".png") + ".svg"
    words = attribute(attributes, "alt") or plain(alt)
    return f"#drawing({_string(drawn)}, {_string(words)})"


def _string(text: str) -> str:
    """`text` as a string of Typst's language."""
    return json.dumps(text, ensure_ascii=False)
