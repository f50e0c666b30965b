"""A figure around the Axes of a plot: new axes in the suite's look, and the words that a page puts around them."""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from perflib.data.text import say
from perflib.show.plots.axes import name_rows
from perflib.show.theme import (
    DPI,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    PALETTE,
    PAPER,
    SOURCE_SIZE,
    SUBTITLE_SIZE,
    TITLE_SIZE,
    WIDTH,
    font_name,
    print_text,
    settings,
    theme,
    wrap,
)

TALLEST = 5.65
"""Inches that a plot may take: with its words around it a page holds it as it is, in type of seven points and more."""


@dataclass(frozen=True)
class Chart:
    """A figure with its sentence, its alternative text, and the same bytes each time it is shown."""

    figure: Figure
    title_text: str
    subtitle_text: str
    alt_text: str
    _drawn: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def axes(self) -> list[Axes]:
        return self.figure.axes

    def _repr_mimebundle_(self, include=None, exclude=None):
        width, height = (round(float(inches) * 96) for inches in self.figure.get_size_inches())
        said = {"image/png": self.png(), "text/plain": f"<figure: {self.alt_text}>"}
        return said, {"image/png": {"width": width, "height": height}}

    def png(self) -> bytes:
        """The picture; drawn once, as a notebook shows it and a report keeps it, until somebody changes the figure."""
        if "png" not in self._drawn or self.figure.stale:
            self._drawn["png"] = self._saved("png", {"Software": None})
            self.figure.stale = False
        return self._drawn["png"]

    def svg(self, *, alt: str | None = None) -> bytes:
        told = {"Title": self.title_text, "Description": alt or self.alt_text}
        return _with_steady_names(self._saved("svg", {"Date": None, "Creator": None, **told}))

    def _saved(self, kind: str, metadata: dict) -> bytes:
        held = io.BytesIO()
        with theme():
            self.figure.savefig(held, format=kind, dpi=DPI, metadata=metadata)
        return held.getvalue()


def _with_steady_names(svg: bytes) -> bytes:
    """`svg` with its hashed names numbered: they hash coordinates to the last bit, which threads may change."""
    text = svg.decode("utf-8")
    named = dict.fromkeys(re.findall(r'id="([A-Za-z]+[0-9a-f]{10})"', text))
    numbers = {name: f"n{place}" for place, name in enumerate(named)}
    if not numbers:
        return svg
    return re.sub("|".join(map(re.escape, numbers)), lambda found: numbers[found[0]], text).encode("utf-8")


@contextmanager
def drawing(ax: Axes | None, height: float) -> Iterator[Axes]:
    """The Axes to draw on, in the suite's look: `ax` itself, or those of a new chart, `height` inches tall."""
    with theme():
        yield new_panels(height)[0] if ax is None else _dressed(ax)


@contextmanager
def drawing_panels(axes, height: float, rows: int, columns: int, *, is_shared: bool) -> Iterator[np.ndarray]:
    """The Axes to draw on as a flat array: `axes` themselves, or `rows` times `columns` of a new chart."""
    with theme():
        if axes is None:
            yield new_panels(height, rows, columns, sharex=is_shared, sharey=is_shared)
        else:
            yield np.array([_dressed(ax) for ax in np.ravel(axes)], dtype=object)


def new_panels(height: float, rows: int = 1, columns: int = 1, **shared) -> np.ndarray:
    """Axes of a chart of its own, `height` inches tall, as a flat array; pyplot shows it as it shows any figure."""
    figure = _new_figure(height)
    if rows * columns == 1:
        return np.array([figure.add_subplot()], dtype=object)
    return figure.subplots(rows, columns, squeeze=False, **shared).ravel()


def _new_figure(height: float) -> Figure:
    height = min(height, TALLEST)
    figure = pyplot.figure(figsize=(WIDTH, height), facecolor=PAPER, layout="constrained")
    figure.get_layout_engine().set(rect=_rect(0, height, height), **_PADS)
    return figure


def board(
    draws: Mapping[str, Callable[[Axes], object]], *, most: int = 4, height: float = 1.75
) -> np.ndarray | None:
    """Small charts two a row: each of `draws`, called by its title, draws on the Axes that it is given.

    Those that have nothing to draw are left out, and of the others the first `most` are drawn, `height` inches tall.
    None where none draws anything.
    """
    shown = [(title, draw) for title, draw in draws.items() if _draws(draw)][:most]
    if not shown:
        return None
    columns, rows = min(len(shown), 2), -(-len(shown) // 2)
    with theme():
        whole = _new_figure(rows * height)
        # each lays itself out: no name takes room from another
        halves = np.ravel(whole.subfigures(rows, columns))
        axes = np.array([half.add_subplot() for half in halves[: len(shown)]], dtype=object)
        for (title, draw), ax in zip(shown, axes, strict=False):
            draw(ax)
            ax.set_title(title, loc="left", size=SUBTITLE_SIZE, color=INK, pad=8)
            ticks = ax.get_xticks()
            if ax.in_short[0] == "show_figures.alt_list":  # bars have their numbers beside them
                ax.set(xticks=[], xlim=(ax.get_xlim()[0], ax.get_xlim()[1] * 1.5))
                name_rows(ax, ax.row_names, width=28)
            elif len(ticks) > 4:
                ax.set_xticks(ticks[:: -(-len(ticks) // 4)])
    return axes


def _draws(draw: Callable[[Axes], object]) -> bool:
    with theme():
        ax = new_panels(1.0)[0]
        draw(ax)
    pyplot.close(ax.figure)
    return hasattr(ax, "in_short")


_PADS = {"w_pad": 0.06, "h_pad": 0.04}


def _rect(bottom: float, height: float, total: float) -> tuple[float, float, float, float]:
    return 0.012, bottom / total, 0.976, height / total


def _dressed(ax: Axes) -> Axes:
    """Somebody's own `ax` in the look that Axes of the suite are born with."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(PALE)
    ax.set_axisbelow(True)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_tick_params(length=0, labelfontfamily=font_name(), labelcolor=GREY)
        axis.label.set(fontfamily=font_name(), color=GREY, parse_math=False)
    for title in (ax.title, ax._left_title, ax._right_title):
        title.set(fontfamily=font_name(), parse_math=False)
    return ax


def about(ax: Axes, kind: str, **fields) -> Axes:
    """`ax`, bearing what it shows in short: the sentence `kind` of its alternative text, and that sentence's fields."""
    ax.in_short = kind, fields
    return ax


def framed(
    axes, title: str, subtitle: str, source: str, lang: str, *, is_sample: bool = False, called: str = ""
) -> Chart | None:
    """The chart of `axes` (Axes, or an array of them) with its words around it, laid out once and for all.

    The words' room is added to the figure's height. The alternative text is what each plot told of itself. Where no
    plot drew anything None comes back. `called` names a chart without a title in its alternative text.
    """
    figure = np.ravel(axes)[0].get_figure(root=True)
    told = [ax for ax in figure.axes if hasattr(ax, "in_short")]
    pyplot.close(figure)  # a page shows it: pyplot need not show it again
    FigureCanvasAgg(figure)
    if not told:
        return None
    with theme():
        _put_words(figure, title, subtitle, source, lang, is_sample)
        short = (
            say(kind, lang, title=title or called, **more) for kind, more in (ax.in_short for ax in told)
        )
        alt = " ".join(" ".join(short).split())
        for artist in figure.findobj(Text):
            print_text(artist)
        # Laid out once and then left alone: a second pass would move things by a hair, and the bytes with them.
        figure.get_layout_engine().execute(figure)
        figure.set_layout_engine(None)  # "none" would draw once in vain before each picture
    return Chart(figure, title, subtitle, alt)


def _put_words(figure: Figure, title: str, subtitle: str, source: str, lang: str, is_sample: bool) -> None:
    said = say("show_figures.source", lang, source=source) if source else ""
    lines = wrap(title, TITLE_SIZE), wrap(subtitle, SUBTITLE_SIZE), wrap(said, SOURCE_SIZE, width=WIDTH - 2)
    sizes = TITLE_SIZE, SUBTITLE_SIZE, SOURCE_SIZE
    tall = [n.count("\n") + 1 if n else 0 for n in lines]
    inches = [t * s * LINE / 72 for t, s in zip(tall, sizes, strict=True)]
    width, height = figure.get_size_inches()
    height = float(height) * (WIDTH / float(width))
    top = MARGIN + inches[0] + 0.07 + inches[1] + 0.14 if title or subtitle else 0.02
    bottom = MARGIN + inches[2] + 0.1 if said or is_sample else 0.02
    total, left = height + top + bottom, MARGIN / WIDTH
    figure.set(figwidth=WIDTH, figheight=total, facecolor=PAPER)
    figure.set_layout_engine("constrained", rect=_rect(bottom, height, total), **_PADS)
    places = 1 - MARGIN / total, 1 - (MARGIN + inches[0] + 0.07) / total, MARGIN / total
    looks = ("top", INK), ("top", GREY), ("bottom", GREY)
    for y, words, size, (at, colour) in zip(places, lines, sizes, looks, strict=True):
        figure.text(left, y, words, size=size, color=colour, va=at, linespacing=1.2)
    if is_sample:
        mark = say("show_report.sample", lang)
        figure.text(1 - left, places[2], mark, size=SOURCE_SIZE, color=INK, va="bottom", ha="right")


class style:
    """The suite's look for whatever is drawn from here on, by matplotlib, pandas or seaborn; in a `with`, until its end.

    >>> with style():
    ...     pyplot.rcParams["axes.spines.top"]
    False
    """

    def __init__(self):
        import seaborn

        before = mpl.rcParams.copy()
        looks = {**settings(), "axes.titlelocation": "left", "savefig.dpi": DPI}
        seaborn.set_theme(context="paper", style="white", palette=PALETTE, rc=looks)
        self._before = {name: value for name, value in before.items() if mpl.rcParams[name] != value}

    def __enter__(self) -> "style":
        return self

    def __exit__(self, *_) -> None:
        mpl.rcParams.update(self._before)
