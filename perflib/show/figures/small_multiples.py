"""The same small line chart for each name, on one scale."""

import math

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis, printed
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PALE, Chart, clip, finish, new_chart, theme

COLUMNS = 4


def small_multiples(
    frame: pd.DataFrame,
    *,
    facet: str,
    x: str,
    y: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    unit: str = "share",
    columns: int = COLUMNS,
    segment: str | None = None,
    marks: pd.DataFrame | None = None,
    is_sample: bool = False,
) -> Chart:
    """A panel per value of `facet`, in the order of the rows: its own line in blue over all others in grey.

    All panels share both scales; the last value is printed at the end of each line. A line is cut where
    `segment` changes; `marks` has `facet` and `x` of what is marked by a dotted line (a break of definition,
    say), half a step before it.
    """
    names = list(dict.fromkeys(frame[facet].dropna()))
    rows = math.ceil(len(names) / columns)
    with theme():
        chart = new_chart(
            title, subtitle, source, lang, height=1.55 * max(rows, 1) + 0.3, is_sample=is_sample
        )
        axes = chart.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        lines = {n: frame[frame[facet] == n].dropna(subset=[y]).sort_values(x) for n in names}
        for ax, name in zip(axes, names, strict=False):
            for other in names:
                ax.plot(lines[other][x], lines[other][y], color=PALE, lw=0.7, zorder=1)
            own = lines[name]
            for _, part in own.groupby(segment) if segment else [(0, own)]:
                ax.plot(
                    part[x], part[y], color=BLUE, lw=1.9, zorder=2, marker="o", ms=0 if len(part) > 1 else 4
                )
            for at in marks.loc[marks["facet"] == name, "x"] if marks is not None else []:
                ax.axvline(at - 0.5, color=ORANGE, lw=1.3, ls=(0, (1, 1.5)), zorder=1)
            ax.set_title(clip(str(name), 72 // columns + 1), loc="left", size=9.5, color=INK, pad=5)
            if len(own):
                ax.scatter(own[x].iloc[-1:], own[y].iloc[-1:], s=18, color=BLUE, zorder=3)
                ax.text(
                    1.0,
                    1.02,
                    printed(own[y].iloc[-1], unit, lang),
                    transform=ax.transAxes,
                    ha="right",
                    va="bottom",
                    color=BLUE,
                    size=9,
                )
            ax.grid(axis="y", color="#e9edf1", lw=0.6)
            ax.spines["left"].set_visible(False)
            ax.tick_params(labelsize=8, labelcolor=GREY)
        for ax in axes[len(names) :]:
            ax.set_visible(False)
        if len(names):
            number_axis(axes[0], unit, lang, axis="y")
            values = sorted(frame[x].dropna().unique())
            axes[0].set_xticks([values[0], values[-1]], [f"{v:g}" for v in (values[0], values[-1])])
        return finish(chart, say("show_figures.alt_multiples", lang, title=title, count=len(names)))
