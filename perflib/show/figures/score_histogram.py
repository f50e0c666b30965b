"""How scores are spread, point by point, with the lines between grades and the spike at full marks."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import quiet_bars
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, finish, new_chart, theme

FLOOR = 50  # lower scores share the first bar


def score_histogram(
    frame: pd.DataFrame,
    *,
    column: str,
    marks: dict[float, str],
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    ceiling: float = 100.0,
    is_sample: bool = False,
) -> Chart:
    """Bars of one point each, half-open, of the scores in `column` (NA left out); exactly full marks is orange.

    `marks` are lines with their names (lower ends of grades). Scores below 50 share the first bar.
    """
    scores = frame[column].dropna().to_numpy(dtype=float)
    is_full = np.isclose(scores, ceiling, rtol=0, atol=1e-9)
    edges = np.arange(FLOOR, ceiling + 1)
    counts, _ = np.histogram(np.clip(scores[~is_full], FLOOR, ceiling - 1e-6), bins=edges - 1e-9)
    lowest = float(edges[counts.argmax() if not counts.any() else np.flatnonzero(counts)[0]])
    start = max(FLOOR, min(lowest - 1, ceiling - 15))
    full, top = int(is_full.sum()), max(counts.max(initial=0), int(is_full.sum()), 1)
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=3.5, is_sample=is_sample)
        ax = chart.add_subplot()
        ax.bar(edges[:-1] + 0.5, counts, width=0.86, color=BLUE)
        ax.bar([ceiling + 0.5], [full], width=0.86, color=ORANGE, hatch="///", edgecolor="white", lw=0)
        words = say("show_figures.full_marks", lang, count=f"{full:,}")
        ax.annotate(
            words, (ceiling, full), (-6, -2), textcoords="offset points", ha="right", va="top", color=ORANGE
        )
        for at, name in marks.items():
            if at > start:
                ax.axvline(at, color=GREY, lw=0.9, ls=(0, (3, 3)), zorder=0)
                ax.annotate(
                    name, (at, top * 1.12), (4, 0), textcoords="offset points", va="top", color=INK, size=9
                )
        quiet_bars(ax)
        ax.set(xlim=(start, ceiling + 1.2), ylim=(0, top * 1.14))
        ax.set_xlabel(say("show_figures.score_axis", lang))
        ax.set_ylabel(say("show_figures.projects_axis", lang))
        median = f"{np.median(scores):.2f}" if len(scores) else "—"
        alt = say(
            "show_figures.alt_scores",
            lang,
            title=title,
            count=f"{len(scores):,}",
            median=median,
            full=f"{full:,}",
        )
        return finish(chart, alt)
