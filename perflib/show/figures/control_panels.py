"""Control charts side by side: readings, their centre and limits, and the points that stand out."""

import math

import pandas as pd

from perflib.data.text import say
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, clip, finish, new_chart, theme

COLUMNS = 2


def control_panels(
    frame: pd.DataFrame,
    *,
    facet: str,
    x: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    is_sample: bool = False,
) -> Chart:
    """A panel per `facet`, each with its own scale: `value`, `centre`, `lower`, `upper`; `is_signal` stands out.

    `x` names the period, in words; the first and the last are printed.
    """
    names = list(dict.fromkeys(frame[facet].dropna()))
    rows = math.ceil(len(names) / COLUMNS)
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=1.7 * max(rows, 1) + 0.2, is_sample=is_sample)
        axes = chart.subplots(rows, COLUMNS, squeeze=False).ravel()
        for ax, name in zip(axes, names, strict=False):
            _panel(ax, frame[frame[facet] == name].reset_index(drop=True), x)
            ax.set_title(clip(str(name), 34), loc="left", size=9.5, color=INK, pad=5)
        for ax in axes[len(names) :]:
            ax.set_axis_off()
        fields = {"count": len(names), "signals": int(frame["is_signal"].sum())}
        return finish(chart, say("monitoring.alt_control", lang, title=title, **fields))


def _panel(ax, rows: pd.DataFrame, x: str) -> None:
    ax.fill_between(rows.index, rows["lower"], rows["upper"], color=GREY, alpha=0.12, lw=0, zorder=0)
    ax.plot(rows.index, rows["centre"], color=GREY, lw=0.9, ls=(0, (4, 3)), zorder=1)
    ax.plot(rows.index, rows["value"], color=BLUE, lw=1.4, marker="o", ms=2.6, zorder=2)
    odd = rows[rows["is_signal"]]
    ax.scatter(odd.index, odd["value"], s=34, color=ORANGE, marker="D", lw=0, zorder=3)
    ax.set_xticks([0, len(rows) - 1], [rows[x].iloc[0], rows[x].iloc[-1]])
    ax.grid(axis="y", color="#e9edf1", lw=0.6)
    ax.spines["left"].set_visible(False)
    ax.tick_params(labelsize=8, labelcolor=GREY)
