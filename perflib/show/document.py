"""Pandoc's tree of the report, and the few walks over it that every format needs."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise

MARKDOWN = (
    "markdown+east_asian_line_breaks-smart-tex_math_dollars-raw_html-raw_tex-raw_attribute-citations"
    "-example_lists-footnotes-inline_notes-superscript-subscript-yaml_metadata_block-pandoc_title_block"
    "-auto_identifiers-markdown_in_html_blocks-native_divs-native_spans-latex_macros"
)
# 2020-01-01, the time that every file bears, so that the same report is the same bytes.
EPOCH = 1577836800
TILE = ("value", "label", "note", "verdict", "act")
_ZH_DIGITS = "零一二三四五六七八九"


def pandoc(text: str, source: str, target: str, *options: str) -> bytes:
    """`text` converted by the bundled pandoc; its warnings are errors of ours."""
    import pypandoc

    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", source, "-t", target, "--wrap=none", *options],
        input=text.encode("utf-8"),
        capture_output=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout


def read_tree(markdown: str, lang: str, *, is_numbered: bool = True) -> dict:
    """Pandoc's tree of `markdown`, its headings numbered the way of `lang` if they are to be."""
    tree = json.loads(pandoc(markdown, MARKDOWN, "json"))
    tree["blocks"] = changed(tree["blocks"], declared)
    if is_numbered:
        number_headings(tree, lang)
    tree["blocks"] = in_questions(tree["blocks"])
    return tree


def declared(element: dict) -> list | None:
    """What stands in a Div "declared", its first paragraph at the end of every caption; None for anything else."""
    if "declared" not in classes(element):
        return None
    first, *inside = element["c"][1]
    words = first["c"][1:]  # after an empty span, which keeps a space at their beginning
    for block in nodes(inside):
        if block["t"] in ("Figure", "Table"):
            _, (_, caption), *_ = block["c"]
            caption[-1]["c"] += words
    return inside


def in_questions(blocks: list[dict]) -> list[dict]:
    """`blocks` with each kicker and what follows it up to the next in a Div "question", which a page keeps together;
    "short" where it has neither figure nor table, or no figure and follows one without.
    """
    starts = [i for i, block in enumerate(blocks) if "kicker" in classes(block)]
    if not starts:
        return blocks
    ends = [*starts[1:], len(blocks)]
    groups = [blocks[start:end] for start, end in zip(starts, ends, strict=True)]
    kinds = [{block["t"] for block in group} for group in groups]
    short = [
        not {"Figure", "Table"} & own or not {"Figure"} & (own | before)
        for before, own in pairwise([{"Figure"}, *kinds])
    ]
    wrapped = [
        {"t": "Div", "c": [["", ["question", *["short"] * is_short], []], group]}
        for group, is_short in zip(groups, short, strict=True)
    ]
    return [*blocks[: starts[0]], *wrapped]


def number_headings(tree: dict, lang: str) -> None:
    """Put "一、" and "（一）", or "1" and "1.1", before the headings; give an id to those without."""
    numbers = [0, 0]
    for block in tree["blocks"]:
        if block["t"] != "Header" or block["c"][0] > 2:
            continue
        level, attributes, inlines = block["c"]
        numbers = [numbers[0] + 1, 0] if level == 1 else [numbers[0], numbers[1] + 1]
        attributes[0] = attributes[0] or "sec-" + "-".join(map(str, numbers[:level]))
        inlines[:0] = [{"t": "Str", "c": _number(numbers, level, lang)}]
        if lang != "zh":
            inlines[1:1] = [{"t": "Space"}]


def _number(numbers: list[int], level: int, lang: str) -> str:
    if lang != "zh":
        return ".".join(map(str, numbers[:level]))
    return f"{chinese_number(numbers[0])}、" if level == 1 else f"（{chinese_number(numbers[1])}）"


def chinese_number(n: int) -> str:
    """1 to 99 in Chinese.

    >>> [chinese_number(n) for n in (3, 10, 14, 25)]
    ['三', '十', '十四', '二十五']
    """
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_ZH_DIGITS[tens]}十"
    return head + (_ZH_DIGITS[ones] if ones or not tens else "")


def headings(tree: dict) -> list[tuple[int, str, str]]:
    """Level, id and text of the headings of the first two levels."""
    found = [b["c"] for b in nodes(tree["blocks"]) if b["t"] == "Header" and b["c"][0] <= 2]
    return [(level, attributes[0], plain(inlines)) for level, attributes, inlines in found]


def plain(inlines: list) -> str:
    """The text of `inlines`."""
    return "".join(
        " " if n["t"] in ("Space", "SoftBreak") else n["c"]
        for n in nodes(inlines)
        if n["t"] in ("Str", "Space", "SoftBreak")
    )


def nodes(tree) -> Iterator[dict]:
    """Every element below `tree`, top down."""
    for item in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        if isinstance(item, dict) and "t" in item:
            yield item
        yield from nodes(item)


def changed(tree, change: Callable[[dict], list | None]):
    """A copy of `tree` in which every element for which `change` gives a list is replaced by that list.

    `change` sees an element after what lies below it.
    """
    if isinstance(tree, dict):
        return {k: v if isinstance(v, str) else changed(v, change) for k, v in tree.items()}
    if not isinstance(tree, list):
        return tree
    result = []
    for item in tree:
        new = changed(item, change)
        given = change(new) if isinstance(new, dict) and "t" in new else None
        result.extend([new] if given is None else given)
    return result


def classes(element: dict) -> list[str]:
    """The classes of a Span or Div; empty for anything else."""
    return element["c"][0][1] if element["t"] in ("Span", "Div", "Link") else []


def attribute(attributes: list, name: str) -> str:
    """The value of `name` in pandoc's attribute triple, or ""."""
    return dict(map(tuple, attributes[2])).get(name, "")


def raw(target: str, text: str, *, block: bool = False) -> dict:
    """A piece of `text` that goes to format `target` as it is."""
    return {"t": "RawBlock" if block else "RawInline", "c": [target, text]}


def without_facts(element: dict) -> list | None:
    """The words of a fact without the span around them, for formats that can't open a trail."""
    return element["c"][1] if "fact" in classes(element) else None


def cards(element: dict) -> list[dict[str, str]] | None:
    """The words of each tile in a Div of cards, by what they are: value, label, note, verdict, act; None for
    anything else.
    """
    if "cards" not in classes(element):
        return None
    inside = [b["c"][1] for b in element["c"][1] if "card" in classes(b)]
    return [{_line(p, place): plain(p["c"]) for place, p in enumerate(blocks)} for blocks in inside]


def _line(paragraph: dict, place: int) -> str:
    """What a line of a tile is: the class of the span that holds it all, else value and label by their place."""
    first = paragraph["c"][0]
    own = [c for c in classes(first) if c in TILE] if len(paragraph["c"]) == 1 else []
    return own[0] if own else TILE[place]


def as_json(tree: dict) -> str:
    return json.dumps(tree, ensure_ascii=False)
