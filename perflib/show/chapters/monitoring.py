"""The chapter on dual monitoring: money and goals at a cut-off month, and where the year will end."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.errors import DataError
from perflib.data.rules import Rules, load_rules
from perflib.infer.alert import FAILING_BELOW
from perflib.infer.forecast_total import forecast_totals
from perflib.infer.outlook import (
    CONFIDENCE,
    Outlook,
    chosen_month,
    outlook_of,
)
from perflib.measure.calendar import judged_year
from perflib.measure.money import sum_amounts
from perflib.measure.progress import count_flags, flag_progress
from perflib.show.chapter import Chapter
from perflib.show.chapters.monitoring_backtest import add_backtest
from perflib.show.chapters.monitoring_dual import add_dual, add_lines, place_projects
from perflib.show.chapters.monitoring_lists import add_hindsight, add_lists, judge
from perflib.show.chapters.monitoring_rush import add_control, add_rush
from perflib.show.chapters.start import MissingChapter, start_chapter, uncovered_chapter
from perflib.show.chapters.whole import whole_table

NAME = "30_dual_monitoring"
UNKNOWN = "—"
_SEED, _DRAWS = 20240630, 2000


def monitoring_chapter(
    book: Book, *, base: str, rules: str, lang: str, month: int = 6
) -> Chapter | MissingChapter:
    """Facts, tables, figures and lists on the district's projects as they stood at the end of `month`.

    The year is the one that the rules monitor in the book's year; nothing after `month` is looked at, but in
    the part in hindsight. `month` 0 is the last one before December that the data has. A year without any
    progress gives a chapter that only says so. Raises ArgumentError for a month that the year does not have.
    """
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=("projects", "progress"))
    if chapter.is_missing:
        return chapter
    year = judged_year(load_rules(rules), "monitoring", book.year)
    if not (whole_table(book, "progress")["year"] == year).any():
        return uncovered_chapter(NAME, book, DataError("progress.no_year", year=year), lang=lang)
    _fill(chapter, book, load_rules(rules), month)
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules, month: int) -> None:
    year = judged_year(rules, "monitoring", book.year)
    projects = whole_table(book, "projects")
    progress = _with_kinds(whole_table(book, "progress"), projects)
    cutoff = chosen_month(progress, year=year, month=month)
    outlook = outlook_of(progress, year=year, month=cutoff, seed=_SEED)
    about = projects[projects["year"] == year].drop_duplicates("project")[["project", "name", "department"]]
    now = outlook.now.merge(about, on="project", how="left", validate="one_to_one")
    now = now.assign(name=now["name"].fillna(now["project"]), department=now["department"].fillna(UNKNOWN))
    outlook = Outlook(now, outlook.past, outlook.method)
    chapter.facts.add("month", cutoff, unit="year", table="progress", rows=len(now))
    _add_totals(chapter, outlook, _departments_of(outlook.past, projects), year)
    _add_errors(chapter, outlook)
    placed = place_projects(outlook)
    add_dual(chapter, placed)
    judged = judge(add_lines(chapter, placed, rules), chapter.lang)
    add_lists(chapter, judged)
    add_hindsight(chapter, outlook.past, judged)
    add_backtest(chapter, outlook.past, month=cutoff)
    _add_flags(chapter, progress, projects, year, cutoff)
    add_rush(chapter, progress, year, cutoff)
    add_control(chapter, whole_table(book, "indicators"), year=year, month=cutoff)
    chapter.key_facts("spent_now", "forecast_share", "to_act", "at_risk")


def _with_kinds(progress: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """`progress` with `type` (category of the project) and `department`; a dash where there is none."""
    about = projects.drop_duplicates(["year", "project"])[["year", "project", "category", "department"]]
    table = progress.merge(about, on=["year", "project"], how="left", validate="many_to_one")
    filled = {c: table[c].astype("str").where(table[c].notna(), UNKNOWN) for c in ("category", "department")}
    return table.assign(type=filled["category"], department=filled["department"])


def _departments_of(past: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    about = projects.drop_duplicates(["year", "project"])[["year", "project", "department"]]
    table = past.merge(about, on=["year", "project"], how="left")
    return table.assign(department=table["department"].fillna(UNKNOWN))


def _add_totals(chapter: Chapter, outlook: Outlook, past: pd.DataFrame, year: int) -> None:
    """Spent to date, and the district's total at the year's end, simulated jointly."""
    now = outlook.now
    sums = sum_amounts(now, ["adjusted_budget", "executed"], by=["year"]).iloc[0]
    budget, trail = sums["adjusted_budget"], {"table": "progress", "rows": len(now)}
    total = forecast_totals(past, now, year=year, cluster="department", groups=["type", "size"],
                            confidence=CONFIDENCE, seed=_SEED, draws=_DRAWS).iloc[0]  # fmt: skip
    add = chapter.facts.add
    add("monitored_year", year, unit="year", **trail)
    add("projects", len(now), unit="count", **trail)
    add("budget", budget, unit="money", **trail)
    add("spent", sums["executed"], unit="money", **trail)
    for id, name in (("spent_now", sums["executed"]), ("forecast_share", total["value"])):
        add(id, name / budget if budget > 0 else None, unit="share", reason="no_budget", **trail)
    add("forecast", total["value"], unit="money", **trail)
    years = past.loc[past["outturn"].notna(), "year"].nunique()
    add("learned_years", int(years), unit="count", **trail)
    straight = outlook.method if outlook.method == "straight_line" else None
    add("method", straight, unit="text", reason="not_used", **trail)
    pooled = "yes" if outlook.method == "pooled" else None
    add("is_pooled", pooled, unit="text", reason="not_used", **trail)
    for side, name in (("lower", "low"), ("upper", "high")):
        end = None if pd.isna(total[name]) else total[name]
        add(f"forecast_{side}", end, unit="money", reason="no_history", **trail)
        share = end / budget if end is not None and budget > 0 else None
        add(f"share_{side}", share, unit="share", reason="no_history", **trail)
    add("confidence", CONFIDENCE, unit="limit", **trail)
    add("failing_below", FAILING_BELOW, unit="limit", **trail)


def _add_errors(chapter: Chapter, outlook: Outlook) -> None:
    """How wrong the same forecast was in earlier years, beside the straight line, and what intervals held."""
    past = outlook.past[outlook.past["outturn"].notna()]
    rows = [_error_row(year, part) for year, part in past.groupby("year")]
    add, trail = chapter.facts.add, {"table": "errors", "rows": len(past), "reason": "no_history"}
    whole = _error_row(0, past) if len(past) else {}
    for id in ("ours_error", "straight_error", "covered"):
        add(id, whole.get(id), unit="share", **trail)
    better = len(rows) and all(r["ours_error"] < r["straight_error"] for r in rows)
    add("is_better_always", "yes" if better else None, unit="text", **trail)
    add(
        "is_better",
        "yes" if whole and whole["ours_error"] < whole["straight_error"] else None,
        unit="text",
        **trail,
    )
    if rows:
        chapter.add_table("errors", pd.DataFrame(rows))


def _error_row(year: int, part: pd.DataFrame) -> dict:
    end = part["outturn"].sum()
    held = part[part["low"].notna()] if "low" in part else part[:0]
    inside = (held["outturn"] >= held["low"]) & (held["outturn"] <= held["high"]) if len(held) else None
    return {
        "tested_year": year,
        "projects": len(part),
        "ours_error": (part["value"] - part["outturn"]).abs().sum() / end if end > 0 else None,
        "straight_error": (part["straight_line"] - part["outturn"]).abs().sum() / end if end > 0 else None,
        "covered": float(inside.mean()) if len(held) else None,
    }


def _add_flags(chapter: Chapter, progress, projects, year: int, month: int) -> None:
    """What is odd in the year's months up to the cut-off, counted and listed."""
    rows = progress[(progress["year"] == year) & (progress["month"] <= month)]
    known = projects[projects["year"] == year].drop_duplicates("project")
    history = progress[progress["year"] < year]
    found = flag_progress(rows, known, history=history if len(history) else None)
    counts = count_flags(found)
    seen = counts[counts["count"] > 0].assign(flag="flag_" + counts["flag"])
    chapter.facts.add("odd", int(counts["count"].sum()), unit="count", table="odd", rows=len(rows))
    new = int(counts.loc[counts["flag"] == "no_history", "count"].sum())
    chapter.facts.add("without_past", new, unit="count", table="odd", rows=len(rows))
    if len(seen):
        chapter.add_table("odd", seen.rename(columns={"flag": "odd_kind", "count": "odd_count"}))
    listed = found.assign(odd_kind="flag_" + found["flag"].astype("str"))[["project", "month", "odd_kind"]]
    chapter.add_table("odd_list", listed, is_in_page=False)
