"""The year as it goes: what was forecast, and what came."""

import pandas as pd

from perflib.show import plots, theme
from perflib.show.plots.chart import framed

YEAR = pd.DataFrame({"year": 2023, "month": range(1, 13), "rate": [m / 13 for m in range(1, 13)]})
SEEN = pd.DataFrame({"month": [6, 9], "value": [0.9, 0.92], "low": [0.8, 0.88], "high": [0.95, 0.94]})


def test_what_came_after_the_last_forecast_is_dashed():
    ax = plots.fan(YEAR, forecast=SEEN, lang="en")
    blue = [line for line in ax.lines if line.get_color() == theme.BLUE and len(line.get_xdata()) > 2]
    drawn = {line.get_linestyle(): list(line.get_xdata()) for line in blue}
    assert drawn == {"-": list(range(1, 10)), "--": [9, 10, 11, 12]}


def test_a_forecasts_interval_stands_at_the_years_end_alone():
    ax = plots.fan(YEAR, forecast=SEEN, lang="en")
    drawn = [c.get_paths()[0].vertices for c in ax.collections if c.get_alpha() == 0.3]
    assert [sorted(bar[:, 1]) for bar in drawn] == [[0.8, 0.95], [0.88, 0.94]]
    assert all(bar[:, 0].min() >= 12 for bar in drawn)
    assert "forecast in month 6: 90.0%" in [text.get_text() for text in ax.texts]


def test_forecasts_and_what_came_are_told_in_words():
    alt = framed(plots.fan(YEAR, forecast=SEEN, lang="en"), "t", "s", "q", "en").alt_text
    assert alt == (
        "Lines by month: t. By month 12: 92.3%. Seen from month 6, the year ends at 90.0% (80.0% to 95.0%). "
        "Seen from month 9, the year ends at 92.0% (88.0% to 94.0%)."
    )


def test_a_forecast_without_an_interval_is_told_without_one():
    alone = SEEN.head(1).assign(low=float("nan"), high=float("nan"))
    alt = framed(plots.fan(YEAR, forecast=alone, lang="zh"), "t", "s", "q", "zh").alt_text
    assert alt.endswith("6月预测全年90.0%。")


def test_other_years_are_grey_and_the_marked_one_has_the_fan():
    both = pd.concat([YEAR, YEAR.assign(year=2022)])
    ax = plots.fan(both, by="year", mark=2022, forecast=SEEN, lang="en")
    told = {t.get_text().split()[0]: t.get_color() for t in ax.texts}
    assert told["2022"] == theme.BLUE and told["2023"] == theme.GREY
