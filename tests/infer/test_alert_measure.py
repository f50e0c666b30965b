import numpy as np
import pandas as pd
import pytest

from perflib.infer.alert_measure import (
    alert_rates,
    at_workload,
    bootstrap_ratio,
    brier_parts,
    calibration_curve,
    false_flags_at_recall,
)

FAILING = pd.Series([True, True, False, False, True, False])


def test_false_flags_at_the_rules_recall():
    rule = pd.Series([True, False, True, True, True, False])  # catches 2, with 2 false flags
    score = pd.Series([0.9, 0.7, 0.8, 0.1, 0.2, 0.3])  # order 0, 2, 1: one false flag for two caught
    row = false_flags_at_recall(score, FAILING, rule).iloc[0]
    assert (row["caught"], row["rule_false"], row["order_false"], row["ratio"]) == (2, 2, 1, 1 / 2)
    assert row["recall"] == 2 / 3


def test_a_rule_that_flags_nothing():
    row = false_flags_at_recall(pd.Series(range(6)), FAILING, FAILING & False).iloc[0]
    assert row["order_false"] == 0
    assert np.isnan(row["ratio"])


def test_a_fixed_workload():
    orders = pd.DataFrame({"good": [6, 5, 1, 1, 4, 1], "bad": [1, 2, 6, 5, 3, 4]})
    money = pd.Series([10.0, 5.0, 1.0, 0.0, 7.0, 2.0])
    table = at_workload(orders, FAILING, money, share=1 / 3).set_index("order")
    assert table["length"].tolist() == [2, 2]
    assert table["failing"].tolist() == [2, 0]
    assert table["money_share"].tolist() == pytest.approx([(10 + 5) / (10 + 7), (1 + 0) / (10 + 7)])


def test_brier_is_murphys_sum_where_bins_agree():
    p = pd.Series([0.25] * 4 + [0.75] * 4)
    y = pd.Series([True, False, False, False, True, True, False, False])
    row = brier_parts(p, y).iloc[0]
    assert row["brier"] == pytest.approx(row["reliability"] - row["resolution"] + row["uncertainty"])
    assert row["brier"] == pytest.approx(((0.75**2 + 3 * 0.25**2) + (2 * 0.25**2 + 2 * 0.75**2)) / 8)


def test_calibration_counts_the_last_bin():
    assert calibration_curve(pd.Series([1.0, 0.95]), pd.Series([True, False]))["bin"].tolist() == [9]


def test_alert_rates_by_group():
    table = alert_rates(pd.Series([True, False, True]), pd.Series([True, True, False]), pd.Series(["a"] * 3))
    assert table[["flagged_if_failing", "flagged_if_not"]].iloc[0].tolist() == [1 / 2, 1]


def test_bootstrap_holds_the_ratio_and_repeats():
    over, under = [3.0, 5.0, 4.0, 8.0], [6.0, 10.0, 9.0, 15.0]
    one, two = (bootstrap_ratio(over, under, seed=4, draws=300) for _ in range(2))
    assert one["value"][0] == (3 + 5 + 4 + 8) / (6 + 10 + 9 + 15)
    assert one["low"][0] < one["value"][0] < one["high"][0]
    pd.testing.assert_frame_equal(one, two)
