"""The same small line chart for each name, on one scale."""

import math
from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from perflib.show.plots.axes import DOTTED, PLATE, name_panel, need, number_axis, printed, stands_out, unit_of
from perflib.show.plots.chart import about, drawing, drawing_panels
from perflib.show.theme import BLUE, GREY, INK, LABEL_SIZE, ORANGE, PALE, PAPER, SOURCE_SIZE, clip, wrap

_WIDE, _PLOT = 6, 4.4  # columns up to which names are broken into lines; inches that all columns share
_TIGHT = 9  # columns above which the numbers of a grid have no room for their signs
BLACK, _LIGHT, _MIDDLE = "#000000", "#eef3f9", "#f7f4f0"


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
    frame = need(frame, by, x, y, *filter(None, [segment]))
    names = list(dict.fromkeys(frame[by].dropna()))
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


def heat(
    frame: pd.DataFrame, *, y: str, x: str = "year", value: str = "rate", middle: float | None = None,
    limits: tuple[float, float] | None = None, mark: str | Collection[str] | None = None,
    breaks: pd.DataFrame | None = None, unit: str = "", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Cells of `value` in rows `y` and columns `x`, in the order in which they first come; one row of `frame` per cell.

    Darker is higher; with `middle`, blue is above it and orange, marked ▼, below. `limits` cap the shades, not the
    numbers: one odd value would pale all others. Rows called `mark` come first, in blue; `breaks` has the columns `y`
    and `x` of cells before which a definition broke. A missing cell is a dash. Each cell prints its number, in black or
    white, whichever stands out.
    """
    unit = unit or unit_of(value, frame)
    frame = need(frame, y, x, value)
    names, heads = (list(dict.fromkeys(frame[c].dropna())) for c in (y, x))
    own = stands_out(pd.Series(names, dtype=object), mark)
    names, own = [names[i] for i in np.argsort(~own, kind="stable")], np.sort(own)[::-1]
    values = frame.pivot(index=y, columns=x, values=value).reindex(index=names, columns=heads)
    values = values.to_numpy(dtype=float, na_value=np.nan)
    told = [_head(str(n), len(heads)) for n in heads]
    tall = max((t.count("\n") for t in told), default=0)
    with drawing(ax, 0.35 + 0.14 * tall + 0.24 * max(len(names), 2)) as ax:
        if not values.size:
            return ax
        colours = [ORANGE, _MIDDLE, BLUE] if middle is not None else [_LIGHT, BLUE]
        shades = LinearSegmentedColormap.from_list("perflib", colours)(on_scale(values, middle, limits))
        shades[np.isnan(values)] = (1, 1, 1, 1)
        ax.imshow(shades, aspect="auto", extent=(0, len(heads), len(names), 0), interpolation="none")
        said = np.vectorize(lambda v: printed(v, unit, lang), otypes=[object])(
            np.append(values, middle or 0.0)
        )
        is_tight = len(heads) > _TIGHT  # no room for signs: the title says what the numbers are
        size = 7 if is_tight else 7.5
        for i, j in np.ndindex(values.shape):
            words, shade = "—" if np.isnan(values[i, j]) else said[i * len(heads) + j], shades[i, j]
            is_below = middle is not None and values[i, j] < middle and words != said[-1]
            words = words.removesuffix("%") if is_tight else words
            words = f"▼{'' if is_tight else ' '}{words}" if is_below else words
            ax.text(j + 0.5, i + 0.5, words, ha="center", va="center", size=size, color=readable(shade))
        ax.vlines(range(1, len(heads)), 0, len(names), color=PAPER, lw=1.2)
        ax.hlines(range(1, len(names)), 0, len(heads), color=PAPER, lw=1.2)
        for row, column in breaks[[y, x]].itertuples(index=False) if breaks is not None else []:
            if row in names and column in heads:
                at = heads.index(column)
                ax.vlines(at, names.index(row), names.index(row) + 1, color=INK, lw=1.6, ls=DOTTED)
        ax.set_yticks(np.arange(len(names)) + 0.5, [clip(str(n), 34) for n in names])
        ax.set_xticks(np.arange(len(heads)) + 0.5, told)
        ax.xaxis.tick_top()
        ax.tick_params(axis="x", labelcolor=GREY)
        ax.spines[:].set_visible(False)
        for label, is_own in zip(ax.get_yticklabels(), own, strict=True):
            label.set(color=BLUE if is_own else INK, parse_math=False)
    return about(ax, "show_figures.alt_heat", rows=len(names), columns=len(heads))


def _head(name: str, columns: int) -> str:
    """A column's name, in lines where few columns leave the room: names cut short may look the same."""
    if columns > _WIDE:
        return clip(name, 14)
    return "\n".join(wrap(name, LABEL_SIZE, width=_PLOT / columns).split("\n")[:4])


def on_scale(values: np.ndarray, middle: float | None, limits: tuple[float, float] | None) -> np.ndarray:
    """Values on a scale from 0 to 1; around `middle` (0.5), the same distance has the same strength."""
    if np.isnan(values).all():
        return values
    values = np.clip(values, *limits) if limits else values
    low, high = np.nanmin(values), np.nanmax(values)
    if middle is not None:
        reach = max(high - middle, middle - low) or 1.0
        return 0.5 + (values - middle) / reach / 2
    return (values - low) / ((high - low) or 1.0)


def readable(shade: Collection[float]) -> str:
    """Black or white: the one with the higher contrast (WCAG 2) on a shade of red, green, blue (0-1), 4.5 or more.

    >>> readable((1, 1, 1)), readable((0.12, 0.3, 0.55))
    ('#000000', '#ffffff')
    """
    return max((BLACK, PAPER), key=lambda colour: contrast(colour, shade))


def contrast(colour: str, shade: Collection[float]) -> float:
    """Contrast of a colour (#rrggbb) on a shade, from 1 to 21."""
    ends = (_light([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]), _light(shade))
    return (max(ends) + 0.05) / (min(ends) + 0.05)


def _light(shade: Collection[float]) -> float:
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in list(shade)[:3])
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
