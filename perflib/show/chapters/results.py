"""The chapter on the use of results: what follows for next year's budget, project by project."""

import datetime as dt

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.data.text import say
from perflib.measure.calendar import judged_year
from perflib.measure.consequences import check_cuts, deciding_evaluation, propose_consequences
from perflib.measure.findings import track_rectification
from perflib.measure.grades import grade_label, grade_scores
from perflib.measure.money import sum_amounts
from perflib.measure.self_evaluation import latest_rounds
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.chapters.results_cuts import add_cuts, cuts_of_work_year
from perflib.show.chapters.results_mending import add_mending
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.whole import whole_table
from perflib.show.figures.share_bars import share_bars
from perflib.show.labels import column
from perflib.show.proposal import proposal_xlsx

NAME = "75_use_of_results"
ACTIONS = ("priority", "keep", "compress", "cancel")


def results_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables, figures and the proposal table on what the evaluations mean for next year's budget."""
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=("projects", "evaluations"))
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules))
    return chapter


def consequences_of(book: Book, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each project of the work year with what the rule says of it, and the evaluation that decides of each subject.

    The evaluations are those that the work year's calendar judges; the budget that a cut is measured against is
    that of the work year, since next year's is drawn up from it.
    """
    judged = judged_year(rules, "self_evaluation", book.year)
    decided = deciding_evaluation(_graded(whole_table(book, "evaluations", year=judged), rules))
    findings = whole_table(book, "findings")
    tracked = None if findings is None else track_rectification(findings, as_of=year_end(book.year))
    table = propose_consequences(
        whole_table(book, "projects", year=book.year),
        decided.assign(year=book.year),
        consequences=dict(rules["consequences"]),
        adjustments=whole_table(book, "adjustments", year=book.year),
        findings=tracked,
    )
    return table, decided


def year_end(year: int) -> dt.date:
    """The day on which the year's work is counted up."""
    return dt.date(year, 12, 31)


def _graded(evaluations: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The standing evaluations (last rounds, not returned), with the grade that the rule gives the score."""
    last = latest_rounds(evaluations)
    last = last[last["status"].ne("returned").fillna(True)]
    return last.assign(grade=grade_scores(last["score"], rules)["grade"])


def _fill(chapter: Chapter, book: Book, rules: Rules) -> None:
    table, decided = consequences_of(book, rules)
    judged = judged_year(rules, "self_evaluation", book.year)
    chapter.facts.add("judged_year", judged, unit="year", table="evaluations", rows=len(decided))
    chapter.facts.add("next_year", book.year + 1, unit="year", table="projects", rows=0)
    for section in ("consequences", "grades"):
        chapter.facts.add(
            f"source_{section}", rules.cite(chapter.lang, section), unit="rule", table="rules", rows=0
        )
    _add_actions(chapter, table, decided)
    _add_lists(chapter, table, decided, rules)
    add_cuts(chapter, cuts_of_work_year(whole_table(book, "adjustments"), rules, book.year))
    _add_faults(chapter, book, whole_table(book, "adjustments", year=book.year))
    add_mending(chapter, whole_table(book, "findings"), whole_table(book, "projects"), year_end(book.year))
    _add_proposal(chapter, table, rules)
    chapter.key_facts("evaluated", "compress", "take_back", "closed_share", "overdue")


def _add_actions(chapter: Chapter, table: pd.DataFrame, decided: pd.DataFrame) -> None:
    """How many projects, and how much budget, each consequence concerns."""
    add, rows = chapter.facts.add, len(table)
    action = table["consequence"].astype(object)
    counts = pd.DataFrame({"consequence": list(ACTIONS)})
    for name in ACTIONS:
        own = table[action.eq(name).fillna(False).astype(bool)]
        add(name, len(own), unit="count", table="actions", rows=rows)
        add(f"{name}_budget", _total(own, "adjusted_budget"), unit="money", table="actions", rows=len(own))
    known = table[action.notna()]
    add("projects", rows, unit="count", table="projects", rows=rows)
    add("evaluated", len(known), unit="count", table="actions", rows=rows)
    add(
        "not_evaluated",
        int(table["reason"].eq("not_evaluated").sum()),
        unit="count",
        table="actions",
        rows=rows,
    )
    lowered = int(table["reason"].eq("overdue_findings").sum())
    add("lowered", lowered, unit="count", table="actions", rows=rows)
    ended = set(decided.loc[decided["subject_kind"] == "project", "subject"]) - set(table["project"])
    add("ended", len(ended), unit="count", table="evaluations", rows=len(decided))
    add("take_back", _total(table, "take_back"), unit="money", table="projects", rows=rows)
    add("take_back_projects", int((table["take_back"] > 0).sum()), unit="count", table="projects", rows=rows)
    open_ = table[action.eq("compress").fillna(False).astype(bool) & table["proposed_cut"].isna()]
    add("open_amounts", len(open_), unit="count", table="actions", rows=rows)
    counts["projects"] = [chapter.facts[n].value for n in ACTIONS]
    counts["adjusted_budget"] = [chapter.facts[f"{n}_budget"].value for n in ACTIONS]
    chapter.add_table("actions", counts)
    labels = [column("consequence").cell(n, chapter.lang) for n in ACTIONS]
    shown = counts.assign(label=labels, projects=counts["projects"].astype("float64"))
    if len(known):
        figure = share_bars(shown, label="label", value="projects", unit="count", is_sorted=False,
                            **figure_words(chapter, "actions"))  # fmt: skip
        chapter.add_figure("actions", figure)


def _add_lists(chapter: Chapter, table: pd.DataFrame, decided: pd.DataFrame, rules: Rules) -> None:
    """The projects to compress or cancel with the reason, and the graded policies; the public edition names none."""
    grades = _labels(table["grade"], rules, chapter.lang)
    labelled = table.assign(grade_label=grades, rule_reason=table["reason"], eval_score=table["score"])
    hit = labelled[labelled["consequence"].isin(["compress", "cancel"])]
    columns = ["name", "department", "kind", "eval_score", "grade_label", "consequence", "adjusted_budget",
               "rule_reason"]  # fmt: skip
    if chapter.edition != "public":
        order = hit.sort_values(["adjusted_budget", "project"], ascending=[False, True])
        chapter.add_table("to_cut", order, columns=columns)
        back = labelled[labelled["take_back"] > 0].sort_values(
            ["take_back", "project"], ascending=[False, True]
        )
        chapter.add_table("to_take_back", back, columns=["project", "name", "department", "adjusted_budget",
                                                         "take_back"], is_in_page=False)  # fmt: skip
    policies = decided[decided["subject_kind"] == "policy"]
    chapter.facts.add("policies", len(policies), unit="count", table="evaluations", rows=len(policies))
    said = policies.assign(
        consequence=policies["grade"].map(dict(rules["consequences"])),
        grade_label=_labels(policies["grade"], rules, chapter.lang),
        subject_name=policies["subject"],
        eval_score=policies["score"],
    )
    if len(said):
        chapter.add_table(
            "policies", said, columns=["subject_name", "kind", "eval_score", "grade_label", "consequence"]
        )


def _labels(grades: pd.Series, rules: Rules, lang: str) -> pd.Series:
    words = {key: grade_label(key, rules, lang) for key in grades.dropna().unique()}
    return grades.astype(object).map(words)


def _add_faults(chapter: Chapter, book: Book, adjustments: pd.DataFrame | None) -> None:
    """Cuts that can't be: larger than the budget, of an unknown project, or with the wrong sign."""
    if adjustments is None or adjustments.empty:
        chapter.facts.add("cut_faults", None, unit="count", table="adjustments", rows=0, reason="no_table")
        return
    found = check_cuts(
        adjustments, whole_table(book, "projects", year=book.year), appraisals=whole_table(book, "appraisals")
    )
    chapter.facts.add("cut_faults", len(found), unit="count", table="adjustments", rows=len(adjustments))
    if len(found):
        shown = found.assign(cut_kind=found["stage"], rule_reason=found["reason"])
        chapter.add_table(
            "cut_faults", shown, columns=["project", "cut_kind", "amount", "limit", "rule_reason"]
        )


def _add_proposal(chapter: Chapter, table: pd.DataFrame, rules: Rules) -> None:
    """The table to decide in, beside the report; projects with nothing to decide are in it too."""
    lang = chapter.lang
    frame = table.assign(
        grade=_labels(table["grade"], rules, lang),
        kind=[column("kind").cell(k, lang) if isinstance(k, str) else None for k in table["kind"]],
    )
    chapter.add_list(say("proposal.list_name", lang), proposal_xlsx(frame, lang))


def _total(rows: pd.DataFrame, name: str) -> float:
    return float(sum_amounts(rows, [name])[name].fillna(0).iloc[0]) if len(rows) else 0.0
