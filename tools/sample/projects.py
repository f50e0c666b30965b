"""The table `projects` and what hangs on it: the movements of money and the sources of funds."""

import numpy as np
import pandas as pd

from perflib.data.contract import table
from tools.sample.budgets import make_budgets
from tools.sample.roster import NO_END, make_roster

AMOUNTS = {
    "initial": "initial_budget",
    "adjusted": "adjusted_budget",
    "received": "received",
    "executed": "executed",
    "carry_in": "carried_in",
    "carried_over": "carried_over",
    "lapsed": "lapsed",
}
RENAMED = ("区投资促进局", "区招商服务局", 2021)


def make_district(district: str) -> pd.DataFrame:
    """Budgets of one district in cents: one row per project and year, with all helper columns."""
    return make_budgets(district, make_roster(district))


def as_projects(budgets: pd.DataFrame) -> pd.DataFrame:
    """The table `projects` in yuan, from budgets in cents."""
    frame = budgets.copy()
    cents = frame[list(AMOUNTS)].rename(columns=AMOUNTS)
    frame = pd.concat([frame.drop(columns=list(AMOUNTS)), cents / 100], axis=1)
    frame["is_new"] = frame["start_year"] == frame["year"]
    frame["total_budget"] = _total(frame)
    frame["end_year"] = frame["end_year"].where(frame["end_year"] < NO_END).astype("Int64")
    frame["is_code_made"] = False
    frame["department"] = former_names(frame["department"], frame["year"])
    frame["unit"] = former_names(frame["unit"], frame["year"], ending="本级")
    columns = [c for c in table("projects").names if c in frame]
    return frame[columns].sort_values(["district", "year", "project"], ignore_index=True)


def former_names(name: pd.Series, year: pd.Series, *, ending: str = "") -> pd.Series:
    """Departments (with `ending`, their own units) as they were called that year: one was renamed."""
    new, old, since = RENAMED
    return name.mask((name == new + ending) & (year < since), old + ending)


def _total(frame: pd.DataFrame) -> np.ndarray:
    """Cost over a project's life, where it has an end."""
    years = frame["end_year"] - frame["start_year"] + 1
    return np.where(frame["end_year"] < NO_END, np.round(frame["size"] * years / 100) * 100, np.nan)
