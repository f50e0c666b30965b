"""Dots in two directions: what is odd, and what is not drawn."""

import pandas as pd
from matplotlib.text import Text

from perflib.show import plots
from perflib.show.plots.chart import framed
from perflib.show.plots.points import CORNERS

WORDS = {"title": "标题", "subtitle": "副标题", "source": "来源", "lang": "zh"}


def test_quadrants_print_the_four_words_and_count_what_lies_outside():
    frame = pd.DataFrame({"money_gap": [0.1, -0.2, None], "goal_gap": [0.1, -0.3, -0.2]})
    corners = {name: f"象限{i}" for i, name in enumerate(CORNERS)}
    ax = plots.quadrants(frame, corners=corners, kinds=("范围内", "范围外"))
    assert set(corners.values()) <= {t.get_text() for t in ax.texts}
    alt = framed(ax, **WORDS).alt_text
    assert (
        "共2个项目" in alt and "突出显示1个" in alt
    )  # the row without money is not drawn, so it can't be outside


def test_names_of_the_late_cover_no_dot_and_are_tied_to_their_own_if_far():
    at = [(x / 20, y / 20) for x in range(-6, 7) for y in range(-6, 7)]
    frame = pd.DataFrame(at, columns=["money_gap", "goal_gap"]).assign(
        n=[f"项目{i}的名字" for i in range(169)]
    )
    corners = {name: "" for name in CORNERS}
    ax = plots.quadrants(frame, corners=corners, label="n")
    ax.figure.draw_without_rendering()
    dots, named = ax.transData.transform(at), [t for t in ax.texts if t.get_text().startswith("项目")]
    assert named and not [t for t in named if any(Text.get_window_extent(t).contains(*dot) for dot in dots)]
    assert any(t.arrow_patch for t in named)  # the near ones need none


def test_low_rates_with_high_scores_are_odd():
    frame = pd.DataFrame({"rate": [0.79, 0.8, 0.5, 0.99], "score": [90.0, 95.0, 89.9, 99.0]})
    ax = plots.scatter(frame, x="rate", y="score", odd="rate < 0.8 and score >= 90", x_line=0.8, y_line=90)
    assert (
        framed(ax, **WORDS).alt_text == "散点图：标题。共4个点，突出显示1个。"
    )  # at the line is not below it


def test_dots_outside_the_band_are_odd_and_named_and_the_own_one_always():
    frame = pd.DataFrame({"n": ["a", "b", "c"], "rate": [0.5, 0.9, 0.4], "reached": [0.61, 0.81, 0.4]})
    ax = plots.scatter(frame, x="rate", y="reached", band=0.1, label="n", mark="c")
    assert {t.get_text() for t in ax.texts} == {"a", "c"}
    assert framed(ax, **WORDS).alt_text.endswith("突出显示1个。")  # 0.9 - 0.81 is within 0.1


def test_a_long_name_of_a_dot_has_two_lines_and_a_dollar_is_a_dollar():
    name = "Share of $ spent with small and medium firms"
    frame = pd.DataFrame({"n": [name, "b"], "rate": [0.5, 0.9], "reached": [0.9, 0.9]})
    ax = plots.scatter(frame, x="rate", y="reached", band=0.1, label="n")
    (text,) = ax.texts
    assert text.get_text().replace("\n", " ") == name and "\n" in text.get_text()
    assert not text.get_parse_math()


def test_dots_on_one_place_are_one_larger_dot():
    frame = pd.DataFrame({"rate": [1.0] * 9 + [0.5], "score": [90.0] * 9 + [80.0]})
    sizes = plots.scatter(frame, x="rate", y="score").collections[0].get_sizes()
    assert len(sizes) == 2 and sizes[0] > 3 * sizes[1]


def test_dots_beyond_the_limits_of_agreement_are_counted():
    frame = pd.DataFrame({"own": [90.0, 95.0, 80.0], "check": [85.0, 95.0, 81.0]})
    ax = plots.differences(frame, x="own", y="check", bias=1.0, low=-1.0, high=4.0, labels=("a", "b"))
    assert "其中1个在一致性界限之外" in framed(ax, **WORDS).alt_text  # 90 - 85 > 4; 80 - 81 is at the limit
