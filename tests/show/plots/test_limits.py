"""Funnels and control charts: which limits decide, one panel a series."""

import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.text import Text

from perflib.show import plots, theme
from perflib.show.plots.chart import framed

WORDS = {"title": "标题", "subtitle": "副标题", "source": "来源", "lang": "zh"}


def test_with_limits_of_their_own_the_inner_ones_decide():
    rows = pd.DataFrame({"n": ["a", "b"], "effective": [5.0, 6.0], "rate": [0.5, 0.9], "low": [0.6, 0.6], "high": [0.95, 0.95],
                         "low_outer": [0.4, 0.4], "high_outer": [1.0, 1.0]})  # fmt: skip
    own, shared = (
        framed(plots.funnel(rows, label="n", centre=0.8, has_own_limits=is_own), **WORDS).alt_text
        for is_own in (True, False)
    )
    assert "1项以菱形标出" in own and "0项以菱形标出" in shared


def test_control_panels_have_one_panel_per_series():
    part = {
        "value": [1.0, 2.0, 1.0],
        "centre": 1.3,
        "low": 0.0,
        "high": 3.0,
        "is_signal": [False, True, False],
    }
    parts = [pd.DataFrame({"series": name, "period": ["a", "b", "c"], **part}) for name in ("甲", "乙", "丙")]
    axes = plots.control(pd.concat(parts))
    assert [ax.get_title(loc="left") for ax in axes] == ["甲", "乙", "丙", ""]
    alt = framed(axes, **WORDS).alt_text
    assert "3个指标" in alt and "3个点" in alt


def test_names_lie_on_no_other_name_and_the_own_district_is_always_named():
    close = pd.DataFrame({"n": [f"示例第{i}区" for i in range(12)], "effective": [10 + i / 50 for i in range(12)],
                          "rate": [0.5 + i / 500 for i in range(12)], "low": 0.6, "high": 0.9, "centre": 0.7})  # fmt: skip
    close.loc[11, "rate"] = 0.75
    ax = plots.funnel(close, label="n", mark="示例第11区")
    ax.figure.draw_without_rendering()
    boxes = [Text.get_window_extent(t) for t in ax.texts]
    assert "示例第11区" in {t.get_text() for t in ax.texts} and len(boxes) > 4
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_verdict_of_ones_own_decides_who_is_outside():
    rows = pd.DataFrame({"n": ["a", "b"], "effective": [5.0, 6.0], "rate": [0.5, 0.4], "low": 0.6, "high": 0.9,
                         "centre": 0.7, "flagged": [False, True]})  # fmt: skip
    ax = plots.funnel(rows, label="n", odd="flagged")
    assert [t.get_text() for t in ax.texts] == ["b"]


def test_signals_for_the_better_are_not_orange():
    rows = pd.DataFrame({"series": "s", "period": list("abc"), "value": [1.0, 9.0, 0.0], "centre": 2.0, "low": 1.0,
                         "high": 3.0, "is_signal": [False, True, True], "is_worse": [False, True, False]})  # fmt: skip
    marks = plots.control(rows)[0].collections[-1]
    assert [to_hex(colour) for colour in marks.get_facecolor()] == [theme.ORANGE, theme.BLUE]
