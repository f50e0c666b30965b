"""The chapter on spot checks: do the scores hold when somebody else looks, and whom to check next."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.infer.agreement import pair_scores
from perflib.measure.calendar import judged_year
from perflib.measure.self_evaluation import latest_rounds
from perflib.show.chapter import Chapter
from perflib.show.chapters.spot_check_figures import add_figures
from perflib.show.chapters.spot_check_plan import add_plan
from perflib.show.chapters.spot_check_scores import add_agreement, add_inflation, add_rescores
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.whole import named, whole_table

NAME = "55_spot_checks"
KEY = ["district", "year", "subject"]


def spot_check_chapter(
    book: Book,
    *,
    base: str,
    rules: str,
    lang: str,
    checks: int = 40,
    precision: float = 1.0,
    theme: str = "",
    seed: int = 0,
) -> Chapter | MissingChapter:
    """Facts, tables and figures on the spot checks of the work year, and the plan for the next.

    `checks`: how many the next work year can do; `precision`: half-width wanted of the district's inflation
    (points); `theme`: next year's theme of key evaluations ("" for none); `seed` of the draw, 0 for the
    year that is checked.
    """
    needs = ("projects", "evaluations")
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=needs)
    if not chapter.is_missing:
        options = {"checks": checks, "precision": precision, "theme": theme, "seed": seed}
        _fill(chapter, book, load_rules(rules), options)
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules, options: dict) -> None:
    year = judged_year(rules, "spot_check", book.year)
    year = book.year if year is None else year
    evaluations = whole_table(book, "evaluations")
    evaluations = evaluations[(evaluations["subject_kind"] == "project") & (evaluations["year"] <= year)]
    projects = whole_table(book, "projects")
    pairs = pair_scores(evaluations)
    scored = scored_projects(evaluations, pairs)
    _add_counts(chapter, pairs, scored, year)
    limits = add_agreement(chapter, pairs, year)
    shown = add_inflation(chapter, scored, year)
    add_rescores(chapter, scored, projects[projects["year"] == year], year)
    _add_faults(chapter, pairs, projects, year)
    add_plan(chapter, book, rules, pairs, **options)
    add_figures(chapter, pairs, limits, shown)
    chapter.key_facts("checks_now", "checks_all", "bias", "inflation", "plan_size")


def scored_projects(evaluations: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """One row per self-evaluated project and year, with its check where there is one that can be used.

    Of several checks of one project the mean counts. Columns district, year, subject, self_score,
    check_score, inclusion_probability.
    """
    own = latest_rounds(evaluations[evaluations["kind"] == "self"]).drop_duplicates(KEY, keep="last")
    own = own[own["score"].between(0, 100)][[*KEY, "score"]].rename(columns={"score": "self_score"})
    good = pairs[pairs["reason"].isna()]
    checks = good.groupby(KEY, as_index=False).agg(
        check_score=("check_score", "mean"), inclusion_probability=("inclusion_probability", "min")
    )
    return own.merge(checks, on=KEY, how="left").sort_values(KEY, ignore_index=True)


def _add_counts(chapter: Chapter, pairs: pd.DataFrame, scored: pd.DataFrame, year: int) -> None:
    now, good = pairs[pairs["year"] == year], pairs[pairs["reason"].isna()]
    add = chapter.facts.add
    add("checked_year", year, unit="year", table="evaluations", rows=len(now))
    add(
        "self_scored",
        int((scored["year"] == year).sum()),
        unit="count",
        table="evaluations",
        rows=len(scored),
    )
    add("checks_now", len(now), unit="count", table="evaluations", rows=len(now))
    add("checks_all", len(good), unit="count", table="evaluations", rows=len(good))
    add("rounds", good["year"].nunique(), unit="count", table="evaluations", rows=len(good))
    add("unusable", int(pairs["reason"].notna().sum()), unit="count", table="faults", rows=len(pairs))


def _add_faults(chapter: Chapter, pairs: pd.DataFrame, projects: pd.DataFrame, year: int) -> None:
    """Checks that can't be compared, each with its reason, and this round's checks by name."""
    about = named(pairs, projects).sort_values(["year", "subject", "evaluator"], ignore_index=True)
    faults = about[about["reason"].notna()].rename(columns={"reason": "evaluation_reason"})
    columns = ["year", "subject", "subject_name", "evaluator", "self_score", "check_score"]
    chapter.add_table("faults", faults, columns=[*columns, "evaluation_reason"])
    now = about[about["year"] == year].rename(columns={"difference": "score_difference"})
    columns = ["subject_name", "department", "evaluator", "self_score", "check_score", "score_difference"]
    chapter.add_table("now", now, columns=[*columns, "inclusion_probability"])
