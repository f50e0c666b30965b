"""Parts of a whole, or shares side by side, as bars that start at zero."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis, printed, quiet_rows
from perflib.show.theme import BLUE, INK, ORANGE, Chart, clip, finish, new_chart, theme


def share_bars(
    frame: pd.DataFrame,
    *,
    label: str,
    value: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    unit: str = "share",
    highlight: str | None = None,
    is_sorted: bool = True,
    is_sample: bool = False,
) -> Chart:
    """Horizontal bars of `value`, largest on top (`is_sorted`) or in the order of the rows; NA left out.

    The bar whose name is `highlight` is orange and its number is set apart.
    """
    known = frame.dropna(subset=[value])
    rows = known.sort_values([value, label], ascending=[False, True], kind="stable") if is_sorted else known
    places = np.arange(len(rows))
    with theme():
        chart = new_chart(
            title, subtitle, source, lang, height=0.55 + 0.3 * max(len(rows), 3), is_sample=is_sample
        )
        ax = chart.add_subplot()
        is_marked = rows[label].eq(highlight).to_numpy()
        ax.barh(places, rows[value], color=np.where(is_marked, ORANGE, BLUE), height=0.64)
        for y, v, own in zip(places, rows[value], is_marked, strict=True):
            words = printed(v, unit, lang)
            at = dict(textcoords="offset points", va="center", size=11 if own else None)
            ax.annotate(words, (max(v, 0), y), (6, 0), color=ORANGE if own else INK, **at)
        ax.set_yticks(places, [clip(str(n), 34) for n in rows[label]])
        quiet_rows(ax)
        ax.set_xlim(
            min(0, rows[value].min() * 1.1) if len(rows) else 0,
            max(rows[value].max() * 1.12, 1e-9) if len(rows) else 1,
        )
        number_axis(ax, unit, lang)
        pairs = [f"{n} {printed(v, unit, lang)}" for n, v in zip(rows[label], rows[value], strict=True)][:8]
        items = say("show_report.comma", lang).join(pairs)
        return finish(chart, say("show_figures.alt_list", lang, title=title, items=items))
