"""One look for every figure: bundled font, quiet axes, colours that anyone can tell apart."""

import io
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from perflib.data.errors import PerflibError
from perflib.data.text import say
from perflib.show.markdown import text_width

INK, GREY, PALE, PAPER = "#1d2733", "#5b6673", "#d5dbe1", "#ffffff"
# Each has a contrast of 4.5:1 or more on white, since labels wear them too.
BLUE, ORANGE, SKY, BROWN = "#1f4e8c", "#b85208", "#3a7ab2", "#6b3410"
PALETTE = (BLUE, ORANGE, SKY, BROWN, GREY)
MARKERS = ("o", "D", "s", "^", "v")
WIDTH, DPI = 8.0, 200
TITLE_SIZE, SUBTITLE_SIZE, LABEL_SIZE, SOURCE_SIZE = 15, 10.5, 9.5, 8.5
_MARGIN, _LINE = 0.16, 1.32  # inches to each edge; line spacing


@cache
def font_file() -> Path:
    """The bundled font: Noto Sans SC, found in the package zhplot without importing it."""
    return Path(find_spec("zhplot").submodule_search_locations[0]) / "fonts" / "NotoSansSC-Regular.ttf"


@cache
def _font_name() -> str:
    font_manager.fontManager.addfont(font_file())
    return font_manager.FontProperties(fname=font_file()).get_name()


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(font_manager.get_font(font_file()).get_charmap())


def missing_glyphs(text: str) -> str:
    """The characters of `text` that the bundled font can't print."""
    return "".join(dict.fromkeys(c for c in text if not c.isspace() and ord(c) not in _glyphs()))


def check_glyphs(text: str) -> str:
    """`text` itself, when the bundled font has every character of it; an error otherwise."""
    if found := missing_glyphs(text):
        raise PerflibError("show_errors.missing_glyph", found=" ".join(found), text=text)
    return text


@contextmanager
def theme() -> Iterator[None]:
    """The settings under which figures are made and saved."""
    settings = {
        "font.family": _font_name(),
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
    with mpl.rc_context({**mpl.rcParamsDefault, **settings, "backend": mpl.rcParams["backend"]}):
        yield


class Chart(Figure):
    """A figure with its sentence, its alternative text, and the same bytes each time it is shown."""

    title_text: str = ""
    subtitle_text: str = ""
    alt_text: str = ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/png": self.png(), "text/plain": f"<figure: {self.alt_text}>"}

    def png(self) -> bytes:
        return self._saved("png", {"Software": None})

    def svg(self, *, alt: str | None = None) -> bytes:
        metadata = {
            "Date": None,
            "Creator": None,
            "Title": self.title_text,
            "Description": alt or self.alt_text,
        }
        return _with_steady_names(self._saved("svg", metadata))

    def _saved(self, kind: str, metadata: dict) -> bytes:
        held = io.BytesIO()
        with theme():
            self.savefig(held, format=kind, dpi=DPI, metadata=metadata)
        return held.getvalue()


def _with_steady_names(svg: bytes) -> bytes:
    """`svg` with its hashed names numbered: they hash coordinates to the last bit, which threads may change."""
    text = svg.decode("utf-8")
    named = dict.fromkeys(re.findall(r'id="([A-Za-z]+[0-9a-f]{10})"', text))
    numbers = {name: f"n{place}" for place, name in enumerate(named)}
    if not numbers:
        return svg
    return re.sub("|".join(map(re.escape, numbers)), lambda found: numbers[found[0]], text).encode("utf-8")


def new_chart(
    title: str, subtitle: str, source: str, lang: str, *, height: float = 4.2, is_sample: bool = False
) -> Chart:
    """An empty chart with its title, subtitle and source line in place; draw inside `theme()`.

    `height` is that of the plot in inches; what the words above and below need is added.
    """
    said = say("show_figures.source", lang, source=source) if source else ""
    lines = wrap(title, TITLE_SIZE), wrap(subtitle, SUBTITLE_SIZE), wrap(said, SOURCE_SIZE, width=WIDTH - 2)
    tall = [n.count("\n") + 1 if n else 0 for n in lines]
    sizes = (TITLE_SIZE, SUBTITLE_SIZE, SOURCE_SIZE)
    inches = [t * s * _LINE / 72 for t, s in zip(tall, sizes, strict=True)]
    top, bottom = _MARGIN + inches[0] + 0.07 + inches[1] + 0.14, _MARGIN + inches[2] + 0.1
    total = height + top + bottom
    figure = Chart(figsize=(WIDTH, total), facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(
        rect=(0.012, bottom / total, 0.976, height / total), w_pad=0.06, h_pad=0.04
    )
    left = _MARGIN / WIDTH
    figure.text(left, 1 - _MARGIN / total, lines[0], size=TITLE_SIZE, color=INK, va="top", linespacing=1.2)
    below = _MARGIN + inches[0] + 0.07
    figure.text(left, 1 - below / total, lines[1], size=SUBTITLE_SIZE, color=GREY, va="top", linespacing=1.2)
    figure.text(left, _MARGIN / total, lines[2], size=SOURCE_SIZE, color=GREY, va="bottom", linespacing=1.2)
    if is_sample:
        mark = say("show_figures.sample_mark", lang)
        figure.text(1 - left, _MARGIN / total, mark, size=SOURCE_SIZE, color=ORANGE, va="bottom", ha="right")
    figure.title_text, figure.subtitle_text = title, subtitle
    return figure


def finish(chart: Chart, alt: str) -> Chart:
    """The chart with its alternative text, once every character in it is known to be in the font."""
    chart.alt_text = " ".join(alt.split())
    for artist in chart.findobj(Text):
        check_glyphs(artist.get_text())
    # Laid out once and then left alone: a second pass would move things by a hair, and the bytes with them.
    chart.get_layout_engine().execute(chart)
    chart.set_layout_engine("none")
    return chart


def wrap(text: str, size: float, *, width: float = WIDTH - 2 * _MARGIN) -> str:
    """`text` broken into lines that fit into `width` inches at `size` points."""
    room = int(width * 72 / (size * (0.5 if text.isascii() else 0.525)))
    if text.isascii():
        return "\n".join(textwrap.wrap(text, room))
    lines, line = [], ""
    for piece in _pieces(text):
        if line and text_width(line + piece) > room and piece not in "，。；、）：":
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
    if text_width(text) <= width:
        return text
    kept = ""
    for c in text:
        if text_width(kept + c) > width - 1:
            break
        kept += c
    return kept.rstrip() + "…"


def cut_off(chart: Chart) -> list[str]:
    """The words that reach over the edge of `chart`; none in a good figure."""
    with theme():
        chart.draw_without_rendering()
        renderer = chart.canvas.get_renderer()
        frame = chart.bbox
        unseen = {id(t) for ax in chart.axes for t in _ticks_out_of_view(ax)}
        texts = [
            t for t in chart.findobj(Text) if t.get_text().strip() and t.get_visible() and id(t) not in unseen
        ]
        boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts]
    return [
        words
        for words, box in boxes
        if box.x0 < frame.x0 - 1 or box.x1 > frame.x1 + 1 or box.y0 < frame.y0 - 1 or box.y1 > frame.y1 + 1
    ]


def _ticks_out_of_view(ax) -> list[Text]:
    """Labels of ticks beyond the axis' ends: matplotlib keeps them but never draws them."""
    found = []
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        beyond = [t for t in axis.get_major_ticks() if not low - 1e-9 <= t.get_loc() <= high + 1e-9]
        found += [label for t in beyond for label in (t.label1, t.label2)]
    return found
