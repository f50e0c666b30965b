"""What lies outside the limits of chance: rates against their size, and readings month by month."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.show.plots.axes import FAINT, apart, name_panel, number_axis
from perflib.show.plots.chart import about, drawing, drawing_panels
from perflib.show.plots.columns import called, given, need, unit_of
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PALE, PAPER, clip

NAMED, FEW = 10, 60  # names that fit; rows whose limits can be broad bars


def funnel(
    frame: pd.DataFrame,
    *,
    label: str,
    x: str = "effective",
    y: str = "rate",
    centre: float | str = "centre",
    low: str = "low",
    high: str = "high",
    low_outer: str | None = "low_outer",
    high_outer: str | None = "high_outer",
    has_own_limits: bool = True,
    xlabel: str = "",
    unit: str = "",
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A dot per row at (`x`, `y`) with its limits; `centre` (a number, or the column that has it) is a line.

    Each row has a broad bar between its limits `low` and `high`, a thin one between the outer ones; rows outside the
    inner ones are orange diamonds called by column `label`. Not `has_own_limits`: the limits follow from the size
    alone and are lines, and the outer ones (dashed), where given, decide.
    """
    outer = given(frame, low_outer=low_outer, high_outer=high_outer)
    rows = need(frame, label, x, y, low, high).dropna(subset=[x, y]).sort_values(x)
    low_end, high_end = outer if all(outer) and not has_own_limits else (low, high)
    is_out = (rows[y] < rows[low_end]) | (rows[y] > rows[high_end])
    with drawing(ax, 4.6) as ax:
        if rows.empty:
            return ax
        middle = need(frame, centre)[centre].iloc[0] if isinstance(centre, str) else centre
        ax.axhline(middle, color=GREY, lw=0.9)
        draw = _bars if has_own_limits else _lines
        draw(ax, rows, x, (low, high), outer)
        ax.scatter(rows[x][~is_out], rows[y][~is_out], s=36, color=BLUE, alpha=0.8, lw=0, zorder=3)
        ax.scatter(rows[x][is_out], rows[y][is_out], s=46, color=ORANGE, marker="D", lw=0, zorder=4)
        ax.grid(axis="y", color=FAINT, lw=0.6)
        ax.set_xlabel(xlabel or called(x, lang))
        if not has_own_limits:
            ax.set_xlim(left=0)
        ax.margins(x=0.14 if has_own_limits else 0.08)
        number_axis(ax, "count", lang)
        number_axis(ax, unit or unit_of(y), lang, axis="y")
        _names(ax, rows[is_out].head(NAMED), label, x, y)
    return about(ax, "show_figures.alt_funnel", count=len(rows), outside=int(is_out.sum()))


def _lines(ax: Axes, rows: pd.DataFrame, x: str, inner: tuple, outer: list) -> None:
    for name in inner:
        ax.plot(rows[x], rows[name], color=BLUE, lw=1.1)
    for name in filter(None, outer):
        ax.plot(rows[x], rows[name], color=BLUE, lw=1.1, ls=(0, (4, 3)))


def _bars(ax: Axes, rows: pd.DataFrame, x: str, inner: tuple, outer: list) -> None:
    if all(outer):
        ax.vlines(rows[x], rows[outer[0]], rows[outer[1]], color=GREY, lw=0.7, zorder=1)
    width = 7 if len(rows) <= FEW else 1
    ax.vlines(rows[x], rows[inner[0]], rows[inner[1]], color=PALE, lw=width, zorder=2)


def _names(ax: Axes, rows: pd.DataFrame, label: str, x: str, y: str) -> None:
    """Names beside their dots, on the side with more room, kept apart from each other."""
    if rows.empty:
        return
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    is_right = rows[x] > (left + right) / 2
    for side, sign, ha in ((rows[is_right], -9, "right"), (rows[~is_right], 9, "left")):
        if side.empty:
            continue
        heights = apart(side[y], (top - bottom) * 0.045)
        for (_, row), at in zip(side.iterrows(), heights, strict=True):
            ax.annotate(clip(str(row[label]), 24), (row[x], at), (sign, 0), color=INK, textcoords="offset points",
                        va="center", ha=ha, zorder=5, bbox={"facecolor": PAPER, "alpha": 0.75, "lw": 0, "pad": 0.4})  # fmt: skip


def control(
    frame: pd.DataFrame,
    *,
    by: str = "series",
    x: str = "period",
    y: str = "value",
    centre: str = "centre",
    low: str = "low",
    high: str = "high",
    signal: str = "is_signal",
    columns: int = 2,
    lang: str = "zh",
    axes=None,
) -> np.ndarray:
    """A control chart per value of column `by`, each with its own scale: readings `y`, centre, limits, signals.

    Column `x` names the period, in words; the first and the last are printed. The Axes come back as a flat array.
    """
    need(frame, by, x, y, centre, low, high, signal)
    names = list(dict.fromkeys(frame[by].dropna()))
    height = max(math.ceil(len(names) / columns), 1)
    with drawing_panels(axes, 1.7 * height + 0.2, height, columns, is_shared=False) as panels:
        for ax, name in zip(panels, names, strict=False):
            rows = frame[frame[by] == name].reset_index(drop=True)
            ax.fill_between(rows.index, rows[low], rows[high], color=GREY, alpha=0.12, lw=0, zorder=0)
            ax.plot(rows.index, rows[centre], color=GREY, lw=0.9, ls=(0, (4, 3)), zorder=1)
            ax.plot(rows.index, rows[y], color=BLUE, lw=1.4, marker="o", ms=2.6, zorder=2)
            odd = rows[rows[signal].astype(bool)]
            ax.scatter(odd.index, odd[y], s=34, color=ORANGE, marker="D", lw=0, zorder=3)
            ax.set_xticks([0, len(rows) - 1], [rows[x].iloc[0], rows[x].iloc[-1]])
            name_panel(ax, clip(str(name), 34))
        for ax in panels[len(names) :]:
            ax.set_axis_off()
        if names:
            signals = int(frame[signal].sum())
            about(panels[0], "monitoring.alt_control", count=len(names), signals=signals)
    return panels
