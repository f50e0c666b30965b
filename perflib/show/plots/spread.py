"""How rates or scores are spread, with the spike at the full mark apart from the rest."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from perflib.data.text import say
from perflib.show.plots.axes import DASHED, called, need, printed, quiet_bars, unit_of
from perflib.show.plots.chart import about, drawing
from perflib.show.theme import BLUE, GREY, INK

SCALES = {"share": (0.05, 0.0, 1.0, 1.2), "score": (1.0, 50.0, 100.0, 100.0)}  # step, lowest, full, highest


def histogram(
    frame: pd.DataFrame, *, x: str = "rate", step: float | None = None, low: float | None = None,
    full: float | None = None, high: float | None = None, marks: Mapping[float, str] | None = None, counted: str = "",
    unit: str = "", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Histogram of column `x` (one row per project, NA left out) in half-open bins of `step` from `low` to `high`.

    Exactly `full` has a bar of its own, dark, hatched and labelled, because that spike is what the shape is about.
    Values below `low` share the first bin, those of `high` and more the last. `marks` are lines with their names
    (a threshold, lower ends of grades). Shares have bins of five points up to 120 %, scores of one point from 50 to
    full marks; other units need all four. `counted` names what is counted, if not projects.
    """
    unit = unit or unit_of(x, frame)
    asked, usual = (step, low, full, high), SCALES.get(unit, SCALES["share"])
    step, low, full, high = (of if given is None else given for given, of in zip(asked, usual, strict=True))
    values = need(frame, x)[x].dropna().to_numpy(dtype=float)
    is_full = np.isclose(values, full, rtol=0, atol=1e-9)
    # The edges are nudged down so that 0.9 falls into [0.90, 0.95) in binary too.
    edges = np.round(np.arange(low, high + step / 2, step), 10)
    counts, _ = np.histogram(np.clip(values[~is_full], low, high - 1e-6), bins=edges - 1e-9 * step)
    spike, top = int(is_full.sum()), max(counts.max(initial=0), int(is_full.sum()), 1)
    with drawing(ax, 2.5) as ax:
        if not len(values):
            return ax
        ax.bar(edges[:-1] + step / 2, counts, width=step * 0.86, color=BLUE)
        at, width = (full, 0.3) if full < high else (full + step / 2, 0.86)
        ax.yaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 2.5, 5, 10], integer=True))
        if spike:
            ax.bar(
                [at], [spike], width=step * width, color=INK, hatch="////", edgecolor="white", lw=0, zorder=3
            )
            words = {"count": f"{spike:,}", "share": f"{spike / len(values):.1%}"}
            words["full"] = _tick(full, unit, lang)
            tie = {"arrowstyle": "-", "color": INK, "lw": 0.7, "shrinkA": 0, "shrinkB": 0}
            ax.annotate(say("show_figures.exactly_full", lang, **words), (at, spike), (at + step / 2, top * 1.2),
                        va="top", ha="right", arrowprops=tie, zorder=5)  # fmt: skip
        start = _start(counts, edges, step) if unit == "score" else low
        for place, name in (marks or {}).items():
            if place > start:
                ax.axvline(place, color=GREY, lw=0.8, ls=DASHED, zorder=0)
                ax.annotate(
                    name, (place, top * 1.34), (3, 0), textcoords="offset points", va="top", color=INK
                )
        quiet_bars(ax)
        ax.set(xlim=(start, max(high, at + step / 2)), ylim=(0, top * (1.36 if marks else 1.22)))
        _ticks(ax, unit, low if start == low else None, high if full < high else None, lang)
        ax.set(xlabel=called(x, lang, frame), ylabel=counted or say("show_figures.projects_axis", lang))
    median = printed(np.median(values), unit, lang)
    fields = {"count": f"{len(values):,}", "median": median, "full": f"{spike:,}"}
    return about(ax, "show_figures.alt_histogram", **fields, at=_tick(full, unit, lang))


def _start(counts: np.ndarray, edges: np.ndarray, step: float) -> float:
    """The axis of scores starts below the lowest, since all of them crowd at the top."""
    lowest = edges[np.flatnonzero(counts)[0]] if counts.any() else edges[-1]
    return float(max(edges[0], min(lowest - step, edges[-1] - 15 * step)))


def _tick(value: float, unit: str, lang: str) -> str:
    return printed(value, "limit", lang) if unit == "share" else f"{value:,.6g}"


def _ticks(ax: Axes, unit: str, low: float | None, high: float | None, lang: str) -> None:
    """Ticks that say where a bin holds all below or all above."""
    if unit == "share":
        ax.set_xticks(np.arange(0, (high or 1) + 0.01, 0.1))

    def said(value: float, _) -> str:
        is_last, is_first = high is not None and np.isclose(value, high), bool(low) and np.isclose(value, low)
        return f"{'≥' if is_last else '≤' if is_first else ''}{_tick(round(value, 10), unit, lang)}"

    ax.xaxis.set_major_formatter(FuncFormatter(said))
