"""Which fiscal year each stage judges in a work year, and the rows that belong to it."""

import pandas as pd

from perflib.data.course import is_whole
from perflib.data.rule_shape import BY_DATE, Rules

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
    offset = rules.calendar[stage]
    year = None if offset == BY_DATE else work_year + int(offset)
    there = set() if rows is None else set(rows["year"])
    return work_year if year not in there and work_year in there and year is not None else year


def budget_year(rules: Rules, work_year: int) -> int:
    """The budget that the ex-ante appraisals of `work_year` are for: the next one, where they go by date.

    >>> import perflib as pf
    >>> pf.budget_year(pf.rules("binjiang-2023"), 2023)
    2024
    """
    year = judged_year(rules, "appraisal", work_year)
    return work_year + 1 if year is None else year


def calendar_table(rules: Rules, work_year: int) -> pd.DataFrame:
    """One row per stage, in the rule's order: `stage`, `judged_year` (NA by date), `is_by_date`."""
    years = [judged_year(rules, stage, work_year) for stage in rules.calendar]
    table = pd.DataFrame({"stage": list(rules.calendar), "judged_year": pd.array(years, dtype="Int64")})
    return table.assign(is_by_date=table["judged_year"].isna())


def of_work_year(table: pd.DataFrame, stage: str, rules: Rules, work_year: int) -> pd.DataFrame:
    """The rows of `table` that `stage` reports in `work_year`, with its trail (`attrs`).

    By fiscal year (`year`), or by the date of the decision (`done_on` of appraisals, `found_on` of
    findings). A row without that date goes by its fiscal year instead: an appraisal for the budget
    of the year after the work year, a finding about the work year.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> len(pf.of_work_year(book.rows("appraisals"), "appraisal", rule, 2023))
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


def off_calendar(evaluations: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Evaluations whose `done_on` lies in another year than the calendar says, with `expected_year`.

    Those without a date are not listed. Kinds: self by self_evaluation, spot_check by itself, department
    and finance by key_evaluation.
    """
    stage = {"self": "self_evaluation", "spot_check": "spot_check"}
    stages = evaluations["kind"].map(stage).fillna("key_evaluation").where(evaluations["kind"].notna())
    offsets = {s: -int(o) for s, o in rules.calendar.items() if o != BY_DATE}
    expected = evaluations["year"] + stages.map(offsets)
    done = pd.to_datetime(evaluations["done_on"]).dt.year
    wrong = done.notna() & expected.notna() & (done != expected)
    return evaluations.assign(expected_year=expected.astype("Int64"))[wrong].reset_index(drop=True)


def of_whole_years(table: pd.DataFrame, as_of: tuple[int, int] | None) -> pd.DataFrame:
    """The rows of years that are over: those before the year in course `as_of` (year and month; None: all).

    Trends, comparisons and whatever "fell" rest on these; the year in course is told apart, "to July".

    >>> of_whole_years(pd.DataFrame({"year": [2023, 2024]}), (2024, 7))["year"].tolist()
    [2023]
    """
    return table[[is_whole(int(year), as_of) for year in table["year"]]].reset_index(drop=True)


def calendar_month(as_of: tuple[int, int], year_begins: int = 1) -> int:
    """The calendar's number of the month that a year in course goes to.

    >>> calendar_month((2024, 7)), calendar_month((2024, 6), year_begins=7)
    (7, 12)
    """
    return (as_of[1] + year_begins - 2) % 12 + 1
