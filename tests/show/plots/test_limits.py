"""Funnels and control charts: which limits decide, one panel a series."""

import pandas as pd

from perflib.show import plots
from perflib.show.plots.chart import framed

WORDS = {"title": "标题", "subtitle": "副标题", "source": "来源", "lang": "zh"}


def test_with_limits_of_their_own_the_inner_ones_decide():
    rows = pd.DataFrame({"n": ["a", "b"], "effective": [5.0, 6.0], "rate": [0.5, 0.9], "low": [0.6, 0.6], "high": [0.95, 0.95],
                         "low_outer": [0.4, 0.4], "high_outer": [1.0, 1.0]})  # fmt: skip
    own, shared = (
        framed(plots.funnel(rows, label="n", centre=0.8, has_own_limits=is_own), **WORDS).alt_text
        for is_own in (True, False)
    )
    assert "1项在控制限之外" in own and "0项在控制限之外" in shared


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
