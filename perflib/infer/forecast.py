"""The ladder of forecasts of a unit's outturn at the year's end, from the plainest up."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError, DataError

# A rate of last year above this is an accident of a tiny budget, not a habit.
HIGHEST_RATE = 1.6


def straight_line(panel: pd.DataFrame, *, month: int) -> pd.Series:
    """Executed × 12 / month: what the rule in use supposes. Not capped at the budget."""
    return panel["executed"] * 12 / month


def rule_in_use(panel: pd.DataFrame, *, month: int) -> pd.Series:
    """The straight line up to the budget: a unit on pace is taken to spend its budget, and no more.

    What is spent already stays spent, also above the budget.
    """
    most = panel[["adjusted_budget", "executed"]].max(axis=1)
    return straight_line(panel, month=month).clip(upper=most)


def keep_possible(value: pd.Series, spent: pd.Series, most: pd.Series) -> pd.Series:
    """`value` not below what is `spent`, and not above `most`, unless more is spent already.

    >>> keep_possible(pd.Series([1.0, 286.7]), pd.Series([4.0, 2.0]), pd.Series([13.2, 13.2])).tolist()
    [4.0, 13.2]
    """
    floor = spent.fillna(0.0)
    return value.clip(lower=floor, upper=np.maximum(most.fillna(np.inf), floor))


def last_year(panel: pd.DataFrame, *, types: str) -> pd.Series:
    """The budget × the unit's own rate of last year, outturn over the budget at this same month.

    A unit without a last year takes the rate of its type, and that of all where the type has none.
    """
    rate = _ratio(panel["outturn_1"], panel["adjusted_budget_1"]).clip(0, HIGHEST_RATE)
    return panel["adjusted_budget"] * _or_of_type(rate, panel, "outturn_1", "adjusted_budget_1", types)


def chain_ladder(panel: pd.DataFrame, *, year: int, types: str) -> pd.Series:
    """Executed × what the type grew by from this month to the year's end, over all years before `year`.

    This is the product of the monthly factors, which needs no month in between. 0 stays 0: see
    `bornhuetter_ferguson`. A type without history takes the factor of all.
    """
    return panel["executed"] * _type_table(panel, year, types)["growth"]


def bornhuetter_ferguson(panel: pd.DataFrame, *, year: int, types: str) -> pd.Series:
    """Executed + budget × the type's usual rate × the share usually spent after this month.

    For early months and units that have spent nothing. Bornhuetter & Ferguson (1972).
    """
    table = _type_table(panel, year, types)
    return panel["executed"] + panel["adjusted_budget"] * table["rate"] * (1 - 1 / table["growth"])


def combined(forecasts: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Equal-weight mean of the columns `names`; NA only where all are."""
    missing = [n for n in names if n not in forecasts]
    if missing:
        raise ArgumentError(
            "progress.missing_columns", missing=", ".join(missing), found=", ".join(forecasts.columns)
        )
    return forecasts[list(names)].mean(axis=1)


def forecast_ladder(panel: pd.DataFrame, *, year: int, month: int, types: str) -> pd.DataFrame:
    """One row per unit of `year`, one column per method; `panel` comes from `cutoff_panel`.

    `straight_line`, `last_year`, `chain_ladder`, `bornhuetter_ferguson` and `combined`, the mean of the last
    three. Amounts of money: divide by the budget of the vintage that is meant.
    Raises DataError for a year without rows or without a complete year before it.
    """
    now = panel[panel["year"] == year]
    if now.empty:
        found = ", ".join(str(y) for y in sorted(panel["year"].unique()))
        raise DataError("progress.no_such_year", year=year, found=found)
    table = pd.DataFrame(
        {
            "straight_line": straight_line(now, month=month),
            "last_year": last_year(now, types=types),
            "chain_ladder": chain_ladder(panel, year=year, types=types)[now.index],
            "bornhuetter_ferguson": bornhuetter_ferguson(panel, year=year, types=types)[now.index],
        }
    )
    return table.assign(combined=combined(table, ["last_year", "chain_ladder", "bornhuetter_ferguson"]))


def _type_table(panel: pd.DataFrame, year: int, types: str) -> pd.DataFrame:
    """`rate` (outturn / budget) and `growth` (outturn / executed) of each row's type before `year`."""
    before = panel[(panel["year"] < year) & panel["outturn"].notna()]
    if before.empty:
        raise DataError("progress.no_history", year=year)
    columns = ["outturn", "adjusted_budget", "executed"]
    sums, whole = before.groupby(types)[columns].sum(), before[columns].sum()
    table = pd.DataFrame(
        {
            "rate": _ratio(sums["outturn"], sums["adjusted_budget"]),
            "growth": _ratio(sums["outturn"], sums["executed"]).clip(lower=1.0),
        }
    ).reindex(panel[types])
    fill = {
        "rate": whole["outturn"] / whole["adjusted_budget"],
        "growth": max(whole["outturn"] / whole["executed"], 1.0),
    }
    return table.fillna(fill).set_axis(panel.index)


def _or_of_type(rate: pd.Series, panel: pd.DataFrame, over: str, under: str, types: str) -> pd.Series:
    sums = panel.groupby(types)[[over, under]].transform("sum")
    of_type = _ratio(sums[over], sums[under])
    whole = panel[[over, under]].sum()
    return rate.fillna(of_type).fillna(whole[over] / whole[under] if whole[under] > 0 else np.nan)


def _ratio(over: pd.Series, under: pd.Series) -> pd.Series:
    return over / under.where(under > 0)
