"""Coverage of every stage by department, class and source of money, for the annual summary."""

from collections.abc import Mapping, Sequence

import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.calendar import judged_year
from perflib.measure.coverage import coverage, split_by_fund, stage_coverage
from perflib.show.chapter import Chapter

COLUMNS = ["owing", "done", "coverage_share", "amount_owing", "amount_share"]


def add_coverage_by(
    chapter: Chapter, tables: Mapping[str, pd.DataFrame], rules: Rules, work_year: int, stages: Sequence[str]
) -> None:
    """Add the tables `coverage_department`, `coverage_class` and `coverage_fund`: one row per stage and group.

    Only `stages` that a catalogue can make a duty for all belong here. The lists stand beside the page.
    """
    owed = {stage: _owed(tables, rules, work_year, stage) for stage in stages}
    known = {stage: rows for stage, rows in owed.items() if len(rows)}
    for group in ("department", "class", "fund"):
        parts = [_by_group(rows, tables, group).assign(stage=stage) for stage, rows in known.items()]
        table = pd.concat([p for p in parts if len(p)] or [pd.DataFrame(columns=["stage", group, *COLUMNS])])
        shown = table.rename(columns={"share": "coverage_share"})
        chapter.add_table(
            f"coverage_{group}", shown, columns=["stage", group, *COLUMNS], count="owing", is_in_page=False
        )


def _owed(tables: Mapping[str, pd.DataFrame], rules: Rules, work_year: int, stage: str) -> pd.DataFrame:
    year = judged_year(rules, stage, work_year)
    projects = tables["projects"]
    projects = projects[projects["year"] == (work_year + 1 if year is None else year)]
    if projects.empty:
        return pd.DataFrame()
    rows = stage_coverage(projects, tables.get("catalogue"), tables, rules)
    return rows[rows["duty"] == stage]


def _by_group(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], group: str) -> pd.DataFrame:
    if group == "fund":
        if "funds" not in tables:
            return pd.DataFrame()
        rows = split_by_fund(rows, tables["funds"])
    if group not in rows or rows[group].isna().all():
        return pd.DataFrame()
    found = coverage(rows, by=[group])
    return found[found["owing"] > 0]
