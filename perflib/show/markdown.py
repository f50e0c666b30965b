"""Small pieces of Markdown that stay what they are, whatever names they hold."""

import re
from collections.abc import Sequence

from rich.cells import cell_len

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$^@&\"'!+=-])")
_EDGES = 3  # what the edges of a cell take
_LINE, _SMALL_LINE, _MANY = 96, 120, 7  # half-width characters in a line; of more columns, in smaller type


def escape(text: str) -> str:
    """`text` with every character escaped that Markdown or HTML would read as its own; one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def fact_span(text: str, id: str) -> str:
    """A printed fact that a report can lead back to its trail."""
    return f'[{escape(text)}]{{.fact data-fact="{id}"}}'


def pipe_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[bool]) -> str:
    """A pipe table; numbers (`right`) to the right, column widths in proportion to what they hold."""
    cells = [[escape(c) for c in row] for row in rows]
    dashes = [_dashes(w, r) for w, r in zip(_shares(heads, rows, right), right, strict=True)]
    lines = [_row(escape(h) for h in heads), _row(dashes), *(_row(c) for c in cells)]
    return "\n".join(lines)


def _shares(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[int]:
    """Widths that sum to about a line: numbers get all that they need, texts share what is left."""
    longest = [max([cell_len(r[i]) for r in rows] or [0]) for i in range(len(heads))]
    least = [max(_longest_word(h), min(cell_len(h), 6), 4) for h in heads]
    wanted = [max(w if r else min(w, 40), m) + _EDGES for w, m, r in zip(longest, least, right, strict=True)]
    line = _SMALL_LINE if len(heads) > _MANY else _LINE
    excess = sum(wanted) - line
    spare = [0 if r else w - max(m, 8) - _EDGES for w, m, r in zip(wanted, least, right, strict=True)]
    spare = [max(s, 0) for s in spare]
    if excess > 0 and sum(spare):
        wanted = [w - min(excess / sum(spare), 1) * s for w, s in zip(wanted, spare, strict=True)]
    return [max(3, round(w * line / sum(wanted))) for w in wanted]


def _longest_word(head: str) -> int:
    return max(cell_len(w) for w in head.split() or [""]) if head.isascii() else 0


def _dashes(width: int, is_right: bool) -> str:
    return "-" * (width - 1) + ":" if is_right else ":" + "-" * (width - 1)


def _row(cells) -> str:
    return "| " + " | ".join(cells) + " |"
