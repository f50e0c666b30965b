"""What several plots do to their axes, and labels that stay apart."""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, PercentFormatter
from rich.cells import cell_len

from perflib.data.text import say
from perflib.measure.tally import check_columns, unnamed
from perflib.show.labels import Column, column
from perflib.show.numbers import format_cell, format_value
from perflib.show.theme import BLUE, FAINT, GREY, INK, PALE, PAPER, SOURCE_SIZE, clip, wrap

# Half-width characters of the name of a row, of a point, of a legend.
NAME_WIDTH, POINT_WIDTH, LEGEND_WIDTH = 34, 30, 88
MANY = 20  # rows beyond which each name has one line
DIGITS = 12  # of a column's largest number that are drawn
DASHED, DOTTED = (0, (4, 3)), (0, (1, 1.5))
PLATE = {"facecolor": PAPER, "alpha": 0.85, "lw": 0, "pad": 0.8}  # behind words that lie on lines


def quiet_bars(ax: Axes) -> None:
    """Horizontal guides behind the bars, and no line but the base."""
    ax.grid(axis="y", color=PALE, lw=0.6)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_color(GREY)


def name_rows(ax: Axes, names: Iterable, own: Collection[bool] = (), width: int = NAME_WIDTH) -> None:
    """Rows from the top called by `names`, in blue where they are one's own; vertical guides."""
    ax.row_names = list(names)
    ax.set_yticks(np.arange(len(ax.row_names)), fold(ax.row_names, width))
    ax.grid(axis="x", color=PALE, lw=0.6)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(axis="y", labelcolor=INK, pad=5)
    ax.set_ylim(len(ax.row_names) - 0.4, -0.6)
    is_folded = any("\n" in label.get_text() for label in ax.get_yticklabels())
    for label in ax.get_yticklabels():
        label.set(parse_math=False, linespacing=1.05)  # a $ in a name is a $
        label.set_size(SOURCE_SIZE if is_folded else label.get_size())
    for label, is_own in zip(ax.get_yticklabels(), own, strict=False):
        label.set_color(BLUE if is_own else INK)


def fold(names: Iterable, width: int) -> list[str]:
    """`names` as labels of rows, in two lines of `width` half-width characters, or where there are many in one that is
    half as long again; what is beyond is cut, with an ellipsis.

    >>> fold(["Housing and Construction (95.3%)"], 24)
    ['Housing and Construction\\n(95.3%)']
    """
    names = [str(name) for name in names]
    if len(names) > MANY:
        return [clip(name, width * 3 // 2) for name in names]
    firsts = [wrap(name, 1, width=width / 144).split("\n")[0] for name in names]
    rests = [clip(name[len(first) :].strip(), width) for name, first in zip(names, firsts, strict=True)]
    return [f"{first}\n{rest}".strip() for first, rest in zip(firsts, rests, strict=True)]


def name_panel(ax: Axes, name: str) -> None:
    """The name of one panel of several, and its quiet axes."""
    ax.set_title(name, loc="left", size=8, color=INK, pad=4)
    ax.grid(axis="y", color=FAINT, lw=0.6)
    ax.spines["left"].set_visible(False)
    ax.tick_params(labelsize=SOURCE_SIZE, labelcolor=GREY)


def height_of_rows(names: Iterable, row: float = 0.215) -> float:
    """Inches that rows called `names` take, more where a name has two lines; a chart's height has its limit."""
    labels = fold(names, NAME_WIDTH)
    return 0.45 + max(len(labels), 3) * (max(row, 0.27) if any("\n" in label for label in labels) else row)


def beside(ax: Axes, words: str, x: float, y: float, gap: float, **style) -> None:
    """`words` to the right of a point, `gap` points away."""
    style = {"color": INK, "va": "center", **style}
    ax.annotate(words, (x, y), (gap, 0), textcoords="offset points", annotation_clip=False, **style)


def at_right(ax: Axes, words: Iterable[str], own: Collection[bool]) -> None:
    """The values of rows in a column at the right edge, where no interval reaches."""
    for place, (text, is_own) in enumerate(zip(words, own, strict=True)):
        beside(ax, text, 1, place, 5, xycoords=("axes fraction", "data"), color=BLUE if is_own else INK)


def stands_out(names: pd.Series, mark: str | Collection[str] | None) -> np.ndarray:
    """Which of `names` are called `mark`, or are among them."""
    return names.isin([mark] if mark is None or isinstance(mark, str) else list(mark)).to_numpy()


def key(ax: Axes, **options) -> None:
    """The legend above the plot, in a line or, where that is too long, in two."""
    told = ax.get_legend_handles_labels()[1]
    if "handles" in options:
        told = [h.get_label() for h in options["handles"]]
    lines = 1 if sum(cell_len(words) + 6 for words in told) < LEGEND_WIDTH else 2
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "borderaxespad": 0.2, "borderpad": 0}
    spaces = {"handletextpad": 0.4, "columnspacing": 1.4, "frameon": False}
    ax.legend(ncols=-(-len(told) // lines), **place, **spaces, **options)


def apart(positions, gap: float) -> np.ndarray:
    """`positions` moved as little as keeps neighbours `gap` apart, in their order.

    >>> apart([0.0, 0.0, 5.0], 1.0).tolist()
    [-0.5, 0.5, 5.0]
    """
    values = np.asarray(positions, dtype=float)
    order = np.argsort(values, kind="stable")
    steps = np.arange(len(values)) * gap
    # Least squares under "each at least `gap` above the one before" is isotonic regression without the gaps.
    blocks: list[list[float]] = []  # mean, number
    for wanted in values[order] - steps:
        blocks.append([wanted, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, number = blocks.pop()
            before = blocks[-1]
            before[:] = [(before[0] * before[1] + mean * number) / (before[1] + number), before[1] + number]
    placed = np.repeat([b[0] for b in blocks], [int(b[1]) for b in blocks]) + steps
    result = np.empty_like(values)
    result[order] = placed
    return result


def name_points(
    ax: Axes, names: Iterable, x: Iterable, y: Iterable, *, own: Collection[bool] = (), among: tuple = ((), ()),
) -> None:  # fmt: skip
    """Names of points, each beside its own where it lies on no other name and no point, tied to it by a line if far.

    Points are named in the order given: the first find the nearest room. `among` are further points, without names.
    """
    ax.figure.draw_without_rendering()
    points, others = (ax.transData.transform(np.column_stack(of).astype(float)) for of in ((x, y), among))
    frame, dot, taken = ax.get_window_extent(), ax.figure.dpi / 72 * 5, []
    for at, name in enumerate(fold(names, POINT_WIDTH)):
        style = {"color": BLUE if len(own) and own[at] else INK, "zorder": 6, "bbox": PLATE}
        style |= {"linespacing": 1.05, "parse_math": False}  # a $ in a name is a $
        words = ax.annotate(name, points[at], xycoords="figure pixels", size=SOURCE_SIZE + 0.5, **style)
        box = words.get_window_extent()
        words.remove()
        spot = _room(points[at], (box.width, box.height), frame, taken, np.vstack([points, others]), dot)
        if spot is None:
            continue
        taken.append((*spot, spot[0] + box.width, spot[1] + box.height))
        to, size = ax.transData.inverted().transform, np.array([box.width, box.height])
        middle = to(spot + size / 2)
        is_far = np.hypot(*(np.abs(spot + size / 2 - points[at]) - size / 2).clip(0)) > 2 * dot
        tie = {"arrowstyle": "-", "color": GREY, "lw": 0.6, "shrinkA": 0, "shrinkB": 3} if is_far else None
        ax.annotate(name, to(points[at]), middle, ha="center", va="center", size=SOURCE_SIZE + 0.5,
                    arrowprops=tie, **style).set_in_layout(False)  # fmt: skip


def _room(point, size, frame, taken, points, dot: float):
    """The lower left corner of the nearest room for a name of `size` about `point`; None where there is none."""
    width, height = size
    for reach in (1.2, 2.5, 4, 6, 9, 13, 18):
        for turn in (0, 180, 45, -45, 135, -135, 90, -90):
            across, up = np.cos(np.radians(turn)), np.sin(np.radians(turn))
            corner = (
                point + reach * dot * np.array([across, up]) - (np.array([1 - across, 1 - up]) * size) / 2
            )
            left, bottom, right, top = *corner, corner[0] + width, corner[1] + height
            is_inside = left >= frame.x0 and right <= frame.x1 and bottom >= frame.y0 and top <= frame.y1
            is_free = all(right < a or left > c or top < b or bottom > d for a, b, c, d in taken)
            near, far = np.array([left, bottom]) - 0.8 * dot, np.array([right, top]) + 0.8 * dot
            on_dots = (points > near) & (points < far)
            if is_inside and is_free and not on_dots.all(axis=1).any():
                return corner
    return None


def printed(value: float, unit: str, lang: str, *, currency: str = "CNY") -> str:
    """`value` as a label in a figure; points bare, because the axis says what they are."""
    if unit == "points":
        return format_cell(value, "points", lang)
    return format_value(value, unit, lang, currency=currency)


def listed(items: Iterable[str], lang: str) -> str:
    """Items in one line, as an alternative text lists them."""
    return say("show_report.comma", lang).join(items)


def number_axis(ax: Axes, unit: str, lang: str, *, axis: str = "x") -> None:
    """Ticks of `unit` on the axis: per cent for shares, thousands separators for the rest."""
    scale = ax.xaxis if axis == "x" else ax.yaxis
    low, high = scale.get_view_interval()
    steps = (1, 2, 5) if high > 10 * low else (1, 1.5, 2, 3, 5, 7)
    is_log = scale.get_scale() == "log"
    scale.set_major_locator(LogLocator(subs=steps) if is_log else MaxNLocator(6, steps=[1, 2, 5, 10]))
    scale.set_minor_locator(NullLocator())
    if unit == "share":
        scale.set_major_formatter(PercentFormatter(1, decimals=1 if high - low < 0.04 else 0))
    elif unit == "money":
        size = 10_000 if lang == "zh" else 1_000_000
        scale.set_major_formatter(FuncFormatter(lambda v, _: f"{v / size:,.6g}"))
    else:
        scale.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.6g}".replace("-", "−")))


def need(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """`frame` to draw from, when it has all columns `names`; else ArgumentError, with those there are and the nearest.

    Its floats are rounded: processors differ in the last digits, and these must not move a dot.
    """
    check_columns(frame, names)
    size = frame.select_dtypes("float64").abs().max()
    size = size[(size > 0) & np.isfinite(size)]
    return unnamed(frame.round(DIGITS - 1 - np.floor(np.log10(size)).astype(int)))


def given(frame: pd.DataFrame, **names: str | None) -> list[str | None]:
    """The columns asked for by argument: None for one that bears its argument's own name (the default) and isn't there."""
    need(frame)
    asked = [
        None if name == key and name not in frame.columns else name or None for key, name in names.items()
    ]
    need(frame, *filter(None, asked))
    return asked


def called(name: str, lang: str, frame: pd.DataFrame) -> str:
    """The label of a column; of one that nobody declared, its own name."""
    known = _declared(name, frame)
    return known.label(lang) if known else str(name)


def in_words(values: pd.Series, lang: str) -> pd.Series:
    """The codes of a declared column in words; names, and codes that nobody declared, as they are."""
    known = column(str(values.name), or_none=True)
    is_coded = known is not None and (known.choices or known.codes)
    return values.map(lambda value: known.cell(value, lang)) if is_coded else values


def unit_of(name: str, frame: pd.DataFrame) -> str:
    """The declared unit of a column; a column that nobody declared is read as a plain number."""
    known = _declared(name, frame)
    return "ratio" if known is None or known.unit in (None, "text", "date") else known.unit


def _declared(name: str, frame: pd.DataFrame) -> Column | None:
    return frame.attrs.get("columns", {}).get(name) or column(name, or_none=True)
