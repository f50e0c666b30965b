"""Execution rates of groups: budget, executed, rate, and how sure each is."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.infer.interval import CONFIDENCE
from perflib.infer.rate import rate_intervals
from perflib.infer.shuffle import DRAWS
from perflib.measure.rates import execution_rates, project_rates

_ERROR = ["effective", "low", "high", "se"]
_VERDICT = ["p_value", "p_adjusted", "verdict", "is_firm", "centre", "p_alike", "verdict_alike"]


def rates(
    projects: pd.DataFrame, *, by: str | Sequence[str] = (), base: str | Sequence[str] = "adjusted",
    together: str | None = None, verdicts: bool = True, confidence: float = CONFIDENCE, seed: int = 0,
    draws: int = DRAWS,
) -> pd.DataFrame:  # fmt: skip
    """Execution rate of each group of `by` on each `base`: `budget, executed, rate, low, high, se, effective`.

    `projects` has one row per project; `by` is a column or a list of them (none: all together), `base` "initial",
    "adjusted", "received" or a list. Rates are fractions, amounts in the main unit. Spending without a budget on
    this base is in `executed` and, alone, in `executed_without_budget`, and the interval lies around the rate that it
    is part of; `projects` are the rows, `counted` those
    with both amounts, `defined` those with a rate of their own, whose simple mean is `mean_rate`. `verdict` says
    whether a group differs from all together ("below", "above", "alike", or "too_few" to say), false claims held
    at 1 − `confidence`; groups of a year are held against that year. `is_firm`: it says so without any group's largest
    project too. `centre` is the rate that the group would have if each kind of its spending were executed as
    everywhere, `verdict_alike` the same words against that. Projects of one value of `together` (a column: policy)
    count as one. `draws`: dealings at most behind a verdict; without `verdicts` nothing is tested, which is
    quicker. NA has its `reason`.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> pf.rates(book.rows("projects", year=2023), by="class")["class"].tolist()
    ['personnel', 'public', 'specific']
    """
    keys = [by] if isinstance(by, str) else list(by)
    bases = [base] if isinstance(base, str) else list(dict.fromkeys(base))
    check_columns(projects, keys)
    if any(projects[key].isna().all() for key in keys):
        projects = projects[:0]  # no row says which group it is in
    table = execution_rates(projects, by=keys, bases=bases)
    grouped = projects if keys else projects.assign(_all="")
    options = {"together": together, "confidence": confidence, "seed": seed, "draws": draws,
               "verdicts": verdicts}  # fmt: skip
    rows = [_intervals(grouped, keys or ["_all"], name, options) for name in bases]
    found = pd.concat(rows, ignore_index=True).rename(columns={"rate": "_rate"})
    table = table.merge(found, on=[*keys, "base"], how="left", validate="one_to_one")
    moved = table["rate"] - table["_rate"]
    table["low"], table["high"] = (table["low"] + moved).clip(lower=0), table["high"] + moved
    if verdicts:
        table[["verdict", "verdict_alike"]] = table[["verdict", "verdict_alike"]].fillna("too_few")
        table["is_firm"] = table["is_firm"].fillna(False).astype(bool)
    table = table[[*keys, "base", "projects", "budget", "executed", "rate", *_ERROR, *(_VERDICT if verdicts else []),
                   "mean_rate", "counted", "defined", "executed_without_budget", "reason"]]  # fmt: skip
    table = table.assign(confidence=confidence)
    table.attrs = dict(projects.attrs)
    return table


def _intervals(projects: pd.DataFrame, keys: list[str], base: str, options: dict) -> pd.DataFrame:
    rated = project_rates(projects, base=base)
    years = [rows for _, rows in rated.groupby("year")] if "year" in keys and len(rated) else [rated]
    found = pd.concat([rate_intervals(rows, by=keys, **options) for rows in years])
    kept = [*keys, "rate", *_ERROR, *(_VERDICT if options["verdicts"] else [])]
    return found[kept].drop(columns="_all", errors="ignore").assign(base=base)


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """ArgumentError that names the columns there are, and the nearest, if one of `names` is not among them."""
    from difflib import get_close_matches

    for name in names:
        if name not in frame.columns:
            there = [str(c) for c in frame.columns]
            near = next(iter(get_close_matches(str(name), there, n=1, cutoff=0)), "—")
            raise ArgumentError("measure.unknown_column", column=name, known=", ".join(there), near=near)


def decided(projects: pd.DataFrame, *, base: str, together: str) -> tuple[pd.DataFrame, str | None]:
    """`projects` with rates, and the column of what was decided as one: none where each stands by itself."""
    check_columns(projects, [] if together == "project" else [together])
    return project_rates(projects, base=base), None if together == "project" else together
