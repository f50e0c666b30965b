"""Kinds of cuts, never merged: each stage has its own row, on its own base.

>>> import perflib as pf
>>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
>>> moved = pf.cuts.of_work_year(book.rows("adjustments"), rule, year=2023)
>>> pf.cuts.by_stage(moved)["amount"].gt(0).all().item()
True
"""

from collections.abc import Sequence

import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.calendar import judged_year
from perflib.measure.money import sum_amounts
from perflib.measure.tally import order_of

# 核减 of a request, 压减 of a budget, 审减 of a costing and 收回 of money are different things.
CUTS = ("ex_ante", "cost_review", "mid_year", "results", "recovery")


def of_work_year(adjustments: pd.DataFrame, rules: Rules, *, year: int) -> pd.DataFrame:
    """The movements of work year `year`; of ex-ante cuts those for the budget that it appraised (the next one).

    >>> import perflib as pf
    >>> moves = pf.cuts.of_work_year(pf.load("sample").rows("adjustments"), pf.rules("binjiang-2023"), year=2023)
    >>> sorted(moves["year"].unique().tolist())
    [2023, 2024]
    """
    appraised = judged_year(rules, "appraisal", year) or year + 1
    is_asked, of_year = adjustments["stage"] == "ex_ante", adjustments["year"]
    return adjustments[(is_asked & (of_year == appraised)) | (~is_asked & (of_year == year))]


def by_stage(adjustments: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `by`, basis and stage of `CUTS`: `movements`, `projects`, `amount` taken away.

    `amount` is above 0; movements of these stages that add money are no cuts and are left out. There is no
    total: a cut of a request (basis `request`) never was in the budget, and a recovery is not a saving.
    """
    rows = adjustments[adjustments["stage"].isin(CUTS) & (adjustments["amount"] < 0)]
    rows = rows.assign(amount=-rows["amount"], movements=1)
    keys = [*by, "basis", "stage"]
    counts = rows.groupby(keys, dropna=False, as_index=False).agg(
        movements=("movements", "sum"), projects=("project", "nunique")
    )
    table = counts.merge(sum_amounts(rows, ["amount"], by=keys), on=keys, how="left")
    return table.sort_values([*by, "stage", "basis"], key=order_of("stage", CUTS), ignore_index=True)
