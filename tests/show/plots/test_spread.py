"""Rates and scores in bins, the full mark apart."""

import pandas as pd

from perflib.show import plots


def test_the_spike_is_apart_from_the_bins():
    rates = pd.DataFrame({"rate": [1.0] * 7 + [0.9, 0.95, 0.9999, 1.3]})
    heights = [round(p.get_height()) for p in plots.histogram(rates, lang="en").patches]
    assert heights[-1] == 7
    assert sum(heights[:-1]) == 4 and (heights[18], heights[19], heights[23]) == (1, 2, 1)


def test_full_marks_are_apart_and_low_scores_share_the_first_bar():
    scores = pd.DataFrame({"score": [100.0, 100.0, 99.9, 12.0, 50.0, None]})
    heights = [round(p.get_height()) for p in plots.scores(scores, lang="en").patches]
    assert heights[-1] == 2 and heights[0] == 2 and heights[-2] == 1 and sum(heights) == 5
