"""The goals that monitoring is held to, and by how much each is met or missed."""

from collections.abc import Mapping

import pandas as pd

from perflib.infer.backtest_errors import ALL_YEARS, WITHOUT_SHOCK

GOAL_MONTH = 6
GOALS = {
    "whole_error": 0.60,
    "districts_error": 0.50,
    "false_flags": 0.60,
    "list_failing": 1.5,
    "list_money": 0.90,
}
OVERALL_OFF = {0.8: 0.02, 0.95: 0.02}
TYPE_OFF = 0.05
SMALLEST_TYPE = 100  # below this, chance alone moves a coverage of 80 % by more than the five points asked


def judge_goals(
    found: Mapping[str, pd.DataFrame], *, month: int = GOAL_MONTH, ours: str = "pooled", alarm: str = "red"
) -> pd.DataFrame:
    """One row per goal: `goal, way, aim, reached, is_met, missed_by`; what the data can't judge is left out.

    `found` holds `errors`, `coverage`, `flags` and `lists`; `way` is "most" (at most), "least" or "below".
    `missed_by` is how far `reached` lies on the wrong side of `aim`, 0 where the goal is met.
    """
    at = {name: table[table["month"] == month] for name, table in found.items() if "month" in table}
    rows = [
        *_errors(at["errors"], ours),
        *_alerts(at["flags"], at["lists"], alarm),
        *_coverage(at["coverage"]),
    ]
    table = pd.DataFrame(rows, columns=["goal", "way", "aim", "reached"])
    table = table[table["reached"].notna()].reset_index(drop=True)
    # 0.85 - 0.8 is 0.04999999999999993 in binary: twelve digits tell what was counted.
    table = table.assign(reached=table["reached"].round(12))
    is_least = table["way"] == "least"
    short = (table["reached"] - table["aim"]).where(~is_least, table["aim"] - table["reached"]).round(12)
    is_met = (short < 0) | ((short == 0) & (table["way"] != "below"))
    return table.assign(is_met=is_met.astype("bool"), missed_by=short.where(~is_met, 0.0).astype("float64"))


def _errors(errors: pd.DataFrame, ours: str) -> list[tuple]:
    rows = []
    for part, own in errors[errors["method"] == ours].groupby("part", sort=False):
        own = own.set_index("span")
        rows.append((f"{part}_error", "most", GOALS[f"{part}_error"], own.loc[ALL_YEARS, "versus_straight"]))
        yearly = own.drop(index=[ALL_YEARS, WITHOUT_SHOCK], errors="ignore")["versus_last_year"]
        rows.append((f"{part}_each_year", "below", 1.0, yearly.max()))
    return sorted(rows, key=lambda row: row[0], reverse=True)


def _alerts(flags: pd.DataFrame, lists: pd.DataFrame, alarm: str) -> list[tuple]:
    own = flags[(flags["span"] == ALL_YEARS) & (flags["order"] == "ours") & (flags["alarm"] == alarm)]
    rows = [("false_flags", "most", GOALS["false_flags"], r) for r in own["ratio"]]
    whole = lists[lists["span"] == ALL_YEARS].set_index("order")
    if len(whole):
        rows.append(("list_failing", "least", GOALS["list_failing"], whole.loc["chance", "versus_pace"]))
        rows.append(("list_money", "least", GOALS["list_money"], whole.loc["money_at_risk", "money_share"]))
    return rows


def _coverage(table: pd.DataFrame) -> list[tuple]:
    """How far coverage is off, over all units and in the worst type of `SMALLEST_TYPE` units or more."""
    rows = []
    for promised, own in table.groupby("promised"):
        whole, types = own[own["type"] == "all"], own[own["type"] != "all"]
        name, large = round(promised * 100), types[types["counted"] >= SMALLEST_TYPE]
        rows += [(f"coverage_{name}", "most", OVERALL_OFF[promised], abs(o)) for o in whole["off"]]
        if len(large):
            rows.append((f"types_{name}", "most", TYPE_OFF, large["off"].abs().max()))
    return rows
