"""Rates against size, with the limits inside which chance alone would leave them."""

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, clip, finish, new_chart, theme

NAMED = 8


def funnel(
    frame: pd.DataFrame,
    *,
    label: str,
    size: str,
    value: str,
    centre: float,
    lower: str,
    upper: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    size_label: str,
    outer_lower: str | None = None,
    outer_upper: str | None = None,
    unit: str = "share",
    is_sample: bool = False,
) -> Chart:
    """A dot per row at (`size`, `value`), limits as lines through the columns `lower` and `upper`.

    The outer limits (dashed) are optional and decide, where given, who is outside: those are orange
    diamonds with a name. `centre` is the line that the funnel narrows to.
    """
    rows = frame.dropna(subset=[size, value]).sort_values(size)
    low, high = (outer_lower or lower), (outer_upper or upper)
    is_out = (rows[value] < rows[low]) | (rows[value] > rows[high])
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=4.6, is_sample=is_sample)
        ax = chart.add_subplot()
        ax.axhline(centre, color=GREY, lw=0.9)
        for name in (lower, upper):
            ax.plot(rows[size], rows[name], color=BLUE, lw=1.1)
        for name in filter(None, (outer_lower, outer_upper)):
            ax.plot(rows[size], rows[name], color=BLUE, lw=1.1, ls=(0, (4, 3)))
        ax.scatter(rows[size][~is_out], rows[value][~is_out], s=36, color=BLUE, alpha=0.8, lw=0, zorder=3)
        ax.scatter(rows[size][is_out], rows[value][is_out], s=46, color=ORANGE, marker="D", lw=0, zorder=4)
        middle = float(rows[size].median()) if len(rows) else 0.0
        for _, row in rows[is_out].head(NAMED).iterrows():
            is_right = row[size] > middle * 1.5
            ax.annotate(
                clip(str(row[label]), 24),
                (row[size], row[value]),
                (-9 if is_right else 9, 0),
                color=INK,
                textcoords="offset points",
                va="center",
                ha="right" if is_right else "left",
            )
        ax.grid(axis="y", color="#e9edf1", lw=0.6)
        ax.set_xlabel(size_label)
        ax.set_xlim(left=0)
        ax.margins(x=0.08)
        number_axis(ax, "count", lang)
        number_axis(ax, unit, lang, axis="y")
        fields = {"count": len(rows), "outside": int(is_out.sum())}
        return finish(chart, say("show_figures.alt_funnel", lang, title=title, **fields))
