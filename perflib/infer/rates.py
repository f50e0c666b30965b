"""Execution rates of groups: budget, executed, rate, and how sure each is."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.infer.interval import CONFIDENCE
from perflib.infer.rate import rate_intervals
from perflib.measure.rates import execution_rates, project_rates

_FOUND = ["effective", "low", "high", "se", "p_value", "p_adjusted", "verdict", "is_firm", "centre", "p_alike",
          "verdict_alike"]  # fmt: skip


def rates(
    projects: pd.DataFrame, *, by: str | Sequence[str] = (), base: str | Sequence[str] = "adjusted",
    together: str | None = None, confidence: float = CONFIDENCE, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Execution rate of each group of `by` on each `base`: `budget, executed, rate, low, high, se, effective`.

    `projects` has one row per project; `by` is a column or a list of them (none: all together), `base` "initial",
    "adjusted", "received" or a list. Rates are fractions, amounts in the main unit. Spending without a budget on
    this base is in `executed` and, alone, in `executed_without_budget`; `projects` are the rows, `counted` those
    with both amounts, `defined` those with a rate of their own, whose simple mean is `mean_rate`. `verdict` says
    whether a group differs from all together ("below", "above", "alike", or "too_few" to say), false claims held
    at 1 − `confidence`; groups of a year are held against that year. `is_firm`: it says so without any group's largest
    project too. `centre` is the rate that the group would have if each kind of its spending were executed as
    everywhere, `verdict_alike` the same words against that. Projects of one value of `together` (a column: policy)
    count as one. NA has its `reason`.

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
    rows = [_intervals(grouped, keys or ["_all"], name, together, confidence, seed) for name in bases]
    found = pd.concat(rows, ignore_index=True)
    table = table.merge(found, on=[*keys, "base"], how="left", validate="one_to_one")
    table[["verdict", "verdict_alike"]] = table[["verdict", "verdict_alike"]].fillna("too_few")
    table["is_firm"] = table["is_firm"].fillna(False).astype(bool)
    table = table[[*keys, "base", "projects", "budget", "executed", "rate", *_FOUND, "mean_rate", "counted", "defined",
                   "executed_without_budget", "reason"]].assign(confidence=confidence)  # fmt: skip
    table.attrs = dict(projects.attrs)
    return table


def _intervals(projects, keys: list[str], base: str, together, confidence: float, seed: int) -> pd.DataFrame:
    rated = project_rates(projects, base=base)
    years = [rows for _, rows in rated.groupby("year")] if "year" in keys else [rated]
    found = pd.concat(
        [rate_intervals(rows, by=keys, together=together, confidence=confidence, seed=seed) for rows in years]
    )
    return found[[*keys, *_FOUND]].drop(columns="_all", errors="ignore").assign(base=base)


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """ArgumentError that names the columns there are, and the nearest, if one of `names` is not among them."""
    from difflib import get_close_matches

    for name in names:
        if name not in frame.columns:
            there = [str(c) for c in frame.columns]
            near = next(iter(get_close_matches(str(name), there, n=1)), "—")
            raise ArgumentError("measure.unknown_column", column=name, known=", ".join(there), near=near)
