"""Two points in time, a line for each name."""

from collections.abc import Collection

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import apart, printed
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PALE, Chart, clip, finish, new_chart, theme


def slope(
    frame: pd.DataFrame,
    *,
    label: str,
    before: str,
    after: str,
    before_label: str,
    after_label: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    unit: str = "share",
    highlight: str | Collection[str] | None = None,
    is_sample: bool = False,
) -> Chart:
    """A line per row from `before` to `after`; rises are blue and solid, falls orange and dashed.

    With `highlight`, only that name (or those) is coloured. Labels at both ends are kept apart.
    """
    rows = frame.dropna(subset=[before, after]).reset_index(drop=True)
    marked = {highlight} if isinstance(highlight, str) else highlight
    with theme():
        height = min(max(3.4, 0.6 + 0.27 * len(rows)), 8.5)
        chart = new_chart(title, subtitle, source, lang, height=height, is_sample=is_sample)
        ax = chart.add_subplot()
        left, right, (low, high) = _labels(rows, before, after, height)
        for i, row in rows.iterrows():
            is_quiet = marked is not None and row[label] not in marked
            is_fall = row[after] < row[before]
            colour = GREY if is_quiet else ORANGE if is_fall else BLUE
            ax.plot(
                [0, 1],
                [row[before], row[after]],
                color=colour,
                marker="o",
                ms=5,
                lw=1 if is_quiet else 2,
                ls=(0, (5, 2)) if is_fall else "-",
                alpha=0.7 if is_quiet else 1,
            )
            name = clip(str(row[label]), 22)
            ends = ((-0.06, left[i], before, "right"), (1.06, right[i], after, "left"))
            for x, y, column, side in ends:
                value = printed(row[column], unit, lang)
                words = f"{name}  {value}" if side == "right" else f"{value}  {name}"
                ax.text(x, y, words, ha=side, va="center", color=INK if not is_quiet else GREY)
                ax.plot([x, round(x)], [y, row[column]], color=PALE, lw=0.8, zorder=0)
        ax.set_xlim(-0.9, 1.9)
        ax.set_ylim(low, high)
        ax.set_xticks([0, 1], [before_label, after_label])
        ax.xaxis.tick_top()
        ax.tick_params(axis="x", labelsize=11, labelcolor=INK)
        ax.yaxis.set_visible(False)
        for side in ax.spines.values():
            side.set_visible(False)
        falls = int((rows[after] < rows[before]).sum())
        return finish(chart, say("show_figures.alt_slope", lang, title=title, count=len(rows), falls=falls))


def _labels(rows: pd.DataFrame, before: str, after: str, height: float):
    """Where the labels stand on both sides, and the ends of the axis that keep all of them inside.

    Labels that move apart stretch the axis, and a stretched axis needs wider gaps: settled in a few rounds.
    """
    values = rows[[before, after]].to_numpy(dtype="float64")
    low, high = (values.min(), values.max()) if len(rows) else (0.0, 1.0)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    left = right = values[:, :0]
    for _ in range(6):
        gap = (high - low) * 0.2 / height
        left, right = apart(values[:, 0], gap), apart(values[:, 1], gap)
        ends = [values.min(), values.max(), *left, *right] if len(rows) else [low, high]
        low, high = min(ends) - gap, max(ends) + gap
    return left, right, (low, high)
