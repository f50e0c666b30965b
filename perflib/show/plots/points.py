"""Two numbers a row: one against the other, their difference against their mean, and the four quadrants."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.show.plots.axes import (
    DASHED,
    PLATE,
    called,
    key,
    name_points,
    need,
    number_axis,
    stands_out,
    unit_of,
)
from perflib.show.plots.chart import about, drawing
from perflib.show.theme import BLUE, FAINT, GREY, INK, ORANGE

NAMED = 6  # names that a scatter bears
CORNERS = {"goals_late": (0.98, 0.03, "right", "bottom"), "on_track": (0.98, 0.97, "right", "top"),
           "money_late": (0.02, 0.97, "left", "top"), "both_late": (0.02, 0.03, "left", "bottom")}  # fmt: skip


def scatter(
    frame: pd.DataFrame, *, x: str, y: str, odd: str = "", label: str | None = None,
    mark: str | Collection[str] | None = None, band: float | None = None, x_line: float | None = None,
    y_line: float | None = None, corner: str = "", labels: tuple[str, str] | None = None, lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot per row with both values; dots that lie on each other are one, larger.

    Rows for which the condition `odd` holds ("rate < 0.8 and score >= 90") are orange diamonds; the words `corner` tell
    what they are. With `band` the two are shares that should agree, the band is y = x give or take it, and rows
    outside it are odd. Lines stand at `x_line` and `y_line`. The odd ones (the furthest from the band first) and the
    own ones called `mark` are named by column `label`; `labels` name the axes.
    """
    known = need(frame, x, y, *filter(None, [label])).dropna(subset=[x, y]).astype({x: float, y: float})
    gap = (known[y] - known[x]).abs()
    names = labels or (called(x, lang, frame), called(y, lang, frame))
    is_odd = gap > band if band else known.eval(odd).astype(bool) if odd else gap < 0
    with drawing(ax, 3.6) as ax:
        if known.empty:
            return ax
        if band:
            # The frame never zooms in so far that the band fills it.
            line = np.array([0.0, max(1.05, float(known[[x, y]].max().max()) * 1.04)])
            ax.fill_between(line, line - band, line + band, color=GREY, alpha=0.13, lw=0, zorder=0)
            ax.plot(line, line, color=GREY, lw=0.8, ls=DASHED, zorder=1)
            ax.set(xlim=line, ylim=line)
        _two_kinds(ax, known, x, y, is_odd)
        for at, draw in ((x_line, ax.axvline), (y_line, ax.axhline)):
            if at is not None:
                draw(at, color=GREY, lw=0.9, ls=DASHED, zorder=1)
        _name_axes(ax, names, (unit_of(x, frame), unit_of(y, frame)), lang)
        if corner:
            ax.margins(y=0.14)
            ax.annotate(corner, (0, 1), (4, -3), xycoords="axes fraction", textcoords="offset points", va="top",
                        color=ORANGE if is_odd.any() else INK, bbox=PLATE)  # fmt: skip
        if label:
            own = stands_out(known[label], mark)
            named = known[own | is_odd].assign(_own=own[own | is_odd], _gap=gap)
            named = named.sort_values(["_own", "_gap", label], ascending=[False, False, True]).head(NAMED)
            ax.scatter(known[x][own], known[y][own], s=44, color=BLUE, lw=0, zorder=4)
            name_points(ax, named[label], named[x], named[y], own=named["_own"].to_numpy())
    return about(ax, "show_figures.alt_scatter", count=f"{len(known):,}", odd=f"{int(is_odd.sum()):,}")


def _two_kinds(
    ax: Axes, rows: pd.DataFrame, x: str, y: str, is_odd: pd.Series, labels: tuple = (None, None)
) -> None:
    """Grey dots, orange diamonds for the odd ones; where several lie on one place their mark is larger."""
    reach = rows[[x, y]].max() - rows[[x, y]].min()
    places = (rows[[x, y]] / reach.where(reach > 0, 1.0) * 150).round()
    first, style = ~places.assign(odd=is_odd).duplicated(), ((GREY, "o", 16), (ORANGE, "D", 20))
    count = places.assign(odd=is_odd).groupby([x, y, "odd"])[x].transform("size")
    for kind, (colour, marker, size) in enumerate(style):
        own = rows[(is_odd == bool(kind)) & first]
        sizes = size * np.minimum(count[own.index], 30) ** 0.6
        ax.scatter(own[x], own[y], s=sizes, color=colour, marker=marker, alpha=0.65, lw=0, zorder=2 + kind,
                   label=labels[kind], clip_on=False)  # fmt: skip


def _name_axes(ax: Axes, names: Sequence[str], units: Sequence[str], lang: str) -> None:
    """Names, guides and ticks of both axes."""
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.grid(color=FAINT, lw=0.6)
    number_axis(ax, units[0], lang)
    number_axis(ax, units[1], lang, axis="y")


def differences(
    frame: pd.DataFrame, *, x: str, y: str, bias: float, low: float, high: float, labels: tuple[str, str],
    lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot per row with both scores: `x` less `y` against their mean (Bland and Altman); lines at bias and limits.

    Dots beyond the limits of agreement (`low`, `high`) are orange diamonds.
    """
    known = need(frame, x, y).dropna(subset=[x, y])
    points = pd.DataFrame({"mean": known[[x, y]].mean(axis=1), "gap": known[x] - known[y]}).astype(float)
    is_out = (points["gap"] < low) | (points["gap"] > high)
    with drawing(ax, 3.3) as ax:
        if known.empty:
            return ax
        ax.axhspan(low, high, color=GREY, alpha=0.10, lw=0, zorder=0)
        ax.axhline(0, color=GREY, lw=0.8, zorder=1)
        _two_kinds(ax, points, "mean", "gap", is_out)
        ax.margins(x=0.04, y=0.1)
        for value in (low, bias, high):
            ax.axhline(value, color=INK, lw=1.1, ls="-" if value == bias else DASHED, zorder=1)
            words = f"{value:+.1f}".replace("-", "−")
            ax.annotate(words, (1, value), (4, 0), xycoords=("axes fraction", "data"), va="center",
                        textcoords="offset points", color=INK, annotation_clip=False)  # fmt: skip
        _name_axes(ax, labels, ("score", "score"), lang)
    return about(ax, "show_evaluation.alt_differences", count=len(known), outside=int(is_out.sum()))


def quadrants(
    frame: pd.DataFrame, *, x: str = "money_gap", y: str = "goal_gap", corners: Mapping[str, str], odd: str = "",
    kinds: tuple[str, str] | None = None, label: str | None = None, size: str | None = None,
    labels: tuple[str, str] | None = None, lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot per row with both gaps (`x` money, `y` goals; shares of the whole); the cross is what was due.

    `corners` gives the words of `on_track`, `money_late`, `goals_late` and `both_late` (with their number and money,
    say). Rows with column `odd` are orange diamonds, or else those late on both; `kinds` are the words of the other
    rows and of these. The largest by column `size` among the late are named by column `label`.
    """
    known = need(frame, x, y, *filter(None, [odd, label, size])).dropna(subset=[x, y])
    known = known.astype({x: float, y: float})
    both_late = (known[x] < 0) & (known[y] < 0)
    names = labels or (called(x, lang, frame), called(y, lang, frame))
    is_out = known[odd].astype(bool) if odd else both_late
    with drawing(ax, 3.9) as ax:
        if known.empty:
            return ax
        # One scale on both sides of the cross, with room in the corners for the words.
        right, top = (max(0.3, float(known[c].abs().max()) * 1.12) for c in (x, y))
        ax.fill_between([-right, 0], -top * 1.15, 0, color=ORANGE, alpha=0.06, lw=0, zorder=0)
        ax.axhline(0, color=GREY, lw=1, zorder=1)
        ax.axvline(0, color=GREY, lw=1, zorder=1)
        _two_kinds(ax, known, x, y, is_out, kinds or (None, None))
        ax.set(xlim=(-right, right), ylim=(-top * 1.15, top * 1.15))
        for name, (left, bottom, ha, va) in CORNERS.items():
            place = {"transform": ax.transAxes, "ha": ha, "va": va}
            ax.text(left, bottom, corners[name], color=INK, zorder=5, bbox=PLATE, **place)
        _name_axes(ax, names, ("share", "share"), lang)
        if label:
            late = known[both_late].sort_values([size or x, label], ascending=[size is None, True])
            late = late.head(NAMED)
            name_points(ax, late[label], late[x], late[y], among=(known[x], known[y]))
        if kinds:
            key(ax)
    return about(ax, "monitoring.alt_quadrants", count=len(known), outside=int(is_out.sum()))
