"""The lists that go out: which rows each department gets, and what its files are called."""

from collections.abc import Mapping

import pandas as pd

from perflib.data.book import Book
from perflib.data.lists import list_specs
from perflib.data.rules import Rules
from perflib.data.text import say
from perflib.data.whole import safe_name
from perflib.measure.calendar import judged_year
from perflib.measure.findings import known
from perflib.show.outgoing import list_bytes


def department_lists(book: Book, frames: Mapping[str, pd.DataFrame], *, month: int = 0) -> dict[str, bytes]:
    """A workbook for each list of `frames` (by its name) and department; no file where a department has no row."""
    lang, made = book.lang, {}
    for purpose, frame in frames.items():
        spec = list_specs()[purpose]
        by = {} if purpose == "questionnaire" else dict(list(frame.groupby("department", sort=True)))
        for department, rows in by.items() if by else [("", frame)] if len(frame) else []:
            name = "-".join(filter(None, (spec.label(lang), str(department))))
            about = {
                "district": book.district,
                "currency": book.currency,
                "year": book.year,
                "month": month,
                "department": str(department),
            }
            made[f"{safe_name(name)}.xlsx"] = list_bytes(purpose, rows, lang, **about)
    return made


def report_lists(book: Book, rules: Rules) -> dict[str, pd.DataFrame]:
    """What goes out with the annual report: findings to rectify, projects to check, items to ask about."""
    projects = book.rows("projects", year=book.year)
    found = known(book.rows("findings"), book.rows("projects"), year=book.year)
    out = {"rectification": found[~found["is_closed"].astype(bool)]} if len(found) else {}
    if len(found):
        rows = out["rectification"]
        out["rectification"] = rows.assign(
            department=rows["department"]
            .fillna(rows["responsible"])
            .fillna(say("show_tables.not_stated", book.lang))
        )
    told = book.rows("evaluations")
    own = told[told["kind"] == "self"]
    judged = judged_year(rules, "spot_check", book.year, rows=own)
    scored = (
        own[own["year"] == judged]
        .drop_duplicates("subject")
        .rename(columns={"subject": "project", "score": "self_score"})
    )
    if len(scored) and judged == book.year:
        out["spot_check"] = projects.merge(scored[["project", "self_score"]], on="project").sort_values(
            "project"
        )
    return out
