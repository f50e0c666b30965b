"""Which fiscal year each stage judges in a work year, and the rows that belong to it.

>>> import perflib as pf
>>> pf.calendar.budget_year(pf.rules("binjiang-2023"), 2023)
2024
"""

import pandas as pd

from perflib.data.rule_shape import BY_DATE, Rules
from perflib.measure.tally import one_of

# The column that holds the fiscal year, and the date that sets the work year of a stage by date.
_YEAR_COLUMN = {"appraisal": "budget_year"}
_DATE_COLUMN = {"appraisal": "done_on", "findings": "found_on"}


def judged_year(rules: Rules, stage: str, work_year: int, *, rows: pd.DataFrame | None = None) -> int | None:
    """Fiscal year that `stage` judges in `work_year`; None for a stage that goes by date.

    With `rows` (a table with `year`) the work year itself is taken where they have it and not the year before.

    >>> from perflib.data.rules import load_rules
    >>> rules = load_rules("binjiang-2023")
    >>> judged_year(rules, "self_evaluation", 2023), judged_year(rules, "monitoring", 2023)
    (2022, 2023)
    >>> judged_year(rules, "self_evaluation", 2023, rows=pd.DataFrame({"year": [2021, 2023]}))
    2023
    """
    offset = rules.calendar[one_of(rules.calendar, stage)]
    year = None if offset == BY_DATE else work_year + int(offset)
    there = set() if rows is None else set(rows["year"])
    return work_year if year not in there and work_year in there and year is not None else year


def budget_year(rules: Rules, work_year: int) -> int:
    """The budget that the ex-ante appraisals of `work_year` are for: the next one, where they go by date.

    >>> import perflib as pf
    >>> pf.calendar.budget_year(pf.rules("binjiang-2023"), 2023)
    2024
    """
    year = judged_year(rules, "appraisal", work_year)
    return work_year + 1 if year is None else year


def of_work_year(table: pd.DataFrame, stage: str, rules: Rules, work_year: int) -> pd.DataFrame:
    """The rows of `table` that `stage` reports in `work_year`, with its trail (`attrs`).

    By fiscal year (`year`), or by the date of the decision (`done_on` of appraisals, `found_on` of
    findings). A row without that date goes by its fiscal year instead: an appraisal for the budget
    of the year after the work year, a finding about the work year.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> len(pf.calendar.of_work_year(book.rows("appraisals"), "appraisal", rule, 2023))
    4
    """
    year = judged_year(rules, stage, work_year)
    column = _YEAR_COLUMN.get(stage, "year")
    if year is not None:
        return table[table[column] == year].reset_index(drop=True)
    undated = table[column] == work_year + (1 if stage == "appraisal" else 0)
    if _DATE_COLUMN[stage] not in table:
        return table[undated].reset_index(drop=True)
    dates = pd.to_datetime(table[_DATE_COLUMN[stage]])
    return table[(dates.dt.year == work_year) | (dates.isna() & undated)].reset_index(drop=True)
