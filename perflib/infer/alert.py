"""Whom to look at first: the chance of failing, the money at risk, and what each list would catch."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

FAILING_BELOW = 0.8
# 确定能 / 有可能 / 完全不可能 of the monitoring form, from the probability of reaching the goal.
CERTAIN_FROM, IMPOSSIBLE_BELOW = 0.9, 0.1


def is_failing(outturn: pd.Series, budget: pd.Series, *, below: float = FAILING_BELOW) -> pd.Series:
    """Whether the outturn stayed below `below` of the budget at the time of the alarm; NA without a budget.

    Compared in whole cents: outturn < below × budget.
    """
    cents, plan = (outturn * 100).round(), (budget * 100).round()
    # below × 1000 is a whole number for any line printed to three decimals.
    lower = cents * 1000 < plan * round(below * 1000)
    return lower.astype("boolean").where((budget > 0) & outturn.notna())


def rank_alerts(units: pd.DataFrame, *, keys: Sequence[str]) -> pd.DataFrame:
    """`units` with `money_at_risk`, `share_at_risk` and `rank`, the most money first.

    Needs `adjusted_budget` (at the alarm), `value` (forecast) and `keys` (ties go by them).
    `money_at_risk` = what the forecast leaves unspent, never below 0.
    """
    at_risk = (units["adjusted_budget"] - units["value"]).clip(lower=0)
    share = at_risk / units["adjusted_budget"].where(units["adjusted_budget"] > 0)
    table = units.assign(money_at_risk=at_risk, share_at_risk=share)
    table = table.sort_values(
        ["money_at_risk", *keys], ascending=[False, *[True] * len(keys)], ignore_index=True
    )
    return table.assign(rank=np.arange(1, len(table) + 1))


def outlook(
    p_reaching: pd.Series, *, certain_from: float = CERTAIN_FROM, impossible_below: float = IMPOSSIBLE_BELOW
) -> pd.Series:
    """`certain`, `possible` or `impossible` from the probability of reaching the goal; NA stays NA.

    >>> outlook(pd.Series([0.95, 0.5, 0.05])).tolist()
    ['certain', 'possible', 'impossible']
    """
    words = np.select(
        [p_reaching >= certain_from, p_reaching >= impossible_below], ["certain", "possible"], "impossible"
    )
    return pd.Series(words, index=p_reaching.index, dtype="str").where(p_reaching.notna())


def propose_action(
    units: pd.DataFrame, *, failing_from: float = 0.5, idle_below: float = 0.05, freed_from: float = 0.5
) -> pd.Series:
    """`continue`, `cut`, `reallocate` or `stop` for each unit: where a conversation starts, not a verdict.

    Needs `adjusted_budget`, `executed`, `committed`, `value`, `p_failing`. Not likely to fail: continue.
    Nothing signed and nothing spent to speak of (below `idle_below` of the budget) and less than
    that forecast: stop. More than `freed_from` of the budget left over: reallocate. Else: cut.
    """
    budget = units["adjusted_budget"].where(units["adjusted_budget"] > 0)
    bound = units[["committed", "executed"]].max(axis=1) / budget
    left = 1 - units["value"] / budget
    conditions = [
        ~(units["p_failing"] >= failing_from),
        (bound < idle_below) & (left > 1 - idle_below),
        left >= freed_from,
    ]
    words = np.select(conditions, ["continue", "stop", "reallocate"], "cut")
    return pd.Series(words, index=units.index, dtype="str")


def freed_money(units: pd.DataFrame) -> pd.DataFrame:
    """What a list would have freed: one row with `flagged`, `unspent`, `actually_cut`, `still_idle`.

    Needs `is_flagged`, `adjusted_budget` (at the alarm), `outturn`, `outturn_budget`. `unspent`: money of
    that budget that the flagged units had not spent at the year's end; `actually_cut`: by how much
    their budgets were cut after the alarm; `still_idle`: unspent money that stayed in them.
    """
    f = units[units["is_flagged"]]
    unspent = (f["adjusted_budget"] - f["outturn"]).clip(lower=0)
    cut = (f["adjusted_budget"] - f["outturn_budget"]).clip(lower=0)
    row = {
        "flagged": len(f),
        "budget": f["adjusted_budget"].sum(),
        "unspent": unspent.sum(),
        "actually_cut": cut.sum(),
        "still_idle": (unspent - cut).clip(lower=0).sum(),
    }
    return pd.DataFrame([row])
