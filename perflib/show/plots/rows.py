"""A row for each name: dots with intervals and tiers, bars, two bars or two dots a name."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.labels import column
from perflib.show.plots.axes import (
    DASHED,
    at_right,
    beside,
    called,
    given,
    height_of_rows,
    in_words,
    key,
    listed,
    name_rows,
    need,
    number_axis,
    printed,
    stands_out,
    unit_of,
)
from perflib.show.plots.chart import about, drawing
from perflib.show.theme import BLUE, BROWN, GREY, INK, MARKERS, ORANGE, PALE, STILL

TOLD = 8  # bars that the alternative text lists
TIERS = (GREY, INK, STILL, BROWN)


def dots(
    frame: pd.DataFrame, *, y: str, x: str = "rate", low: str | None = "low", high: str | None = "high",
    tier: str | None = "tier", mark: str | Collection[str] | None = None, act: str | Collection[str] | None = None,
    line: tuple[float, str] | None = None, is_ranked: bool = True, is_log: bool = False, unit: str = "",
    currency: str = "CNY", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot for each row at column `x`, called by column `y`, highest on top; rows without a value are left out.

    `low` and `high` are the columns of its interval; each `tier` has a marker and a shade of its own, and those that
    `act` names (what calls for action, by code or word) are orange. Rows called `mark` are blue. `line` is a dashed line and its label.
    Not `is_ranked`: rows stay in the order of `frame`. `is_log` is for ratios: half and double lie as far from one;
    where something drawn isn't above zero the axis stays linear.
    """
    low, high, tier = given(frame, low=low, high=high, tier=tier)
    unit = unit or unit_of(x, frame)
    rows = need(frame, x, y).dropna(subset=[x])
    if is_ranked:
        rows = rows.sort_values([x, y], ascending=[False, True], kind="stable")
    at, own = np.arange(len(rows)), stands_out(rows[y], mark)
    told = [printed(v, unit, lang, currency=currency) for v in rows[x]]
    with drawing(ax, height_of_rows(in_words(rows[y], lang)) + 0.2 * bool(tier or line)) as ax:
        if rows.empty:
            return ax
        if low and high:
            colours = np.where(own, BLUE, GREY).tolist()
            ax.hlines(at, rows[low], rows[high], color=colours, lw=1.2, alpha=0.75, zorder=2)
        tiers = _words(rows[tier], lang) if tier else pd.Series("", index=rows.index)
        acts = stands_out(tiers, act) | (stands_out(rows[tier], act) if tier else False)
        _tiers(ax, rows[x], at, tiers, own, acts, is_plain=not own.any())
        name_rows(ax, in_words(rows[y], lang), own)
        at_right(ax, told, own)
        ax.margins(x=0.04)
        if is_log and (rows[[c for c in (x, low) if c]] > 0).all(axis=None):
            ax.set_xscale("log")
        number_axis(ax, unit, lang)
        if line:  # its label stands below the last row
            ax.set_ylim(len(rows) + 0.5, -0.6)
            ax.axvline(line[0], color=INK, lw=0.9, ls=DASHED, zorder=1)
            where = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            ax.annotate(line[1], (line[0], 0), (3, 2), color=INK, va="bottom", size=7, **where)
    if len(rows) < 2:  # a dot alone is compared with nothing: no page has a figure of it
        return ax
    first, last = (f"{in_words(rows[y], lang).iloc[i]} {told[i]}" for i in _extremes(rows[x]))
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


def _tiers(
    ax: Axes, values: pd.Series, at: np.ndarray, tiers: pd.Series, own: np.ndarray, acts, *, is_plain: bool
) -> None:
    """The dots, tier by tier; of one tier alone, blue where no row is one's own."""
    names, shades = list(dict.fromkeys(tiers)), iter(TIERS * len(tiers))
    for i, name in enumerate(names):
        here, marker = (tiers == name).to_numpy(), MARKERS[i % len(MARKERS)]
        plain = BLUE if len(names) == 1 and is_plain else next(shades)
        colour = ORANGE if acts[here].any() else plain
        ax.scatter(values[here], at[here], s=34, color=colour, marker=marker, zorder=3, label=name)
        ax.scatter(values[here & own], at[here & own], s=54, color=BLUE, marker=marker, zorder=4)
    if len(names) > 1:
        key(ax)


def bars(
    frame: pd.DataFrame, *, y: str, x: str = "rate", mark: str | Collection[str] | None = None,
    act: str | Collection[str] | None = None, is_sorted: bool = True, unit: str = "", currency: str = "CNY",
    lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A bar of column `x` for each row, called by column `y`, largest on top or (not `is_sorted`) in the order of rows.

    Rows without a value are left out. With `mark` the bars so called are blue and the others grey; those that `act`
    names are orange.
    """
    unit = unit or unit_of(x, frame)
    rows = need(frame, x, y).dropna(subset=[x])
    if is_sorted:
        rows = rows.sort_values([x, y], ascending=[False, True], kind="stable")
    own = stands_out(rows[y], mark)
    told = [printed(v, unit, lang, currency=currency) for v in rows[x]]
    with drawing(ax, height_of_rows(in_words(rows[y], lang), 0.24)) as ax:
        if rows.empty:
            return ax
        plain = np.where(own | (not own.any()), BLUE, STILL)
        colours = np.where(stands_out(rows[y], act), ORANGE, plain)
        ax.barh(np.arange(len(rows)), rows[x], color=colours, height=0.64)
        for place, v, words in zip(range(len(rows)), rows[x], told, strict=True):
            beside(ax, words, max(v, 0), place, 4, color=BLUE if own[place] else INK)
        name_rows(ax, in_words(rows[y], lang), own)
        ax.set_xlim(min(0, rows[x].min() * 1.1), max(rows[x].max() * 1.12, 1e-9))
        number_axis(ax, unit, lang)
    items = [f"{name} {words}" for name, words in zip(in_words(rows[y], lang), told, strict=True)]
    return about(ax, "show_figures.alt_list", items=listed(items[:TOLD], lang))


def pairs(
    frame: pd.DataFrame, *, y: str, x: Sequence[str], labels: Sequence[str] = (), unit: str = "", currency: str = "CNY",
    lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Two bars a row, in the order of rows: the first of the columns `x` pale and hatched, the second blue.

    Each bar has its number; a missing one has no bar and says so. `labels` name the two in the legend.
    """
    unit, labels = unit or unit_of(x[0], frame), labels or [called(c, lang, frame) for c in x]
    looks = {"color": PALE, "hatch": "///", "edgecolor": GREY, "lw": 0}, {"color": BLUE}
    frame = need(frame, y, *x)
    at, values = np.arange(len(frame)), [frame[c].astype("float64") for c in x]
    told = [[printed(v, unit, lang, currency=currency) for v in of] for of in values]
    with drawing(ax, 0.6 + 0.36 * max(len(frame), 2)) as ax:
        if frame.empty:
            return ax
        for of, words, label, look, shift in zip(values, told, labels, looks, (-0.19, 0.19), strict=True):
            ax.barh(at + shift, of.fillna(0), 0.36, label=label, **look)
            for place, value, text in zip(at + shift, of.fillna(0), words, strict=True):
                beside(ax, text, value, place, 4, size=7)
        name_rows(ax, frame[y], width=40)
        ax.set_ylim(len(frame) - 0.45, -0.55)
        ax.set_xlim(0, max(float(np.nanmax(values, initial=0)), 1e-9) * 1.12)
        key(ax)
        number_axis(ax, unit, lang)
    items = [f"{name} {a} / {b}" for name, a, b in zip(frame[y], *told, strict=True)]
    return about(ax, "show_figures.alt_list", items=listed(items[:TOLD], lang))


def dumbbell(
    frame: pd.DataFrame, *, y: str, x: Sequence[str], labels: Sequence[str] = (), is_sorted: bool = True, unit: str = "",
    lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Two dots a row with a line between: the first of the columns `x` hollow, the second blue; widest gap on top.

    The difference (second less first) stands at the right edge. Rows that lack one of the two are left out.
    """
    unit, labels = unit or unit_of(x[0], frame), labels or [called(c, lang, frame) for c in x]
    rows = need(frame, y, *x).dropna(subset=list(x))
    gaps = rows[x[1]].astype(float) - rows[x[0]].astype(float)
    if is_sorted:
        gaps = gaps.iloc[np.argsort(-gaps.abs().to_numpy(), kind="stable")]
    rows, at = rows.loc[gaps.index], np.arange(len(rows))
    with drawing(ax, height_of_rows(rows[y]) + 0.2) as ax:
        if rows.empty:
            return ax
        ax.hlines(at, rows[x[0]], rows[x[1]], color=STILL, lw=1.6, zorder=2)
        ax.scatter(rows[x[0]], at, s=34, facecolor="white", edgecolor=GREY, lw=1.4, zorder=3, label=labels[0])
        ax.scatter(rows[x[1]], at, s=34, color=BLUE, zorder=4, label=labels[1])
        name_rows(ax, rows[y])
        size, of = (100, "points") if unit == "share" else (1, unit)
        told = [f"{'+' if v > 0 else ''}{printed(v * size, of, lang)}" for v in gaps]
        at_right(ax, told, np.zeros(len(rows), dtype=bool))
        ax.margins(x=0.04)
        key(ax)
        number_axis(ax, unit, lang)
    pair = ([printed(v, unit, lang) for v in rows[c]] for c in x)
    items = [f"{name} {a} / {b}" for name, a, b in zip(rows[y], *pair, strict=True)]
    return about(ax, "show_figures.alt_dumbbell", items=listed(items[:TOLD], lang))
