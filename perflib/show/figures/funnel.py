"""Rates against size, with the limits inside which chance alone would leave them."""

import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.figures.axes import apart, number_axis
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PALE, PAPER, Chart, clip, finish, new_chart, theme

NAMED, FEW = 10, 60  # names that fit; rows whose limits can be broad bars


def funnel(
    frame: pd.DataFrame,
    *,
    label: str,
    size: str,
    value: str,
    centre: float,
    lower: str,
    upper: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    size_label: str,
    outer_lower: str | None = None,
    outer_upper: str | None = None,
    has_own_limits: bool = False,
    unit: str = "share",
    is_sample: bool = False,
) -> Chart:
    """A dot per row at (`size`, `value`), limits as lines through the columns `lower` and `upper`.

    The outer limits (dashed) are optional and decide, where given, who is outside: those are orange
    diamonds with a name. With `has_own_limits` the limits don't follow from the size alone: each row has a
    broad bar between its own, a thin one between the outer, and the inner ones decide. `centre` is the
    line that the funnel narrows to.
    """
    rows = frame.dropna(subset=[size, value]).sort_values(size)
    inner = has_own_limits or not (outer_lower and outer_upper)
    low, high = (lower, upper) if inner else (outer_lower, outer_upper)
    is_out = (rows[value] < rows[low]) | (rows[value] > rows[high])
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=4.6, is_sample=is_sample)
        ax = chart.add_subplot()
        ax.axhline(centre, color=GREY, lw=0.9)
        draw = _bars if has_own_limits else _lines
        draw(ax, rows, size, (lower, upper), (outer_lower, outer_upper))
        ax.scatter(rows[size][~is_out], rows[value][~is_out], s=36, color=BLUE, alpha=0.8, lw=0, zorder=3)
        ax.scatter(rows[size][is_out], rows[value][is_out], s=46, color=ORANGE, marker="D", lw=0, zorder=4)
        ax.grid(axis="y", color="#e9edf1", lw=0.6)
        ax.set_xlabel(size_label)
        if not has_own_limits:
            ax.set_xlim(left=0)
        ax.margins(x=0.14 if has_own_limits else 0.08)
        number_axis(ax, "count", lang)
        number_axis(ax, unit, lang, axis="y")
        _names(ax, rows[is_out].head(NAMED), label, size, value)
        fields = {"count": len(rows), "outside": int(is_out.sum())}
        return finish(chart, say("show_figures.alt_funnel", lang, title=title, **fields))


def _lines(ax: Axes, rows: pd.DataFrame, size: str, inner: tuple, outer: tuple) -> None:
    for name in inner:
        ax.plot(rows[size], rows[name], color=BLUE, lw=1.1)
    for name in filter(None, outer):
        ax.plot(rows[size], rows[name], color=BLUE, lw=1.1, ls=(0, (4, 3)))


def _bars(ax: Axes, rows: pd.DataFrame, size: str, inner: tuple, outer: tuple) -> None:
    if all(outer):
        ax.vlines(rows[size], rows[outer[0]], rows[outer[1]], color=GREY, lw=0.7, zorder=1)
    width = 7 if len(rows) <= FEW else 1
    ax.vlines(rows[size], rows[inner[0]], rows[inner[1]], color=PALE, lw=width, zorder=2)


def _names(ax: Axes, rows: pd.DataFrame, label: str, size: str, value: str) -> None:
    """Names beside their dots, on the side with more room, kept apart from each other."""
    if rows.empty:
        return
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    is_right = rows[size] > (left + right) / 2
    for side, sign, ha in ((rows[is_right], -9, "right"), (rows[~is_right], 9, "left")):
        if side.empty:
            continue
        heights = apart(side[value], (top - bottom) * 0.045)
        for (_, row), y in zip(side.iterrows(), heights, strict=True):
            ax.annotate(clip(str(row[label]), 24), (row[size], y), (sign, 0), color=INK, textcoords="offset points",
                        va="center", ha=ha, zorder=5, bbox={"facecolor": PAPER, "alpha": 0.75, "lw": 0, "pad": 0.4})  # fmt: skip
