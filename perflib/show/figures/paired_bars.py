"""Two numbers for each name, one above the other: before and after."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis, printed, quiet_rows
from perflib.show.theme import BLUE, GREY, INK, PALE, Chart, clip, finish, new_chart, theme

HEIGHT, NAME_WIDTH = 0.38, 40


def paired_bars(
    frame: pd.DataFrame,
    *,
    label: str,
    first: str,
    second: str,
    first_label: str,
    second_label: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    unit: str = "count",
    is_sample: bool = False,
) -> Chart:
    """Two bars a row, in the order of the rows: `first` pale and hatched, `second` blue, each with its number."""
    places = np.arange(len(frame))
    with theme():
        chart = new_chart(
            title, subtitle, source, lang, height=0.8 + 0.46 * max(len(frame), 2), is_sample=is_sample
        )
        ax = chart.add_subplot()
        styles = ((first, -HEIGHT / 2, {"color": PALE, "hatch": "///", "edgecolor": GREY, "lw": 0}, first_label),
                  (second, HEIGHT / 2, {"color": BLUE}, second_label))  # fmt: skip
        for column, shift, style, name in styles:
            values = frame[column].astype("float64")
            ax.barh(places + shift, values.fillna(0), HEIGHT * 0.94, label=name, **style)
            for y, value in zip(places + shift, values, strict=True):
                at = (0 if np.isnan(value) else value, y)
                ax.annotate(printed(value, unit, lang), at, (5, 0), textcoords="offset points", va="center",
                            color=INK, size=8.5)  # fmt: skip
        ax.set_yticks(places, [clip(str(n), NAME_WIDTH) for n in frame[label]])
        quiet_rows(ax)
        ax.set_ylim(len(frame) - 0.45, -0.55)
        ax.set_xlim(0, max(float(frame[[first, second]].max().max()) if len(frame) else 1.0, 1e-9) * 1.12)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
        number_axis(ax, unit, lang)
        pairs = [f"{n} {printed(a, unit, lang)} / {printed(b, unit, lang)}"
                 for n, a, b in zip(frame[label], frame[first], frame[second], strict=True)][:8]  # fmt: skip
        items = say("show_report.comma", lang).join(pairs)
        return finish(chart, say("show_figures.alt_list", lang, title=title, items=items))
