"""From the simple mean to the weighted mean, step by step."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis, printed, quiet_rows
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, clip, finish, new_chart, theme

LARGEST = 10


def bridge_waterfall(
    frame: pd.DataFrame,
    *,
    label: str,
    contribution: str,
    start: float,
    end: float,
    start_label: str,
    end_label: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    largest: int = LARGEST,
    is_sample: bool = False,
) -> Chart:
    """Steps from `start` to `end` (shares): the `largest` contributions (shares), then all others as one.

    Contributions sum to `end - start`; what is missing through rounding goes to the others. A step up
    is blue and marked ▲, a step down orange and marked ▼.
    """
    names, steps = _steps(frame, label, contribution, end - start, largest, lang)
    before = start + np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    rows = np.arange(1, len(steps) + 1)
    with theme():
        chart = new_chart(
            title, subtitle, source, lang, height=1.1 + 0.3 * (len(steps) + 2), is_sample=is_sample
        )
        ax = chart.add_subplot()
        colours = np.where(np.asarray(steps) >= 0, BLUE, ORANGE)
        ax.barh(rows, steps, left=before, color=colours, height=0.62, zorder=3)
        joints = [start, *(before + steps)]
        for i, x in enumerate(joints):
            ax.plot([x, x], [i, i + 1], color=GREY, lw=0.8, zorder=2)
        _ends(ax, start, end, len(steps) + 1, lang)
        for y, left, step in zip(rows, before, steps, strict=True):
            sign = "▲" if step >= 0 else "▼"
            words = f"{sign} {printed(abs(step) * 100, 'points', lang)}"
            ax.annotate(
                words, (max(left, left + step), y), (6, 0), textcoords="offset points", va="center", color=INK
            )
        ax.set_yticks(np.arange(len(steps) + 2), [start_label, *[clip(n, 34) for n in names], end_label])
        quiet_rows(ax)
        ax.use_sticky_edges = False
        ax.margins(x=0.14)
        number_axis(ax, "share", lang)
        return finish(chart, _alt(title, start, end, names, steps, lang))


def _steps(frame: pd.DataFrame, label: str, contribution: str, whole: float, largest: int, lang: str):
    known = frame.dropna(subset=[contribution])
    order = known.assign(_size=known[contribution].abs()).sort_values(
        ["_size", label], ascending=[False, True]
    )
    shown = order.head(largest)
    names, steps = [str(n) for n in shown[label]], [float(c) for c in shown[contribution]]
    rest = whole - sum(steps)
    if len(order) > largest or abs(rest) > 5e-5:
        names.append(say("show_figures.others", lang, count=f"{max(len(order) - largest, 0):,}"))
        steps.append(rest)
    return names, np.asarray(steps)


def _ends(ax, start: float, end: float, last: int, lang: str) -> None:
    ax.scatter([start, end], [0, last], s=80, color=INK, marker="o", zorder=4)
    for x, y in ((start, 0), (end, last)):
        words = printed(x, "share", lang)
        ax.annotate(words, (x, y), (9, 0), textcoords="offset points", va="center", color=INK, size=11)


def _alt(title: str, start: float, end: float, names: list[str], steps, lang: str) -> str:
    largest = int(np.argmax(np.abs(steps))) if len(steps) else 0
    step = f"{names[largest]} {printed(steps[largest] * 100, 'points', lang)}" if len(steps) else "—"
    ends = {"start": printed(start, "share", lang), "end": printed(end, "share", lang)}
    return say("show_figures.alt_bridge", lang, title=title, step=step, **ends)
