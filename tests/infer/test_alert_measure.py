import numpy as np
import pandas as pd
import pytest

from perflib.infer.backtest import (
    at_workload,
    false_flags_at_recall,
)

FAILING = pd.Series([True, True, False, False, True, False])


def test_false_flags_at_the_rules_recall():
    rule = pd.Series([True, False, True, True, True, False])  # catches 2, with 2 false flags
    score = pd.Series([0.9, 0.7, 0.8, 0.1, 0.2, 0.3])  # order 0, 2, 1: one false flag for two caught
    row = false_flags_at_recall(score, FAILING, rule)
    assert (row["caught"], row["rule_false"], row["order_false"], row["ratio"]) == (2, 2, 1, 1 / 2)
    assert row["recall"] == 2 / 3


def test_a_rule_that_flags_nothing():
    row = false_flags_at_recall(pd.Series(range(6)), FAILING, FAILING & False)
    assert row["order_false"] == 0
    assert np.isnan(row["ratio"])


def test_a_fixed_workload():
    orders = pd.DataFrame({"good": [6, 5, 1, 1, 4, 1], "bad": [1, 2, 6, 5, 3, 4]})
    money = pd.Series([10.0, 5.0, 1.0, 0.0, 7.0, 2.0])
    table = at_workload(orders, FAILING, money, share=1 / 3).set_index("order")
    assert table["length"].tolist() == [2, 2]
    assert table["failing"].tolist() == [2, 0]
    assert table["money_share"].tolist() == pytest.approx([(10 + 5) / (10 + 7), (1 + 0) / (10 + 7)])
