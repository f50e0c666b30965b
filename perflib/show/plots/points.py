"""Two numbers a row: one against the other, their difference against their mean, and the four quadrants."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.show.plots.axes import FAINT, number_axis, two_kinds
from perflib.show.plots.chart import about, drawing
from perflib.show.plots.columns import called, need
from perflib.show.theme import GREY, INK, ORANGE, PAPER, clip

NAMED, LIFT = 6, 7  # names that a scatter bears; points above the axis, for the name of a dot that sits on it
CORNERS = {"goals_late": (0.98, 0.03, "right", "bottom"), "on_track": (0.98, 0.97, "right", "top"),
           "money_late": (0.02, 0.97, "left", "top"), "both_late": (0.02, 0.03, "left", "bottom")}  # fmt: skip


def scatter(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    label: str | None = None,
    band: float = 0.10,
    labels: tuple[str, str] | None = None,
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A dot per row with both values (shares); the grey band is y = x give or take `band`.

    Dots outside the band are orange diamonds, and the furthest are named by column `label`. `labels` name the axes.
    """
    known = need(frame, x, y, *filter(None, [label])).dropna(subset=[x, y])
    gap = (known[y] - known[x]).abs()
    is_out = gap > band
    # The frame never zooms in so far that the band fills it.
    top = max(1.05, float(known[[x, y]].max().max()) * 1.04) if len(known) else 1.05
    with drawing(ax, 5.2) as ax:
        if known.empty:
            return ax
        line = np.array([0.0, top])
        ax.fill_between(line, line - band, line + band, color=GREY, alpha=0.13, lw=0, zorder=0)
        ax.plot(line, line, color=GREY, lw=0.8, ls=(0, (4, 3)), zorder=1)
        two_kinds(ax, known, x, y, is_out, sizes=(26, 34), alpha=0.65, clip_on=False)
        if label:
            _name(ax, known.assign(_gap=gap)[is_out], x, y, label, top)
        ax.set(xlim=(0, top), ylim=(0, top))
        _both(ax, x, y, labels, "share", lang)
    fields = {"count": len(known), "outside": int(is_out.sum()), "band": f"{band * 100:g}"}
    return about(ax, "show_figures.alt_scatter", **fields)


def _both(ax: Axes, x: str, y: str, labels: tuple[str, str] | None, unit: str, lang: str) -> None:
    """Names, guides and ticks of both axes."""
    xlabel, ylabel = labels or (called(x, lang), called(y, lang))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(color=FAINT, lw=0.6)
    number_axis(ax, unit, lang)
    number_axis(ax, unit, lang, axis="y")


def _name(ax: Axes, rows: pd.DataFrame, x: str, y: str, label: str, top: float) -> None:
    """Names beside the furthest dots, away from the band; one that would sit on another is left out."""
    placed: list[tuple[float, float]] = []
    for _, row in rows.sort_values(["_gap", label], ascending=[False, True]).head(NAMED).iterrows():
        if any(abs(row[x] - a) < 0.3 * top and abs(row[y] - b) < 0.045 * top for a, b in placed):
            continue
        placed.append((row[x], row[y]))
        is_right = row[y] > row[x]  # outward, away from the band
        ax.annotate(
            clip(str(row[label]), 26),
            (row[x], row[y]),
            (-8 if is_right else 8, LIFT if row[y] < 0.03 * top else 0),
            color=INK,
            textcoords="offset points",
            ha="right" if is_right else "left",
            va="center",
            zorder=4,
        )


def score_scatter(
    frame: pd.DataFrame,
    *,
    x: str = "rate",
    y: str = "score",
    x_line: float,
    y_line: float,
    corner: str = "",
    full: float = 100.0,
    labels: tuple[str, str] | None = None,
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Money against marks: a dot per row with both values, `x` a share, `y` a score.

    Rows below `x_line` that reach `y_line` are orange diamonds, named once by the words `corner`. The scale of
    scores starts below the lowest, since all of them crowd at the top.
    """
    known = need(frame, x, y).dropna(subset=[x, y])
    is_odd = (known[x] < x_line - 1e-12) & (known[y] >= y_line)
    with drawing(ax, 4.4) as ax:
        if known.empty:
            return ax
        two_kinds(ax, known, x, y, is_odd, sizes=(22, 30), alpha=0.5)
        ax.axvline(x_line, color=GREY, lw=0.9, ls=(0, (3, 3)), zorder=1)
        ax.axhline(y_line, color=GREY, lw=0.9, ls=(0, (3, 3)), zorder=1)
        bottom = min(float(known[y].min()), y_line) - 3
        right = max(1.03, float(known[x].max()) * 1.02)
        xlabel, ylabel = labels or (called(x, lang), called(y, lang))
        ax.set(
            xlim=(-0.02, right), ylim=(bottom, full + (full - bottom) * 0.14), xlabel=xlabel, ylabel=ylabel
        )
        ax.annotate(corner, (0, 1), (6, -4), xycoords="axes fraction", textcoords="offset points", va="top",
                    color=ORANGE if is_odd.any() else INK)  # fmt: skip
        ax.grid(color=FAINT, lw=0.6)
        ax.set_yticks([t for t in ax.get_yticks() if bottom <= t <= full])
        number_axis(ax, "share", lang)
    fields = {"count": f"{len(known):,}", "odd": f"{int(is_odd.sum()):,}"}
    return about(ax, "show_figures.alt_score_scatter", **fields)


def differences(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    bias: float,
    low: float,
    high: float,
    labels: tuple[str, str],
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A dot per row with both scores: `x` less `y` against their mean (Bland and Altman); lines at bias and limits.

    Dots beyond the limits of agreement (`low`, `high`) are orange diamonds.
    """
    known = need(frame, x, y).dropna(subset=[x, y])
    points = pd.DataFrame({"mean": known[[x, y]].mean(axis=1), "gap": known[x] - known[y]})
    is_out = (points["gap"] < low) | (points["gap"] > high)
    with drawing(ax, 4.4) as ax:
        if known.empty:
            return ax
        ax.axhspan(low, high, color=GREY, alpha=0.10, lw=0, zorder=0)
        ax.axhline(0, color=GREY, lw=0.8, zorder=1)
        two_kinds(ax, points, "mean", "gap", is_out, sizes=(26, 34), alpha=0.65)
        ax.margins(x=0.04, y=0.1)
        for value in (low, bias, high):
            ax.axhline(value, color=INK, lw=1.1, ls="-" if value == bias else (0, (4, 3)), zorder=1)
            words = f"{value:+.1f}".replace("-", "−")
            ax.annotate(words, (1, value), (6, 0), xycoords=("axes fraction", "data"), va="center",
                        textcoords="offset points", color=INK, annotation_clip=False)  # fmt: skip
        _both(ax, x, y, labels, "score", lang)
    return about(ax, "show_evaluation.alt_differences", count=len(known), outside=int(is_out.sum()))


def quadrants(
    frame: pd.DataFrame,
    *,
    x: str = "money_gap",
    y: str = "goal_gap",
    odd: str = "is_out",
    corners: Mapping[str, str],
    kinds: tuple[str, str],
    labels: tuple[str, str] | None = None,
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A dot per row with both gaps (`x` money, `y` goals; shares of the whole); the cross is what was due.

    `corners` gives the words of `on_track`, `money_late`, `goals_late` and `both_late`. Rows with `odd` are orange
    diamonds; `kinds` are the words of the other rows and of these.
    """
    known = need(frame, x, y, odd).dropna(subset=[x, y])
    is_out = known[odd].astype(bool)
    with drawing(ax, 5.4) as ax:
        if known.empty:
            return ax
        ax.axhline(0, color=GREY, lw=1, zorder=1)
        ax.axvline(0, color=GREY, lw=1, zorder=1)
        two_kinds(ax, known, x, y, is_out, sizes=(18, 30), alpha=0.4, labels=kinds)
        # One scale on both sides of the cross, with room in the corners for the words.
        right, top = (max(0.3, float(known[c].abs().max()) * 1.12) for c in (x, y))
        ax.set(xlim=(-right, right), ylim=(-top * 1.15, top * 1.15))
        for key, (left, bottom, ha, va) in CORNERS.items():
            ax.text(left, bottom, corners[key], transform=ax.transAxes, ha=ha, va=va, color=INK, zorder=5,
                    bbox={"facecolor": PAPER, "alpha": 0.85, "lw": 0, "pad": 1.5})  # fmt: skip
        _both(ax, x, y, labels, "share", lang)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, handletextpad=0.2)
    return about(ax, "monitoring.alt_quadrants", count=len(known), outside=int(is_out.sum()))
