"""A row for each name: dots with intervals and tiers, bars, two bars a name."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.labels import column
from perflib.show.plots.axes import beside, listed, name_rows, number_axis, printed, stands_out
from perflib.show.plots.chart import about, drawing
from perflib.show.plots.columns import called, given, need, unit_of
from perflib.show.theme import BLUE, GREY, INK, MARKERS, ORANGE, PALE, PALETTE, PAPER

TOLD = 8  # bars that the alternative text lists


def dots(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str = "rate",
    low: str | None = "low",
    high: str | None = "high",
    tier: str | None = "tier",
    unit: str = "",
    line: tuple[float, str] | None = None,
    mark: str | Collection[str] | None = None,
    is_ranked: bool = True,
    currency: str = "CNY",
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A dot for each row at column `x`, called by column `y`, highest on top; rows without a value are left out.

    `low` and `high` are the columns of its interval; each `tier` has a colour and a marker of its own; `line` is
    a dashed line and its label; rows called `mark` stand out. Not `is_ranked`: rows stay in the order of `frame`.
    """
    low, high, tier = given(frame, low=low, high=high, tier=tier)
    unit = unit or unit_of(x)
    rows = need(frame, x, y).dropna(subset=[x])
    if is_ranked:
        rows = rows.sort_values([x, y], ascending=[False, True], kind="stable")
    at = np.arange(len(rows))
    with drawing(ax, 0.75 + 0.27 * max(len(rows), 3)) as ax:
        if rows.empty:
            return ax
        if low and high:
            ax.hlines(at, rows[low], rows[high], color=GREY, lw=1.4, alpha=0.75, zorder=2)
        _tiers(ax, rows[x], at, _words(rows[tier], lang) if tier else pd.Series("", index=rows.index))
        if (own := stands_out(rows[y], mark)).any():
            ax.scatter(rows[x][own], at[own], s=120, facecolor="none", edgecolor=ORANGE, lw=2, zorder=4)
        told = [printed(v, unit, lang, currency=currency) for v in rows[x]]
        ends = rows[high].fillna(rows[x]) if high else rows[x]
        for words, end, place in zip(told, ends, at, strict=True):
            beside(ax, words, end, place, 8, bbox={"facecolor": PAPER, "lw": 0, "pad": 0.6})
        name_rows(ax, at, rows[y])
        ax.set_ylim(len(rows) - 0.4, -0.6 - (0.6 if line else 0))
        ax.margins(x=0.12)
        number_axis(ax, unit, lang)
        if line:
            _reference(ax, *line)
    first, last = (f"{rows[y].iloc[i]} {told[i]}" for i in _extremes(rows[x]))
    return about(ax, "show_figures.alt_ranked", count=len(rows), first=first, last=last)


def _extremes(values: pd.Series) -> tuple[int, int]:
    """Places of the highest value and of the lowest: of equal ones the first and the last."""
    order = np.argsort(-values.to_numpy(dtype=float), kind="stable")
    return int(order[0]), int(order[-1])


def _words(tiers: pd.Series, lang: str) -> pd.Series:
    """What each tier is called: a verdict in words, a number as a tier."""
    known = column(str(tiers.name), or_none=True)
    if not pd.api.types.is_numeric_dtype(tiers):
        return tiers.map(lambda t: known.cell(t, lang) if known else str(t))
    none = say("show_comparison.no_tier", lang)
    return tiers.map(lambda t: none if pd.isna(t) else say("show_comparison.tier", lang, tier=int(t)))


def _tiers(ax: Axes, values: pd.Series, at: np.ndarray, tiers: pd.Series) -> None:
    names = list(dict.fromkeys(tiers))
    for i, name in enumerate(names):
        own = (tiers == name).to_numpy()
        colour, marker = PALETTE[i % len(PALETTE)], MARKERS[i % len(MARKERS)]
        ax.scatter(values[own], at[own], s=52, color=colour, marker=marker, zorder=3, label=name)
    if len(names) > 1:
        ax.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(names), frameon=False, handletextpad=0.2
        )


def _reference(ax: Axes, at: float, words: str) -> None:
    ax.axvline(at, color=BLUE, lw=1, ls=(0, (4, 3)), zorder=1)
    where = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    ax.annotate(words, (at, 1), (5, -2), va="top", color=BLUE, **where)


def bars(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str = "rate",
    unit: str = "",
    mark: str | Collection[str] | None = None,
    is_sorted: bool = True,
    currency: str = "CNY",
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """A bar of column `x` for each row, called by column `y`, largest on top or (not `is_sorted`) in the order of rows.

    Rows without a value are left out; the bars called `mark` are orange and their numbers set apart.
    """
    unit = unit or unit_of(x)
    rows = need(frame, x, y).dropna(subset=[x])
    if is_sorted:
        rows = rows.sort_values([x, y], ascending=[False, True], kind="stable")
    at, own = np.arange(len(rows)), stands_out(rows[y], mark)
    told = [printed(v, unit, lang, currency=currency) for v in rows[x]]
    with drawing(ax, 0.55 + 0.3 * max(len(rows), 3)) as ax:
        if rows.empty:
            return ax
        ax.barh(at, rows[x], color=np.where(own, ORANGE, BLUE), height=0.64)
        for place, v, words, is_own in zip(at, rows[x], told, own, strict=True):
            beside(
                ax, words, max(v, 0), place, 6, color=ORANGE if is_own else INK, size=11 if is_own else None
            )
        name_rows(ax, at, rows[y])
        ax.set_xlim(min(0, rows[x].min() * 1.1), max(rows[x].max() * 1.12, 1e-9))
        number_axis(ax, unit, lang)
    items = [f"{name} {words}" for name, words in zip(rows[y], told, strict=True)]
    return about(ax, "show_figures.alt_list", items=listed(items[:TOLD], lang))


def pairs(
    frame: pd.DataFrame,
    *,
    y: str,
    x: Sequence[str],
    labels: Sequence[str] = (),
    unit: str = "",
    currency: str = "CNY",
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Two bars a row, in the order of rows: the first of the columns `x` pale and hatched, the second blue.

    Each bar has its number; a missing one has no bar and says so. `labels` name the two in the legend.
    """
    unit = unit or unit_of(x[0])
    at, names = np.arange(len(need(frame, y, *x))), frame[y].astype(str)
    looks = {"color": PALE, "hatch": "///", "edgecolor": GREY, "lw": 0}, {"color": BLUE}
    told = [[printed(v, unit, lang, currency=currency) for v in frame[c].astype("float64")] for c in x]
    with drawing(ax, 0.8 + 0.46 * max(len(frame), 2)) as ax:
        if frame.empty:
            return ax
        for c, label, look, words, shift in zip(
            x, labels or [called(c, lang) for c in x], looks, told, (-0.19, 0.19), strict=True
        ):
            values = frame[c].astype("float64").fillna(0)
            ax.barh(at + shift, values, 0.38 * 0.94, label=label, **look)
            for place, value, text in zip(at + shift, values, words, strict=True):
                beside(ax, text, value, place, 5, size=8.5)
        name_rows(ax, at, names, 40)
        ax.set_ylim(len(frame) - 0.45, -0.55)
        ax.set_xlim(0, max(float(frame[list(x)].max().max()), 1e-9) * 1.12)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
        number_axis(ax, unit, lang)
    items = [f"{name} {a} / {b}" for name, a, b in zip(names, *told, strict=True)]
    return about(ax, "show_figures.alt_list", items=listed(items[:TOLD], lang))
