"""Departments or districts in order, a dot each, with intervals and tiers where there are some."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.figures.axes import number_axis, printed, quiet_rows
from perflib.show.theme import (
    BLUE,
    GREY,
    INK,
    MARKERS,
    ORANGE,
    PALETTE,
    PAPER,
    Chart,
    clip,
    finish,
    new_chart,
    theme,
)

ROW, NAME_WIDTH = 0.27, 34


def ranked_dots(
    frame: pd.DataFrame,
    *,
    label: str,
    value: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    lower: str | None = None,
    upper: str | None = None,
    tier: str | None = None,
    unit: str = "share",
    reference: float | None = None,
    reference_label: str = "",
    highlight: str | None = None,
    is_ranked: bool = True,
    is_sample: bool = False,
) -> Chart:
    """Dots by `value`, highest on top, one row per row of `frame`; rows without a value are left out.

    `lower` and `upper` name the columns of the interval, drawn as a line through the dot. `tier` names a
    column: each tier has its own colour and marker. `reference` is a dashed line with its label.
    `highlight` is a name in `label` that stands out. Not `is_ranked`: rows stay in the order of `frame`.
    """
    rows = frame.dropna(subset=[value])
    if is_ranked:
        rows = rows.sort_values([value, label], ascending=[False, True], kind="stable")
    places = np.arange(len(rows))
    with theme():
        chart = new_chart(
            title, subtitle, source, lang, height=0.75 + ROW * max(len(rows), 3), is_sample=is_sample
        )
        ax = chart.add_subplot()
        if lower and upper:
            ax.hlines(places, rows[lower], rows[upper], color=GREY, lw=1.4, alpha=0.75, zorder=2)
        _dots(ax, rows, places, value, tier, rows[label].eq(highlight))
        end = rows[upper].fillna(rows[value]) if upper else rows[value]
        for y, x, v in zip(places, end, rows[value], strict=True):
            ax.annotate(
                printed(v, unit, lang),
                (x, y),
                (8, 0),
                textcoords="offset points",
                va="center",
                color=INK,
                bbox={"facecolor": PAPER, "lw": 0, "pad": 0.6},
            )
        ax.set_yticks(places, [clip(str(name), NAME_WIDTH) for name in rows[label]])
        quiet_rows(ax)
        ax.set_ylim(len(rows) - 0.4, -0.6 - (0.6 if reference is not None else 0))
        ax.margins(x=0.12)
        number_axis(ax, unit, lang)
        if reference is not None:
            _reference(ax, reference, reference_label)
        return finish(chart, _alt(title, rows, label, value, unit, lang))


def _dots(ax: Axes, rows: pd.DataFrame, places, value: str, tier: str | None, is_marked: pd.Series) -> None:
    tiers = rows[tier].astype(str) if tier else pd.Series("", index=rows.index)
    names = list(dict.fromkeys(tiers))
    for i, name in enumerate(names):
        own = (tiers == name).to_numpy()
        colour, marker = PALETTE[i % len(PALETTE)], MARKERS[i % len(MARKERS)]
        ax.scatter(rows[value][own], places[own], s=52, color=colour, marker=marker, zorder=3, label=name)
    if is_marked.any():
        own = is_marked.to_numpy()
        ax.scatter(rows[value][own], places[own], s=120, facecolor="none", edgecolor=ORANGE, lw=2, zorder=4)
    if tier and len(names) > 1:
        ax.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(names), frameon=False, handletextpad=0.2
        )


def _reference(ax: Axes, at: float, words: str) -> None:
    ax.axvline(at, color=BLUE, lw=1, ls=(0, (4, 3)), zorder=1)
    ax.annotate(
        words,
        (at, 1),
        (5, -2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        va="top",
        color=BLUE,
    )


def _alt(title: str, rows: pd.DataFrame, label: str, value: str, unit: str, lang: str) -> str:
    if rows.empty:
        return title
    ordered = rows.sort_values(value, ascending=False, kind="stable")
    ends = ordered.iloc[0], ordered.iloc[-1]
    first, last = (f"{r[label]} {printed(r[value], unit, lang)}" for r in ends)
    return say("show_figures.alt_ranked", lang, title=title, count=len(rows), first=first, last=last)
