import json

import numpy as np
import pytest

from perflib.data.errors import ArgumentError
from perflib.infer.control_chart import ewma_chart, xmr_chart


@pytest.fixture
def nist(oracles):
    return json.loads((oracles / "spc_xmr_ewma_nist.json").read_text("utf-8"))


def test_individuals_chart_is_that_of_the_handbook(nist):
    chart, want = xmr_chart(nist["individuals"]["x"]), nist["individuals"]["expected"]
    assert round(chart["centre"][0], 2) == want["mean"]
    assert round(chart["moving_range"].mean(), 4) == want["mrbar"]
    assert round(chart["high"][0], 4) == want["ucl"]
    assert round(chart["low"][0], 4) == want["lcl"]
    assert not chart["is_outside"].any()


def test_rounded_factor_gives_the_limits_of_the_health_service(nist):
    chart = xmr_chart(nist["individuals"]["x"], factor=2.66)
    assert (round(chart["high"][0], 4), round(chart["low"][0], 4)) == (55.8049, 45.8151)


def test_ewma_is_that_of_the_handbook(nist):
    e = nist["ewma"]
    chart = ewma_chart(e["x"], centre=e["start"], sd=e["s"], lam=e["lam"])
    assert np.abs(chart["ewma"] - e["ewma"][1:]).max() <= 0.0051  # printed to two decimals
    # The handbook rounds the square root to 0.4201: 3 × 2.0539 × 0.4201 = 2.5885.
    assert chart["high"][0] == pytest.approx(e["ucl"], abs=2e-4)
    assert chart["low"][0] == pytest.approx(e["lcl"], abs=2e-4)
    assert not chart["is_outside"].any()


def test_a_point_outside_is_flagged():
    assert xmr_chart([1, 2, 1, 2, 1, 2, 1, 2, 30])["is_outside"].tolist() == [False] * 8 + [True]


@pytest.mark.parametrize(("length", "flagged"), [(6, 0), (7, 7)])
def test_a_shift_takes_seven_on_one_side(length, flagged):
    # A low stretch whose mean is pulled below 0 by single deep points, so the high ones form one run.
    x = [-5.0, 5.0] * 4 + [-9.0] + [1.0, 2.0] * (length // 2) + [1.5] * (length % 2) + [-9.0]
    assert xmr_chart(x)["is_shift"].sum() == flagged


@pytest.mark.parametrize(("length", "flagged"), [(6, 0), (7, 7)])
def test_a_trend_takes_seven_points(length, flagged):
    x = [5.0, 3.0, 5.0, 3.0, *np.arange(1.0, 1.0 + length), length - 1.5]
    assert xmr_chart(x)["is_trend"].sum() == flagged


def test_two_of_three_near_the_limit():
    x = [0.0] * 11 + [2.0, 1.9, 2.0] + [0.0] * 8
    chart = xmr_chart(x)
    inner = 2 / 3 * (chart["high"][0] - chart["centre"][0])
    assert (abs(chart["value"] - chart["centre"]) > inner).sum() == 3
    assert chart.index[chart["is_near_limit"]].tolist() == [11, 12, 13]


def test_one_alone_near_the_limit_is_no_signal():
    x = [0.0, 0.4] * 6 + [1.1] + [0.4, 0.0] * 6
    chart = xmr_chart(x)
    inner = 2 / 3 * (chart["high"][0] - chart["centre"][0])
    assert (abs(chart["value"] - chart["centre"]) > inner).tolist().index(True) == 12
    assert not chart["is_near_limit"].any()


def test_screening_leaves_out_a_wild_range():
    x = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 100, 1, 2, 1, 2]
    assert xmr_chart(x, is_screened=True)["high"][0] < xmr_chart(x)["high"][0]


def test_gaps_stay_and_break_no_chart():
    chart = xmr_chart([1, 2, np.nan, 2, 1])
    assert chart["value"].isna().tolist() == [False, False, True, False, False]
    assert ewma_chart([1, np.nan, 1, 1], centre=0, sd=1, lam=0.5)["ewma"].tolist() == [0.5, 0.5, 0.75, 0.875]


def test_short_series_and_bad_weight_are_refused():
    with pytest.raises(ArgumentError, match="needs at least 3 points and got 2"):
        xmr_chart([1, 2, np.nan])
    with pytest.raises(ArgumentError, match="above 0 and at most 1"):
        ewma_chart([1, 2, 3], centre=0, sd=1, lam=0)
