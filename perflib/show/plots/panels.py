"""The same small line chart for each name, on one scale."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.show.plots.axes import name_panel, number_axis, printed
from perflib.show.plots.chart import about, drawing_panels
from perflib.show.plots.columns import need, unit_of
from perflib.show.theme import BLUE, ORANGE, PALE, clip


def small_multiples(
    frame: pd.DataFrame,
    *,
    by: str,
    x: str = "year",
    y: str = "rate",
    unit: str = "",
    columns: int = 4,
    segment: str | None = None,
    breaks: pd.DataFrame | None = None,
    lang: str = "zh",
    axes=None,
) -> np.ndarray:
    """A panel per value of column `by`, in the order of rows: its own line in blue over all others in grey.

    All panels share both scales; the last value is printed with each name. A line is cut where column `segment`
    changes; `breaks` has the columns `by` and `x` of what is marked by a dotted line (a break of definition, say),
    half a step before it. The Axes come back as a flat array, `axes` where these were given.
    """
    names = list(dict.fromkeys(need(frame, by, x, y)[by].dropna()))
    lines = {n: frame[frame[by] == n].dropna(subset=[y]).sort_values(x) for n in names}
    rows = max(math.ceil(len(names) / columns), 1)
    with drawing_panels(axes, 1.55 * rows + 0.3, rows, columns, is_shared=True) as panels:
        for ax, name in zip(panels, names, strict=False):
            for other in lines.values():
                ax.plot(other[x], other[y], color=PALE, lw=0.7, zorder=1)
            _own(ax, lines[name], x, y, segment)
            for at in breaks.loc[breaks[by] == name, x] if breaks is not None else []:
                ax.axvline(at - 0.5, color=ORANGE, lw=1.3, ls=(0, (1, 1.5)), zorder=1)
            name_panel(ax, clip(str(name), 72 // columns + 1))
            if len(last := lines[name][y].iloc[-1:]):
                words = printed(last.iloc[0], unit or unit_of(y), lang)
                ax.text(1.0, 1.02, words, transform=ax.transAxes, ha="right", va="bottom", color=BLUE, size=9)
        if names:
            number_axis(panels[0], unit or unit_of(y), lang, axis="y")
            ends = [f(frame[x].dropna()) for f in (min, max)]
            panels[0].set_xticks(ends, [f"{v:g}" for v in ends])
            about(panels[0], "show_figures.alt_multiples", count=len(names))
        for ax in panels[len(names) :]:
            ax.set_visible(False)
    return panels


def _own(ax: Axes, own: pd.DataFrame, x: str, y: str, segment: str | None) -> None:
    for _, part in own.groupby(segment) if segment else [(0, own)]:
        ax.plot(part[x], part[y], color=BLUE, lw=1.9, zorder=2, marker="o", ms=0 if len(part) > 1 else 4)
    ax.scatter(own[x].iloc[-1:], own[y].iloc[-1:], s=18, color=BLUE, zorder=3)
