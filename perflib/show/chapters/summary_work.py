"""The facts of the published summary, stage by stage: what was done, what came of it, what is wrong."""

from collections.abc import Mapping

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules
from perflib.measure.calendar import judged_year, of_work_year
from perflib.measure.findings import track_rectification
from perflib.measure.grades import grade_scores
from perflib.measure.levels import own_evaluations
from perflib.measure.money import sum_amounts
from perflib.measure.self_evaluation import latest_rounds
from perflib.show.chapter import Chapter
from perflib.show.chapters.results import ACTIONS, consequences_of, year_end
from perflib.show.chapters.whole import complete

Tables = Mapping[str, pd.DataFrame]


def add_work(chapter: Chapter, tables: Tables, rules: Rules, work_year: int) -> None:
    """Add the facts on appraisals, targets, evaluations, ratings, assessment and findings of the work year."""
    _add_appraisals(chapter, tables, rules, work_year)
    _add_scores(chapter, tables, rules, work_year)
    _add_key(chapter, tables, rules, work_year)
    _add_people(chapter, tables, work_year)
    _add_assessment(chapter, tables, rules, work_year)
    _add_findings(chapter, tables, rules, work_year)


def later_stages(tables: Tables, rules: Rules, work_year: int) -> pd.DataFrame:
    """Rows of the table of stages for the assessment (departments) and the findings (mended of those found)."""
    rows = []
    if "assessment" in tables:
        year = judged_year(rules, "assessment", work_year) or work_year
        own = _of_year(tables["assessment"], year)["department"].nunique()
        heads = _of_year(tables["projects"], year)["department"].nunique()
        rows.append({"stage": "assessment", "judged_year": year, "owing": heads, "done": own})
    if "findings" in tables:
        own = _tracked(tables, rules, work_year)
        money = own.assign(mended=own["amount"].where(own["is_closed"], 0.0))
        sums = sum_amounts(money, ["amount", "mended"]).iloc[0] if len(own) else None
        total = float(sums["amount"]) if sums is not None and sums["amount"] > 0 else None
        rows.append({
            "stage": "findings", "judged_year": work_year, "owing": len(own), "done": int(own["is_closed"].sum()),
            "amount_owing": total, "amount_share": float(sums["mended"]) / total if total else None,
        })  # fmt: skip
    table = pd.DataFrame(
        rows, columns=["stage", "judged_year", "owing", "done", "amount_owing", "amount_share"]
    )
    return table.assign(coverage_share=table["done"] / table["owing"].where(table["owing"] > 0))


def _add_appraisals(chapter: Chapter, tables: Tables, rules: Rules, work_year: int) -> None:
    rows, add = pd.DataFrame(), chapter.facts.add
    if "appraisals" in tables:
        rows = of_work_year(complete(tables["appraisals"], "appraisals"), "appraisal", rules, work_year)
        rows = rows[rows["is_assessed"].fillna(False).astype(bool)]
    sums = sum_amounts(rows, ["requested", "approved"]).iloc[0] if len(rows) else {}
    asked, given = sums.get("requested"), sums.get("approved")
    add("requested", asked, unit="money", table="appraisals", rows=len(rows), reason="no_table")
    add("approved", given, unit="money", table="appraisals", rows=len(rows), reason="no_table")
    rate = (asked - given) / asked if len(rows) and asked else None
    add("appraisal_cut_rate", rate, unit="share", table="appraisals", rows=len(rows), reason="no_table")
    targets = tables.get("indicators")
    year = judged_year(rules, "targets", work_year)
    own = None if targets is None else _of_year(complete(targets, "indicators"), year)
    count = None if own is None else own.query("subject_kind == 'project'")["subject"].nunique()
    add(
        "with_targets",
        count,
        unit="count",
        table="indicators",
        rows=0 if own is None else len(own),
        reason="no_table",
    )
    progress = tables.get("progress")
    year = judged_year(rules, "monitoring", work_year)
    count = None if progress is None else progress.loc[progress["year"] == year, "project"].nunique()
    add("monitored", count, unit="count", table="progress", rows=count or 0, reason="no_table")


def _of_year(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    return rows[rows["year"] == year]


def _evaluations(
    tables: Tables, stage: str, kinds: tuple[str, ...], rules: Rules, work_year: int
) -> pd.DataFrame:
    if "evaluations" not in tables:
        return pd.DataFrame()
    rows = of_work_year(complete(tables["evaluations"], "evaluations"), stage, rules, work_year)
    rows = own_evaluations(rows)
    return latest_rounds(rows[rows["kind"].isin(kinds)]).drop_duplicates(["subject_kind", "subject"])


def _add_scores(chapter: Chapter, tables: Tables, rules: Rules, work_year: int) -> None:
    """Mean self-score, the share of the top grade, and how far the picked checks lie from the self-scores."""
    own = _evaluations(tables, "self_evaluation", ("self",), rules, work_year)
    known = own["score"].dropna() if len(own) else pd.Series(dtype="float64")
    add = chapter.facts.add
    mean = known.mean() if len(known) else None
    add("mean_score_self", mean, unit="score", table="evaluations", rows=len(known), reason="no_scores")
    grades = grade_scores(known, rules)["grade"]
    top = max(rules["grades"], key=lambda band: band.lower).key
    share = float((grades == top).mean()) if len(known) else None
    add("top_share", share, unit="share", table="evaluations", rows=len(known), reason="no_scores")
    checks = _evaluations(tables, "spot_check", ("spot_check",), rules, work_year)
    gap, n = None, 0
    if len(own) and len(checks):
        both = checks[["subject", "score"]].merge(
            own[["subject", "score"]], on="subject", suffixes=("", "_self")
        )
        gaps = (both["score_self"] - both["score"]).dropna()
        gap, n = (gaps.mean(), len(gaps)) if len(gaps) else (None, 0)
    add("check_gap", gap, unit="score", table="evaluations", rows=n, reason="no_scores")


def _add_key(chapter: Chapter, tables: Tables, rules: Rules, work_year: int) -> None:
    """Key evaluations of the finance bureau: of policies, joint ones, below good; and those of departments."""
    rows = _evaluations(tables, "key_evaluation", ("finance",), rules, work_year)
    others = _evaluations(tables, "key_evaluation", ("department",), rules, work_year)
    there, add = "evaluations" in tables, chapter.facts.add
    grades = grade_scores(rows["score"], rules)["grade"] if len(rows) else pd.Series(dtype="str")
    counts = {
        "key_finance": len(rows),
        "key_joint": int((rows["evaluator_kind"] == "joint_audit").sum()) if len(rows) else 0,
        "key_lagging": int(grades.isin(["fair", "poor"]).sum()),
        "by_departments": len(others),
    }
    for id, value in counts.items():
        add(
            id, value if there else None, unit="count", table="evaluations", rows=len(rows), reason="no_table"
        )


def _add_people(chapter: Chapter, tables: Tables, work_year: int) -> None:
    """Deputies and members: who answered, who discussed indicators, which opinions were adopted."""
    ratings = _of_year(complete(tables["ratings"], "ratings"), work_year) if "ratings" in tables else None
    add = chapter.facts.add
    rows = pd.DataFrame(columns=["context", "rater", "opinion", "is_adopted"]) if ratings is None else ratings
    asked = rows[rows["context"] == "questionnaire"]
    spoken = rows[rows["context"] == "indicator_discussion"]
    opinions = rows[rows["opinion"].notna() & (rows["context"] != "ex_ante")]  # experts speak elsewhere
    counts = {
        "answered": asked["rater"].nunique(), "discussed": spoken["rater"].nunique(), "opinions": len(opinions),
        "adopted": int(opinions["is_adopted"].fillna(False).astype(bool).sum()),
    }  # fmt: skip
    for id, value in counts.items():
        value = None if ratings is None else value
        add(id, value, unit="count", table="ratings", rows=len(rows), reason="no_table")


def _add_assessment(chapter: Chapter, tables: Tables, rules: Rules, work_year: int) -> None:
    year = judged_year(rules, "assessment", work_year) or work_year
    rows = _of_year(complete(tables["assessment"], "assessment"), year) if "assessment" in tables else None
    new = None if rows is None else rows[rows["is_new"].fillna(False).astype(bool)]["indicator"].nunique()
    counts = {
        "departments_assessed": None if rows is None else rows["department"].nunique(),
        "assessment_indicators": None if rows is None else rows["indicator"].nunique(),
        "new_indicators": new,
    }
    for id, value in counts.items():
        chapter.facts.add(id, value, unit="count", table="assessment", rows=0 if rows is None else len(rows),
                          reason="no_table")  # fmt: skip


def _tracked(tables: Tables, rules: Rules, work_year: int) -> pd.DataFrame:
    rows = of_work_year(complete(tables["findings"], "findings"), "findings", rules, work_year)
    return track_rectification(rows, as_of=year_end(work_year))


def _add_findings(chapter: Chapter, tables: Tables, rules: Rules, work_year: int) -> None:
    rows = _tracked(tables, rules, work_year) if "findings" in tables else None
    add = chapter.facts.add
    n = 0 if rows is None else len(rows)
    counts = {} if rows is None else {
        "findings": n,
        "audit_findings": int((rows["source"] == "audit").sum()),
        "target_findings": int(rows["rule"].notna().sum()),
        "findings_closed": int(rows["is_closed"].sum()),
        "findings_overdue": int(rows["is_overdue"].fillna(False).astype(bool).sum()),
    }  # fmt: skip
    for id in ("findings", "audit_findings", "target_findings", "findings_closed", "findings_overdue"):
        add(id, counts.get(id), unit="count", table="findings", rows=n, reason="no_table")
    share = counts["findings_closed"] / n if n else None
    add("findings_closed_share", share, unit="share", table="findings", rows=n, reason="no_table")
    money = round(float(rows["recovered"].sum()), 2) if n else None
    add("findings_recovered", money, unit="money", table="findings", rows=n, reason="no_table")


def add_consequences(chapter: Chapter, book: Book, rules: Rules) -> None:
    """How many continuing projects the rule would prioritise, keep, compress or cancel next year."""
    table = consequences_of(book, rules)[0] if book.has("evaluations") else None
    action = None if table is None else table["consequence"].astype(object)
    n = 0 if table is None else len(table)
    for id in ("evaluated", *ACTIONS):
        value = None
        if action is not None:
            value = int(action.notna().sum() if id == "evaluated" else action.eq(id).fillna(False).sum())
        chapter.facts.add(id, value, unit="count", table="projects", rows=n, reason="no_table")
