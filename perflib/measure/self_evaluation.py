"""Self-evaluations as they came in: status, last round, lists, and what was reported against the rule."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.grades import grade_scores, read_grades
from perflib.measure.ratio import NANO, as_nano, exceeds, ratio_of_sums
from perflib.measure.scoring import SUBJECT

STATUSES = ("submitted", "returned", "accepted")
_KEY = ["district", "year", "project"]


def latest_rounds(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The last round of each subject, kind and evaluator, sorted; a missing round counts as the first.

    Rows that repeat a round are all faults of the data (`repeated_evaluations` lists them); of these
    the one done last is kept, else the last in the table.
    """
    keys = [c for c in [*SUBJECT, "kind", "evaluator"] if c in evaluations]
    rounds = evaluations["round"].fillna(1) if "round" in evaluations else 1
    dates = pd.to_datetime(evaluations["done_on"]) if "done_on" in evaluations else pd.NaT
    ordered = evaluations.assign(_round=rounds, _date=dates, _row=np.arange(len(evaluations)))
    ordered = ordered.sort_values([*keys, "_round", "_date", "_row"], na_position="first")
    return (
        ordered.drop_duplicates(keys, keep="last")
        .drop(columns=["_round", "_date", "_row"])
        .reset_index(drop=True)
    )


def repeated_evaluations(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Every row of an evaluator who evaluates the same subject more than once in the same round.

    All of them are listed, with `times`, so that the bureau can say which one holds; none is dropped.
    """
    keys = [c for c in [*SUBJECT, "kind", "evaluator", "round"] if c in evaluations]
    times = evaluations.groupby(keys, dropna=False)[keys[0]].transform("size")
    return evaluations.assign(times=times)[times > 1].sort_values(keys, ignore_index=True)


def self_evaluation_status(projects: pd.DataFrame, evaluations: pd.DataFrame) -> pd.DataFrame:
    """`projects` with the `status` of their self-evaluation, `round`, `score`, `grade`, `reported_rate`.

    `status` is that of the last round: submitted, returned or accepted, `none` where nothing came
    in, and `unstated` where it came in without a status. One row per project, as in `projects`.
    """
    last = latest_rounds(evaluations[evaluations["kind"] == "self"])
    last = last[last["subject_kind"] == "project"] if "subject_kind" in last else last
    wanted = ["status", "round", "score", "grade", "reported_rate", "done_on"]
    # Two evaluators in one project: the one done last speaks for the unit.
    one = last.rename(columns={"subject": "project"}).drop_duplicates(_KEY, keep="last")
    one = one.reindex(columns=[*_KEY, *wanted]).assign(_came=True)
    table = projects.merge(one, on=_KEY, how="left", suffixes=("", "_self"))
    status = table["status"].astype("str").fillna("unstated").where(table["_came"].notna(), "none")
    return table.assign(status=status).drop(columns="_came")


def count_statuses(status: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `by` (section, department): `projects` and how many have each status.

    Columns submitted, returned, accepted, unstated, none sum to `projects`; `arrived` = all but none,
    `arrived_share` = arrived / projects.
    """
    names = [*STATUSES, "unstated", "none"]
    rows = status[list(by)].assign(_all=0, projects=1)
    rows = rows.assign(**{name: (status["status"] == name).astype("int64") for name in names})
    keys = list(by) or ["_all"]
    table = rows.groupby(keys, sort=True, dropna=False, as_index=False)[["projects", *names]].sum()
    table = table[[*by, "projects", *names]]
    table["arrived"] = table["projects"] - table["none"]
    return table.assign(arrived_share=ratio_of_sums(table["arrived"], table["projects"])["rate"])


def outstanding(status: pd.DataFrame) -> pd.DataFrame:
    """The projects whose self-evaluation is missing or was returned, by section and department."""
    late = status[status["status"].isin(["none", "returned"])]
    return late.sort_values([c for c in ("section", "department", *_KEY) if c in late], ignore_index=True)


def compare_scores(evaluations: pd.DataFrame, recomputed: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per self-evaluated subject: what was reported, what the rule gives, how far apart.

    `recomputed` is `perflib.measure.scoring.score_subjects`. Columns: SUBJECT, `score` (reported),
    `score_by_rule`, `deviation` = reported - by rule (above 0: too kind to itself), `grade` by the
    rule's bands from the reported score, `grade_reported` (read from its words), `grade_by_rule`,
    `is_apart` (size above `deviation.score_gap`), `is_rounding` (not 0, within `score_tolerance`),
    `score_low`, `score_high` (between which the score by rule lies), `is_beyond` (reported outside them, by more
    than `score_tolerance`, though there is no score by rule), `is_other_grade` (the two scores fall into different grades), `is_grade_misread` (the words do not
    fit the score), `reason` (no score by rule), `score_reason` (no usable reported score).
    """
    last = latest_rounds(evaluations[evaluations["kind"] == "self"]).reindex(
        columns=[*SUBJECT, "score", "grade"]
    )
    last = last.assign(grade_reported=read_grades(last["grade"], rules)).drop(columns="grade")
    columns = [*SUBJECT, "score", "score_low", "score_high", "reason"]
    by_rule = recomputed.reindex(columns=columns).rename(columns={"score": "score_by_rule"})
    table = last.merge(by_rule, on=SUBJECT, how="left")
    reported, mine = grade_scores(table["score"], rules), grade_scores(table["score_by_rule"], rules)["grade"]
    known = table["score"].notna() & table["score_by_rule"].notna()
    apart = np.abs(as_nano(table["score"]) - as_nano(table["score_by_rule"]))
    is_apart = exceeds(apart, NANO, rules.deviation.score_gap) & known
    return table.assign(
        reason=table["reason"].where(table["score_by_rule"].notna(), table["reason"].fillna("no_indicators")),
        deviation=table["score"] - table["score_by_rule"],
        grade=reported["grade"],
        score_reason=reported["reason"],
        grade_by_rule=mine,
        is_apart=is_apart,
        is_rounding=(apart > 0) & ~exceeds(apart, NANO, rules.deviation.score_tolerance) & known,
        is_beyond=_is_beyond(table, rules),
        is_other_grade=known & (reported["grade"] != mine) & mine.notna() & reported["grade"].notna(),
        is_grade_misread=table["grade_reported"].notna() & (table["grade_reported"] != reported["grade"]),
    )


def _is_beyond(table: pd.DataFrame, rules: Rules) -> pd.Series:
    bounded = table["score"].notna() & table["score_by_rule"].isna() & table["score_low"].notna()
    reported, low, high = (as_nano(table[c]) for c in ("score", "score_low", "score_high"))
    outside = np.maximum(low - reported, reported - high)
    return pd.Series(exceeds(outside, NANO, rules.deviation.score_tolerance), table.index) & bounded
