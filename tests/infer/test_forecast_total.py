import numpy as np
import pandas as pd
import pytest

from perflib.infer.year_end import expected_outturns, forecast_totals

OPTIONS = {"year": 2021, "cluster": "department", "groups": ["type"], "confidence": 0.8, "seed": 2}


def past(shift, own, years=range(2011, 2021), units=40, seed=0):
    rng = np.random.default_rng(seed)
    years = list(years)
    year = np.repeat(years, units)
    common = np.repeat(rng.normal(0, shift, len(years)), units)
    residual = common + rng.normal(0, own, len(year))
    frame = pd.DataFrame({"year": year, "department": "d", "type": "t", "value": 50.0, "scale": 100.0,
                          "executed": 20.0})  # fmt: skip
    return frame.assign(outturn=50 + 100 * residual)


def now(units=40):
    return pd.DataFrame(
        {"department": "d", "type": "t", "value": [50.0] * units, "scale": 100.0, "executed": 20.0}
    )


def width(table):
    return float(table["high"][0] - table["low"][0])


def test_without_shared_shocks_errors_cancel_out():
    found = width(forecast_totals(past(0.0, 0.1), now(), **OPTIONS))
    # 40 units, sd 10 each: the total's sd is 10 × √40, the 80 % width 2 × 1.2816 of it. The mean of 40
    # residuals a year would count as a shift and double the variance, were it not shrunk.
    one = 2 * 1.2816 * 10 * np.sqrt(40)
    assert found == pytest.approx(one, rel=0.25)


def test_shared_shocks_do_not_cancel_out():
    independent = width(forecast_totals(past(0.0, 0.1), now(), **OPTIONS))
    shared = width(forecast_totals(past(0.1, 0.1), now(), **OPTIONS))
    assert shared > 3 * independent


def test_the_total_is_centred_on_what_sums_missed_by():
    """Two years ended 6 and 3 of 100 above the sums, the first counts 0.7: (0.7 × 0.06 + 0.03) / 2.7 is added."""
    rows = past(0.0, 0.0, years=[2019, 2020])
    rows = rows.assign(outturn=50 + np.where(rows["year"] == 2019, 6.0, 3.0))
    one, two = (forecast_totals(rows, now(), **OPTIONS) for _ in range(2))
    assert one["value"][0] == pytest.approx(40 * (50 + 100 * (0.7 * 0.06 + 0.03) / 2.7))
    assert one["low"][0] <= one["value"][0] <= one["high"][0]
    pd.testing.assert_frame_equal(one, two)


def test_groups_add_up_to_the_whole_and_units_to_their_groups():
    units = pd.concat([now(10), now(30).assign(department="e", executed=49.0)], ignore_index=True)
    parts = forecast_totals(past(0.1, 0.1), units, by=["department"], **OPTIONS)
    whole = forecast_totals(past(0.1, 0.1), units, **OPTIONS)
    assert parts["department"].tolist() == ["d", "e"]
    assert parts["value"].sum() == pytest.approx(whole["value"][0])
    single = expected_outturns(past(0.1, 0.1), units, year=2021)
    assert single.groupby(units["department"]).sum().tolist() == pytest.approx(parts["value"].tolist())


def test_no_bound_below_what_is_spent():
    almost = now().assign(executed=49.9)
    found = forecast_totals(past(0.3, 0.1), almost, **OPTIONS)
    assert found["low"][0] >= 40 * 49.9


def test_units_without_budget_add_what_they_spent():
    more = pd.concat([now(), now(1).assign(scale=0.0, value=7.0, executed=7.0)], ignore_index=True)
    plain, added = (forecast_totals(past(0.1, 0.1), n, **OPTIONS) for n in (now(), more))
    assert added["low"][0] - plain["low"][0] == pytest.approx(7.0)


def test_the_year_itself_and_later_ones_are_not_used():
    wild = past(5.0, 5.0, years=[2021, 2022])
    plain = past(0.1, 0.1)
    both = forecast_totals(pd.concat([plain, wild]), now(), **OPTIONS)
    pd.testing.assert_frame_equal(both, forecast_totals(plain, now(), **OPTIONS))


def test_the_spread_of_a_sum_is_that_of_its_money():
    """Of all units half miss by a tenth of their budgets, but the money is with the other half, which never misses."""
    small, large = past(0.0, 0.1), past(0.0, 0.0)
    money = ["value", "scale", "executed", "outturn"]
    mixed = pd.concat(
        [small.assign(**small[money] / 100), large.assign(**large[money] * 10)], ignore_index=True
    )
    alone, together = (width(forecast_totals(rows, now(), **OPTIONS)) for rows in (small, mixed))
    assert together < alone / 5
