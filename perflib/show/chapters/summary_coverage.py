"""Coverage of every stage by department, class and source of money, for the annual summary."""

from collections.abc import Mapping

import pandas as pd

from perflib.measure.coverage import coverage, split_by_fund
from perflib.show.chapter import Chapter

COLUMNS = ["owing", "done", "coverage_share", "amount_owing", "amount_share"]


def add_coverage_by(
    chapter: Chapter, tables: Mapping[str, pd.DataFrame], owing: Mapping[str, pd.DataFrame]
) -> None:
    """Add the tables `coverage_department`, `coverage_class` and `coverage_fund`: one row per stage and group.

    `owing` holds rows of `stage_coverage` per stage; only stages that a catalogue can make a duty for all belong
    there. The lists stand beside the page.
    """
    for group in ("department", "class", "fund"):
        parts = [_by_group(rows, tables, group).assign(stage=stage) for stage, rows in owing.items()]
        table = pd.concat([p for p in parts if len(p)] or [pd.DataFrame(columns=["stage", group, *COLUMNS])])
        shown = table.rename(columns={"share": "coverage_share"})
        chapter.add_table(
            f"coverage_{group}", shown, columns=["stage", group, *COLUMNS], count="owing", is_in_page=False
        )


def _by_group(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], group: str) -> pd.DataFrame:
    if group == "fund":
        if "funds" not in tables:
            return pd.DataFrame()
        rows = split_by_fund(rows, tables["funds"])
    if group not in rows or rows[group].isna().all():
        return pd.DataFrame()
    found = coverage(rows, by=[group])
    return found[found["owing"] > 0]
