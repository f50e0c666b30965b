"""What lies outside the limits of chance: rates against their size, and readings month by month."""

import math
from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.show.plots.axes import (
    DASHED,
    called,
    fold,
    given,
    name_panel,
    name_points,
    need,
    number_axis,
    stands_out,
    unit_of,
)
from perflib.show.plots.chart import about, drawing, drawing_panels
from perflib.show.theme import BLUE, FAINT, GREY, ORANGE, PALE, STILL

NAMED, FEW = 10, 60  # names that fit; rows whose limits can be broad bars


def funnel(
    frame: pd.DataFrame, *, label: str, x: str = "effective", y: str = "rate", centre: float | str = "centre",
    low: str = "low", high: str = "high", low_outer: str | None = "low_outer", high_outer: str | None = "high_outer",
    odd: str | None = None, mark: str | Collection[str] | None = None, has_own_limits: bool = True, xlabel: str = "",
    unit: str = "", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot per row at (`x`, `y`) with its limits; `centre` (a number, or the column that has it) is a line.

    Each row has a broad bar between its limits `low` and `high`, a thin one between the outer ones. Orange diamonds
    with a name (column `label`) are the rows with column `odd` (the verdict after control of false finds, say) or else
    those outside the inner limits; the own ones called `mark` are blue and always named. Not `has_own_limits`: the
    limits follow from the size alone and are lines, and the outer ones (dashed), where given, decide.
    """
    outer = given(frame, low_outer=low_outer, high_outer=high_outer)
    rows = need(frame, label, x, y, low, high, *filter(None, [odd])).dropna(subset=[x, y]).sort_values(x)
    low_end, high_end = outer if all(outer) and not has_own_limits else (low, high)
    is_out = (rows[y] < rows[low_end]) | (rows[y] > rows[high_end])
    if odd:
        is_out = rows[odd].fillna(False).astype(bool)
    own = stands_out(rows[label], mark)
    with drawing(ax, 3.6) as ax:
        if rows.empty:
            return ax
        middle = need(frame, centre)[centre].iloc[0] if isinstance(centre, str) else centre
        ax.axhline(middle, color=GREY, lw=0.9)
        draw = _bars if has_own_limits else _lines
        draw(ax, rows, x, (low, high), outer)
        kinds = [(~is_out & ~own, GREY, "o", 22), (is_out & ~own, ORANGE, "D", 26), (own, BLUE, "o", 44)]
        for kind, colour, marker, size in kinds:
            marker = "D" if is_out[own].any() and colour == BLUE else marker
            ax.scatter(rows[x][kind], rows[y][kind], s=size, color=colour, marker=marker, lw=0, zorder=3)
        ax.grid(axis="y", color=FAINT, lw=0.6)
        ax.set_xlabel(xlabel or called(x, lang, frame))
        if not has_own_limits:
            ax.set_xlim(left=0)
        ax.margins(x=0.14 if has_own_limits else 0.08, y=0.08)
        number_axis(ax, "count", lang)
        number_axis(ax, unit or unit_of(y, frame), lang, axis="y")
        named = rows[own | is_out].assign(_own=own[own | is_out], _far=(rows[y] - middle).abs())
        named = named.sort_values(["_own", "_far", label], ascending=[False, False, True]).head(NAMED)
        marked, among = named["_own"].to_numpy(), (rows[x], rows[y])
        name_points(ax, named[label], named[x], named[y], own=marked, among=among)
    return about(ax, "show_figures.alt_funnel", count=len(rows), outside=int(is_out.sum()))


def _lines(ax: Axes, rows: pd.DataFrame, x: str, inner: tuple, outer: list) -> None:
    for name in inner:
        ax.plot(rows[x], rows[name], color=STILL, lw=1.1)
    for name in filter(None, outer):
        ax.plot(rows[x], rows[name], color=STILL, lw=1.1, ls=DASHED)


def _bars(ax: Axes, rows: pd.DataFrame, x: str, inner: tuple, outer: list) -> None:
    if all(outer):
        ax.vlines(rows[x], rows[outer[0]], rows[outer[1]], color=STILL, lw=0.7, zorder=1)
    width = 6 if len(rows) <= FEW else 1
    ax.vlines(rows[x], rows[inner[0]], rows[inner[1]], color=PALE, lw=width, zorder=2)


def control(
    frame: pd.DataFrame, *, by: str = "series", x: str = "period", y: str = "value", centre: str = "centre",
    low: str = "low", high: str = "high", signal: str = "is_signal", worse: str | None = "is_worse",
    columns: int = 2, lang: str = "zh", axes=None,
) -> np.ndarray:  # fmt: skip
    """A control chart per value of column `by`, each with its own scale: readings `y`, centre, limits, signals.

    Signals are diamonds: orange where column `worse` says that they are for the worse (all of them, where there is no
    such column), else blue. Column `x` names the period, in words; the first and the last are printed. The Axes come
    back as a flat array, `axes` where these were given.
    """
    (worse,) = given(frame, is_worse=worse)
    frame = need(frame, by, x, y, centre, low, high, signal)
    names = list(dict.fromkeys(frame[by].dropna()))
    height = max(math.ceil(len(names) / columns), 1)
    with drawing_panels(axes, 1.35 * height + 0.1, height, columns, is_shared=False) as panels:
        for ax, name in zip(panels, names, strict=False):
            rows = frame[frame[by] == name].reset_index(drop=True)
            ax.fill_between(rows.index, rows[low], rows[high], color=GREY, alpha=0.12, lw=0, zorder=0)
            ax.plot(rows.index, rows[centre], color=GREY, lw=0.9, ls=DASHED, zorder=1)
            ax.plot(rows.index, rows[y], color=GREY, lw=1.2, marker="o", ms=2.2, zorder=2)
            odd = rows[rows[signal].astype(bool)]
            colours = np.where(odd[worse].astype(bool), ORANGE, BLUE).tolist() if worse else ORANGE
            ax.scatter(odd.index, odd[y], s=22, color=colours, marker="D", lw=0, zorder=3)
            ax.set_xticks([0, len(rows) - 1], [rows[x].iloc[0], rows[x].iloc[-1]])
            name_panel(ax, fold([name], 96 // columns)[0])
        for ax in panels[len(names) :]:
            ax.set_axis_off()
        if names:
            about(panels[0], "monitoring.alt_control", count=len(names), signals=int(frame[signal].sum()))
    return panels
