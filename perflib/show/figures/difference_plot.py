"""Differences between two scores against their mean (Bland and Altman), with the limits of agreement."""

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, finish, new_chart, theme


def difference_plot(
    frame: pd.DataFrame,
    *,
    first: str,
    second: str,
    bias: float,
    lower: float,
    upper: float,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    x_label: str,
    y_label: str,
    is_sample: bool = False,
) -> Chart:
    """A dot per row with both scores: `first` less `second` against their mean; lines at bias and limits.

    Dots beyond the limits of agreement (`lower`, `upper`) are orange diamonds.
    """
    known = frame.dropna(subset=[first, second])
    x, y = known[[first, second]].mean(axis=1), known[first] - known[second]
    is_out = (y < lower) | (y > upper)
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=4.4, is_sample=is_sample)
        ax = chart.add_subplot()
        ax.axhspan(lower, upper, color=GREY, alpha=0.10, lw=0, zorder=0)
        ax.axhline(0, color=GREY, lw=0.8, zorder=1)
        ax.scatter(x[~is_out], y[~is_out], s=26, color=BLUE, alpha=0.65, lw=0, zorder=2)
        ax.scatter(x[is_out], y[is_out], s=34, color=ORANGE, marker="D", lw=0, zorder=3)
        ax.set(xlabel=x_label, ylabel=y_label)
        ax.margins(x=0.04, y=0.1)
        for value in (lower, bias, upper):
            ax.axhline(value, color=INK, lw=1.1, ls="-" if value == bias else (0, (4, 3)), zorder=1)
            label = f"{value:+.1f}".replace("-", "−")
            ax.annotate(label, (1, value), (6, 0), xycoords=("axes fraction", "data"), va="center",
                        textcoords="offset points", color=INK, annotation_clip=False)  # fmt: skip
        ax.grid(color="#e9edf1", lw=0.6)
        number_axis(ax, "score", lang)
        number_axis(ax, "score", lang, axis="y")
        fields = {"count": len(known), "outside": int(is_out.sum())}
        return finish(chart, say("show_evaluation.alt_differences", lang, title=title, **fields))
