"""What several plots do to their axes, and labels that stay apart."""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from perflib.data.text import say
from perflib.show.numbers import format_cell, format_value
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PALE, clip

NAME_WIDTH, FAINT = (
    34,
    "#e9edf1",
)  # half-width characters that a row's name may take; guides in both directions


def quiet_bars(ax: Axes) -> None:
    """Horizontal guides behind the bars, and no line but the base."""
    ax.grid(axis="y", color=PALE, lw=0.6)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_color(GREY)


def quiet_rows(ax: Axes) -> None:
    """Vertical guides behind rows of dots or bars, names to the left in ink, the first row on top."""
    ax.grid(axis="x", color=PALE, lw=0.6)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(axis="y", labelcolor=INK, pad=6)
    ax.invert_yaxis()


def name_rows(ax: Axes, at: np.ndarray, names: Iterable, width: int = NAME_WIDTH) -> None:
    """Names of rows at the places `at`, cut to `width`; then the axes of rows."""
    ax.set_yticks(at, [clip(str(name), width) for name in names])
    for label in ax.get_yticklabels():
        label.set_parse_math(False)  # a $ in a name is a $
    quiet_rows(ax)


def name_panel(ax: Axes, name: str) -> None:
    """The name of one panel of several, and its quiet axes."""
    ax.set_title(name, loc="left", size=9.5, color=INK, pad=5)
    ax.grid(axis="y", color=FAINT, lw=0.6)
    ax.spines["left"].set_visible(False)
    ax.tick_params(labelsize=8, labelcolor=GREY)


def beside(ax: Axes, words: str, x: float, y: float, gap: float, **style) -> None:
    """`words` to the right of a point, `gap` points away."""
    style = {"color": INK, "va": "center", **style}
    ax.annotate(words, (x, y), (gap, 0), textcoords="offset points", **style)


def stands_out(names: pd.Series, mark: str | Collection[str] | None) -> np.ndarray:
    """Which of `names` are called `mark`, or are among them."""
    return names.isin([mark] if mark is None or isinstance(mark, str) else list(mark)).to_numpy()


def two_kinds(ax: Axes, rows: pd.DataFrame, x: str, y: str, is_odd: pd.Series, *, sizes: tuple[int, int],
              alpha: float, labels: tuple = (None, None), **style) -> None:  # fmt: skip
    """Dots for most rows, orange diamonds for the odd ones."""
    plain, odd = rows[~is_odd], rows[is_odd]
    ax.scatter(
        plain[x], plain[y], s=sizes[0], color=BLUE, alpha=alpha, lw=0, zorder=2, label=labels[0], **style
    )
    ax.scatter(odd[x], odd[y], s=sizes[1], color=ORANGE, marker="D", lw=0, zorder=3, label=labels[1], **style)


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


def printed(value: float, unit: str, lang: str, *, currency: str = "CNY") -> str:
    """`value` as a label in a figure; points bare, because the axis says what they are."""
    return (
        format_cell(value, "points", lang)
        if unit == "points"
        else format_value(value, unit, lang, currency=currency)
    )


def listed(items: Iterable[str], lang: str) -> str:
    """Items in one line, as an alternative text lists them."""
    return say("show_report.comma", lang).join(items)


def number_axis(ax: Axes, unit: str, lang: str, *, axis: str = "x") -> None:
    """Ticks of `unit` on the axis: per cent for shares, thousands separators for the rest."""
    scale = ax.xaxis if axis == "x" else ax.yaxis
    scale.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    if unit == "share":
        low, high = scale.get_view_interval()
        scale.set_major_formatter(PercentFormatter(1, decimals=1 if high - low < 0.04 else 0))
    elif unit == "money":
        size = 10_000 if lang == "zh" else 1_000_000
        scale.set_major_formatter(FuncFormatter(lambda v, _: f"{v / size:,.6g}"))
    else:
        scale.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.6g}".replace("-", "−")))
