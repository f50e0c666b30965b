"""The chapter on key evaluations: what they and the questionnaires found, and whether it was mended."""

import datetime as dt

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.measure.calendar import judged_year
from perflib.measure.findings import join_findings, rectified_shares, track_rectification
from perflib.measure.grades import grade_scores
from perflib.measure.levels import own_evaluations
from perflib.measure.self_evaluation import latest_rounds
from perflib.show.chapter import Chapter
from perflib.show.chapters.key_evaluation_figures import add_dimensions_figure, add_rank_figure
from perflib.show.chapters.key_evaluation_judgements import add_judgements
from perflib.show.chapters.key_evaluation_voices import add_voices, usable_ratings
from perflib.show.chapters.key_evaluation_weights import add_weights
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.whole import named, whole_table

NAME = "60_key_evaluation"
POINTS = ["points_decision", "points_process", "points_output", "points_effect"]
HALVES = "1 1/2 1/2 1/2 1/2 1"  # outputs and effects weigh at least 60 % by the national measure; here 67 %


def key_evaluation_chapter(
    book: Book,
    *,
    base: str,
    rules: str,
    lang: str,
    judgements: str = HALVES,
    judgement_source: str = "ratings",
) -> Chapter | MissingChapter:
    """Facts, tables and figures on the key evaluations of the work year, and on the deputies' part in them.

    `judgements`: how much more each dimension matters than each later one (decision, process, output,
    effect), pair by pair, for weights by AHP. `judgement_source`: "ratings" lets the importances that deputies
    and members gave to indicators stand in wherever they speak of a pair; "given" keeps to the list.
    """
    needs = ("projects", "evaluations")
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=needs)
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules), judgements, judgement_source)
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules, judgements: str, source: str) -> None:
    year = judged_year(rules, "key_evaluation", book.year)
    year = book.year if year is None else year
    projects = whole_table(book, "projects")
    everything = key_rows(whole_table(book, "evaluations"), projects, rules)
    now = everything[everything["year"] == year].reset_index(drop=True)
    _add_counts(chapter, now, everything, year)
    _add_scores(chapter, now)
    gaps = _add_dimensions(chapter, now, everything[everything["year"] <= year])
    _add_findings(chapter, whole_table(book, "findings"), projects, now, book.year, year)
    ratings = whole_table(book, "ratings")
    spoken = usable_ratings(ratings, book.year, year)
    spoken = spoken[spoken["context"] == "indicator_discussion"]
    square = add_judgements(chapter, judgements, spoken, whole_table(book, "indicators"), source=source)
    ranks = add_weights(chapter, now, square)
    add_voices(chapter, ratings, whole_table(book, "work_items"), projects, book.year, year)
    if len(gaps):
        add_dimensions_figure(chapter, gaps)
    if len(ranks):
        add_rank_figure(chapter, ranks)
    chapter.key_facts("finance_reviews", "joint_reviews", "mean_finance", "satisfied_share")


def key_rows(evaluations: pd.DataFrame, projects: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Last rounds of department and finance evaluations with name, grade by the rule, and kind of review.

    review: joint_audit, or who evaluated and how (finance_own, finance_third_party, department_own, ...).
    """
    own = own_evaluations(evaluations)  # what the city evaluated stands in the comparison of districts
    rows = own[own["kind"].isin(["department", "finance"])]
    rows = named(latest_rounds(rows), projects)
    how = rows["evaluator_kind"].fillna("own")
    review = (rows["kind"] + "_" + how).where(how != "joint_audit", "joint_audit")
    graded = grade_scores(rows["score"], rules)["grade"]
    words = {band.key: (band.zh, band.en) for band in rules.grades}
    return rows.assign(review=review, grade_key=graded, grade_words=graded.map(words))


def _add_counts(chapter: Chapter, now: pd.DataFrame, everything: pd.DataFrame, year: int) -> None:
    joint = now["review"] == "joint_audit"
    finance = now["kind"] == "finance"
    add = chapter.facts.add
    add("evaluated_year", year, unit="year", table="evaluations", rows=len(now))
    counts = {"reviews": len(now), "finance_reviews": int(finance.sum()), "joint_reviews": int(joint.sum()),
              "department_reviews": int((~finance).sum()), "all_years": everything["year"].nunique()}  # fmt: skip
    for id, value in counts.items():
        add(id, value, unit="count", table="scores", rows=len(now))
    for id, mask in (("mean_finance", finance), ("mean_department", ~finance)):
        mean = now.loc[mask, "score"].mean()
        add(id, mean, unit="score", table="scores", rows=int(mask.sum()), reason="no_scores")


def _add_scores(chapter: Chapter, now: pd.DataFrame) -> None:
    order = now.assign(_joint=now["review"] != "joint_audit", _finance=now["kind"] != "finance")
    shown = order.sort_values(["_finance", "_joint", "score", "subject"], ascending=[True, True, False, True])
    word = shown["grade_words"].map(lambda w: w[chapter.lang != "zh"] if isinstance(w, tuple) else None)
    shown = shown.assign(grade_label=word.astype("str").where(word.notna())).rename(
        columns={"subject_kind": "candidate_kind", "score": "eval_score"}
    )
    columns = [
        "subject_name",
        "candidate_kind",
        "review",
        "evaluator",
        "eval_score",
        "grade_label",
        *POINTS,
        "note",
    ]
    chapter.add_table("scores", shown, columns=columns)
    kinds = now.groupby("review", as_index=False).agg(subjects=("subject", "size"), mean_score=("score", "mean"),
                                                      lowest_score=("score", "min"), highest_score=("score", "max"))  # fmt: skip
    chapter.add_table("reviews", kinds, count="subjects")


def _add_dimensions(chapter: Chapter, now: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    """Points of each finance review less the mean of its peers: all other reviews by finance so far."""
    pool = peers[peers["kind"] == "finance"]
    own = now[now["kind"] == "finance"]
    parts = []
    for column in POINTS:
        total, n = pool[column].sum(), int(pool[column].notna().sum())
        others = (total - own[column]) / (n - 1) if n > 1 else own[column] * float("nan")
        part = pd.DataFrame({"subject_name": own["subject_name"], "dimension": column.removeprefix("points_"),
                             "points": own[column], "peer_mean": others, "peer_gap": own[column] - others})  # fmt: skip
        parts.append(part)
    table = pd.concat(parts, ignore_index=True).dropna(subset=["peer_gap"])
    table = table.rename(columns={"dimension": "evaluation_dimension"})
    chapter.add_table("dimensions", table.sort_values(["subject_name", "evaluation_dimension"]))
    chapter.facts.add("peers", len(pool), unit="count", table="evaluations", rows=len(pool))
    _lowest(chapter, table)
    return table


def _lowest(chapter: Chapter, table: pd.DataFrame) -> None:
    means = table.groupby("evaluation_dimension")["peer_gap"].mean()
    from perflib.data.text import say

    name = say(f"show_evaluation.{means.idxmin()}", chapter.lang) if len(means) else None
    value = means.min() if len(means) else None
    for id, found, unit in (("weakest", name, "text"), ("weakest_gap", value, "score")):
        chapter.facts.add(id, found, unit=unit, table="dimensions", rows=len(table), reason="no_scores")


def _add_findings(
    chapter: Chapter, findings: pd.DataFrame | None, projects: pd.DataFrame, now: pd.DataFrame, work_year: int, year: int
) -> None:  # fmt: skip
    """Findings on what was evaluated (for a policy: on its projects), and whether they were mended."""
    about = projects[projects["year"] == year]
    policies = now.loc[now["subject_kind"] == "policy", "subject"]
    subjects = set(now["subject"]) | set(about.loc[about["policy"].isin(policies), "project"])
    rows = findings if findings is not None else whole_empty()
    mine = rows[(rows["year"] == year) & rows["subject"].isin(subjects)]
    tracked = track_rectification(mine, as_of=dt.date(work_year, 12, 31))
    shares = rectified_shares(tracked)
    columns = ["source", "n_findings", "closed", "n_overdue", "closed_share", "amount", "recovered"]
    chapter.add_table(
        "findings", shares.rename(columns={"overdue": "n_overdue"}), columns=columns, count="n_findings"
    )
    left = tracked[~tracked["is_closed"]]
    left = named(left, projects).rename(columns={"type": "finding_type"})
    columns = ["finding", "subject_name", "source", "finding_type", "severity", "amount", "due_on", "status"]
    chapter.add_table("open_findings", left, columns=columns)
    joined = join_findings(rows, projects) if len(rows) else rows.assign(join_reason=None)
    lost = joined[joined["join_reason"].isin(["unknown_project", "unknown_department"])]
    lost = lost.rename(columns={"join_reason": "evaluation_reason"})
    chapter.add_table("unknown", lost, columns=["year", "finding", "subject", "source", "evaluation_reason"])
    counts = {"findings": len(tracked), "findings_closed": int(tracked["is_closed"].sum()),
              "findings_overdue": int(tracked["is_overdue"].fillna(False).sum()), "findings_lost": len(lost)}  # fmt: skip
    for id, value in counts.items():
        chapter.facts.add(id, value, unit="count", table="findings", rows=len(tracked))


def whole_empty() -> pd.DataFrame:
    """A table of findings without a row, for a book that has none."""
    from perflib.show.chapters.whole import complete

    return complete(pd.DataFrame(), "findings")
