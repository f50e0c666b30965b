"""Execution rates of groups: budget, executed, rate, and how sure each is."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.infer.interval import CONFIDENCE
from perflib.infer.rate import rate_intervals
from perflib.measure.rates import execution_rates, project_rates

_FOUND = ["effective", "low", "high", "se", "p_value", "verdict"]


def rates(
    projects: pd.DataFrame, *, by: str | Sequence[str] = (), base: str | Sequence[str] = "adjusted",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:  # fmt: skip
    """Execution rate of each group of `by` on each `base`: `budget, executed, rate, low, high, se, effective`.

    `projects` has one row per project; `by` is a column or a list of them (none: all together), `base` "initial",
    "adjusted", "received" or a list. Rates are fractions, amounts in the main unit. Spending without a budget on
    this base is in `executed` and, alone, in `executed_without_budget`; `projects` are the rows, `counted` those
    with both amounts, `defined` those with a rate of their own, whose simple mean is `mean_rate`. `verdict` says
    whether a group differs from all together ("below", "above", "alike", or "too_few" to say), false claims held
    at 1 − `confidence`; groups of a year are held against that year. NA has its `reason`.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> pf.rates(book.rows("projects", year=2023), by="class")["class"].tolist()
    ['personnel', 'public', 'specific']
    """
    keys = [by] if isinstance(by, str) else list(by)
    bases = [base] if isinstance(base, str) else list(base)
    check_columns(projects, keys)
    if any(projects[key].isna().all() for key in keys):
        projects = projects[:0]  # no row says which group it is in
    table = execution_rates(projects, by=keys, bases=bases)
    grouped = projects if keys else projects.assign(_all="")
    rows = [_intervals(grouped, keys or ["_all"], name, confidence) for name in bases]
    found = pd.concat(rows, ignore_index=True)
    table = table.merge(found, on=[*keys, "base"], how="left", validate="one_to_one")
    table["verdict"] = table["verdict"].fillna("too_few")
    table = table[[*keys, "base", "projects", "budget", "executed", "rate", *_FOUND, "mean_rate", "counted", "defined",
                   "executed_without_budget", "reason"]].assign(confidence=confidence)  # fmt: skip
    table.attrs = dict(projects.attrs)
    return table


def _intervals(projects: pd.DataFrame, keys: list[str], base: str, confidence: float) -> pd.DataFrame:
    rated = project_rates(projects, base=base)
    years = [rows for _, rows in rated.groupby("year")] if "year" in keys else [rated]
    found = pd.concat([rate_intervals(rows, by=keys, confidence=confidence) for rows in years])
    return found[[*keys, *_FOUND]].drop(columns="_all", errors="ignore").assign(base=base)


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """ArgumentError that names the columns there are, and the nearest, if one of `names` is not among them."""
    from difflib import get_close_matches

    for name in names:
        if name not in frame.columns:
            there = [str(c) for c in frame.columns]
            near = next(iter(get_close_matches(str(name), there, n=1)), "—")
            raise ArgumentError("measure.unknown_column", column=name, known=", ".join(there), near=near)
