"""The chapter on audit linkage: which findings come back, and where to look next."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.measure.findings import join_findings, recurrence
from perflib.show.chapter import Chapter
from perflib.show.chapters.audit_risk import add_risk
from perflib.show.chapters.figure_words import figure_words
from perflib.show.chapters.results import year_end
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.whole import whole_table
from perflib.show.figures.share_bars import share_bars

NAME = "70_audit_linkage"


def audit_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables and figures on the findings made by the end of the work year, and leads for the next."""
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=("projects", "findings"))
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules))
    return chapter


def known_findings(book: Book) -> pd.DataFrame:
    """The findings made by the end of the work year; one without a date counts by its fiscal year."""
    rows = whole_table(book, "findings")
    by_date = rows["found_on"] <= pd.Timestamp(year_end(book.year))
    return rows[by_date | (rows["found_on"].isna() & (rows["year"] <= book.year))].reset_index(drop=True)


def _fill(chapter: Chapter, book: Book, rules: Rules) -> None:
    projects, findings = whole_table(book, "projects"), known_findings(book)
    joined = join_findings(findings, projects)
    _add_joined(chapter, joined)
    _add_recurrence(chapter, joined)
    add_risk(chapter, projects, findings, book.rows("evaluations"), rules)
    chapter.key_facts("findings", "material", "recurring", "repeats")


def _add_joined(chapter: Chapter, joined: pd.DataFrame) -> None:
    """How many findings there are, and those whose project, department or policy is not in the tables."""
    reason, add, rows = joined["join_reason"].astype(object), chapter.facts.add, len(joined)
    unknown = joined[reason.isin(["unknown_project", "unknown_department"]).to_numpy()]
    counts = {
        "findings": rows,
        "audit": int((joined["source"] == "audit").sum()),
        "material": int(joined["severity"].isin(["material", "grave"]).sum()),
        "unknown": len(unknown),
        "other_year": int((reason == "other_year").sum()),
        "not_joined": int((reason == "not_joined").sum()),
    }
    for id, value in counts.items():
        add(id, value, unit="count", table="findings", rows=rows)
    add("amount", float(joined["amount"].sum().round(2)), unit="money", table="findings", rows=rows)
    if len(unknown):
        shown = unknown.sort_values("finding")
        columns = ["finding", "year", "subject", "source", "type", "amount", "join_reason"]
        chapter.add_table("unknown", shown, columns=columns)


def _add_recurrence(chapter: Chapter, joined: pd.DataFrame) -> None:
    table = recurrence(joined)
    add, rows = chapter.facts.add, len(joined)
    add("classes", len(table), unit="count", table="recurrence", rows=rows)
    add("recurring", int(table["is_recurring"].sum()), unit="count", table="recurrence", rows=rows)
    add("repeats", int(table["n_repeats"].sum()), unit="count", table="recurrence", rows=rows)
    columns = ["type", "n_findings", "n_years", "n_subjects", "n_material", "n_repeats", "amount", "first_seen",
               "last_seen"]  # fmt: skip
    chapter.add_table("recurrence", table, columns=columns, count="n_findings")
    known = table[table["type"].notna()].assign(n_findings=table["n_findings"].astype("float64"))
    if len(known) and chapter.edition != "public":
        figure = share_bars(
            known, label="type", value="n_findings", unit="count", **figure_words(chapter, "recurrence")
        )
        chapter.add_figure("recurrence", figure)
