"""Tables of the web page: with the rows that no page prints, to sort, filter and compare without a server."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from perflib.show.assembly import Report
from perflib.show.document import raw
from perflib.show.labels import ESTIMATES
from perflib.show.part import Part
from perflib.show.tables import GROUPS, NUMBERS

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
    drawn = [
        _with_ends(columns, c)
        for c, is_number in zip(columns, numbers, strict=True)
        if is_number and not _is_end(c)
    ]
    if not drawn:
        return ""
    drawn.sort(key=len, reverse=True)  # to begin with, one that has an interval
    said = " ".join(",".join(map(str, places)) for places in drawn)
    return f' data-names="{",".join(map(str, range(first)))}" data-drawn="{said}"'


def _is_end(name: str) -> bool:
    return name.rpartition("_")[2] in sum(ENDS, ())


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
