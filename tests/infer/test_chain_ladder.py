import numpy as np
import pandas as pd
import pytest

from perflib.infer.chain_ladder import development_factors, mack_forecast, total_standard_error

# Taylor & Ashe (1983), as printed in Mack (1993), Distribution-free calculation of the standard error.
TAYLOR_ASHE = [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]


@pytest.fixture
def triangle():
    return pd.DataFrame([row + [np.nan] * (10 - len(row)) for row in TAYLOR_ASHE])


def test_factors_are_those_published(triangle):
    factors = development_factors(triangle)["factor"]
    assert round(factors.iloc[0], 4) == 3.4906
    assert round(factors.iloc[-1], 4) == 1.0177


def test_reserve_and_its_error_are_those_published(triangle):
    ends = mack_forecast(triangle)
    latest = sum(row[-1] for row in TAYLOR_ASHE)
    assert round(ends["value"].sum() - latest) == 18_680_856
    assert round(total_standard_error(triangle)) == pytest.approx(2_447_095, abs=1)
    # Mack (1993), table 3: the second and the last accident year.
    assert ends["se"].iloc[1] == pytest.approx(75_535, abs=1)
    assert ends["se"].iloc[9] == pytest.approx(1_363_155, abs=1)


def test_what_is_known_has_no_error(triangle):
    first = mack_forecast(triangle).iloc[0]
    assert first.tolist() == [3_901_463, 0]


def test_an_origin_without_any_month_has_no_forecast():
    table = pd.DataFrame({6: [10.0, np.nan], 12: [20.0, np.nan]})
    assert mack_forecast(table)["value"].isna().tolist() == [False, True]


def test_nothing_spent_stays_nothing():
    table = pd.DataFrame({6: [10.0, 30.0, 0.0], 12: [20.0, 60.0, np.nan]})
    assert mack_forecast(table)["value"].iloc[2] == 0
