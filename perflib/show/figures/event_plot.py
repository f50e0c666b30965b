"""An effect by years since a start, with the years before it as placebos."""

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis, printed, quiet_bars
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PAPER, Chart, finish, new_chart, theme


def event_plot(
    frame: pd.DataFrame,
    *,
    time: str,
    value: str,
    lower: str,
    upper: str,
    is_before: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    unit: str = "points",
    is_sample: bool = False,
) -> Chart:
    """A dot with its interval for each `time`; before the start hollow and orange, from it on filled and blue.

    Rows without an interval have the dot alone. A dashed line stands before the start, a solid one at zero.
    """
    rows = frame.dropna(subset=[value]).sort_values(time)
    before = rows[is_before].astype(bool)
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=3.9, is_sample=is_sample)
        ax = chart.add_subplot()
        ax.axhline(0, color=INK, lw=1, zorder=1)
        ax.axvline(-0.5, color=GREY, lw=1.1, ls=(0, (4, 3)), zorder=1)
        groups = ((before, ORANGE, PAPER, "D", "placebo"), (~before, BLUE, BLUE, "o", "effect"))
        for own, colour, fill, marker, word in groups:
            part = rows[own]
            x = part[time].astype(float)
            ax.vlines(x, part[lower], part[upper], color=colour, lw=2, alpha=0.8, zorder=2)
            ax.scatter(x, part[value], s=64, marker=marker, facecolor=fill, edgecolor=colour, lw=1.8, zorder=3,
                       label=say(f"show_trends.{word}", lang))  # fmt: skip
        for x, y in zip(rows[time], rows[value], strict=True):
            ax.annotate(printed(y, unit, lang), (float(x), y), (9, 0), textcoords="offset points", va="center",
                        color=INK, bbox={"facecolor": PAPER, "lw": 0, "pad": 0.5, "alpha": 0.85})  # fmt: skip
        quiet_bars(ax)
        ax.margins(x=0.12, y=0.12)
        ticks = sorted({int(t) for t in rows[time]})
        ax.set_xticks(ticks, [_tick(t, lang) for t in ticks])
        if ticks:
            ax.set_xlim(ticks[0] - 0.5, ticks[-1] + 0.6)
        number_axis(ax, unit, lang, axis="y")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, handletextpad=0.2)
        fields = {"count": len(rows), "before": int(before.sum())}
        return finish(chart, say("show_trends.alt_event", lang, title=title, **fields))


def _tick(time: int, lang: str) -> str:
    key = "start_tick" if time == 0 else "before_tick" if time < 0 else "after_tick"
    return say(f"show_trends.{key}", lang, years=abs(time))
