"""How rates or scores are spread, with the spike at the full mark apart from the rest."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from perflib.data.text import say
from perflib.show.plots.axes import quiet_bars
from perflib.show.plots.chart import about, drawing
from perflib.show.plots.columns import need
from perflib.show.theme import BLUE, GREY, INK, ORANGE

FLOOR = 50  # lower scores share the first bar


def histogram(
    frame: pd.DataFrame,
    *,
    x: str = "rate",
    step: float = 0.05,
    top: float = 1.2,
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Histogram of the rates in column `x` (shares, one row per project; NA left out) in half-open bins of `step`.

    Exactly 100 % has a bar of its own, in another colour and labelled, because that spike is what the shape is
    about. Rates of `top` and more share the last bin.
    """
    rates = need(frame, x)[x].dropna().to_numpy(dtype=float)
    is_full = np.isclose(rates, 1.0, rtol=0, atol=1e-9)
    # The edges are nudged down so that 0.9 falls into [0.90, 0.95) in binary too.
    edges = np.round(np.arange(0, top + step / 2, step), 10) - 1e-12
    others = np.clip(rates[~is_full], 0, top - 1e-6)
    full, highest = int(is_full.sum()), max(np.histogram(others, bins=edges)[0].max(initial=0), 1)
    with drawing(ax, 3.6) as ax:
        if not len(rates):
            return ax
        sns.histplot(x=others, bins=edges, shrink=0.86, color=BLUE, alpha=1, linewidth=0, ax=ax)
        ax.bar([1.0], [full], width=step * 0.3, color=ORANGE, zorder=3)
        words = say("show_figures.exactly_full", lang, count=f"{full:,}", share=f"{full / len(rates):.1%}")
        where = {"textcoords": "offset points", "ha": "right", "va": "top"}
        ax.annotate(words, (1.0, full), (-8, -2), color=ORANGE, size=10.5, **where)
        ax.set_ylim(0, max(full, highest) * 1.06)
        ax.axvline(1.0, color=GREY, lw=0.6, ls=(0, (2, 3)), zorder=0)
        quiet_bars(ax)
        ax.set_xlim(-0.01, top + 0.01)
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.set_xticks(np.arange(0, top + 0.01, 0.1))
        ax.set_xlabel(say("show_figures.rate_axis", lang))
        ax.set_ylabel(say("show_figures.projects_axis", lang))
    median = f"{np.median(rates):.1%}"
    return about(ax, "show_figures.alt_histogram", count=f"{len(rates):,}", median=median, full=f"{full:,}")


def scores(
    frame: pd.DataFrame,
    *,
    x: str = "score",
    marks: Mapping[float, str] | None = None,
    full: float = 100.0,
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """Bars of one point each, half-open, of the scores in column `x` (NA left out); exactly `full` marks is orange.

    `marks` are lines with their names (lower ends of grades). Scores below 50 share the first bar.
    """
    known = need(frame, x)[x].dropna().to_numpy(dtype=float)
    is_full = np.isclose(known, full, rtol=0, atol=1e-9)
    edges = np.arange(FLOOR, full + 1)
    counts, _ = np.histogram(np.clip(known[~is_full], FLOOR, full - 1e-6), bins=edges - 1e-9)
    lowest = float(edges[counts.argmax() if not counts.any() else np.flatnonzero(counts)[0]])
    start = max(FLOOR, min(lowest - 1, full - 15))
    n, top = int(is_full.sum()), max(counts.max(initial=0), int(is_full.sum()), 1)
    with drawing(ax, 3.5) as ax:
        if not len(known):
            return ax
        ax.bar(edges[:-1] + 0.5, counts, width=0.86, color=BLUE)
        ax.bar([full + 0.5], [n], width=0.86, color=ORANGE, hatch="///", edgecolor="white", lw=0)
        words = say("show_figures.full_marks", lang, count=f"{n:,}")
        offset = {"textcoords": "offset points", "va": "top"}
        ax.annotate(words, (full, n), (-6, -2), ha="right", color=ORANGE, **offset)
        for at, name in (marks or {}).items():
            if at > start:
                ax.axvline(at, color=GREY, lw=0.9, ls=(0, (3, 3)), zorder=0)
                ax.annotate(name, (at, top * 1.12), (4, 0), color=INK, size=9, **offset)
        quiet_bars(ax)
        ax.set(xlim=(start, full + 1.2), ylim=(0, top * 1.14))
        ax.set_xlabel(say("show_figures.score_axis", lang))
        ax.set_ylabel(say("show_figures.projects_axis", lang))
    median = f"{np.median(known):.2f}"
    return about(ax, "show_figures.alt_scores", count=f"{len(known):,}", median=median, full=f"{n:,}")
