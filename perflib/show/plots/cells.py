"""A table whose cells are shaded by their value and print it too."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from perflib.show.plots.axes import printed
from perflib.show.plots.chart import about, drawing
from perflib.show.plots.columns import need, unit_of
from perflib.show.theme import BLUE, GREY, INK, LABEL_SIZE, ORANGE, PAPER, clip, wrap

_WIDE, _PLOT = 6, 5.6  # columns up to which names are broken into lines; inches that all columns share
_LIGHT, _MIDDLE = "#eef3f9", "#f7f4f0"


def heat(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str = "year",
    value: str = "rate",
    middle: float | None = None,
    unit: str = "",
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Cells of `value` in rows `y` and columns `x`, in the order in which they first come; one row of `frame` per cell.

    Darker is higher; with `middle`, blue is above it and orange below. A missing cell is a dash. No cell is told by
    its colour alone: each prints its number.
    """
    names, heads = (list(dict.fromkeys(need(frame, y, x, value)[c].dropna())) for c in (y, x))
    cells = frame.pivot(index=y, columns=x, values=value).reindex(index=names, columns=heads)
    values = cells.to_numpy(dtype=float, na_value=np.nan)
    told = [_head(str(n), len(heads)) for n in heads]
    tall = max((t.count("\n") for t in told), default=0)
    with drawing(ax, 0.6 + 0.17 * tall + 0.34 * max(len(names), 2)) as ax:
        if not values.size:
            return ax
        words = np.vectorize(lambda cell: printed(cell, unit or unit_of(value), lang), otypes=[object])(
            values
        )
        colours = [ORANGE, _MIDDLE, BLUE] if middle is not None else [_LIGHT, BLUE]
        sns.heatmap(
            _shades(values, middle), mask=np.isnan(values), annot=words, fmt="", annot_kws={"size": 9}, vmin=0, vmax=1,
            cmap=LinearSegmentedColormap.from_list("perflib", colours), linewidths=1.5, linecolor=PAPER, cbar=False, ax=ax,
        )  # fmt: skip
        for i, j in np.argwhere(np.isnan(values)):
            ax.text(j + 0.5, i + 0.5, "—", ha="center", va="center", color=INK, size=9)
        ax.set_yticks(np.arange(len(names)) + 0.5, [clip(str(n), 30) for n in names])
        ax.set_xticks(np.arange(len(heads)) + 0.5, told)
        ax.xaxis.tick_top()
        ax.tick_params(axis="y", labelcolor=INK, rotation=0)
        ax.tick_params(axis="x", labelcolor=GREY)
        ax.spines[:].set_visible(False)
    return about(ax, "show_figures.alt_heat", rows=len(names), columns=len(heads))


def _head(name: str, columns: int) -> str:
    """A column's name, in lines where few columns leave the room: names cut short may look the same."""
    if columns > _WIDE:
        return clip(name, 14)
    return "\n".join(wrap(name, LABEL_SIZE, width=_PLOT / columns).split("\n")[:4])


def _shades(values: np.ndarray, middle: float | None) -> np.ndarray:
    """Values on a scale from 0 to 1; around `middle` (0.5), the same distance has the same strength."""
    if np.isnan(values).all():
        return values
    low, high = np.nanmin(values), np.nanmax(values)
    if middle is not None:
        reach = max(high - middle, middle - low) or 1.0
        return 0.5 + (values - middle) / reach / 2
    return (values - low) / ((high - low) or 1.0)
