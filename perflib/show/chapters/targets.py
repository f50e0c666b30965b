"""The chapter on targets: are they fit to be judged by, and what has been mended?"""

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.data.text import say
from perflib.measure.calendar import judged_year
from perflib.measure.scoring import SUBJECT, yearly
from perflib.measure.targets import (
    check_targets,
    checks_run,
    compare_faults,
    count_faults,
    rectification_list,
    with_initial_targets,
)
from perflib.show.chapter import Chapter
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.targets_figures import add_figures
from perflib.show.chapters.targets_lists import add_lists
from perflib.show.chapters.targets_moves import add_moves
from perflib.show.chapters.targets_screening import add_screening
from perflib.show.chapters.whole import policy_names, whole_table

NAME = "25_targets"


def targets_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables, figures and lists on the targets of the book's district in the year that the rules judge."""
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=("projects", "indicators"))
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules))
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules) -> None:
    year = judged_year(rules, "targets", book.year)
    indicators = whole_table(book, "indicators")
    now, last = (indicators[indicators["year"] == y].reset_index(drop=True) for y in (year, year - 1))
    last = last if len(last) else None
    projects = whole_table(book, "projects", year=year)
    before = check_targets(with_initial_targets(now), rules, last_year=last)
    after = check_targets(now, rules, last_year=last)
    has_initial = bool(yearly(now)["target_initial"].notna().any())
    _add_totals(chapter, now, projects, before, after, year, has_initial=has_initial)
    by_rule = _add_rules(chapter, before, after, has_initial=has_initial)
    _add_not_run(chapter, now, rules, last)
    departments = _add_departments(chapter, before, after, projects, has_initial=has_initial)
    findings = whole_table(book, "findings")
    named = add_screening(chapter, findings, now, rules, last, book.year)
    add_moves(chapter, now, projects)
    add_lists(chapter, rectification_list(after, projects, chapter.lang), named, policy_names(projects))
    add_figures(chapter, by_rule, departments, has_initial=has_initial)
    chapter.key_facts("checked", "faulty_subjects", "faults", *(["mended"] if has_initial else []))


def _add_totals(chapter: Chapter, now, projects, before, after, year: int, *, has_initial: bool) -> None:
    whole = yearly(now)
    subjects = len(whole[SUBJECT].drop_duplicates())
    counted = {kind: int(compare_faults(before, after)[kind].sum()) if len(before) + len(after) else 0
               for kind in ("before", "after", "mended", "remaining", "new")}  # fmt: skip
    faulty = len(after[SUBJECT].drop_duplicates())
    add = chapter.facts.add
    add("targets_year", year, unit="year", table="indicators", rows=len(whole))
    add("checked", subjects, unit="count", table="indicators", rows=len(whole))
    add("indicators", len(whole), unit="count", table="indicators", rows=len(whole))
    add("faults", counted["after"], unit="count", table="rules", rows=len(whole))
    for id in ("before", "mended", "remaining", "new"):
        value = counted[id] if has_initial else None
        add(id, value, unit="count", table="rules", rows=len(whole), reason="no_initial_targets")
    add("faulty_subjects", faulty, unit="count", table="rules", rows=len(whole))
    add("faulty_share", faulty / subjects if subjects else None, unit="share", table="rules", rows=len(whole),
        reason="no_indicators")  # fmt: skip
    linked = whole["subject"].isin(
        set(projects["project"]) | set(projects["policy"]) | set(projects["department"])
    )
    lost = whole[~linked]
    add("unlinked", len(lost[SUBJECT].drop_duplicates()), unit="count", table="unlinked", rows=len(whole))
    columns = ["subject", "indicator", "indicator_name", "target"]
    chapter.add_table(
        "unlinked", lost.rename(columns={"name": "indicator_name"}), columns=columns, is_in_page=False
    )


def _add_rules(
    chapter: Chapter, before: pd.DataFrame, after: pd.DataFrame, *, has_initial: bool
) -> pd.DataFrame:
    """Counts by rule before and after rectification; the rule with most faults now is a fact."""
    counts = compare_faults(before, after)
    subjects = count_faults(after).set_index("rule")["subjects"]
    counts = counts.assign(subjects=counts["rule"].map(subjects).fillna(0).astype("int64"))
    counts = counts.assign(rule_label=_rule_words(counts["rule"], chapter.lang))
    table = counts.sort_values(["after", "before", "rule"], ascending=[False, False, True], ignore_index=True)
    moved = ["before", "mended", "new_faults"] if has_initial else []
    columns = ["rule_label", *moved, "after", "subjects"]
    chapter.add_table("rules", table.rename(columns={"new": "new_faults"}), columns=columns, count="subjects")
    most = table.iloc[0] if len(table) and table["after"].iloc[0] else None
    add = chapter.facts.add
    add("commonest", None if most is None else most["rule_label"], unit="text", table="rules", rows=len(after),
        reason="no_faults")  # fmt: skip
    add("commonest_faults", None if most is None else most["after"], unit="count", table="rules", rows=len(after),
        reason="no_faults")  # fmt: skip
    return table


def _rule_words(rules: pd.Series, lang: str) -> list[str]:
    return [say(f"targets.{rule}", lang) for rule in rules]


def _add_not_run(chapter: Chapter, now: pd.DataFrame, rules: Rules, last: pd.DataFrame | None) -> None:
    run = checks_run(now, rules, last_year=last)
    add = chapter.facts.add
    add("checks_run", int(run["is_run"].sum()), unit="count", table="rules", rows=len(run))
    add("checks_not_run", int((~run["is_run"]).sum()), unit="count", table="rules", rows=len(run))
    idle = run[~run["is_run"]]
    shown = pd.DataFrame({"rule_label": _rule_words(idle["rule"], chapter.lang),
                          "not_run_reason": [say(f"targets.{r}", chapter.lang) for r in idle["reason"]]})  # fmt: skip
    chapter.add_table("not_run", shown)


def _add_departments(chapter: Chapter, before, after, projects, *, has_initial: bool) -> pd.DataFrame:
    """Faults by department before and after; subjects that belong to none are under a dash."""
    parts = {}
    for name, faults in (("before", before), ("after", after)):
        listed = rectification_list(faults, projects, chapter.lang)
        listed = listed.assign(department=listed["department"].fillna("—"))
        parts[name] = listed.groupby("department").size()
        if name == "after":
            parts["subjects"] = listed.groupby("department")["subject"].nunique()
    table = pd.DataFrame(parts).fillna(0).astype("int64").rename_axis("department").reset_index()
    table = table.reindex(columns=["department", "before", "after", "subjects"])
    table = table.sort_values(["after", "department"], ascending=[False, True], ignore_index=True)
    columns = ["department", *(["before"] if has_initial else []), "after", "subjects"]
    chapter.add_table("departments", table, columns=columns, count="subjects")
    chapter.facts.add(
        "departments", int((table["after"] > 0).sum()), unit="count", table="departments", rows=len(after)
    )
    return table
