"""Over the years: lines that stop at a break, two points in time, the years since a start."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.plots.axes import (
    DASHED,
    DOTTED,
    PLATE,
    apart,
    beside,
    given,
    in_words,
    key,
    need,
    number_axis,
    printed,
    quiet_bars,
    stands_out,
    unit_of,
)
from perflib.show.plots.chart import about, drawing
from perflib.show.theme import BLUE, BROWN, GREY, INK, MARKERS, PAPER, SKY, SOURCE_SIZE, STILL, clip

IN_COURSE = 11.5  # a line that ends before has its words beside its last month, not at the right edge
LOOKS = (BLUE, GREY, SKY, BROWN, INK)


def lines(
    frame: pd.DataFrame, *, x: str = "year", y: str = "rate", by: str | None = None, segment: str | None = None,
    breaks: Collection[float] = (), mark: str | Collection[str] | None = None, unit: str = "", lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A line over the years for each value of column `by`, called at its end with its last value.

    Nothing is drawn across a break: lines are cut where column `segment` changes and at the years `breaks` (the first
    of the new definition), where a dotted line stands. With `mark` the lines so called are blue and the others grey.
    """
    unit = unit or unit_of(y, frame)
    rows = need(frame, x, y, *filter(None, [by, segment])).dropna(subset=[y]).sort_values(x)
    names = list(dict.fromkeys(rows[by])) if by else [""]
    words = in_words(pd.Series(names, name=by, dtype=object), lang)
    own = stands_out(pd.Series(names, dtype=object), mark)
    cuts = np.searchsorted(sorted(breaks), rows[x], side="right")
    parts = rows.assign(_part=cuts, _segment=rows[segment] if segment else 0, _name=rows[by] if by else "")
    with drawing(ax, 2.4) as ax:
        if rows.empty:
            return ax
        ends = []
        for i, name in enumerate(names):
            look = {"lw": 1.8, "ms": 3.5, "color": LOOKS[i % len(LOOKS)], "marker": MARKERS[i % len(MARKERS)]}
            if own.any():
                look |= {"color": BLUE if own[i] else GREY, "lw": 1.8 if own[i] else 1}
            for _, part in parts[parts["_name"] == name].groupby(["_part", "_segment"]):
                ax.plot(part[x], part[y], zorder=3 if own[i] else 2, **look)
            last = parts[parts["_name"] == name].iloc[-1]
            told = f"{clip(str(words[i]), 28)} {printed(last[y], unit, lang)}".strip()
            ends.append((last[x], last[y], told, look["color"]))
        for at in breaks:
            ax.axvline(at - 0.5, color=INK, lw=1, ls=DOTTED, zorder=1)
        quiet_bars(ax)
        ax.margins(x=0.04, y=0.12)
        number_axis(ax, unit, lang, axis="y")
        years = sorted(rows[x].unique())
        ax.set_xticks(years, [f"{v:g}" for v in years])
        name_ends(ax, ends)
    low, high = (printed(of(end[1] for end in ends), unit, lang) for of in (min, max))
    span = {"first": f"{years[0]:g}", "last": f"{years[-1]:g}"}
    return about(ax, "show_figures.alt_years", **span, low=low, high=high)


def name_ends(ax: Axes, ends: list[tuple]) -> None:
    """Words at the right edge for the ends (x, y, words, colour) of lines, moved apart where they would touch."""
    low, high = ax.get_ylim()
    inches = ax.get_window_extent().height / ax.figure.dpi
    places = apart([end[1] for end in ends], (high - low) * 0.15 / inches)
    edge = ax.get_xlim()[1]
    for (x, y, words, colour), at in zip(ends, places, strict=True):
        if abs(at - y) > (high - low) * 0.02 or x < edge - 0.05 * (edge - ax.get_xlim()[0]) - 1e-9:
            ax.plot([x, edge], [y, at], color=colour, lw=0.5, alpha=0.6, zorder=1)
        beside(ax, words, edge, at, 3, color=colour)
    ax.set(xlim=(ax.get_xlim()[0], edge), ylim=(low, high))


def event(
    frame: pd.DataFrame, *, x: str = "event_time", y: str = "value", low: str | None = "low", high: str | None = "high",
    before: str = "is_placebo", unit: str = "points", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """An effect by years since a start: a dot with its interval for each `x`, those `before` it hollow and grey.

    Rows without an interval have the dot alone. A dashed line stands before the start, a solid one at zero.
    """
    low, high = given(frame, low=low, high=high)
    rows = need(frame, x, y, before).dropna(subset=[y]).sort_values(x)
    is_before = rows[before].astype(bool)
    kinds = (is_before, GREY, PAPER, "placebo"), (~is_before, BLUE, BLUE, "effect")
    with drawing(ax, 2.8) as ax:
        if rows.empty:
            return ax
        ax.axhline(0, color=INK, lw=1, zorder=1)
        ax.axvline(-0.5, color=GREY, lw=1.1, ls=DASHED, zorder=1)
        for own, colour, fill, word in kinds:
            part = rows[own]
            at = part[x].astype(float)
            if low and high:
                ax.vlines(at, part[low], part[high], color=colour, lw=1.6, alpha=0.8, zorder=2)
            label = say(f"show_trends.{word}", lang)
            ax.scatter(at, part[y], s=40, facecolor=fill, edgecolor=colour, lw=1.5, zorder=3, label=label)
        for at, value in zip(rows[x], rows[y], strict=True):
            beside(ax, printed(value, unit, lang), float(at), value, 6, bbox=PLATE, size=SOURCE_SIZE)
        quiet_bars(ax)
        ax.margins(x=0.12, y=0.12)
        ticks = sorted({int(t) for t in rows[x]})
        ax.set_xticks(ticks, [_tick(t, lang) for t in ticks])
        ax.set_xlim(ticks[0] - 0.5, ticks[-1] + 0.6)
        number_axis(ax, unit, lang, axis="y")
        key(ax)
    return about(ax, "show_trends.alt_event", count=len(rows), before=int(is_before.sum()))


def _tick(time: int, lang: str) -> str:
    tick = "start_tick" if time == 0 else "before_tick" if time < 0 else "after_tick"
    return say(f"show_trends.{tick}", lang, years=abs(time))


def fan(
    frame: pd.DataFrame, *, x: str = "month", y: str = "rate", by: str | None = None, mark: str | None = None,
    forecast: pd.DataFrame | None = None, value: str = "value", low: str = "low", high: str = "high",
    is_straight: bool = True, unit: str = "", currency: str = "CNY", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Progress `y` over the months 1-12, with the year's end of each row of `forecast` and what came after it.

    A row of `forecast` has the month `x` in which it was made, the year's end as it was seen then (`value`), and its
    interval from `low` to `high`, which stands at the year's end: of the months between nothing was forecast. Months
    of `frame` after the last forecast are what came, and are dashed. A column `by` makes a line for each of its values
    (years, say): the one called `mark`, else the last, is blue and has the forecasts, the others are grey. Shares have
    the straight line of elapsed time for comparison (`is_straight`).
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
            words = say("show_figures.forecast_of", lang, month=int(month), value=said(end))
            ends.append((12.0, end, words, INK))
        if is_straight and unit == "share":
            ax.plot([0, 12], [0, 1], color=GREY, lw=1, ls=DASHED, zorder=1)
            ends.append((12.0, 1.0, say("show_figures.straight_line", lang), GREY))
        quiet_bars(ax)
        highest = max(rows[y].max(), *(end[1] for end in ends), *(row[3] for row in made))
        ax.set(xlim=(0, 12.25 + 0.18 * len(made)), ylim=(0, float(highest) * 1.05))
        ax.set_xticks(np.arange(1, 13), [say("show_figures.month", lang, month=m) for m in range(1, 13)])
        number_axis(ax, unit, lang, axis="y")
        for at, end, words, colour in (e for e in ends if e[0] < IN_COURSE):
            beside(ax, words, at, end, 6, color=colour, va="top")
        name_ends(ax, [e for e in ends if e[0] >= IN_COURSE])
    told = []
    for at, end, a, b in made:
        within = "" if pd.isna(a) else say("show_figures.alt_within", lang, low=said(a), high=said(b))
        told.append(say("show_figures.alt_forecast", lang, month=int(at), value=said(end), within=within))
    last = {"month": int(rows[x][names == own].iloc[-1]), "value": said(rows[y][names == own].iloc[-1])}
    return about(ax, "show_figures.alt_fan", **last, forecasts=" ".join(told))


def _line(ax: Axes, rows: pd.DataFrame, made: list[tuple] | None) -> None:
    """A line in grey; the own one (which has forecasts, if only none) blue, dashed after the last; intervals at the year's end."""
    if made is None:
        ax.plot(rows["x"], rows["y"], color=STILL, lw=1, zorder=2)
        return
    until = max((row[0] for row in made), default=12)
    past, came = rows[rows["x"] <= until], rows[rows["x"] >= until]
    ax.plot(past["x"], past["y"], color=BLUE, lw=1.8, marker="o", ms=3.2, zorder=4)
    if len(came) > 1:
        ax.plot(came["x"], came["y"], color=BLUE, lw=1.2, ls=(0, (2, 1.5)), zorder=3)
        ax.scatter(*came.iloc[-1], s=24, facecolor="white", edgecolor=BLUE, lw=1.4, zorder=5)
    for place, (_, value, low, high) in enumerate(made):
        at = 12.2 + 0.18 * place
        ax.vlines(at, low, high, color=BLUE, lw=4, alpha=0.3, zorder=1)
        ax.scatter([at], [value], s=24, marker="_", color=BLUE, lw=1.6, zorder=4)
