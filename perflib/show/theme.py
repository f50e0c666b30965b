"""One look for every figure: bundled font, quiet axes, colours that anyone can tell apart."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.text import Text
from rich.cells import cell_len, set_cell_size

from perflib.data.fonts import fallbacks_for, font_file, printable

INK, GREY, STILL, PALE, FAINT, PAPER = "#1d2733", "#5b6673", "#93a0ad", "#d5dbe1", "#e9edf1", "#ffffff"
# Each has a contrast of 4.5:1 or more on white, since labels wear them too.
BLUE, ORANGE, SKY, BROWN = "#1f4e8c", "#b85208", "#3a7ab2", "#6b3410"
PALETTE = (BLUE, ORANGE, SKY, BROWN, GREY)
MARKERS = ("o", "D", "s", "^", "v")
WIDTH, DPI = 162 / 25.4, 250  # inches: the width of a page's text, so that type is as large in print as here
TITLE_SIZE, SUBTITLE_SIZE, LABEL_SIZE, SOURCE_SIZE = 12, 9, 8, 7
MARGIN, LINE = 0.08, 1.32  # inches to each edge; line spacing


@cache
def font_name(file: Path | None = None) -> str:
    """The name under which matplotlib knows a font (none given: the bundled one)."""
    font_manager.fontManager.addfont(file or font_file())
    return font_manager.FontProperties(fname=file or font_file()).get_name()


def print_text(artist: Text) -> None:
    """Make the words of `artist` such as can be printed, in other fonts where the bundled one lacks a glyph."""
    words = printable(artist.get_text())
    if words != artist.get_text():
        artist.set_text(words)
    if others := fallbacks_for(words):
        artist.set_fontfamily([font_name(), *map(font_name, others)])


def settings() -> dict:
    """matplotlib's settings in the suite's look."""
    return {
        "font.family": font_name(),
        "font.size": LABEL_SIZE,
        "axes.edgecolor": PALE,
        "axes.labelcolor": GREY,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "axes.prop_cycle": mpl.cycler(color=PALETTE),
        "axes.axisbelow": True,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "text.color": INK,
        "text.parse_math": False,  # a $ in a name is a $
        "svg.hashsalt": "perflib",
        "svg.fonttype": "path",
        "path.simplify": False,
    }


@contextmanager
def theme() -> Iterator[None]:
    """The settings under which figures are made and saved, whatever those around them are."""
    with mpl.rc_context({**mpl.rcParamsDefault, **settings(), "backend": mpl.rcParams["backend"]}):
        yield


def wrap(text: str, size: float, *, width: float = WIDTH - 2 * MARGIN) -> str:
    """`text` broken into lines that fit into `width` inches at `size` points."""
    room = int(width * 72 / (size * (0.5 if text.isascii() else 0.525)))
    if text.isascii():
        return "\n".join(textwrap.wrap(text, room))
    lines, line = [], ""
    for piece in _pieces(text):
        if line and cell_len(line + piece) > room and piece not in "，。；、）：":
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return "\n".join([*lines, line] if line else lines)


def _pieces(text: str) -> list[str]:
    """Words and single Chinese characters: where a line may be broken."""
    pieces: list[str] = []
    for c in text:
        if pieces and c.isascii() and not c.isspace() and pieces[-1].isascii() and not pieces[-1].isspace():
            pieces[-1] += c
        else:
            pieces.append(c)
    return pieces


def clip(text: str, width: int) -> str:
    """`text` cut to `width` half-width characters, with an ellipsis where it was cut."""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"
