"""The same small line chart for each name, on one scale."""

import math
from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.show.plots.axes import DOTTED, PLATE, name_panel, number_axis, printed, stands_out
from perflib.show.plots.chart import about, drawing_panels
from perflib.show.plots.columns import need, unit_of
from perflib.show.theme import BLUE, GREY, INK, PALE, SOURCE_SIZE, clip


def small_multiples(
    frame: pd.DataFrame, *, by: str, x: str = "year", y: str = "rate", segment: str | None = None,
    breaks: pd.DataFrame | None = None, mark: str | Collection[str] | None = None, columns: int = 4, unit: str = "",
    lang: str = "zh", axes=None,
) -> np.ndarray:  # fmt: skip
    """A panel per value of column `by`, those called `mark` first, then in the order of rows: its line over all others.

    All panels share both scales; the last value stands at the line's end. Own lines are blue, all lines are cut where
    column `segment` changes; `breaks` has the columns `by` and `x` of what is marked by a dotted line (a break of
    definition, say), half a step before it. Words that all names begin or end with are left out. The Axes come back
    as a flat array, `axes` where these were given.
    """
    names = list(dict.fromkeys(need(frame, by, x, y, *filter(None, [segment]))[by].dropna()))
    own = stands_out(pd.Series(names, dtype=object), mark)
    names = [names[i] for i in np.argsort(~own, kind="stable")]
    lines = {n: frame[frame[by] == n].dropna(subset=[y]).sort_values(x) for n in names}
    rows, told = max(math.ceil(len(names) / columns), 1), dict(zip(names, without_common(names), strict=True))
    with drawing_panels(axes, 1.2 * rows + 0.2, rows, columns, is_shared=True) as panels:
        for ax, name in zip(panels, names, strict=False):
            for other in lines.values():
                _line(ax, other, x, y, segment, color=PALE, lw=0.7, zorder=1)
            colour = BLUE if own.any() == bool(stands_out(pd.Series([name]), mark)[0]) else GREY
            _line(ax, lines[name], x, y, segment, color=colour, lw=1.6, zorder=2)
            for at in breaks.loc[breaks[by] == name, x] if breaks is not None else []:
                ax.axvline(at - 0.5, color=INK, lw=1, ls=DOTTED, zorder=1)
            name_panel(ax, clip(told[name], 96 // columns))
            _end(ax, lines[name], x, y, printed_as=(unit or unit_of(y, frame), lang), colour=colour)
        if names:
            panels[0].margins(x=0.06, y=0.16)
            number_axis(panels[0], unit or unit_of(y, frame), lang, axis="y")
            ends = [f(frame[x].dropna()) for f in (min, max)]
            panels[0].set_xticks(ends, [f"{v:g}" for v in ends])
            about(panels[0], "show_figures.alt_multiples", count=len(names))
        for ax in panels[len(names) :]:
            ax.set_visible(False)
    return panels


def _line(ax: Axes, rows: pd.DataFrame, x: str, y: str, segment: str | None, **style) -> None:
    """One line, cut where `segment` changes; a segment of one point is a point."""
    for _, part in rows.groupby(segment) if segment else [(0, rows)]:
        ax.plot(part[x], part[y], marker="o", ms=0 if len(part) > 1 else 2.5, **style)


def _end(ax: Axes, rows: pd.DataFrame, x: str, y: str, *, printed_as: tuple[str, str], colour: str) -> None:
    """The last value at the end of its line: below it where the line comes from above, so that it hides nothing."""
    for _, last in rows.tail(1).iterrows():
        is_fall = len(rows) > 1 and rows[y].iloc[-2] > last[y]
        gap, side = (-5, "top") if is_fall else (4, "bottom")
        ax.scatter([last[x]], [last[y]], s=12, color=colour, zorder=3)
        ax.annotate(printed(last[y], *printed_as), (last[x], last[y]), (0, gap), ha="right", va=side, color=colour,
                    textcoords="offset points", size=SOURCE_SIZE, bbox=PLATE, zorder=4)  # fmt: skip


def without_common(names: list) -> list[str]:
    """`names` without the words that all of them begin or end with ("District of …"), where several remain distinct.

    >>> without_common(["Sample North District", "Sample East District"])
    ['North', 'East']
    """
    words = [str(name).split() for name in names]
    first, last = _common(words), _common([w[::-1] for w in words])
    if len(words) < 2 or first + last >= min(map(len, words)):
        return [str(name) for name in names]
    return [" ".join(w[first : len(w) - last]) for w in words]


def _common(words: list[list[str]]) -> int:
    """How many words all lists begin with."""
    same = [len(set(column)) == 1 for column in zip(*words, strict=False)]
    return same.index(False) if False in same else len(same)
