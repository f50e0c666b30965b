"""Rates and scores in bins, the full mark apart."""

import pandas as pd
from matplotlib.text import Text

from perflib.show import plots


def heights(ax) -> list[int]:
    return [round(bar.get_height()) for bar in ax.patches]


def test_the_spike_is_apart_from_the_bins():
    rates = pd.DataFrame({"rate": [1.0] * 7 + [0.9, 0.95, 0.9999, 1.3, None]})
    ax = plots.histogram(rates, lang="en")
    *bins, spike = heights(ax)
    assert spike == 7 and sum(bins) == 4 and (bins[18], bins[19], bins[23]) == (1, 2, 1)
    assert [t.get_text() for t in ax.texts] == ["exactly 100%: 7 (63.6%)"]  # 7 / 11
    assert ax.get_xticklabels()[-1].get_text() == "≥120%"  # the last bin holds all above too


def test_full_marks_are_apart_and_low_scores_share_the_first_bar():
    scores = pd.DataFrame({"score": [100.0, 100.0, 99.9, 12.0, 50.0, None]})
    ax = plots.histogram(scores, x="score", marks={60: "Pass", 90: "Excellent"}, lang="en")
    *bins, spike = heights(ax)
    assert spike == 2 and (bins[0], bins[-1], sum(bins)) == (2, 1, 3)
    assert [t.get_text() for t in ax.texts] == ["exactly 100: 2 (40.0%)", "Pass", "Excellent"]


def test_words_of_the_spike_stand_above_every_bar():
    ax = plots.histogram(pd.DataFrame({"rate": [0.99] * 9 + [1.0]}), lang="en")
    ax.figure.draw_without_rendering()
    words = Text.get_window_extent(ax.texts[0])  # without its line
    assert all(bar.get_window_extent().y1 <= words.y0 for bar in ax.patches if bar.get_height())
