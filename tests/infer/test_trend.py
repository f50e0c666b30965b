"""Change over the years: breaks of definition aren't changes, and short series aren't cut."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.trend import change_points, change_since, mark_breaks

SERIES = pd.DataFrame(
    {
        "district": ["a"] * 4 + ["b"] * 3,
        "year": [2018, 2019, 2020, 2021, 2018, 2019, 2021],
        "value": [0.80, 0.82, 0.70, 0.90, 0.60, 0.65, 0.70],
        "se": [0.03, 0.04, 0.03, 0.03, 0.02, np.nan, 0.02],
    }
)


def changes(series=SERIES, **options):
    return change_since(series, base_year=2018, **options).set_index(["district", "year"])


def test_change_with_its_interval():
    row = changes().loc[("a", 2019)]
    assert row["value"] == pytest.approx(0.82 - 0.80)
    assert row["high"] - row["value"] == pytest.approx(1.959963984540054 * np.sqrt(0.03**2 + 0.04**2))


def test_a_year_without_data_for_one_district_is_a_row_with_a_reason():
    table = changes()
    assert table.loc[("b", 2020), "reason"] == "no_data"
    assert np.isnan(table.loc[("b", 2020), "value"])
    assert table.loc[("b", 2019), "reason"] == "no_standard_error"
    assert table.loc[("b", 2019), "value"] == pytest.approx(0.05)


def test_no_change_across_a_break_of_definition():
    marked = mark_breaks(SERIES, pd.DataFrame({"year": [2020]}))
    table = changes(marked)
    assert table.loc[("a", 2021), "reason"] == "break_of_definition"
    assert np.isnan(table.loc[("a", 2021), "value"])
    assert table.loc[("a", 2019), "value"] == pytest.approx(0.02)
    assert table.loc[("b", 2020), "reason"] == "no_data"


def test_a_break_of_one_district_is_its_own():
    breaks = pd.DataFrame({"district": ["a", None], "year": [2019, 2021]})
    marked = mark_breaks(SERIES, breaks).set_index(["district", "year"])["segment"]
    assert marked.loc["a"].tolist() == [0, 1, 1, 2]
    assert marked.loc["b"].tolist() == [0, 0, 1]


def test_a_district_without_the_base_year():
    rows = SERIES[~((SERIES["district"] == "b") & (SERIES["year"] == 2018))]
    assert (changes(rows).loc["b", "reason"] == "no_base_year").all()


def test_a_base_year_that_nobody_has():
    with pytest.raises(DataError, match=r"no data of 2010.*2018, 2019, 2020, 2021"):
        change_since(SERIES, base_year=2010)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_nile_changes_in_1898():
    from statsmodels.datasets import nile

    table = change_points(nile.load_pandas().data["volume"], draws=200, seed=1)
    assert table["value"].tolist() == [28]
    assert table["low"].iloc[0] <= 28 <= table["high"].iloc[0] <= 35
    assert table["change"].iloc[0] == pytest.approx(-247.8, abs=0.1)


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_readings_that_remember_are_seldom_cut(memory):
    """100 series of 60 readings: 5 % aimed at, so 11 or more of 100 come about once in a hundred times."""
    rng, found = np.random.default_rng(3), 0
    for _ in range(100):
        x = rng.normal(size=60)
        for t in range(1, 60):
            x[t] += memory * x[t - 1]
        found += len(change_points(x, draws=10)) > 0
    assert found <= 10


def test_a_trend_is_no_change_of_level():
    y = 0.2 * np.arange(60) + np.resize([0.0, 1.0, -1.0, 0.5], 60)
    assert change_points(y).empty


def test_a_step_beside_a_trend_is_told_without_the_trend():
    noise = np.resize([0.0, 0.4, -0.4, 0.1, -0.1], 60)
    table = change_points(0.1 * np.arange(60) + 4 * (np.arange(60) >= 30) + noise)
    assert table["value"].tolist() == [30]
    assert table["change"].iloc[0] == pytest.approx(4, abs=0.3)


def test_two_changes_are_found_in_a_long_series():
    y = np.repeat([0.0, 5.0, -3.0], 40) + np.resize([0.0, 0.4, -0.4, 0.1, -0.1], 120)
    assert change_points(y)["value"].tolist() == [40, 80]


def test_a_constant_series_is_not_cut():
    assert change_points(np.full(40, 0.9), draws=10).empty


def test_short_series_are_refused():
    with pytest.raises(DataError, match=r"35 values.* at least 36"):
        change_points(np.arange(35))
