"""The budget through the year, and a rate step by step."""

import pandas as pd
import pytest

from perflib.show import plots
from perflib.show.plots.chart import framed

WORDS = {"title": "t", "subtitle": "s", "source": "q", "lang": "en"}


def test_what_is_left_over_starts_where_spending_ends_and_shares_are_of_the_adjusted_budget():
    totals = pd.DataFrame(
        {"adjusted_budget": [100.0], "executed": [80.0], "carried_over": [15.0], "lapsed": [5.0]}
    )
    ax = plots.flow(totals.assign(initial_budget=90.0), lang="en")
    assert [bar.get_x() for bar in ax.patches] == pytest.approx([0, 0, 0, 80, 80 + 15])
    told = [t.get_text() for t in ax.texts]
    assert told[0].endswith("(90.0%)") and told[1].endswith("(100.0%)") and told[-1].endswith("(5.0%)")


def test_steps_lead_from_the_start_to_the_end_and_small_ones_are_one():
    steps = pd.DataFrame({"n": ["a", "b", "c", "d"], "contribution": [0.03, -0.05, 0.01, 0.005]})
    ax = plots.waterfall(steps, y="n", start=0.8, end=0.8 - 0.005, ends=("from", "to"), largest=2, lang="en")
    bars = sorted(ax.patches, key=lambda bar: bar.get_y())
    assert [bar.get_width() for bar in bars] == pytest.approx([-0.05, 0.03, 0.01 + 0.005])
    assert [bar.get_x() for bar in bars] == pytest.approx([0.8, 0.8 - 0.05, 0.8 - 0.05 + 0.03])
    assert (
        framed(ax, **WORDS).alt_text
        == "Waterfall: t. From 80.0% to 79.5%; the largest step is b −5.0 points."
    )
