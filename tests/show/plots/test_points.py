"""Dots in two directions: what is odd, and what is not drawn."""

import pandas as pd

from perflib.show import plots
from perflib.show.plots.chart import framed
from perflib.show.plots.points import CORNERS

WORDS = {"title": "标题", "subtitle": "副标题", "source": "来源", "lang": "zh"}


def test_quadrants_print_the_four_words_and_count_what_lies_outside():
    frame = pd.DataFrame(
        {"money_gap": [0.1, -0.2, None], "goal_gap": [0.1, -0.3, 0.2], "is_out": [False, True, True]}
    )
    corners = {name: f"象限{i}" for i, name in enumerate(CORNERS)}
    ax = plots.quadrants(frame, corners=corners, kinds=("范围内", "范围外"))
    assert set(corners.values()) <= {t.get_text() for t in ax.texts}
    alt = framed(ax, **WORDS).alt_text
    assert "共2个项目" in alt and "1个在" in alt  # the row without money is not drawn, so it can't be outside


def test_low_rates_with_high_scores_are_odd():
    frame = pd.DataFrame({"rate": [0.79, 0.8, 0.5, 0.99], "score": [90.0, 95.0, 89.9, 99.0]})
    ax = plots.score_scatter(frame, x_line=0.8, y_line=90)
    assert framed(ax, **WORDS).alt_text.endswith("左上角突出显示1个。")  # at the line is not below it


def test_dots_beyond_the_limits_of_agreement_are_counted():
    frame = pd.DataFrame({"own": [90.0, 95.0, 80.0], "check": [85.0, 95.0, 81.0]})
    ax = plots.differences(frame, x="own", y="check", bias=1.0, low=-1.0, high=4.0, labels=("a", "b"))
    assert "其中1个在一致性界限之外" in framed(ax, **WORDS).alt_text  # 90 - 85 > 4; 80 - 81 is at the limit
