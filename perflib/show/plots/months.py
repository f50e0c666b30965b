"""The year as it goes: progress month by month, what was forecast on the way, and what came."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.plots.axes import DASHED, beside, number_axis, printed, quiet_bars
from perflib.show.plots.chart import about, drawing
from perflib.show.plots.columns import need, unit_of
from perflib.show.plots.years import name_ends
from perflib.show.theme import BLUE, GREY, INK, STILL, clip

IN_COURSE = 11.5  # a line that ends before has its words beside its last month, not at the right edge


def fan(
    frame: pd.DataFrame, *, x: str = "month", y: str = "rate", by: str | None = None, mark: str | None = None,
    forecast: pd.DataFrame | None = None, value: str = "value", low: str = "low", high: str = "high",
    is_straight: bool = True, unit: str = "", currency: str = "CNY", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Progress `y` over the months 1-12, with the fan of each row of `forecast` and what came after it.

    A row of `forecast` has the month `x` in which it was made, the year's end as it was seen then (`value`), and its
    interval from `low` to `high`; months of `frame` after the last forecast are what came, and are dashed. A column
    `by` makes a line for each of its values (years, say): the one called `mark`, else the last, is blue and has the
    fan, the others are grey. Shares have the straight line of elapsed time for comparison (`is_straight`).
    """
    unit, ends = unit or unit_of(y, frame), []
    rows = need(frame, x, y, *filter(None, [by])).dropna(subset=[y]).sort_values(x)
    names = rows[by].astype(str) if by else pd.Series("", index=rows.index)
    own = str(mark) if mark is not None else max(names, default="")
    made = pd.DataFrame() if forecast is None else need(forecast, x, value, low, high).dropna(subset=[value])
    made = [(r[x], r[value], r[low], r[high]) for r in made.to_dict("records")]

    def said(amount: float) -> str:
        return printed(amount, unit, lang, currency=currency)

    with drawing(ax, 3.0) as ax:
        if rows.empty:
            return ax
        for name in dict.fromkeys(names):
            part = rows.loc[names == name, [x, y]].set_axis(["x", "y"], axis=1).astype(float)
            _line(ax, part, made if name == own else None)
            words = f"{clip(name, 24)} {said(part['y'].iloc[-1])}".strip()
            ends.append((*part.iloc[-1], words, BLUE if name == own else GREY))
        for month, end, *_ in made:
            words = say("show_figures.forecast_of", lang, month=int(month))
            ends.append((12.0, end, f"{words} {said(end)}", INK))
        if is_straight and unit == "share":
            ax.plot([0, 12], [0, 1], color=GREY, lw=1, ls=DASHED, zorder=1)
            ends.append((12.0, 1.0, say("show_figures.straight_line", lang), GREY))
        quiet_bars(ax)
        highest = max(rows[y].max(), *(end[1] for end in ends), *(row[3] for row in made))
        ax.set(xlim=(0, 12.2), ylim=(0, float(highest) * 1.05))
        ax.set_xticks(np.arange(1, 13), [say("show_figures.month", lang, month=m) for m in range(1, 13)])
        number_axis(ax, unit, lang, axis="y")
        for at, end, words, colour in (e for e in ends if e[0] < IN_COURSE):
            beside(ax, words, at, end, 6, color=colour, va="top")
        name_ends(ax, [e for e in ends if e[0] >= IN_COURSE])
    seen = ({"month": int(m)} | {"value": said(v), "low": said(a), "high": said(b)} for m, v, a, b in made)
    told = " ".join(say("show_figures.alt_forecast", lang, **fields) for fields in seen)
    last = rows[names == own].iloc[-1]
    return about(ax, "show_figures.alt_fan", month=int(last[x]), value=said(last[y]), forecasts=told)


def _line(ax: Axes, rows: pd.DataFrame, made: list[tuple] | None) -> None:
    """A line in grey; the own one (which has forecasts, if only none) blue, dashed after the last, with its fans."""
    if made is None:
        ax.plot(rows["x"], rows["y"], color=STILL, lw=1, zorder=2)
        return
    until = max((row[0] for row in made), default=12)
    past, came = rows[rows["x"] <= until], rows[rows["x"] >= until]
    ax.plot(past["x"], past["y"], color=BLUE, lw=1.8, marker="o", ms=3.2, zorder=4)
    if len(came) > 1:
        ax.plot(came["x"], came["y"], color=BLUE, lw=1.2, ls=(0, (2, 1.5)), zorder=3)
        ax.scatter(*came.iloc[-1], s=24, facecolor="white", edgecolor=BLUE, lw=1.4, zorder=5)
    for month, value, low, high in made:
        for start in rows.loc[rows["x"] == month, "y"]:
            ax.fill_between([month, 12], [start, low], [start, high], color=BLUE, alpha=0.14, lw=0, zorder=1)
            ax.plot([month, 12], [start, value], color=BLUE, lw=0.9, ls=DASHED, zorder=2)
