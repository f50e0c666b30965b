"""The budget through the year: approved, adjusted, executed, carried over."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import printed, quiet_rows
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, finish, new_chart, theme


def budget_flow(
    frame: pd.DataFrame,
    *,
    label: str,
    value: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    currency: str = "CNY",
    remainder: tuple[str, ...] = (),
    is_sample: bool = False,
) -> Chart:
    """Bars of the amounts in `value` in the order of the rows, each with its amount and share of the first.

    Rows whose `label` is in `remainder` (carried over, lapsed) are what is left: they are orange,
    hatched, and end where the bar of the largest amount ends.
    """
    rows = frame.dropna(subset=[value])
    amounts = rows[value].to_numpy(dtype=float)
    is_left = rows[label].isin(remainder).to_numpy()
    whole = amounts.max(initial=0.0)
    starts = np.zeros(len(rows))
    starts[is_left] = (whole - np.cumsum(amounts[is_left])) if is_left.any() else 0.0
    places = np.arange(len(rows))
    with theme():
        chart = new_chart(
            title, subtitle, source, lang, height=0.5 + 0.55 * max(len(rows), 2), is_sample=is_sample
        )
        ax = chart.add_subplot()
        ax.barh(places[~is_left], amounts[~is_left], color=BLUE, height=0.6)
        ax.barh(
            places[is_left],
            amounts[is_left],
            left=starts[is_left],
            color=ORANGE,
            height=0.6,
            hatch="///",
            edgecolor="white",
            lw=0,
        )
        for y, start, amount in zip(places, starts, amounts, strict=True):
            words = _words(amount, amounts[0] if len(amounts) else 0.0, lang, currency)
            ax.annotate(
                words, (start + amount, y), (8, 0), textcoords="offset points", va="center", color=INK
            )
        ax.set_yticks(places, [str(n) for n in rows[label]])
        quiet_rows(ax)
        ax.grid(visible=False)
        ax.axvline(0, color=GREY, lw=0.8)
        ax.set_xticks([])
        ax.set_xlim(0, whole * 1.42 or 1)
        return finish(chart, _alt(title, rows[label], amounts, lang, currency))


def _words(amount: float, first: float, lang: str, currency: str) -> str:
    money = printed(amount, "money", lang, currency=currency)
    return (
        money
        if not first
        else say("show_figures.of_first", lang, money=money, share=printed(amount / first, "share", lang))
    )


def _alt(title: str, names: pd.Series, amounts: np.ndarray, lang: str, currency: str) -> str:
    pairs = [
        f"{n} {printed(a, 'money', lang, currency=currency)}" for n, a in zip(names, amounts, strict=True)
    ]
    return say("show_figures.alt_list", lang, title=title, items=say("show_report.comma", lang).join(pairs))
