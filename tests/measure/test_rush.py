import numpy as np
import pandas as pd
import pytest

from perflib.measure.progress import year_end_rush


def months(unit, spent, kind="x"):
    """(month, executed to date)"""
    return [(2023, m, unit, kind, e) for m, e in spent]


def table(*parts):
    return pd.DataFrame([r for p in parts for r in p], columns=["year", "month", "unit", "type", "executed"])


def rush(*parts):
    return year_end_rush(table(*parts), unit=["unit"], by=["type"])


def test_shares_and_spike_are_ratios_of_sums():
    row = rush(
        months("a", [(9, 60.0), (11, 80.0), (12, 120.0)]), months("b", [(9, 30.0), (11, 30.0), (12, 30.0)])
    ).iloc[0]
    assert row["december_share"] == 40 / 150
    assert row["last_quarter_share"] == 60 / 150
    assert row["spike"] == pytest.approx((40 + 0) / ((80 + 30) / 11))
    assert row["low"] < row["spike"] < row["high"]


def test_even_spending_has_no_spike():
    even = [(m, 10.0 * m) for m in range(1, 13)]
    row = rush(months("a", even), months("b", even)).iloc[0]
    assert row["spike"] == 1
    assert (row["low"], row["high"]) == (1, 1)  # both units say the same
    assert row["december_share"] == 1 / 12


def test_a_missing_month_leaves_the_unit_out():
    row = rush(months("a", [(9, 1.0), (11, 2.0), (12, 4.0)]), months("b", [(9, 1.0), (12, 9.0)])).iloc[0]
    assert (row["units"], row["executed"]) == (1, 4)
    assert np.isnan(row["low"])  # one unit has no interval


def test_nothing_spent_has_no_share():
    row = rush(months("a", [(9, 0.0), (11, 0.0), (12, 0.0)])).iloc[0]
    assert np.isnan(row["december_share"])
    assert np.isnan(row["spike"])


def test_a_reversal_counts_as_it_is():
    row = rush(months("a", [(9, 50.0), (11, 80.0), (12, 70.0)])).iloc[0]
    assert row["december_share"] == -10 / 70
    assert row["spike"] < 0


def test_groups_are_sorted():
    found = rush(
        months("a", [(9, 1.0), (11, 2.0), (12, 4.0)], "z"), months("b", [(9, 1.0), (11, 2.0), (12, 4.0)], "a")
    )
    assert found["type"].tolist() == ["a", "z"]
