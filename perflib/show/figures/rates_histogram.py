"""How execution rates are spread, with the spike at 100 % apart from the rest."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.ticker import PercentFormatter

from perflib.data.text import say
from perflib.show.figures.axes import quiet_bars
from perflib.show.theme import BLUE, GREY, ORANGE, Chart, finish, new_chart, theme

STEP, TOP = 0.05, 1.2


def rates_histogram(
    frame: pd.DataFrame,
    *,
    column: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    is_sample: bool = False,
) -> Chart:
    """Histogram of the rates in `column` (shares, one row per project; NA left out).

    Bins of five points, half-open; exactly 100 % has a bar of its own, in another colour and labelled,
    because that spike is what the shape is about. Rates of 120 % and more share the last bin.
    """
    rates = frame[column].dropna().to_numpy(dtype=float)
    is_full = np.isclose(rates, 1.0, rtol=0, atol=1e-9)
    edges = np.round(np.arange(0, TOP + STEP / 2, STEP), 10)
    # The edges are nudged down so that 0.9 falls into [0.90, 0.95) in binary too.
    others = np.clip(rates[~is_full], 0, TOP - 1e-6)
    counts, _ = np.histogram(others, bins=edges - 1e-12)
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=3.6, is_sample=is_sample)
        ax = chart.add_subplot()
        sns.histplot(x=others, bins=edges - 1e-12, shrink=0.86, color=BLUE, alpha=1, linewidth=0, ax=ax)
        _mark_full(ax, int(is_full.sum()), max(counts.max(initial=0), 1), lang, len(rates))
        quiet_bars(ax)
        ax.set_xlim(-0.01, TOP + 0.01)
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.set_xticks(np.arange(0, TOP + 0.01, 0.1))
        ax.set_xlabel(say("show_figures.rate_axis", lang))
        ax.set_ylabel(say("show_figures.projects_axis", lang))
        return finish(chart, _alt(title, rates, is_full, lang))


def _mark_full(ax, full: int, highest: int, lang: str, total: int) -> None:
    ax.bar([1.0], [full], width=STEP * 0.3, color=ORANGE, zorder=3)
    share = full / total if total else 0
    words = say("show_figures.exactly_full", lang, count=f"{full:,}", share=f"{share:.1%}")
    ax.annotate(
        words,
        (1.0, full),
        (-8, -2),
        textcoords="offset points",
        ha="right",
        va="top",
        color=ORANGE,
        size=10.5,
    )
    ax.set_ylim(0, max(full, highest) * 1.06)
    ax.axvline(1.0, color=GREY, lw=0.6, ls=(0, (2, 3)), zorder=0)


def _alt(title: str, rates: np.ndarray, is_full: np.ndarray, lang: str) -> str:
    median = f"{np.median(rates):.1%}" if len(rates) else "—"
    return say(
        "show_figures.alt_histogram",
        lang,
        title=title,
        count=f"{len(rates):,}",
        median=median,
        full=f"{int(is_full.sum()):,}",
    )
