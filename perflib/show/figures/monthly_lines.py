"""Progress month by month against the straight line of the calendar."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.figures.axes import apart, number_axis, printed, quiet_bars
from perflib.show.theme import BLUE, GREY, MARKERS, PALETTE, Chart, clip, finish, new_chart, theme


def monthly_lines(
    frame: pd.DataFrame,
    *,
    month: str,
    value: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    group: str | None = None,
    highlight: str | None = None,
    is_straight_shown: bool = True,
    is_sample: bool = False,
) -> Chart:
    """Lines of `value` (shares) over the months 1-12, one per `group`, each labelled at its end.

    The dashed grey line is elapsed time (months / 12). With `highlight`, that line is drawn strong and
    the others are quiet; up to five lines have colour and marker of their own.
    """
    names = list(dict.fromkeys(frame[group].astype(str))) if group else [""]
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=4.0, is_sample=is_sample)
        ax = chart.add_subplot()
        ends = [
            _line(ax, _own(frame, group, n, month), month, value, i, n, highlight)
            for i, n in enumerate(names)
        ]
        if is_straight_shown:
            ax.plot(np.arange(0, 13), np.arange(0, 13) / 12, color=GREY, lw=1.2, ls=(0, (4, 3)), zorder=1)
            ends.append((12, 1.0, say("show_figures.straight_line", lang), GREY))
        quiet_bars(ax)
        ax.set_xlim(0, 12.4)
        top = max([e[1] for e in ends if e] + [float(frame[value].max())])
        ax.set_ylim(0, top * 1.06)
        _end_labels(ax, [e for e in ends if e], lang)
        ax.set_xticks(np.arange(1, 13), [say("show_figures.month", lang, month=m) for m in range(1, 13)])
        number_axis(ax, "share", lang, axis="y")
        return finish(chart, _alt(title, frame, month, value, lang))


def _own(frame: pd.DataFrame, group: str | None, name: str, month: str) -> pd.DataFrame:
    own = frame[frame[group].astype(str) == name] if group else frame
    return own.sort_values(month)


def _line(ax: Axes, rows: pd.DataFrame, month: str, value: str, i: int, name: str, highlight: str | None):
    known = rows.dropna(subset=[value])
    if known.empty:
        return None
    is_quiet = highlight is not None and name != highlight
    colour = GREY if is_quiet else BLUE if highlight else PALETTE[i % len(PALETTE)]
    style = (
        {"lw": 1.0, "alpha": 0.55} if is_quiet else {"lw": 2.2, "marker": MARKERS[i % len(MARKERS)], "ms": 5}
    )
    ax.plot(known[month], known[value], color=colour, zorder=2 if is_quiet else 3, **style)
    return float(known[month].iloc[-1]), float(known[value].iloc[-1]), name, colour


def _end_labels(ax: Axes, ends: list[tuple], lang: str) -> None:
    """Names beside the ends of their lines, moved apart where they would touch."""
    gap = ax.get_ylim()[1] * 0.062
    for (x, y, name, colour), at in zip(ends, apart([e[1] for e in ends], gap), strict=True):
        words = f"{clip(name, 22)} {printed(y, 'share', lang)}".strip() if colour != GREY else name
        ax.annotate(
            words,
            (x, y),
            (12.5, at),
            textcoords="data",
            va="center",
            color=colour,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6} if x < 11.5 else None,
        )


def _alt(title: str, frame: pd.DataFrame, month: str, value: str, lang: str) -> str:
    known = frame.dropna(subset=[value])
    if known.empty:
        return title
    last = known[month].max()
    low, high = (
        printed(v, "share", lang) for v in known.loc[known[month] == last, value].agg(["min", "max"])
    )
    return say("show_figures.alt_lines", lang, title=title, month=int(last), low=low, high=high)
