"""One line after the other: two points in time, the years since a start."""

from collections.abc import Collection

import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.plots.axes import apart, beside, number_axis, printed, quiet_bars, stands_out
from perflib.show.plots.chart import about, drawing
from perflib.show.plots.columns import given, need, unit_of
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PALE, PAPER, clip


def slope(
    frame: pd.DataFrame,
    *,
    y: str,
    before: str,
    after: str,
    ends: tuple[str, str],
    unit: str = "",
    mark: str | Collection[str] | None = None,
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A line per row, called by column `y`, from `before` to `after`; rises are blue and solid, falls orange and dashed.

    `ends` are the words over both ends. With `mark`, only that name (or those) is coloured. Labels are kept apart.
    """
    unit = unit or unit_of(before)
    rows = need(frame, y, before, after).dropna(subset=[before, after]).reset_index(drop=True)
    quiet = ~stands_out(rows[y], mark) if mark is not None else rows[y].isna().to_numpy() & False
    height = min(max(3.4, 0.6 + 0.27 * len(rows)), 8.5)
    with drawing(ax, height) as ax:
        if rows.empty:
            return ax
        left, right, limits = _labels(rows, before, after, height)
        for i, row in rows.iterrows():
            is_fall = row[after] < row[before]
            colour = GREY if quiet[i] else ORANGE if is_fall else BLUE
            style = {"lw": 1, "alpha": 0.7} if quiet[i] else {"lw": 2}
            ax.plot([0, 1], [row[before], row[after]], color=colour, marker="o", ms=5,
                    ls=(0, (5, 2)) if is_fall else "-", **style)  # fmt: skip
            name, ink = clip(str(row[y]), 22), GREY if quiet[i] else INK
            values = [printed(row[c], unit, lang) for c in (before, after)]
            ax.text(-0.06, left[i], f"{name}  {values[0]}", ha="right", va="center", color=ink)
            ax.plot([-0.06, 0], [left[i], row[before]], color=PALE, lw=0.8, zorder=0)
            ax.text(1.06, right[i], f"{values[1]}  {name}", ha="left", va="center", color=ink)
            ax.plot([1.06, 1], [right[i], row[after]], color=PALE, lw=0.8, zorder=0)
        ax.set(xlim=(-0.9, 1.9), ylim=limits)
        ax.set_xticks([0, 1], ends)
        ax.xaxis.tick_top()
        ax.tick_params(axis="x", labelsize=11, labelcolor=INK)
        ax.yaxis.set_visible(False)
        ax.spines[:].set_visible(False)
    falls = int((rows[after] < rows[before]).sum())
    return about(ax, "show_figures.alt_slope", count=len(rows), falls=falls)


def _labels(rows: pd.DataFrame, before: str, after: str, height: float):
    """Where the labels stand on both sides, and the ends of the axis that keep all of them inside.

    Labels that move apart stretch the axis, and a stretched axis needs wider gaps: settled in a few rounds.
    """
    values = rows[[before, after]].to_numpy(dtype="float64")
    low, high = values.min(), values.max()
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    for _ in range(6):
        gap = (high - low) * 0.2 / height
        left, right = apart(values[:, 0], gap), apart(values[:, 1], gap)
        ends = [values.min(), values.max(), *left, *right]
        low, high = min(ends) - gap, max(ends) + gap
    return left, right, (low, high)


def event(
    frame: pd.DataFrame,
    *,
    x: str = "event_time",
    y: str = "value",
    low: str | None = "low",
    high: str | None = "high",
    before: str = "is_placebo",
    unit: str = "points",
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """An effect by years since a start: a dot with its interval for each `x`, those `before` it hollow and orange.

    Rows without an interval have the dot alone. A dashed line stands before the start, a solid one at zero.
    """
    low, high = given(frame, low=low, high=high)
    rows = need(frame, x, y, before).dropna(subset=[y]).sort_values(x)
    is_before = rows[before].astype(bool)
    with drawing(ax, 3.9) as ax:
        if rows.empty:
            return ax
        ax.axhline(0, color=INK, lw=1, zorder=1)
        ax.axvline(-0.5, color=GREY, lw=1.1, ls=(0, (4, 3)), zorder=1)
        looks = ((is_before, ORANGE, PAPER, "D", "placebo"), (~is_before, BLUE, BLUE, "o", "effect"))
        for own, colour, fill, marker, word in looks:
            part = rows[own]
            at = part[x].astype(float)
            if low and high:
                ax.vlines(at, part[low], part[high], color=colour, lw=2, alpha=0.8, zorder=2)
            ax.scatter(at, part[y], s=64, marker=marker, facecolor=fill, edgecolor=colour, lw=1.8, zorder=3,
                       label=say(f"show_trends.{word}", lang))  # fmt: skip
        for at, value in zip(rows[x], rows[y], strict=True):
            paper = {"facecolor": PAPER, "lw": 0, "pad": 0.5, "alpha": 0.85}
            beside(ax, printed(value, unit, lang), float(at), value, 9, bbox=paper)
        quiet_bars(ax)
        ax.margins(x=0.12, y=0.12)
        ticks = sorted({int(t) for t in rows[x]})
        ax.set_xticks(ticks, [_tick(t, lang) for t in ticks])
        ax.set_xlim(ticks[0] - 0.5, ticks[-1] + 0.6)
        number_axis(ax, unit, lang, axis="y")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, handletextpad=0.2)
    return about(ax, "show_trends.alt_event", count=len(rows), before=int(is_before.sum()))


def _tick(time: int, lang: str) -> str:
    key = "start_tick" if time == 0 else "before_tick" if time < 0 else "after_tick"
    return say(f"show_trends.{key}", lang, years=abs(time))
