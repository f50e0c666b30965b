"""Goals attained against money spent, with the band in which the two agree."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, clip, finish, new_chart, theme

NAMED = 6
LIFT = 7  # points above the axis, for the name of a dot that sits on it


def scatter_band(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    x_label: str,
    y_label: str,
    band: float = 0.10,
    label: str | None = None,
    is_sample: bool = False,
) -> Chart:
    """A dot per row with both values (shares); the grey band is y = x give or take `band`.

    Dots outside the band (by more than it) are orange diamonds; the furthest are named by `label`.
    """
    known = frame.dropna(subset=[x, y])
    gap = known[y] - known[x]
    is_out = gap.abs() > band
    # The frame never zooms in so far that the band fills it.
    top = max(1.05, float(known[[x, y]].max().max()) * 1.04) if len(known) else 1.05
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=5.2, is_sample=is_sample)
        ax = chart.add_subplot()
        line = np.array([0.0, top])
        ax.fill_between(line, line - band, line + band, color=GREY, alpha=0.13, lw=0, zorder=0)
        ax.plot(line, line, color=GREY, lw=0.8, ls=(0, (4, 3)), zorder=1)
        ax.scatter(
            known[x][~is_out], known[y][~is_out], s=26, color=BLUE, alpha=0.65, lw=0, zorder=2, clip_on=False
        )
        ax.scatter(
            known[x][is_out], known[y][is_out], s=34, color=ORANGE, marker="D", lw=0, zorder=3, clip_on=False
        )
        if label:
            _name(ax, known.assign(_gap=gap.abs())[is_out], x, y, label, top)
        ax.set(xlim=(0, top), ylim=(0, top), xlabel=x_label, ylabel=y_label)
        ax.grid(color="#e9edf1", lw=0.6)
        number_axis(ax, "share", lang)
        number_axis(ax, "share", lang, axis="y")
        fields = {"count": len(known), "outside": int(is_out.sum()), "band": f"{band * 100:g}"}
        return finish(chart, say("show_figures.alt_scatter", lang, title=title, **fields))


def _name(ax, rows: pd.DataFrame, x: str, y: str, label: str, top: float) -> None:
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
