"""The same forecasts and lists in earlier years, held against the goals of monitoring."""

import pandas as pd

from perflib.data.rules import load_rules
from perflib.data.text import say
from perflib.infer.backtest_alerts import flag_table, list_table
from perflib.infer.backtest_errors import coverage_table, error_table
from perflib.infer.backtest_goals import judge_goals
from perflib.show.chapter import Chapter

METHODS = ("straight_line", "rule_in_use", "last_year", "value")
PACE_RULES, LINE_RULES = "incumbent", "sichuan-2025"


def add_backtest(chapter: Chapter, past: pd.DataFrame, *, month: int) -> None:
    """Add what the forecasts of `past` reached at `month`: each goal met, or missed and by how much.

    `past` are earlier years of `Outlook`; a year before which none is complete has no chances and is left out.
    """
    tested = past[past["outturn"].notna()].assign(kind="other / " + past["type"], is_district=False)
    years = sorted(tested.loc[tested["p_failing"].notna(), "year"].unique())
    goals = _judged(tested, years, month) if len(years) and tested["outturn"].sum() > 0 else pd.DataFrame()
    add, trail = chapter.facts.add, {"table": "goals", "rows": len(tested), "reason": "no_history"}
    add("goals_judged", len(goals) or None, unit="count", **trail)
    add("goals_met", int(goals["is_met"].sum()) if len(goals) else None, unit="count", **trail)
    add("goal_years", len(years) or None, unit="count", **trail)
    if len(goals):
        chapter.add_table("goals", _told(goals, chapter.lang))


def _judged(tested: pd.DataFrame, years: list[int], month: int) -> pd.DataFrame:
    shown = tested[tested["year"].isin(years)]
    found = {
        "errors": error_table(tested, years, methods=METHODS, with_pinball=False),
        "coverage": coverage_table(tested, years),
        "flags": flag_table(shown, pace_rules=load_rules(PACE_RULES), line_rules=load_rules(LINE_RULES)),
        "lists": list_table(shown),
    }
    return judge_goals(found, month=month, ours="value")


def _told(goals: pd.DataFrame, lang: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "goal": [say(f"backtest.goal_{code}", lang) for code in goals["goal"]],
            "goal_way": goals["way"],
            "goal_aim": goals["aim"],
            "goal_reached": goals["reached"],
            "goal_state": goals["is_met"].map({True: "met", False: "missed"}),
            "goal_missed_by": goals["missed_by"].where(~goals["is_met"]),
        }
    )
