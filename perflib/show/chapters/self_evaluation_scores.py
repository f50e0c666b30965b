"""Scores as reported beside scores by the rule: deviation, grades, and what could not be worked out."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.data.text import has_text, say
from perflib.measure.grades import count_grades, grade_label
from perflib.measure.scoring import SUBJECT, score_indicators
from perflib.show.chapter import Chapter

SHOWN = 20  # longer lists stand beside the page
_FLAGS = {
    "apart": "is_apart",
    "rounding": "is_rounding",
    "other_grade": "is_other_grade",
    "misread": "is_grade_misread",
}
_SHOWN = [
    "subject_name",
    "department",
    "score",
    "score_by_rule",
    "deviation",
    "grade_label",
    "grade_by_rule_label",
]


def add_scores(chapter: Chapter, rated: pd.DataFrame, indicators: pd.DataFrame, rules: Rules) -> None:
    """Add deviations (reported less by rule, signed), grades, and departments."""
    _add_deviation(chapter, rated, rules)
    _add_grades(chapter, rated, rules)
    _add_departments(chapter, rated)
    _add_unscored(chapter, rated, indicators, rules)


def _words(grades: pd.Series, rules: Rules, lang: str) -> pd.Series:
    return grades.map({b.key: grade_label(b.key, rules, lang) for b in rules.grades}).astype("str")


def _add_deviation(chapter: Chapter, rated: pd.DataFrame, rules: Rules) -> None:
    known = rated[rated["deviation"].notna()]
    add, rows = chapter.facts.add, len(known)
    add("recomputed", rows, unit="count", table="evaluations", rows=len(rated))
    add("not_recomputed", len(rated) - rows, unit="count", table="evaluations", rows=len(rated))
    _add_bounded(chapter, rated)
    for id, value in (("mean_deviation", known["deviation"].mean()), ("largest_deviation", known["deviation"].max()),
                      ("lowest_deviation", known["deviation"].min())):  # fmt: skip
        add(id, value if rows else None, unit="score", table="deviations", rows=rows, reason="no_scores")
    add("kinder", int((known["deviation"] > float(rules.deviation.score_tolerance)).sum()), unit="count",
        table="deviations", rows=rows)  # fmt: skip
    add("score_gap", float(rules.deviation.score_gap), unit="score", table="rules", rows=0)
    for id, flag in _FLAGS.items():
        add(id, int(rated[flag].sum()), unit="count", table="deviations", rows=len(rated))
    outside = rated[rated["score_reason"].isin(["above_range", "below_range"])]
    add("scores_outside", len(outside), unit="count", table="scores_outside", rows=len(rated))
    chapter.add_table("scores_outside", outside, columns=["subject", "subject_name", "department", "score"])
    listed = known[known["is_apart"] | known["is_other_grade"] | known["is_grade_misread"]]
    order = listed.assign(_size=listed["deviation"].abs()).sort_values(["_size", *SUBJECT],
                                                                       ascending=[False, *[True] * len(SUBJECT)])  # fmt: skip
    shown = order.assign(
        grade_label=_words(order["grade"], rules, chapter.lang),
        grade_by_rule_label=_words(order["grade_by_rule"], rules, chapter.lang),
    )
    chapter.add_table("deviations", shown, columns=_SHOWN)


def _add_bounded(chapter: Chapter, rated: pd.DataFrame) -> None:
    """Scores that can be told only to lie between two bounds, and the reported ones outside them."""
    bounded = rated[rated["deviation"].isna() & rated["score"].notna() & rated["score_low"].notna()]
    beyond = bounded[bounded["is_beyond"]]
    add = chapter.facts.add
    add("bounded", len(bounded), unit="count", table="evaluations", rows=len(rated))
    add("beyond", len(beyond), unit="count", table="beyond", rows=len(bounded))
    columns = ["subject", "subject_name", "department", "score", "score_low", "score_high"]
    most = beyond.assign(_over=beyond["score"] - beyond["score_high"])
    order = most.sort_values(["_over", *SUBJECT], ascending=[False, *[True] * len(SUBJECT)])
    chapter.add_table("beyond", order, columns=columns, is_in_page=len(order) <= SHOWN)


def _add_grades(chapter: Chapter, rated: pd.DataFrame, rules: Rules) -> None:
    reported, mine = count_grades(rated["score"], rules), count_grades(rated["score_by_rule"], rules)
    rows = len(rated)
    for row in reported.itertuples():
        chapter.facts.add(f"grade_{row.grade}", row.count, unit="count", table="grades", rows=rows)
    best = reported.iloc[0]
    chapter.facts.add(
        "best_grade", grade_label(best["grade"], rules, chapter.lang), unit="text", table="grades", rows=0
    )
    chapter.facts.add(
        "excellent_share", best["share"], unit="share", table="grades", rows=rows, reason="no_scores"
    )
    table = reported.rename(columns={"share": "graded_share"}).assign(
        count_by_rule=mine["count"], share_by_rule=mine["share"]
    )
    table["grade_label"] = [say("show_self.no_grade", chapter.lang) if g == "none" else
                            grade_label(g, rules, chapter.lang) for g in table["grade"]]  # fmt: skip
    columns = ["grade_label", "count", "graded_share", "count_by_rule", "share_by_rule"]
    chapter.add_table("grades", table, columns=columns, count="count")


def _add_departments(chapter: Chapter, rated: pd.DataFrame) -> None:
    rows = rated.assign(department=rated["department"].fillna("—"), apart=rated["is_apart"].astype("int64"),
                        other_grade=rated["is_other_grade"].astype("int64"))  # fmt: skip
    table = rows.groupby("department", as_index=False).agg(
        self_evaluated=("subject", "size"), mean_score=("score", "mean"), mean_deviation=("deviation", "mean"),
        other_grade=("other_grade", "sum"), mean_rate=("rate", "mean"),
    )  # fmt: skip
    table = table.sort_values(["mean_score", "department"], ignore_index=True)
    chapter.add_table("departments", table, count="self_evaluated")


def _add_unscored(chapter: Chapter, rated: pd.DataFrame, indicators: pd.DataFrame, rules: Rules) -> None:
    """Why scores could not be worked out: by subject, and by indicator."""
    subjects = rated.loc[rated["deviation"].isna(), "reason"].value_counts()
    scored = score_indicators(indicators, rules)
    scored = scored[scored["subject"].isin(rated["subject"])]
    reasons = scored["reason"].value_counts()
    parts = [("subject", subjects), ("indicator", reasons)]
    rows = [(say(f"show_self.{kind}", chapter.lang), _reason(code, chapter.lang), int(count))
            for kind, counts in parts for code, count in sorted(counts.items(), key=lambda i: (-i[1], i[0]))]  # fmt: skip
    table = pd.DataFrame(rows, columns=["unscored_kind", "unscored_reason", "count"])
    chapter.add_table("unscored", table, count="count")
    outside = int(scored["is_score_outside"].fillna(False).sum())
    over = scored["is_over_target"].fillna(False)
    add = chapter.facts.add
    add("marks_outside", outside, unit="count", table="indicators", rows=len(scored))
    add("over_target", int(over.sum()), unit="count", table="indicators", rows=len(scored))
    limit = rules.deviation.over_target
    add(
        "over_limit",
        None if limit is None else float(limit),
        unit="limit",
        table="rules",
        rows=0,
        reason="no_rule",
    )


def _reason(code: str, lang: str) -> str:
    key = f"scoring.{code}" if has_text(f"scoring.{code}") else f"coverage.{code}"
    return say(key, lang) if has_text(key) else code
