"""Money on its way: the budget through the year, and from one rate to another step by step."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from perflib.data.text import say
from perflib.show.plots.axes import beside, listed, name_rows, number_axis, printed
from perflib.show.plots.chart import about, drawing
from perflib.show.plots.columns import called, need
from perflib.show.theme import BLUE, GREY, INK, ORANGE

FLOW = ("initial_budget", "adjusted_budget", "executed", "carried_over", "lapsed")


def flow(
    frame: pd.DataFrame | pd.Series,
    *,
    x: Sequence[str] = FLOW,
    left: Sequence[str] = ("carried_over", "lapsed"),
    currency: str = "CNY",
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """The budget through the year: bars of the amounts `x` of the first row, each with its share of the first.

    Those `left` over end where the largest amount ends, orange and hatched. Amounts that are missing are left out.
    """
    row = frame.reset_index(drop=True).T.reindex(columns=[0])[0] if isinstance(frame, pd.DataFrame) else frame
    known = pd.to_numeric(row.reindex(list(x))).dropna()
    values, is_left = known.to_numpy(dtype=float), known.index.isin(list(left))
    whole, at = values.max(initial=0.0), np.arange(len(known))
    starts = np.where(is_left, whole - np.cumsum(values * is_left), 0.0)
    with drawing(ax, 0.5 + 0.55 * max(len(known), 2)) as ax:
        if known.empty:
            return ax
        style = {"color": ORANGE, "hatch": "///", "edgecolor": "white", "lw": 0}
        ax.barh(at[~is_left], values[~is_left], color=BLUE, height=0.6)
        ax.barh(at[is_left], values[is_left], left=starts[is_left], height=0.6, **style)
        money = [printed(v, "money", lang, currency=currency) for v in values]
        for place, end, v, words in zip(at, starts + values, values, money, strict=True):
            share = printed(v / values[0], "share", lang) if values[0] else ""
            words = say("show_figures.of_first", lang, money=words, share=share) if share else words
            beside(ax, words, end, place, 8)
        labels = [called(name, lang) for name in known.index]
        name_rows(ax, at, labels, 99)
        ax.grid(visible=False)
        ax.axvline(0, color=GREY, lw=0.8)
        ax.set_xticks([])
        ax.set_xlim(0, whole * 1.42 or 1)
    items = [f"{name} {words}" for name, words in zip(labels, money, strict=True)]
    return about(ax, "show_figures.alt_list", items=listed(items, lang))


def waterfall(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str = "contribution",
    start: float,
    end: float,
    ends: tuple[str, str],
    largest: int = 10,
    lang: str = "zh",
    ax: Axes | None = None,
) -> Axes:
    """From `start` to `end` (shares, called `ends`) in the steps `x` (shares) called `y`: the `largest`, then the others.

    Steps sum to `end - start`; what is missing through rounding goes to the others. A step up is blue and marked
    ▲, a step down orange and marked ▼.
    """
    names, sizes = _steps(need(frame, x, y), x, y, end - start, largest, lang)
    before, rows = start + np.concatenate([[0.0], np.cumsum(sizes)[:-1]]), np.arange(1, len(sizes) + 1)
    with drawing(ax, 1.1 + 0.3 * (len(sizes) + 2)) as ax:
        if not names:
            return ax
        ax.barh(rows, sizes, left=before, color=np.where(sizes >= 0, BLUE, ORANGE), height=0.62, zorder=3)
        for i, joint in enumerate([start, *(before + sizes)]):
            ax.plot([joint, joint], [i, i + 1], color=GREY, lw=0.8, zorder=2)
        ax.scatter([start, end], [0, len(names) + 1], s=80, color=INK, marker="o", zorder=4)
        told = [printed(v, "share", lang) for v in (start, end)]
        beside(ax, told[0], start, 0, 9, size=11)
        beside(ax, told[1], end, len(names) + 1, 9, size=11)
        for place, left, size in zip(rows, before, sizes, strict=True):
            words = f"{'▲' if size >= 0 else '▼'} {printed(abs(size) * 100, 'points', lang)}"
            beside(ax, words, max(left, left + size), place, 6)
        name_rows(ax, np.arange(len(names) + 2), [ends[0], *names, ends[1]])
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
