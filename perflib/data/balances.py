"""Whether the rows of a table agree with themselves: balances, names, magnitudes, years."""

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import to_cents
from perflib.data.stack import Money, Stack

UNIT_STEP = (5_000, 20_000)  # a ratio near 10,000: one amount in yuan beside one in ten thousand yuan
# times below the lower (above the upper) quarter of all budgets: no project is that small (large)
FAR = 1_000
FEWEST = 8  # budgets from which one can say what is usual
ID = ["district", "year", "project"]


def check_balances(projects: Stack) -> pd.DataFrame:
    """Problems within the table of projects, one row each."""
    checks = (_blanks, _spending, _balance, _names, _units, _sizes, _carried)
    return problems.join([check(projects) for check in checks])


def cents_of(frame: pd.DataFrame, column: str) -> np.ndarray:
    return to_cents(frame[column].to_numpy())


def money(cents: np.ndarray) -> Money:
    return Money(np.asarray(cents))


def _blanks(projects: Stack) -> pd.DataFrame:
    """Blank amounts, which count as not reported; a district and year without any is told of once."""
    frame, found = projects.frame, []
    place = frame.groupby(["district", "year"], dropna=False).ngroup().to_numpy()
    for name in (n for n in ("initial_budget", "adjusted_budget", "executed") if n in frame):
        blank = frame[name].isna().to_numpy()
        none = np.bincount(place, ~blank)[place] == 0
        first = np.flatnonzero(none & ~pd.Series(place).duplicated().to_numpy())
        count = [str(n) for n in np.bincount(place)[place[first]]]
        found.append(projects.report("not_reported", "warning", name, np.flatnonzero(blank & ~none)))
        found.append(projects.report("none_reported", "warning", name, first, found=count))
    return problems.join(found)


def _spending(projects: Stack) -> pd.DataFrame:
    frame = projects.frame
    if "executed" not in frame:
        return problems.none()
    spent = cents_of(frame, "executed")
    at = np.flatnonzero(spent < 0)
    negative = projects.report("negative_executed", "warning", "executed", at, found=money(spent[at]))
    if "adjusted_budget" not in frame:
        return negative
    budget = cents_of(frame, "adjusted_budget")
    known = frame["adjusted_budget"].notna().to_numpy()
    over = np.flatnonzero(known & (budget > 0) & (spent > budget))
    none = np.flatnonzero(known & (budget == 0) & (spent > 0))
    told = {"found": money(spent[over]), "expected": money(budget[over])}
    above = projects.report("above_budget", "warning", "executed", over, **told)
    unbacked = projects.report("spent_without_budget", "warning", "executed", none, found=money(spent[none]))
    return problems.join([negative, above, unbacked])


def _balance(projects: Stack) -> pd.DataFrame:
    """Spent, carried over and lapsed make up the adjusted budget."""
    frame = projects.frame
    need = ["adjusted_budget", "executed", "carried_over", "lapsed"]
    if not set(need) <= set(frame):
        return problems.none()
    full = frame[need].notna().all(axis=1).to_numpy()
    used = sum(cents_of(frame, c) for c in need[1:])
    budget = cents_of(frame, "adjusted_budget")
    at = np.flatnonzero(full & (used != budget) & (cents_of(frame, "executed") <= budget))
    told = {"found": money(used[at]), "expected": money(budget[at])}
    return projects.report("balance_differs", "warning", "carried_over", at, **told)


def _names(projects: Stack) -> pd.DataFrame:
    """One unit lists one name twice under two codes; equal names in different units are no duplicate."""
    keys = [k for k in ("district", "year", "unit", "name") if k in projects.frame]
    if "unit" not in keys or projects.frame["unit"].isna().all():
        return problems.none()
    at = np.flatnonzero((projects.frame.duplicated(keys) & projects.frame["unit"].notna()).to_numpy())
    return projects.report("same_name", "warning", "name", at, found=projects.frame["name"].iloc[at].tolist())


def ratio(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    return np.divide(upper, lower, out=np.zeros(len(upper)), where=lower > 0)


def is_step(ratio: np.ndarray) -> np.ndarray:
    return (ratio >= UNIT_STEP[0]) & (ratio <= UNIT_STEP[1])


def _units(projects: Stack) -> pd.DataFrame:
    """Amounts of one row that are ten thousand times apart: spending is never that much above a budget."""
    frame, found = projects.frame, []
    pairs = [
        ("executed", "adjusted_budget", "error"), ("received", "adjusted_budget", "error"),
        ("adjusted_budget", "executed", "warning"), ("adjusted_budget", "initial_budget", "warning"),
        ("initial_budget", "adjusted_budget", "warning"),
    ]  # fmt: skip
    for big, small, severity in pairs:
        if big in frame and small in frame:
            high, low = frame[big].fillna(0).to_numpy(), frame[small].fillna(0).to_numpy()
            at = np.flatnonzero(is_step(ratio(high, low)) & (low >= 1))
            told = {"found": money(high[at] * 100), "expected": money(low[at] * 100)}
            found.append(projects.report("unit_mix", severity, big, at, **told))
    return problems.join(found)


def _sizes(projects: Stack) -> pd.DataFrame:
    """Whole rows in another unit: budgets a thousand times below or above what is usual in the table."""
    name = next((c for c in ("adjusted_budget", "initial_budget") if c in projects.frame), None)
    values = projects.frame[name].fillna(0).to_numpy() if name else np.array([])
    known = values[values > 0]
    if len(known) < FEWEST:
        return problems.none()
    low, high = np.quantile(known, (0.25, 0.75))
    at = np.flatnonzero((values > 0) & ((values < low / FAR) | (values > high * FAR)))
    usual = f"{low:,.2f}–{high:,.2f}"
    return projects.report("unit_doubt", "warning", name, at, found=money(values[at] * 100), expected=usual)


def _carried(projects: Stack) -> pd.DataFrame:
    """What a project carried over last year is what it carried in this year."""
    frame = projects.frame
    if not {"carried_in", "carried_over"} <= set(frame) or frame["year"].nunique() < 2:
        return problems.none()
    last = frame[[*ID, "carried_over"]].dropna().assign(year=lambda d: d["year"] + 1)
    both = frame[[*ID, "carried_in"]].assign(at=range(len(frame))).merge(last, on=ID, how="inner").dropna()
    apart = both[cents_of(both, "carried_in") != cents_of(both, "carried_over")]
    told = {"found": money(cents_of(apart, "carried_in")), "expected": money(cents_of(apart, "carried_over"))}
    return projects.report("carried_differs", "warning", "carried_in", apart["at"].to_numpy(), **told)
