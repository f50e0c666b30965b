"""Findings tracked until they are mended: how many, how much, and which are overdue."""

import datetime as dt

import pandas as pd

from perflib.measure.findings import join_findings, rectified, track_rectification
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.coverage_bars import coverage_bars
from perflib.show.labels import column

COUNTS = ("findings", "closed", "overdue")


def add_mending(
    chapter: Chapter, findings: pd.DataFrame | None, projects: pd.DataFrame, day: dt.date
) -> None:
    """Add the state on `day` of all findings made by then, by source, and the list of those overdue."""
    if findings is None or findings.empty:
        _add_nothing(chapter)
        return
    known = findings[findings["found_on"].isna() | (findings["found_on"] <= pd.Timestamp(day))]
    tracked = track_rectification(join_findings(known, projects), as_of=day)
    late = tracked[tracked["is_overdue"].fillna(False).astype(bool)]
    add, rows = chapter.facts.add, len(tracked)
    closed = int(tracked["is_closed"].sum())
    add("day", day.isoformat(), unit="date", table="findings", rows=rows)
    for id, value in zip(COUNTS, (rows, closed, len(late)), strict=True):
        add(id, value, unit="count", table="findings", rows=rows)
    add(
        "closed_share",
        closed / rows if rows else None,
        unit="share",
        table="findings",
        rows=rows,
        reason="too_few",
    )
    for id, frame, name in (("overdue_amount", late, "amount"), ("recovered", tracked, "recovered")):
        add(id, float(frame[name].sum().round(2)), unit="money", table="findings", rows=len(frame))
    if rows:
        _add_tables(chapter, tracked, late)


def _add_nothing(chapter: Chapter) -> None:
    units = {"day": "date", "closed_share": "share", "overdue_amount": "money", "recovered": "money"}
    for id in ("day", *COUNTS, "closed_share", "overdue_amount", "recovered"):
        unit = units.get(id, "count")
        chapter.facts.add(id, None, unit=unit, table="findings", rows=0, reason="no_table")


def _add_tables(chapter: Chapter, tracked: pd.DataFrame, late: pd.DataFrame) -> None:
    shares = rectified(tracked)
    columns = ["source", "n_findings", "closed", "closed_share", "overdue", "amount", "amount_closed",
               "closed_amount_share", "recovered"]  # fmt: skip
    chapter.add_table("mending", shares, columns=columns, count="n_findings")
    labels = [column("source").cell(s, chapter.lang) for s in shares["source"]]
    figure = coverage_bars(shares.assign(label=labels), label="label", by_count="closed_share",
                           by_amount="closed_amount_share", **figure_words(chapter, "mending"))  # fmt: skip
    chapter.add_figure("mending", figure)
    if chapter.edition != "public":
        order = late.sort_values(["days_overdue", "finding"], ascending=[False, True])
        shown = ["finding", "project_name", "department", "source", "type", "amount", "due_on", "days_overdue",
                 "responsible"]  # fmt: skip
        chapter.add_table("overdue", order, columns=shown)
