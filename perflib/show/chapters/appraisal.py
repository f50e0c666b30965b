"""The chapter on ex-ante appraisal: which new projects should enter the budget, and at what amount."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.measure.appraisal import appraisals_owed, cuts_by_reason, latest_appraisals, request_to_approval
from perflib.measure.calendar import judged_year, of_work_year
from perflib.measure.cuts import cuts_by_stage
from perflib.show.chapter import Chapter
from perflib.show.chapters.appraisal_figures import add_figures
from perflib.show.chapters.appraisal_panel import add_panel
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.whole import whole_table

NAME = "20_ex_ante"
STEPS = ["requested", "recommended", "approved", "cut"]


def appraisal_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables and figures on the appraisals that the book's district decided in the work year."""
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=("projects", "appraisals"))
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules))
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules) -> None:
    appraisals = whole_table(book, "appraisals")
    projects = whole_table(book, "projects")
    own = of_work_year(appraisals, "appraisal", rules, book.year)
    _add_rule(chapter, rules)
    _add_owed(chapter, projects, appraisals, rules, book.year)
    _add_decided(chapter, own)
    _add_reasons(chapter, own)
    _add_years(chapter, appraisals, rules, book.year)
    _add_kinds(chapter, whole_table(book, "adjustments"), rules, book.year)
    judged = add_panel(
        chapter, whole_table(book, "ratings"), appraisals, own, rules, _budget_year(rules, book.year)
    )
    add_figures(chapter, own, judged, rules)
    chapter.key_facts("appraised", "requested", "approved", "cut", "unappraised")


def _budget_year(rules: Rules, work_year: int) -> int:
    """The budget that the appraisals of the work year are for: the next one, where they go by date."""
    year = judged_year(rules, "appraisal", work_year)
    return work_year + 1 if year is None else year


def _add_rule(chapter: Chapter, rules: Rules) -> None:
    add = chapter.facts.add
    threshold = None if rules.ex_ante is None else float(rules.ex_ante.threshold)
    add("threshold", threshold, unit="money", table="rules", rows=0, reason="no_rule")
    for section in ("ex_ante", "verdicts"):
        add(f"source_{section}", rules.cite(chapter.lang, section), unit="rule", table="rules", rows=0)


def _add_owed(chapter: Chapter, projects, appraisals, rules: Rules, work_year: int) -> None:
    """Who owes an appraisal for this year's or the next budget, and who has none."""
    years = [work_year, _budget_year(rules, work_year)]
    add = chapter.facts.add
    if rules.ex_ante is None:
        for id, unit in (("owed", "count"), ("unappraised", "count"), ("unappraised_amount", "money")):
            add(id, None, unit=unit, table="projects", rows=0, reason="no_rule")
        return
    asked = appraisals[appraisals["budget_year"].isin(years)]
    owed = appraisals_owed(projects[projects["year"].isin(years)], asked, rules)
    late = owed[~owed["has"]].sort_values(["amount", "subject"], ascending=[False, True])
    add("owed", len(owed), unit="count", table="appraisals", rows=len(owed))
    add("unappraised", len(late), unit="count", table="unappraised", rows=len(owed))
    add("unappraised_amount", float(late["amount"].sum()), unit="money", table="unappraised", rows=len(late))
    columns = ["budget_year", "subject", "subject_name", "department", "seen_in", "amount"]
    chapter.add_table(
        "unappraised", late.rename(columns={"name": "subject_name", "origin": "seen_in"}), columns=columns
    )


def _add_decided(chapter: Chapter, own: pd.DataFrame) -> None:
    """This work year's appraisals from request to approval; only those that were made."""
    total = request_to_approval(own)
    row = total.iloc[0] if len(total) else pd.Series(dtype="float64")
    count = int(row.get("subjects", 0))
    chapter.facts.add("appraised", count, unit="count", table="appraised", rows=count)
    for id in STEPS:
        value = row.get(id) if count else 0.0
        chapter.facts.add(id, value, unit="money", table="appraised", rows=count, reason="not_reported")
    chapter.facts.add("cut_rate", row.get("cut_rate"), unit="share", table="appraised", rows=int(row.get("decided", 0)),
                      base="requested", reason="no_appraisals")  # fmt: skip
    last = latest_appraisals(own)
    last = last[last["is_assessed"].fillna(True).astype(bool)]
    for decision in ("support", "adjust", "refuse"):
        number = int((last["decision"] == decision).sum())
        chapter.facts.add(f"decided_{decision}", number, unit="count", table="appraised", rows=count)
    shown = last.assign(cut=last["requested"] - last["approved"]).rename(
        columns={"name": "subject_name", "decision": "appraisal_decision"}
    )
    columns = ["budget_year", "subject_name", "department", *STEPS, "appraisal_decision", "cut_reason"]
    chapter.add_table("appraised", shown, columns=columns)


def _add_reasons(chapter: Chapter, own: pd.DataFrame) -> None:
    reasons = cuts_by_reason(own)
    chapter.add_table("reasons", reasons, columns=["cut_reason", "subjects", "cut"], count="subjects")


def _add_years(chapter: Chapter, appraisals: pd.DataFrame, rules: Rules, work_year: int) -> None:
    known = appraisals[appraisals["budget_year"] <= _budget_year(rules, work_year)]
    years = request_to_approval(known, by=["budget_year"])
    columns = ["budget_year", "subjects", *STEPS, "cut_rate"]
    chapter.add_table("years", years, columns=columns, count="subjects")


def _add_kinds(chapter: Chapter, adjustments: pd.DataFrame | None, rules: Rules, work_year: int) -> None:
    """Kinds of cuts side by side, each on its own base: there is no sum of them."""
    if adjustments is None:
        return
    asked = adjustments["stage"] == "ex_ante"
    year = adjustments["year"]
    own = adjustments[(asked & (year == _budget_year(rules, work_year))) | (~asked & (year == work_year))]
    kinds = cuts_by_stage(own).rename(columns={"stage": "cut_kind", "basis": "cut_basis"})
    columns = ["cut_kind", "cut_basis", "movements", "projects", "amount"]
    chapter.add_table("kinds", kinds, columns=columns)
