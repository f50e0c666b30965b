"""Next year: whom to check, with published probabilities and seed, and what to evaluate in depth."""

import numpy as np
import pandas as pd

from perflib.data.book import Book
from perflib.data.errors import PerflibError
from perflib.data.rules import Rules
from perflib.data.text import say
from perflib.infer.inflation import MEASURED_COVERAGE, checks_needed
from perflib.infer.leads import risk_study
from perflib.infer.sample_plan import RANDOM_SHARE, list_undrawable, plan_sample
from perflib.infer.sample_size import half_widths, size_for_precision
from perflib.measure import findings as found_by
from perflib.measure.calendar import judged_year
from perflib.measure.selection import CRITERIA, key_candidates, spot_check_frame
from perflib.show.chapter import Chapter
from perflib.show.chapters.whole import whole_table
from perflib.show.labels import column

CONFIDENCE = 0.95
SHOWN = 15  # candidates for key evaluation in the page
FILL = ("check_score", "evaluator", "is_blind", "note")  # what the checker writes into the list
_LIST = ["project", "name", "department", "unit", "adjusted_budget", "leads", "plan_stratum",
         "inclusion_probability", "drawn_by"]  # fmt: skip


def add_plan(
    chapter: Chapter, book: Book, rules: Rules, pairs: pd.DataFrame, *, checks: int, precision: float,
    theme: str, seed: int,
) -> None:  # fmt: skip
    """Add what each size of sample bears, the plan of the next round, and candidates for key evaluation."""
    year = judged_year(rules, "spot_check", book.year + 1)
    year = book.year if year is None else year
    projects = whole_table(book, "projects", year=year).drop(columns="inclusion_probability", errors="ignore")
    tables = {name: whole_table(book, name) for name in ("catalogue", "evaluations")}
    findings = whole_table(book, "findings")
    tables["findings"] = (
        None if findings is None else found_by.known(findings, whole_table(book, "projects"), year=book.year)
    )
    risks = _risks(chapter, book, tables, rules, year)
    frame = spot_check_frame(projects, tables["catalogue"], tables["findings"], year=year, risks=risks)
    population = int(frame["excluded"].isna().sum())
    # A check that is announced is no check; and the public edition lacks projects: it would draw others.
    is_drawn = population > 0 and chapter.edition != "public"
    plan = _draw(frame, min(checks, population), seed or year) if is_drawn else frame[:0]
    _plan_facts(chapter, plan, frame, checks=checks, population=population, year=year, seed=seed or year)
    _add_sizes(chapter, plan, pairs, precision=precision, population=population)
    _add_leads(chapter, plan, frame, risks)
    if len(plan):
        _add_lists(chapter, plan)
    _add_candidates(chapter, projects, tables, risks, theme=theme, year=year)


def _risks(chapter: Chapter, book: Book, tables: dict, rules: Rules, year: int) -> pd.DataFrame | None:
    """The score of the chapter on audit linkage; the public edition knows of none."""
    if chapter.edition == "public":
        return None
    if tables["findings"] is None:
        return None
    rows, checks = whole_table(book, "projects"), book.rows("evaluations")
    found = risk_study(rows, tables["findings"], checks, rules=rules, year=year).projects
    return found if len(found) else None  # without a score every project with a finding is a lead


def _add_leads(chapter: Chapter, plan: pd.DataFrame, frame: pd.DataFrame, risks: pd.DataFrame | None) -> None:
    """What risk the plan went by, and how many of the leads it drew."""
    add, rows = chapter.facts.add, len(frame)
    has = risks is not None and len(risks) > 0
    method = column("risk_measure").cell(risks["method"].iloc[0], chapter.lang) if has else None
    add("risk_method", method, unit="text", table="frame", rows=rows, reason="no_risk_score")
    leads = plan[plan["is_lead"]] if len(plan) else plan
    add(
        "plan_leads",
        len(leads) if has else None,
        unit="count",
        table="frame",
        rows=rows,
        reason="no_risk_score",
    )
    drawn = int(leads["is_drawn"].sum()) if has and len(leads) else None
    add("leads_drawn", drawn, unit="count", table="drawn", rows=rows, reason="no_risk_score")


def _draw(frame: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    spread = ["department"] if frame["department"].notna().all() else []
    return plan_sample(frame, n, seed=seed, risk="risk", excluded="excluded", spread_over=spread)


def _plan_facts(
    chapter: Chapter, plan: pd.DataFrame, frame: pd.DataFrame, *, checks: int, population: int, year: int,
    seed: int,
) -> None:  # fmt: skip
    add, rows = chapter.facts.add, len(frame)
    drawn = plan[plan["is_drawn"]] if "is_drawn" in plan else plan
    add("plan_year", year, unit="year", table="projects", rows=rows)
    add("plan_asked", checks, unit="count", table="rules", rows=0)
    add("plan_size", len(drawn), unit="count", table="drawn", rows=len(drawn))
    add("population", population, unit="count", table="frame", rows=rows)
    add("excluded", rows - population, unit="count", table="excluded", rows=rows)
    add("seed", str(seed), unit="text", table="rules", rows=0)
    add("random_share", RANDOM_SHARE, unit="limit", table="rules", rows=0)
    by = drawn["drawn_by"].value_counts() if len(drawn) else pd.Series(dtype="int64")
    sure = int((drawn["stratum"] == "certainty").sum()) if len(drawn) else 0
    add("drawn_sure", sure, unit="count", table="drawn", rows=len(drawn))
    add("drawn_random", int(by.get("random", 0)), unit="count", table="drawn", rows=len(drawn))
    least = plan["inclusion_probability"].min() if len(plan) else None
    add("least_probability", least, unit="share", table="frame", rows=population, reason="no_projects")
    money = drawn["adjusted_budget"].sum() / plan["adjusted_budget"].sum() if len(drawn) else None
    add("drawn_amount_share", money, unit="share", table="drawn", rows=len(drawn), reason="no_projects")


def design_effect(plan: pd.DataFrame) -> float:
    """By how much unequal probabilities enlarge the variance of a mean over all projects (Kish; 1 or more).

    n · Σ(1/π) / N² over all who can be drawn: the price of looking where the money and the risk are.
    """
    p = plan["inclusion_probability"].dropna()
    return float(max(plan["is_drawn"].sum() * (1 / p).sum() / len(p) ** 2, 1.0))


def _add_sizes(
    chapter: Chapter, plan: pd.DataFrame, pairs: pd.DataFrame, *, precision: float, population: int
) -> None:
    """What samples of several sizes bear here, and the size that the wanted precision takes."""
    difference = pairs.loc[pairs["reason"].isna(), "difference"]
    sd = float(difference.std()) if len(difference) > 2 else np.nan
    add, rows = chapter.facts.add, len(difference)
    effect = design_effect(plan) if len(plan) else np.nan
    add("spread", sd, unit="score", table="evaluations", rows=rows, reason="too_few")
    add("design_effect", effect, unit="ratio", table="frame", rows=len(plan), reason="no_projects")
    add("precision", precision, unit="score", table="rules", rows=0)
    drawn = int(plan["is_drawn"].sum()) if len(plan) else 0
    needed, reached, why = None, None, "too_few"
    if np.isfinite(sd) and drawn > 1:
        scale = sd * effect**0.5
        reached = half_widths([drawn], sd=scale, population=population)["half_width"].iloc[0]
        needed, why = _size(precision, scale, population)
        _size_table(chapter, sd, scale, population, drawn)
    add("reached", reached, unit="score", table="sizes", rows=rows, reason="too_few")
    add("size_needed", needed, unit="count", table="sizes", rows=rows, reason=why)


def _size(precision: float, scale: float, population: int) -> tuple[int | None, str | None]:
    try:
        return size_for_precision(precision, sd=scale, population=population, confidence=CONFIDENCE), None
    except PerflibError as error:
        return None, error.key.partition(".")[2]


def _size_table(chapter: Chapter, sd: float, scale: float, population: int, drawn: int) -> None:
    sizes = sorted({n for n in (*MEASURED_COVERAGE, drawn) if 1 < n <= population})
    table = pd.DataFrame({"sample_size": sizes})
    table["half_random"] = half_widths(sizes, sd=sd, population=population)["half_width"]
    table["half_planned"] = half_widths(sizes, sd=scale, population=population)["half_width"]
    measured = pd.DataFrame(
        MEASURED_COVERAGE, index=["coverage_weighted", "coverage_plain", "coverage_naive"]
    ).T
    table = table.merge(measured, left_on="sample_size", right_index=True, how="left")
    bears = np.where(table["sample_size"] >= checks_needed(CONFIDENCE), "yes", "no")
    chapter.add_table("sizes", table.assign(bears_rescores=bears))


def _add_lists(chapter: Chapter, plan: pd.DataFrame) -> None:
    plan = plan.rename(columns={"stratum": "plan_stratum", "reason": "excluded_reason"})
    drawn = plan[plan["is_drawn"]].sort_values(["department", "project"], ignore_index=True)
    left = list_undrawable(plan.rename(columns={"excluded_reason": "reason"}))
    left = left.rename(columns={"reason": "excluded_reason"})
    frame = plan[plan["excluded_reason"].isna()]
    about = ["project", "name", "department", "adjusted_budget", "executed", "excluded_reason"]
    chapter.add_table("drawn", drawn, columns=_LIST, is_in_page=False)
    # The list that checkers get has no score: it would colour what they see.
    scored = ["risk"] if chapter.facts["risk_method"].value is not None else []
    chapter.add_table("frame", frame, columns=[*_LIST[:3], *scored, *_LIST[4:]], is_in_page=False)
    chapter.add_table("excluded", left, columns=about, is_in_page=False)
    strata = plan.dropna(subset=["plan_stratum"]).groupby("plan_stratum", as_index=False).agg(
        projects=("project", "size"), drawn_count=("is_drawn", "sum"), amount=("adjusted_budget", "sum"),
        p_low=("inclusion_probability", "min"), p_high=("inclusion_probability", "max"),
    )  # fmt: skip
    chapter.add_table("strata", strata)
    lang = chapter.lang
    words = [say(f"show_evaluation.{w}", lang) for w in ("yes", "no")]
    sheets = {say("show_evaluation.sheet_drawn", lang): drawn[_LIST]}
    chapter.add_workbook(say("show_evaluation.list_name", lang), sheets, title=chapter.phrase("title_list"), fill=FILL,
                         choices={"is_blind": words})  # fmt: skip


def _add_candidates(
    chapter: Chapter,
    projects: pd.DataFrame,
    tables: dict,
    risks: pd.DataFrame | None,
    *,
    theme: str,
    year: int,
) -> None:
    table = key_candidates(projects, tables["evaluations"], tables["findings"], tables["catalogue"], year=year,
                           theme=theme, risks=risks)  # fmt: skip
    marks = {c: table[c].map({True: "yes", False: "no"}) for c in CRITERIA}
    shown = table.assign(**marks).rename(columns={"subject_kind": "candidate_kind"})
    columns = [
        "subject_name",
        "candidate_kind",
        "projects",
        "amount",
        "last_year",
        "leads",
        "risk_leads",
        *CRITERIA,
        "criteria",
    ]
    if chapter.edition == "public":
        columns = [c for c in columns if c not in ("leads", "risk_leads", "by_leads", "criteria")]
    named = shown[shown["candidate_kind"] == "policy"] if len(shown) else shown
    chapter.add_table(
        "candidates", (named if len(named) else shown).head(SHOWN), columns=columns, count="projects"
    )
    if chapter.edition != "public":
        chapter.add_table("all_candidates", shown, columns=columns, is_in_page=False)
    chapter.facts.add("candidates", int((table["criteria"] >= 2).sum()), unit="count", table="all_candidates",
                      rows=len(table))  # fmt: skip
    chapter.facts.add("theme", theme or None, unit="text", table="rules", rows=0, reason="no_theme")
