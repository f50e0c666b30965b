"""Money on its way: the budget through the year, and from one rate to another step by step."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.plots.axes import (
    beside,
    called,
    height_of_rows,
    listed,
    name_rows,
    need,
    number_axis,
    printed,
)
from perflib.show.plots.chart import about, drawing
from perflib.show.theme import BLUE, GREY, INK, STILL

FLOW = ("initial_budget", "adjusted_budget", "executed", "carried_over", "lapsed")


def flow(
    frame: pd.DataFrame | pd.Series, *, x: Sequence[str] = FLOW, left: Sequence[str] = ("carried_over", "lapsed"),
    whole: str = "adjusted_budget", currency: str = "CNY", lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The budget through the year: bars of the amounts `x` of the first row, each with its share of `whole`.

    What is `left` over is hatched and starts where the bar before it ends. Amounts that are missing are left out;
    where `whole` is, shares are of the first amount.
    """
    row = frame.reset_index(drop=True).T.reindex(columns=[0])[0] if isinstance(frame, pd.DataFrame) else frame
    known = need(pd.to_numeric(row.reindex(list(x))).to_frame())[row.name].dropna()
    values, is_left = known.to_numpy(dtype=float), known.index.isin(list(left))
    with drawing(ax, 0.15 + 0.36 * max(len(known), 2)) as ax:
        if known.empty:
            return ax
        starts = _starts(values, is_left)
        of = float(known.get(whole, values[0]))
        ax.barh(np.flatnonzero(~is_left), values[~is_left], color=BLUE, height=0.6)
        style = {"color": STILL, "hatch": "///", "edgecolor": "white", "lw": 0, "height": 0.6}
        ax.barh(np.flatnonzero(is_left), values[is_left], left=starts[is_left], **style)
        money = [printed(v, "money", lang, currency=currency) for v in values]
        for place, end, v, words in zip(range(len(known)), starts + values, values, money, strict=True):
            share = printed(v / of, "share", lang) if of else ""
            words = say("show_figures.of_first", lang, money=words, share=share) if share else words
            beside(ax, words, end, place, 5)
        labels = [called(name, lang, known) for name in known.index]
        name_rows(ax, labels, width=99)
        ax.grid(visible=False)
        ax.axvline(0, color=GREY, lw=0.8)
        ax.set_xticks([])
        ax.set_xlim(0, values.max() * 1.42 or 1)
    items = [f"{name} {words}" for name, words in zip(labels, money, strict=True)]
    return about(ax, "show_figures.alt_list", items=listed(items, lang))


def _starts(values: np.ndarray, is_left: np.ndarray) -> np.ndarray:
    """Where bars start: at zero, and what is left over where the one before it ends."""
    starts = np.zeros(len(values))
    for place in np.flatnonzero(is_left):
        starts[place] = starts[place - 1] + values[place - 1] if place else 0.0
    return starts


def waterfall(
    frame: pd.DataFrame, *, y: str, x: str = "contribution", start: float, end: float, ends: tuple[str, str],
    largest: int = 10, lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """From `start` to `end` (shares, called `ends`) in the steps `x` (shares) called `y`: the `largest`, then the others.

    Steps sum to `end - start`; what is missing through rounding goes to the others. A step up is blue and marked
    ▲, a step down grey, hatched and marked ▼.
    """
    names, sizes = _steps(need(frame, x, y), x, y, end - start, largest, lang)
    before, rows = start + np.concatenate([[0.0], np.cumsum(sizes)[:-1]]), np.arange(1, len(sizes) + 1)
    with drawing(ax, height_of_rows([*ends, *names], 0.24)) as ax:
        if not names:
            return ax
        is_up = sizes >= 0
        style = {"height": 0.62, "zorder": 3, "lw": 0}
        ax.barh(rows[is_up], sizes[is_up], left=before[is_up], color=BLUE, **style)
        style |= {"hatch": "///", "edgecolor": "white"}
        ax.barh(rows[~is_up], sizes[~is_up], left=before[~is_up], color=STILL, **style)
        for i, joint in enumerate([start, *(before + sizes)]):
            ax.plot([joint, joint], [i, i + 1], color=GREY, lw=0.8, zorder=2)
        ax.scatter([start, end], [0, len(names) + 1], s=52, color=INK, marker="o", zorder=4)
        told = [printed(v, "share", lang) for v in (start, end)]
        beside(ax, told[0], start, 0, 7)
        beside(ax, told[1], end, len(names) + 1, 7)
        for place, left, size in zip(rows, before, sizes, strict=True):
            words = f"{'▲' if size >= 0 else '▼'} {printed(abs(size) * 100, 'points', lang)}"
            beside(ax, words, max(left, left + size), place, 4)
        name_rows(ax, [ends[0], *names, ends[1]])
        ax.use_sticky_edges = False
        ax.margins(x=0.14)
        number_axis(ax, "share", lang)
    most = int(np.argmax(np.abs(sizes)))
    step = f"{names[most]} {printed(sizes[most] * 100, 'points', lang)}"
    return about(ax, "show_figures.alt_bridge", step=step, start=told[0], end=told[1])


def _steps(
    frame: pd.DataFrame, x: str, y: str, whole: float, largest: int, lang: str
) -> tuple[list, np.ndarray]:
    known = frame.dropna(subset=[x])
    order = known.assign(_size=known[x].abs()).sort_values(["_size", y], ascending=[False, True])
    shown = order.head(largest)
    names, steps = [str(n) for n in shown[y]], [float(c) for c in shown[x]]
    rest = whole - sum(steps)
    if names and (len(order) > largest or abs(rest) > 5e-5):
        names.append(say("show_figures.others", lang, count=f"{max(len(order) - largest, 0):,}"))
        steps.append(rest)
    return names, np.asarray(steps)
