"""The chapter on self-evaluation: how projects scored themselves, and whether the scale still tells anything."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.measure.calendar import judged_year
from perflib.measure.rates import project_rates
from perflib.measure.scoring import SUBJECT, score_indicators, score_subjects
from perflib.measure.self_evaluation import compare_scores, repeated_evaluations
from perflib.show.chapter import Chapter
from perflib.show.chapters.self_evaluation_attainment import add_attainment
from perflib.show.chapters.self_evaluation_coverage import add_coverage
from perflib.show.chapters.self_evaluation_figures import add_figures
from perflib.show.chapters.self_evaluation_heaps import add_heaps
from perflib.show.chapters.self_evaluation_rates import add_rates
from perflib.show.chapters.self_evaluation_scores import add_scores
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.whole import complete, named, whole_table

NAME = "50_self_evaluation"


def self_evaluation_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables and figures on the self-evaluations that the book's district made in the work year.

    Without a table of evaluations the chapter tells what the indicators show of what was attained.
    """
    needs = ("projects",) if book.has("evaluations") else ("projects", "indicators")
    if not book.has("evaluations") and not book.has("indicators"):
        needs = ("projects", "evaluations")
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=needs)
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules))
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules) -> None:
    year = judged_year(rules, "self_evaluation", book.year)
    projects = whole_table(book, "projects", year=year)
    own, indicators = _self_rows(book, year), _rows(book, "indicators", year)
    recomputed = score_subjects(indicators, projects, rules)
    compared = named(compare_scores(own, recomputed, rules), projects)
    rated = _with_rates(compared, projects)
    _add_totals(chapter, projects, own, rated, year, has_table=book.has("evaluations"))
    if book.has("evaluations"):
        add_coverage(chapter, book, projects, own, rules)
        add_scores(chapter, rated, indicators, rules)
        add_heaps(chapter, rated, recomputed, rules)
        add_rates(chapter, projects, own, rated, rules)
    attained = add_attainment(
        chapter, score_indicators(indicators, rules, assume_direction="at_least"), projects
    )
    add_figures(chapter, rated, attained, rules)
    best = ["excellent_share"] if book.has("evaluations") else []
    chapter.key_facts("self_evaluated", "mean_score", "mean_rate", *best, "attained_share")


def _rows(book: Book, table: str, year: int) -> pd.DataFrame:
    """Rows of `table` of the year with all columns; none of them where there is no such table."""
    found = whole_table(book, table, year=year)
    return (
        complete(pd.DataFrame({"district": [], "year": []}).astype({"year": "int64"}), table)
        if found is None
        else found
    )


def _self_rows(book: Book, year: int) -> pd.DataFrame:
    rows = _rows(book, "evaluations", year)
    return rows[rows["kind"] == "self"].reset_index(drop=True)


def _with_rates(compared: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """`compared` with the execution rate (adjusted budget) of each project."""
    rates = project_rates(projects, base="adjusted")[["project", "rate"]].drop_duplicates("project")
    return compared.merge(rates.rename(columns={"project": "subject"}), on="subject", how="left")


def _add_totals(chapter: Chapter, projects, own, rated: pd.DataFrame, year: int, *, has_table: bool) -> None:
    once = rated.drop_duplicates(SUBJECT)
    add, rows = chapter.facts.add, len(once)
    add("self_year", year, unit="year", table="projects", rows=len(projects))
    add("projects", len(projects), unit="count", table="projects", rows=len(projects))
    add(
        "self_evaluated",
        rows if has_table else None,
        unit="count",
        table="evaluations",
        rows=rows,
        reason="no_table",
    )
    rates = once["rate"].dropna()
    add("mean_rate", rates.mean() if len(rates) else None, unit="share", table="projects", rows=len(rates),
        base="adjusted", reason="no_scores")  # fmt: skip
    scores = once["score"].dropna()
    for id, value in (("mean_score", scores.mean()), ("median_score", scores.median())):
        add(
            id,
            value if len(scores) else None,
            unit="score",
            table="evaluations",
            rows=len(scores),
            reason="no_scores",
        )
    if not has_table:
        return
    repeated = named(repeated_evaluations(own), projects)
    add("repeated", len(repeated), unit="count", table="repeated", rows=len(own))
    columns = ["subject", "subject_name", "department", "evaluator", "round", "score", "times"]
    chapter.add_table("repeated", repeated, columns=columns)
