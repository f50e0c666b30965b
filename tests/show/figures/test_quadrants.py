import pandas as pd

from perflib.show.figures.control_panels import control_panels
from perflib.show.figures.quadrants import CORNERS, quadrants
from perflib.show.theme import cut_off

WORDS = {"title": "标题", "subtitle": "副标题", "source": "来源", "lang": "zh"}


def test_quadrants_print_the_four_words_and_count_what_lies_outside():
    frame = pd.DataFrame({"x": [0.1, -0.2, None], "y": [0.1, -0.3, 0.2], "out": [False, True, True]})
    labels = {"x_label": "资金", "y_label": "目标", "outside_label": "范围外", "inside_label": "范围内"}
    corners = {name: f"象限{i}" for i, name in enumerate(CORNERS)}
    chart = quadrants(frame, x="x", y="y", outside="out", corners=corners, **labels, **WORDS)
    printed = [t.get_text() for t in chart.axes[0].texts]
    assert set(corners.values()) <= set(printed)
    assert "共2个项目" in chart.alt_text
    assert "1个在" in chart.alt_text  # the row without money is not drawn, so it can't be outside
    assert cut_off(chart) == []


def test_control_panels_have_one_panel_per_series():
    part = {
        "value": [1.0, 2.0, 1.0],
        "centre": 1.3,
        "lower": 0.0,
        "upper": 3.0,
        "is_signal": [False, True, False],
    }
    parts = [pd.DataFrame({"s": name, "t": ["a", "b", "c"], **part}) for name in ("甲", "乙", "丙")]
    chart = control_panels(pd.concat(parts), facet="s", x="t", **WORDS)
    assert [ax.get_title(loc="left") for ax in chart.axes] == ["甲", "乙", "丙", ""]
    assert "3个指标" in chart.alt_text
    assert "3个点" in chart.alt_text
    assert cut_off(chart) == []
