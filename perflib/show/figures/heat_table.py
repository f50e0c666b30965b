"""A table whose cells are shaded by their value and print it too."""

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from perflib.data.text import say
from perflib.show.figures.axes import printed
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PAPER, Chart, clip, finish, new_chart, theme

_LIGHT, _MIDDLE = "#eef3f9", "#f7f4f0"


def heat_table(
    frame: pd.DataFrame,
    *,
    row: str,
    column: str,
    value: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    unit: str = "share",
    middle: float | None = None,
    is_sample: bool = False,
) -> Chart:
    """Cells of `value` by `row` and `column`, in the order in which they first come; one row per cell.

    Darker is higher; with `middle`, blue is above it and orange below. A missing cell is a dash. No cell
    is told by its colour alone: each prints its number.
    """
    names, heads = (list(dict.fromkeys(frame[c].dropna())) for c in (row, column))
    cells = frame.pivot(index=row, columns=column, values=value).reindex(index=names, columns=heads)
    values = cells.to_numpy(dtype=float, na_value=np.nan)
    shades = _shades(values, middle)
    colours = [ORANGE, _MIDDLE, BLUE] if middle is not None else [_LIGHT, BLUE]
    with theme():
        chart = new_chart(
            title, subtitle, source, lang, height=0.6 + 0.34 * max(len(names), 2), is_sample=is_sample
        )
        ax = chart.add_subplot()
        palette = LinearSegmentedColormap.from_list("perflib", colours).with_extremes(bad=PAPER)
        ax.pcolormesh(np.ma.masked_invalid(shades), cmap=palette, vmin=0, vmax=1, edgecolor=PAPER, lw=1.5)
        for (i, j), cell in np.ndenumerate(values):
            is_dark = not np.isnan(cell) and _brightness(palette(shades[i, j])) < 0.42
            words = "—" if np.isnan(cell) else printed(cell, unit, lang)
            ax.text(
                j + 0.5, i + 0.5, words, ha="center", va="center", color=PAPER if is_dark else INK, size=9
            )
        ax.set_yticks(np.arange(len(names)) + 0.5, [clip(str(n), 30) for n in names])
        ax.set_xticks(np.arange(len(heads)) + 0.5, [clip(str(n), 14) for n in heads])
        ax.xaxis.tick_top()
        ax.tick_params(axis="y", labelcolor=INK)
        ax.tick_params(axis="x", labelcolor=GREY)
        ax.invert_yaxis()
        for side in ax.spines.values():
            side.set_visible(False)
        fields = {"rows": len(names), "columns": len(heads)}
        return finish(chart, say("show_figures.alt_heat", lang, title=title, **fields))


def _brightness(colour: tuple) -> float:
    """Perceived brightness of an RGB colour, 0 to 1 (the luma of ITU-R BT.601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _shades(values: np.ndarray, middle: float | None) -> np.ndarray:
    """Values on a scale from 0 to 1; around `middle` (0.5), the same distance has the same strength."""
    if np.isnan(values).all():
        return values
    low, high = np.nanmin(values), np.nanmax(values)
    if middle is not None:
        reach = max(high - middle, middle - low) or 1.0
        return 0.5 + (values - middle) / reach / 2
    return (values - low) / ((high - low) or 1.0)
