import numpy as np
import pandas as pd
import pytest

from perflib.infer.forecast_total import simulate_total

OPTIONS = {"year": 2021, "department": "department", "groups": ["type"], "confidence": 0.8, "seed": 2}


def past(shift, own, years=range(2011, 2021), units=40, seed=0):
    rng = np.random.default_rng(seed)
    years = list(years)
    year = np.repeat(years, units)
    common = np.repeat(rng.normal(0, shift, len(years)), units)
    residual = common + rng.normal(0, own, len(year))
    frame = pd.DataFrame({"year": year, "department": "d", "type": "t", "value": 50.0, "scale": 100.0})
    return frame.assign(outturn=50 + 100 * residual)


def now(units=40):
    return pd.DataFrame({"department": "d", "type": "t", "value": [50.0] * units, "scale": 100.0})


def width(table):
    return float(table["high"][0] - table["low"][0])


def test_without_shared_shocks_errors_cancel_out():
    found = width(simulate_total(past(0.0, 0.1), now(), **OPTIONS))
    # 40 units, sd 10 each: the total's sd is 10 × √40, the 80 % width 2 × 1.2816 of it. The mean of 40
    # residuals a year would count as a shift and double the variance, were it not shrunk.
    one = 2 * 1.2816 * 10 * np.sqrt(40)
    assert found == pytest.approx(one, rel=0.25)


def test_shared_shocks_do_not_cancel_out():
    independent = width(simulate_total(past(0.0, 0.1), now(), **OPTIONS))
    shared = width(simulate_total(past(0.1, 0.1), now(), **OPTIONS))
    assert shared > 3 * independent


def test_the_total_is_the_sum_and_repeats():
    one, two = (simulate_total(past(0.1, 0.1), now(), **OPTIONS) for _ in range(2))
    assert one["value"].tolist() == [40 * 50.0]
    pd.testing.assert_frame_equal(one, two)


def test_units_without_budget_add_what_they_spent():
    more = pd.concat([now(), now(1).assign(scale=0.0, value=7.0)], ignore_index=True)
    plain, added = (simulate_total(past(0.1, 0.1), n, **OPTIONS) for n in (now(), more))
    assert added["low"][0] - plain["low"][0] == pytest.approx(7.0)


def test_the_year_itself_and_later_ones_are_not_used():
    wild = past(5.0, 5.0, years=[2021, 2022])
    plain = past(0.1, 0.1)
    both = simulate_total(pd.concat([plain, wild]), now(), **OPTIONS)
    pd.testing.assert_frame_equal(both, simulate_total(plain, now(), **OPTIONS))
