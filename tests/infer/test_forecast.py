import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.forecast import forecast_ladder, keep_possible


def panel():
    table = pd.DataFrame(
        {
            "year": [2020, 2020, 2021, 2021, 2021],
            "unit": list("abABc"),
            "type": ["x", "y", "x", "y", "z"],
            "adjusted_budget": [100.0, 50.0, 200.0, 100.0, 10.0],
            "executed": [40.0, 10.0, 80.0, 0.0, 1.0],
            "outturn": [80.0, 40.0, np.nan, np.nan, np.nan],
            "outturn_1": [np.nan, np.nan, 80.0, 40.0, np.nan],
            "adjusted_budget_1": [np.nan, np.nan, 100.0, 50.0, np.nan],
        }
    )
    return table


@pytest.fixture
def ladder():
    return forecast_ladder(panel(), year=2021, month=6, types="type")


def test_straight_line_is_time(ladder):
    assert ladder["straight_line"].tolist() == [80 * 12 / 6, 0, 1 * 12 / 6]


def test_last_year_is_the_own_rate_or_that_of_all(ladder):
    # type z has no year before: the rate of all, (80 + 40) / (100 + 50)
    assert ladder["last_year"].tolist() == pytest.approx([200 * 80 / 100, 100 * 40 / 50, 10 * 120 / 150])


def test_chain_ladder_grows_what_is_there(ladder):
    assert ladder["chain_ladder"].tolist() == pytest.approx([80 * 80 / 40, 0, 1 * 120 / 50])


def test_bornhuetter_ferguson_also_speaks_where_nothing_is_spent(ladder):
    late_x, late_y, late_all = 1 - 40 / 80, 1 - 10 / 40, 1 - 50 / 120
    want = [80 + 200 * 0.8 * late_x, 0 + 100 * 0.8 * late_y, 1 + 10 * 0.8 * late_all]
    assert ladder["bornhuetter_ferguson"].tolist() == pytest.approx(want)


def test_combination_is_the_plain_mean(ladder):
    parts = ladder[["last_year", "chain_ladder", "bornhuetter_ferguson"]]
    assert ladder["combined"].tolist() == pytest.approx((parts.sum(axis=1) / 3).tolist())


def test_years_that_are_not_there_are_told():
    with pytest.raises(DataError, match="no progress for 2031; the years at hand are 2020, 2021"):
        forecast_ladder(panel(), year=2031, month=6, types="type")
    with pytest.raises(DataError, match="No year before 2020 is complete"):
        forecast_ladder(panel(), year=2020, month=6, types="type")


def test_later_years_teach_nothing():
    later = panel().iloc[:1].assign(year=2022, outturn=9999.0)
    with_later = pd.concat([panel(), later], ignore_index=True)
    pd.testing.assert_series_equal(
        forecast_ladder(with_later, year=2021, month=6, types="type")["chain_ladder"],
        forecast_ladder(panel(), year=2021, month=6, types="type")["chain_ladder"],
    )


@pytest.mark.parametrize(("forecast", "kept"), [(3.0, 4.0), (8.0, 8.0), (286.7, 13.2)])
def test_no_forecast_below_what_is_spent_or_beyond_what_is_possible(forecast, kept):
    one = lambda x: pd.Series([x])  # noqa: E731
    assert keep_possible(one(forecast), one(4.0), one(13.2)).tolist() == [kept]


def test_what_is_spent_beyond_what_is_possible_stays_spent():
    assert keep_possible(pd.Series([9.0]), pd.Series([15.0]), pd.Series([13.2])).tolist() == [15.0]
