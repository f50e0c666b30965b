"""Dots and bars in order of their values, or of the rows where the order means something."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from perflib.data.errors import ArgumentError
from perflib.show import plots, theme
from perflib.show.plots.chart import framed

FRAME = pd.DataFrame({"label": ["2019 a", "2019 b", "2020 a"], "value": [1.0, 3.0, 2.0]})
WORDS = {"title": "t", "subtitle": "s", "source": "q", "lang": "en"}


def names(ax) -> list[str]:
    return [t.get_text() for t in ax.get_yticklabels() if t.get_text()]


@pytest.mark.parametrize(("plot", "switch"), [("dots", "is_ranked"), ("bars", "is_sorted")])
def test_rows_are_ranked_unless_told_otherwise(plot, switch):
    draw, columns = getattr(plots, plot), {"y": "label", "x": "value", "unit": "score", "lang": "en"}
    assert names(draw(FRAME, **columns)) == ["2019 b", "2020 a", "2019 a"]
    assert names(draw(FRAME, **columns, **{switch: False})) == ["2019 a", "2019 b", "2020 a"]


def test_the_alternative_text_names_highest_and_lowest_in_any_order():
    for is_ranked in (True, False):
        ax = plots.dots(FRAME, y="label", x="value", unit="score", is_ranked=is_ranked, lang="en")
        assert framed(ax, **WORDS).alt_text == "Dot plot: t. 3 rows; highest 2019 b 3.00, lowest 2019 a 1.00."


def test_a_dot_alone_is_drawn_for_the_reader_but_is_no_figure_of_a_page():
    ax = plots.dots(FRAME.head(1), y="label", x="value", unit="score", lang="en")
    assert names(ax) == ["2019 a"] and framed(ax, **WORDS) is None


def test_intervals_and_tiers_of_results_are_drawn_unasked():
    rates = FRAME.rename(columns={"value": "rate"}).assign(low=0.5, high=3.5, tier=[2, 1, None])
    ax = plots.dots(rates, y="label", lang="en")
    assert len(ax.collections[0].get_segments()) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["tier 1", "no tier", "tier 2"]
    with pytest.raises(ArgumentError, match="no column `lower`"):
        plots.dots(rates, y="label", low="lower")


def test_the_legend_says_what_a_verdict_on_cost_means():
    rates = FRAME.rename(columns={"value": "rate"}).assign(cost_verdict=["dearer", "mix", "cheaper"])
    ax = plots.dots(rates, y="label", tier="cost_verdict", act="dearer", lang="en")
    told = {t.get_text() for t in ax.get_legend().get_texts()}
    assert told == {"more expensive", "depends on how outputs are weighed", "less expensive"}


def test_half_and_double_lie_as_far_from_one_where_ratios_are_drawn():
    ratios = FRAME.assign(value=[0.5, 2.0, 1.0], low=[0.4, 1.5, 0.8], high=[0.6, 2.5, 1.2])
    ax = plots.dots(ratios, y="label", x="value", is_log=True, lang="en")
    places = ax.transData.transform([(x, 0) for x in (0.5, 1, 2)])[:, 0]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1])
    none = plots.dots(ratios.assign(low=0.0), y="label", x="value", is_log=True, lang="en")
    assert none.get_xscale() == "linear"  # zero has no logarithm


def test_a_missing_value_of_a_pair_has_no_bar_and_says_so():
    ax = plots.pairs(
        FRAME.assign(other=[None, 0.0, 1.5]), y="label", x=("value", "other"), unit="count", lang="en"
    )
    assert [t.get_text() for t in ax.texts] == ["1", "3", "2", "n/a", "0", "2"]


def test_own_rows_are_blue_and_what_calls_for_action_is_orange():
    rates = FRAME.rename(columns={"value": "rate"})
    bars = plots.bars(rates, y="label", mark="2020 a", act=["2019 a"], lang="en").patches
    colours = [to_hex(bar.get_facecolor()) for bar in bars]
    assert colours == [theme.STILL, theme.BLUE, theme.ORANGE]
    ax = plots.dots(rates.assign(tier="x"), y="label", mark="2020 a", lang="en")
    assert [to_hex(t.get_color()) for t in ax.get_yticklabels()] == [theme.INK, theme.BLUE, theme.INK]
    judged = plots.dots(
        rates.assign(verdict=["below", "alike", "alike"]), y="label", tier="verdict", act="below"
    )
    shades = {t.get_label(): to_hex(t.get_facecolor()[0]) for t in judged.collections if len(t.get_offsets())}
    assert list(shades.values()) == [theme.GREY, theme.ORANGE]  # by code, whatever the word for it


def test_values_stand_in_a_column_at_the_right_edge_whatever_the_interval():
    rates = FRAME.rename(columns={"value": "rate"}).assign(low=0.1, high=[9.0, 3.5, 2.5])
    ax = plots.dots(rates, y="label", unit="score", lang="en")
    assert {text.xy[0] for text in ax.texts} == {1}
    assert [t.get_text() for t in ax.texts] == ["3.00", "2.00", "1.00"]


def test_the_widest_gap_of_two_is_on_top_with_its_size():
    both = FRAME.assign(other=[4.0, 2.5, None])
    ax = plots.dumbbell(both, y="label", x=("value", "other"), unit="score", lang="en")
    assert names(ax) == ["2019 a", "2019 b"]
    assert [t.get_text() for t in ax.texts] == ["+3.00", "−0.50"]  # 4 - 1, 2.5 - 3
