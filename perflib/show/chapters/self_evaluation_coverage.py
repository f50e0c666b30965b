"""Who owes a self-evaluation and who has one: by count and amount, by department, class and fund; statuses."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules
from perflib.measure.coverage import coverage, split_by_fund, stage_coverage
from perflib.measure.self_evaluation import STATUSES, count_statuses, outstanding, self_evaluation_status
from perflib.show.chapter import Chapter
from perflib.show.chapters.whole import whole_table

DUTY = "self_evaluation"
_COLUMNS = ["owing", "done", "coverage_share", "amount_owing", "amount_share"]
_STATES = [*STATUSES, "unstated", "none"]


def add_coverage(
    chapter: Chapter, book: Book, projects: pd.DataFrame, own: pd.DataFrame, rules: Rules
) -> None:
    """Add coverage of the obligation and the status of every submission, with the lists of what is missing."""
    rows = duty_rows(book, projects, own, rules, DUTY)
    _add_totals(chapter, rows)
    _add_tables(chapter, rows, whole_table(book, "funds"))
    _add_statuses(chapter, projects, own, rows)


def duty_rows(book: Book, projects: pd.DataFrame, own: pd.DataFrame, rules: Rules, duty: str) -> pd.DataFrame:
    """Who owes `duty` and has it; all unknown where the catalogue does not speak of the year."""
    catalogue = whole_table(book, "catalogue")
    if catalogue is not None:
        catalogue = catalogue[catalogue["year"].isin(projects["year"].unique())]
        catalogue = catalogue if len(catalogue) else None
    rows = stage_coverage(projects, catalogue, {"evaluations": own}, rules)
    return rows[rows["duty"] == duty].reset_index(drop=True)


def _add_totals(chapter: Chapter, rows: pd.DataFrame) -> None:
    total = coverage(rows)
    row = total.iloc[0] if len(total) else pd.Series(dtype="float64")
    add, counted = chapter.facts.add, len(rows)
    is_known = bool(row.get("unknown", 0) < counted)
    for id in ("owing", "done", "missing", "voluntary", "unknown"):
        value = int(row.get(id, 0)) if is_known or id == "unknown" else None
        add(id, value, unit="count", table="projects", rows=counted, reason="no_catalogue")
    for id, column in (("coverage", "share"), ("coverage_amount", "amount_share")):
        add(
            id,
            row.get(column),
            unit="share",
            table="projects",
            rows=int(row.get("owing", 0)),
            reason="no_catalogue",
        )


def _add_tables(chapter: Chapter, rows: pd.DataFrame, funds: pd.DataFrame | None) -> None:
    groups = {"department": rows, "class": rows}
    if funds is not None:
        groups["fund"] = split_by_fund(rows, funds)
    for column, split in groups.items():
        if column not in split or split[column].isna().all():
            continue
        table = coverage(split.assign(**{column: split[column].fillna("—")}), by=[column])
        table = table[table["owing"] > 0].rename(columns={"share": "coverage_share"})
        table = table.sort_values(["coverage_share", column], ignore_index=True)
        chapter.add_table(f"coverage_{column}", table, columns=[column, *_COLUMNS], count="owing")


def _add_statuses(chapter: Chapter, projects, own: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Statuses of the projects that owe a self-evaluation; of all where the catalogue does not say."""
    status = self_evaluation_status(projects, own)
    is_known = rows["owed"].notna().any()
    owing = (
        status[status["project"].isin(rows.loc[rows["owed"].fillna(False), "project"])]
        if is_known
        else status
    )
    total = count_statuses(owing).iloc[0] if len(owing) else pd.Series(dtype="int64")
    for id in _STATES:
        chapter.facts.add(
            f"status_{id}", int(total.get(id, 0)), unit="count", table="statuses", rows=len(owing)
        )
    for id, column in (("sections", "section"), ("statuses", "department")):
        groups = owing.assign(**{column: owing[column].fillna("—")})
        counts = (
            count_statuses(groups, by=[column]) if len(groups) else pd.DataFrame(columns=[column, "projects"])
        )
        names = {**{s: f"status_{s}" for s in _STATES}}
        shown = counts.rename(columns=names).reindex(
            columns=[column, "projects", *names.values(), "arrived_share"]
        )
        if owing[column].notna().any():
            chapter.add_table(id, shown, count="projects", is_in_page=id == "sections")
    late = outstanding(owing).rename(columns={"name": "subject_name"})
    late = late.assign(eval_status=late["status"])
    columns = ["section", "department", "project", "subject_name", "adjusted_budget", "eval_status"]
    chapter.add_table("outstanding", late, columns=columns)
    if len(late):
        chapter.add_workbook(chapter.phrase("list_outstanding"), {chapter.phrase("list_outstanding"): late[columns]},
                             title=chapter.phrase("caption_outstanding"))  # fmt: skip
