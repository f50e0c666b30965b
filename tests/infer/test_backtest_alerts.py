"""Alarms of the rules at their boundaries, lists, and what the goals say of them."""

import pandas as pd
import pytest

from perflib.data.rules import load_rules
from perflib.infer.backtest import flag_table, judge_goals, list_table

RULES = {"pace_rules": load_rules("incumbent"), "line_rules": load_rules("sichuan-2025")}


def units(month=6):
    """Ten units of 100: spent, our forecast, the end. Red is below 30, the line 40 in June."""
    spent = [0, 29.99, 30, 39.99, 40, 50, 10, 20, 25, 60]
    value = [70, 95, 60, 90, 95, 99, 20, 92, 30, 99]
    end = [75, 95, 70, 90, 95, 99, 15, 90, 35, 98]
    return pd.DataFrame(
        {
            "month": month, "year": 2021, "is_district": False, "adjusted_budget": 100.0,
            "executed": [float(x) for x in spent], "value": [float(x) for x in value],
            "outturn": [float(x) for x in end], "p_failing": [1 - v / 100 for v in value],
            "straight_line": [x * 2.0 for x in spent], "last_year": 80.0,
        }
    )  # fmt: skip


def test_the_red_light_and_the_line_hold_at_their_boundaries():
    table = flag_table(units(), **RULES).query("span == 'all' and order == 'ours'").set_index("alarm")
    assert table.loc["red", "flagged"] == 5  # 0, 29.99, 10, 20, 25: 30 is not below
    assert table.loc["line", "flagged"] == 7  # and 30, 39.99: 40 is not below
    assert table.loc["red", ["failing", "caught", "rule_false"]].tolist() == [4, 3, 2]
    # by chance 20, 30, 60, 70 come first: three failing units are caught without a false flag
    assert table.loc["red", ["order_false", "ratio"]].tolist() == [0, 0]


def test_a_month_without_a_line_has_the_red_light_only():
    assert set(flag_table(units(month=7), **RULES)["alarm"]) == {"red"}


def test_lists_count_ties_by_the_room_left():
    table = list_table(units(), share=0.2).query("span == 'all'").set_index("order")
    assert table.loc["chance", "failing"] == 2
    assert table.loc["pace", "failing"] == 2  # spent 0 and 10
    assert table.loc["last_year", "failing"] == pytest.approx(2 * 4 / 10)  # all tie: the mean of any two
    assert table.loc["money_at_risk", "money_share"] == (85 + 65) / (85 + 65)
    assert table.loc["last_year", "money_share"] == pytest.approx(2 / 10 * (10 * 100 - 762) / (85 + 65))


def goal_frames(**changes):
    errors = pd.DataFrame(
        {
            "month": 6, "method": "pooled", "part": "whole", "span": ["2019", "2020", "all", "without_2020"],
            "versus_straight": [0.5, 0.5, changes.get("whole", 0.60), 0.1],
            "versus_last_year": [0.9, changes.get("worst", 0.99), 2.0, 2.0],
        }
    )  # fmt: skip
    flags = pd.DataFrame({"month": 6, "span": "all", "order": "ours", "alarm": ["red", "line"],
                          "ratio": [changes.get("ratio", 0.60), 0.9]})  # fmt: skip
    lists = pd.DataFrame({"month": 6, "span": "all", "order": ["chance", "money_at_risk"],
                          "versus_pace": [1.5, 0.1], "money_share": [0.1, changes.get("money", 0.9)]})  # fmt: skip
    coverage = pd.DataFrame({"month": 6, "promised": 0.8, "type": ["all", "a", "b"], "counted": [300, 200, 20],
                             "off": [0.01, changes.get("off", -0.04), 0.3]})  # fmt: skip
    return {"errors": errors, "flags": flags, "lists": lists, "coverage": coverage}


def test_every_goal_is_met_at_its_boundary():
    table = judge_goals(goal_frames()).set_index("goal")
    assert table["is_met"].all()
    assert (table["missed_by"] == 0).all()
    assert list(table.index) == ["whole_error", "whole_each_year", "false_flags", "list_failing", "list_money",
                                 "coverage_80", "types_80"]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "goal", "missed_by"),
    [
        ({"whole": 0.61}, "whole_error", 0.01),
        ({"worst": 1.0}, "whole_each_year", 0.0),  # "below last year" is not "as good as"
        ({"ratio": 0.65}, "false_flags", 0.05),
        ({"money": 0.88}, "list_money", 0.02),
        ({"off": -0.07}, "types_80", 0.02),
    ],
)
def test_a_missed_goal_says_by_how_much(change, goal, missed_by):
    table = judge_goals(goal_frames(**change)).set_index("goal")
    assert table.index[~table["is_met"]].tolist() == [goal]
    assert table.loc[goal, "missed_by"] == pytest.approx(missed_by)
