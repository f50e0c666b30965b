"""How much of what was owed was done, stage by stage, by count and by amount."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.show.figures.around import around
from perflib.show.numbers import is_missing
from perflib.show.plots.axes import number_axis, printed, quiet_rows
from perflib.show.plots.chart import about, drawing
from perflib.show.theme import BLUE, INK, ORANGE, PAPER, clip

HEIGHT = 0.36


def coverage_bars(
    frame: pd.DataFrame,
    *,
    label: str,
    by_count: str,
    by_amount: str,
    lang: str,
    **words_around,
):
    """Two bars a row, in the order of the rows: share covered by count (blue), by amount (orange, hatched).

    A missing share has no bar and says so.
    """
    places = np.arange(len(frame))
    with drawing(None, 0.85 + 0.62 * len(frame)) as ax:
        for column, shift, colour, hatch, key in (
            (by_count, -HEIGHT / 2, BLUE, None, "by_count"),
            (by_amount, HEIGHT / 2, ORANGE, "///", "by_amount"),
        ):
            widths = frame[column].astype(float).fillna(0)
            ax.barh(
                places + shift,
                widths,
                HEIGHT * 0.92,
                color=colour,
                hatch=hatch,
                edgecolor=PAPER,
                lw=0,
                label=say(f"show_figures.{key}", lang),
            )
            for y, value in zip(places + shift, frame[column], strict=True):
                x = 0 if is_missing(value) else float(value)
                words = printed(value, "share", lang)
                ax.annotate(words, (x, y), (6, 0), textcoords="offset points", va="center", color=INK)
        ax.set_yticks(places, [clip(str(n), 34) for n in frame[label]])
        quiet_rows(ax)
        ax.set_xlim(0, max(1.0, float(frame[[by_count, by_amount]].max().max())) * 1.1)
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
        number_axis(ax, "share", lang)
        pairs = [
            f"{n} {printed(a, 'share', lang)} / {printed(b, 'share', lang)}"
            for n, a, b in zip(frame[label], frame[by_count], frame[by_amount], strict=True)
        ]
        items = say("show_report.comma", lang).join(pairs)
        about(ax, "show_figures.alt_list", items=items)
    return around(ax, lang=lang, **words_around)
