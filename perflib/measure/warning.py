"""Alerts of monitoring by the lines and bands of a rule set, compared exactly."""

import re

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.grades import band_of_ratios
from perflib.measure.ratio import NANO, as_nano, reaches

_YEAR = 12


def warn_pace(progress: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """`progress` with `pace`, `colour` and `reason`: execution against straight-line time.

    Needs `executed`, `month` (1 to 12) and `adjusted_budget`. `pace` = (executed / budget) / (month / 12), a ratio;
    `colour` is its band in the rule's `warning.pace_bands`. Without a budget both are NA with a
    reason (`no_budget`, `spent_without_budget`, `not_reported`), unless the set says that this is red.
    """
    over = as_nano(progress["executed"]) * _YEAR
    under = as_nano(progress["adjusted_budget"]) * progress["month"].to_numpy(object)
    reason = budget_reason(progress["executed"], progress["adjusted_budget"])
    known = pd.isna(reason)
    safe = np.where(known, under, 1)
    bands = band_of_ratios(over, safe, ~known, rules.warning.pace_bands)
    colour = bands["band"].to_numpy(object)
    if rules.warning.zero_budget == "red":
        colour[np.isin(reason.astype("U"), ["no_budget", "spent_without_budget"])] = "red"
    pace = np.where(known, over / safe, np.nan).astype("float64")
    return progress.assign(pace=pace, colour=_words(colour), reason=_words(reason))


def warn_lines(progress: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """`progress` with the lines of the rule: which one holds, what is below it, what is overspent.

    Needs `executed`, `month` and `adjusted_budget`, and `goal_progress` (a share) for the gap. Adds

    - `execution_rate`, a fraction, and `reason` where it has none;
    - `line`: the share due at the end of that month, NA in a month without a line;
    - `is_below_line`: execution rate < line (at the line is not below);
    - `gap`: goal_progress - execution_rate;
    - `is_overspent`: executed above the budget, also of a budget of 0.
    """
    spent, plan = as_nano(progress["executed"]), as_nano(progress["adjusted_budget"])
    reason = budget_reason(progress["executed"], progress["adjusted_budget"])
    known = pd.isna(reason)
    safe = np.where(known, plan, 1)
    rate = np.where(known, spent / safe, np.nan).astype("float64")
    reported = progress["executed"].notna() & progress["adjusted_budget"].notna()
    return progress.assign(
        execution_rate=rate,
        line=progress["month"].map({line.month: float(line.share) for line in rules.warning.execution_lines}),
        is_below_line=_below_lines(progress["month"], spent, safe, rules) & known,
        gap=_gap(progress, spent, safe, known),
        is_overspent=(spent > plan).astype(bool) & reported & rules.warning.is_overspending_warned,
        reason=_words(reason),
    )


def read_levels(words: pd.Series, rules: Rules) -> pd.Series:
    """Key of the qualitative level that each of `words` names ("reached", "partly", "missed"), or NA.

    未达成 and 部分达成 both hold 达成, so the lowest level is looked for first.
    """
    text = words.astype("str").str.lower()
    level = pd.Series(pd.NA, index=words.index, dtype="str")
    for band in sorted(rules["qualitative"], key=lambda b: b.lower or 0):
        pattern = "|".join(re.escape(word.lower()) for word in band.words)
        level = level.where(level.notna() | ~text.str.contains(pattern).fillna(False).astype(bool), band.key)
    return level


def budget_reason(executed: pd.Series, budget: pd.Series) -> np.ndarray:
    """Why there is no execution rate, one code or None per row."""
    conditions = [
        (executed.isna() | budget.isna()).to_numpy(),
        (budget < 0).to_numpy(),
        ((budget == 0) & (executed != 0)).to_numpy(),
        (budget == 0).to_numpy(),
    ]
    codes = ["not_reported", "negative_budget", "spent_without_budget", "no_budget"]
    return np.select(conditions, codes, default=None)


def _below_lines(months: pd.Series, spent: np.ndarray, plan: np.ndarray, rules: Rules) -> np.ndarray:
    below = np.zeros(len(spent), dtype=bool)
    for line in rules.warning.execution_lines:
        below |= (months == line.month).to_numpy(bool) & ~reaches(spent, plan, line.share)
    return below


def _gap(progress: pd.DataFrame, spent, plan, known) -> np.ndarray:
    """Goal progress less execution rate, worked out as (goal x budget - spent) / budget, exactly."""
    goals = progress.get("goal_progress", pd.Series(np.nan, index=progress.index))
    apart, whole = as_nano(goals) * plan - spent * NANO, plan * NANO
    return np.where(known & goals.notna().to_numpy(), apart / whole, np.nan).astype("float64")


def _words(values: np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="str").to_numpy()
