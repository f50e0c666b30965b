"""What several figures do to their axes, and labels that stay apart."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from perflib.show.numbers import format_cell, format_value
from perflib.show.theme import GREY, INK, PALE


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
