"""What was cut in the work year, kind by kind: each on its own base, never added up."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.cuts import CUTS, by_stage, of_work_year
from perflib.show.chapter import Chapter

COLUMNS = ["cut_kind", "cut_basis", "movements", "projects", "amount"]


def cuts_of_work_year(adjustments: pd.DataFrame | None, rules: Rules, work_year: int) -> pd.DataFrame | None:
    """The movements of the work year; None without a table of them."""
    return None if adjustments is None else of_work_year(adjustments, rules, year=work_year)


def add_cuts(chapter: Chapter, adjustments: pd.DataFrame | None) -> None:
    """Add the table of cuts by kind, and one fact for each kind: NA without a table of adjustments."""
    kinds = pd.DataFrame() if adjustments is None else by_stage(adjustments)
    reason = "no_table" if adjustments is None else "no_such_cut"
    for stage in CUTS:
        rows = kinds[kinds["stage"] == stage] if len(kinds) else kinds
        value = float(rows["amount"].sum()) if len(rows) else None
        count = int(rows["movements"].sum()) if len(rows) else 0
        chapter.facts.add(f"cut_{stage}", value, unit="money", table="adjustments", rows=count, reason=reason)
    if len(kinds):
        shown = kinds.rename(columns={"stage": "cut_kind", "basis": "cut_basis"})
        chapter.add_table("kinds", shown, columns=COLUMNS)
