"""What was cut in the work year, kind by kind: each on its own base, never added up."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.calendar import judged_year
from perflib.measure.cuts import CUTS, cuts_by_stage
from perflib.show.chapter import Chapter

COLUMNS = ["cut_kind", "cut_basis", "movements", "projects", "amount"]


def cuts_of_work_year(adjustments: pd.DataFrame | None, rules: Rules, work_year: int) -> pd.DataFrame | None:
    """The movements of the work year; of ex-ante cuts those for the budget that it appraised (the next one)."""
    if adjustments is None:
        return None
    appraised = judged_year(rules, "appraisal", work_year) or work_year + 1
    is_asked, year = adjustments["stage"] == "ex_ante", adjustments["year"]
    return adjustments[(is_asked & (year == appraised)) | (~is_asked & (year == work_year))]


def add_cuts(chapter: Chapter, adjustments: pd.DataFrame | None) -> None:
    """Add the table of cuts by kind, and one fact for each kind: NA without a table of adjustments."""
    kinds = pd.DataFrame() if adjustments is None else cuts_by_stage(adjustments)
    reason = "no_table" if adjustments is None else "no_such_cut"
    for stage in CUTS:
        rows = kinds[kinds["stage"] == stage] if len(kinds) else kinds
        value = float(rows["amount"].sum()) if len(rows) else None
        count = int(rows["movements"].sum()) if len(rows) else 0
        chapter.facts.add(f"cut_{stage}", value, unit="money", table="adjustments", rows=count, reason=reason)
    if len(kinds):
        shown = kinds.rename(columns={"stage": "cut_kind", "basis": "cut_basis"})
        chapter.add_table("kinds", shown, columns=COLUMNS)
