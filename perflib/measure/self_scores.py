"""What projects gave themselves in the self-evaluation, held against the rule, the money and the targets.

>>> import perflib as pf
>>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
>>> projects, indicators = book.rows("projects", year=2022), book.rows("indicators", year=2022)
>>> own = book.rows("evaluations", year=2022).query("kind == 'self'")
>>> scores = pf.self_evaluation.scores_by_rule(projects, own, indicators, rules=rule)
>>> pf.self_evaluation.totals(scores, rules=rule)["self_evaluated"].item()
961
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.coverage import coverage, split_by_fund, stage_coverage
from perflib.measure.grades import count_grades, label_grades  # noqa: F401 the notebook labels what this gives
from perflib.measure.money import sum_amounts
from perflib.measure.rates import project_rates
from perflib.measure.ratio import add_ratio
from perflib.measure.scoring import SUBJECT, score_indicators, score_subjects
from perflib.measure.self_evaluation import (
    check_published_rates,
    compare_scores,
    count_statuses,
    repeated_evaluations,
    self_evaluation_status,
)
from perflib.measure.subjects import named, policy_names
from perflib.measure.tally import like, order_of, tally

STATUSES = ("accepted", "submitted", "returned", "unstated", "none")
TINY = 1e-12  # a rate of exactly the line is not below it, whatever its binary form


def scores_by_rule(
    projects: pd.DataFrame, evaluations: pd.DataFrame, indicators: pd.DataFrame, *, rules: Rules
) -> pd.DataFrame:
    """One row per self-evaluation: the score reported, the one by the rule, their deviation, and the rate of the money.

    `evaluations` are those of kind "self", `projects` and `indicators` of the year judged. Columns: `subject_kind`,
    `subject`, `subject_name`, `department`, `score`, `score_by_rule` (or `score_low` to `score_high` where it can
    only be bounded), `execution_points`, `deviation` (reported − by rule: above zero is too high), `grade`,
    `grade_by_rule`, the flags of `compare_scores`, `rate` on the adjusted budget, and the `reason` why the rule's
    score is NA.
    """
    recomputed = score_subjects(indicators, projects, rules)
    compared = named(compare_scores(evaluations, recomputed, rules), projects)
    keys = ["subject_kind", "subject"]
    compared = compared.merge(recomputed[[*keys, "execution_points"]], on=keys, how="left")
    rates = project_rates(projects, base="adjusted")[["project", "rate"]].drop_duplicates("project")
    table = compared.merge(rates.rename(columns={"project": "subject"}), on="subject", how="left")
    return like(table, evaluations)


def totals(scores: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """One row: how many, their means, the best grade and full marks (`scores` is what `scores_by_rule` gives).

    `self_evaluated`, `mean_score`, `mean_rate`, `best_grade` (its key), `excellent_share` of those graded,
    `full_marks` and `full_marks_share` of those with a score.
    """
    once = scores.drop_duplicates(SUBJECT)
    known = scores["score"].dropna()
    full = int((known == float(rules.scoring.score_max)).sum())
    best = count_grades(scores["score"], rules).iloc[0]
    return tally(
        scores, self_evaluated=len(once), mean_score=once["score"].mean(), mean_rate=once["rate"].mean(),
        best_grade=best["grade"], excellent_share=best["share"], full_marks=full,
        full_marks_share=full / len(known) if len(known) else None, reason="no_scores",
    )  # fmt: skip


def deviations(scores: pd.DataFrame, indicators: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """One row: how many scores can be held against the rule, how far they lie from it, and what is outside its scale."""
    known = scores[scores["deviation"].notna()]
    bounded = scores[scores["deviation"].isna() & scores["score"].notna() & scores["score_low"].notna()]
    scored = score_indicators(indicators, rules)
    scored = scored[scored["subject"].isin(scores["subject"])]
    limit = rules.deviation.over_target
    return tally(
        scores, recomputed=len(known), not_recomputed=len(scores) - len(known), bounded=len(bounded),
        beyond=int(bounded["is_beyond"].sum()), mean_deviation=known["deviation"].mean(),
        largest_deviation=known["deviation"].max(), lowest_deviation=known["deviation"].min(),
        kinder=int((known["deviation"] > float(rules.deviation.score_tolerance)).sum()),
        score_gap=float(rules.deviation.score_gap), apart=int(scores["is_apart"].sum()),
        other_grade=int(scores["is_other_grade"].sum()), misread=int(scores["is_grade_misread"].sum()),
        scores_outside=int(scores["score_reason"].isin(["above_range", "below_range"]).sum()),
        marks_outside=int(scored["is_score_outside"].fillna(False).sum()),
        over_target=int(scored["is_over_target"].fillna(False).sum()),
        over_limit=None if limit is None else float(limit), reason="no_scores",
    )  # fmt: skip


def far_from_rule(scores: pd.DataFrame) -> pd.DataFrame:
    """The self-evaluations far from the rule, in another grade because of it, or with a grade misstated; widest first."""
    is_far = scores["is_apart"] | scores["is_other_grade"] | scores["is_grade_misread"]
    listed = scores[scores["deviation"].notna() & is_far]
    return _widest_first(listed, listed["deviation"].abs())


def beyond_bounds(scores: pd.DataFrame) -> pd.DataFrame:
    """The self-scores that no marks for the indicators that can't be scored could explain, widest first."""
    is_told = scores["score"].notna() & scores["score_low"].notna()
    beyond = scores[scores["deviation"].isna() & is_told & scores["is_beyond"]]
    return _widest_first(beyond, beyond["score"] - beyond["score_high"])


def _widest_first(rows: pd.DataFrame, size: pd.Series) -> pd.DataFrame:
    order = [False, *[True] * len(SUBJECT)]
    return rows.assign(_size=size).sort_values(["_size", *SUBJECT], ascending=order).drop(columns="_size")


def grades(scores: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """One row per grade, best first: `grade`, `count` and `graded_share` as reported, `count_by_rule`, `share_by_rule`."""
    mine = count_grades(scores["score_by_rule"], rules)
    table = count_grades(scores["score"], rules).rename(columns={"share": "graded_share"})
    return table.assign(count_by_rule=mine["count"], share_by_rule=mine["share"])


def by_department(scores: pd.DataFrame) -> pd.DataFrame:
    """One row per department, lowest mean score first: `self_evaluated`, means of score, deviation and rate, `other_grade`."""
    rows = scores.assign(other_grade=scores["is_other_grade"].astype("int64"))
    table = rows.assign(department=rows["department"].fillna("—")).groupby("department", as_index=False).agg(
        self_evaluated=("subject", "size"), mean_score=("score", "mean"), mean_deviation=("deviation", "mean"),
        other_grade=("other_grade", "sum"), mean_rate=("rate", "mean"),
    )  # fmt: skip
    return table.sort_values(["mean_score", "department"], ignore_index=True)


def unscored(scores: pd.DataFrame, indicators: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Why scores could not be worked out: `unscored_kind` (subject, indicator), `unscored_reason`, `count`."""
    scored = score_indicators(indicators, rules)
    scored = scored[scored["subject"].isin(scores["subject"])]
    parts = {"subject": scores.loc[scores["deviation"].isna(), "reason"], "indicator": scored["reason"]}
    counts = [
        reasons.value_counts().rename_axis("unscored_reason").reset_index().assign(unscored_kind=kind)
        for kind, reasons in parts.items()
    ]
    columns = ["unscored_kind", "count", "unscored_reason"]
    table = pd.concat(counts).sort_values(
        columns, key=order_of("unscored_kind", parts), ascending=[True, False, True], ignore_index=True
    )
    return table[["unscored_kind", "unscored_reason", "count"]]


def low_and_best(scores: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """The self-evaluations below the rate at which a reason is required; `is_best` marks those in the best grade."""
    line = float(rules.reasons.execution_below)
    best = max(rules.grades, key=lambda band: band.lower).key
    low = scores[scores["rate"] < line - TINY].sort_values(["rate", "subject"])
    return low.assign(is_best=low["grade"] == best)


def reported_rates(projects: pd.DataFrame, evaluations: pd.DataFrame) -> pd.DataFrame:
    """The execution rates that self-evaluation forms report, held against the amounts: one row per rate reported.

    Columns of `check_published_rates` (`status`, `difference`, `is_flagged`, `is_rounding`), named as they are
    printed: `reported_rate`, `rate_status`, `rate_gap`, `subject_name`.
    """
    status = self_evaluation_status(projects, evaluations)
    forms = status[status["reported_rate"].notna()]
    checked = check_published_rates(forms.assign(published_rate=printed_rates(forms["reported_rate"])))
    names = {"status": "rate_status", "name": "subject_name"}
    names |= {"difference": "rate_gap", "published": "reported_rate"}
    return like(checked.drop(columns="reported_rate").rename(columns=names), evaluations)


def reported_totals(reported: pd.DataFrame) -> pd.DataFrame:
    """One row: rates reported, those that agree, are rounded, stand on another base, were added late, or contradict."""
    status, late = reported["rate_status"], reported["rate_status"] == "no_initial_budget"
    return tally(
        reported, rates_reported=len(reported), rates_agree=int((status == "agrees").sum()),
        rates_rounded=int(reported["is_rounding"].sum()), rates_other_base=int((status == "other_base").sum()),
        rates_contradict=int((reported["is_flagged"] & ~late).sum()), rates_late=int(late.sum()),
    )  # fmt: skip


def contradicted(reported: pd.DataFrame) -> pd.DataFrame:
    """The reported rates that do not follow from the amounts, or only on another base; widest gap first."""
    flagged = reported[reported["is_flagged"] | (reported["rate_status"] == "other_base")]
    flagged = flagged[flagged["rate_status"] != "no_initial_budget"]
    order = flagged.assign(_size=flagged["rate_gap"].abs().fillna(np.inf))
    return order.sort_values(["_size", "project"], ascending=[False, True]).drop(columns="_size")


def printed_rates(rates: pd.Series) -> pd.Series:
    """Rates (fractions) as a form would print them, in per cent with the decimals they have.

    >>> printed_rates(pd.Series([0.9713, 1.0, None])).tolist()
    ['97.13%', '100%', nan]
    """
    words = {r: f"{(Decimal(str(float(r))) * 100).normalize():f}%" for r in rates.dropna().unique()}
    return rates.map(words).astype("str")


def attained_indicators(indicators: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """The quantitative indicators with a number for target and actual, and their `completion`.

    One without a direction is read as "at least".
    """
    scored = score_indicators(indicators, rules, assume_direction="at_least")
    usable = scored[scored["completion"].notna() & (scored["direction"] != "qualitative")]
    return like(usable, indicators)


def attainment(attained: pd.DataFrame) -> pd.DataFrame:
    """One row: `quantities`, those `attained` and their share, with nothing done, and far above their target."""
    target, actual = attained["target"], attained["actual"]
    reached, n = int((attained["completion"] >= 1).sum()), len(attained)
    far = (target > 0) & (actual > 2 * target) & (attained["direction"] == "at_least")
    return tally(
        attained, quantities=n, attained=reached, attained_share=reached / n if n else None,
        nothing_done=int(((target > 0) & (actual == 0)).sum()), far_above=int(far.sum()), reason="no_indicators",
    )  # fmt: skip


def attainment_by_subject(attained: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """One row per subject, least attained first: `indicators`, `attained`, `attained_share`, `mean_completion`, `rate`.

    `rate` is executed over the adjusted budget of the project, policy or department; NA with the `reason`
    no_amounts where the budget does not know the subject.
    """
    rows = attained.assign(attained=(attained["completion"] >= 1).astype("int64"), indicators=1)
    table = rows.groupby(SUBJECT, as_index=False).agg(
        indicators=("indicators", "sum"), attained=("attained", "sum"), mean_completion=("completion", "mean")
    )
    table["attained_share"] = table["attained"] / table["indicators"]
    money = pd.concat(
        [_money(projects, kind) for kind in ("project", "policy", "department")], ignore_index=True
    )
    table = table.merge(money, on=["subject_kind", "subject"], how="left")
    table["reason"] = table["reason"].where(table["executed"].notna(), "no_amounts")
    table["subject_name"] = table["subject_name"].fillna(table["subject"])
    return table.sort_values(["attained_share", *SUBJECT], ignore_index=True)


def _money(projects: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Execution rate (adjusted budget) of every project, policy or department, with a name to print."""
    rows = projects[projects[kind].notna()]
    sums = sum_amounts(rows, ["executed", "adjusted_budget"], by=[kind])
    rated = add_ratio(sums, "executed", "adjusted_budget", names=("executed", "budget"))
    rated = rated.rename(columns={kind: "subject"})
    rated["subject_name"] = rated["subject"]
    if kind != "department":
        named = policy_names(rows) if kind == "policy" else rows.drop_duplicates(kind).set_index(kind)["name"]
        rated["subject_name"] = rated["subject"].map(named)
    columns = ["subject", "subject_name", "rate", "executed", "budget", "reason"]
    return rated[columns].assign(subject_kind=kind)


def duties(projects: pd.DataFrame, tables: dict, *, rules: Rules, duty: str) -> pd.DataFrame:
    """Which of `projects` owe `duty` ("self_evaluation") and have it: rows of `stage_coverage`.

    `tables` holds "catalogue" and the work done ("evaluations", …). All is unknown where the catalogue does not
    speak of the projects' year.
    """
    catalogue = tables.get("catalogue")
    if catalogue is not None:
        catalogue = catalogue[catalogue["year"].isin(projects["year"].unique())]
        catalogue = catalogue if len(catalogue) else None
    rows = stage_coverage(projects, catalogue, tables, rules)
    return like(rows[rows["duty"] == duty].reset_index(drop=True), projects)


def duty_totals(rows: pd.DataFrame) -> pd.DataFrame:
    """One row: `owing`, `done`, `missing`, `voluntary`, and coverage by count and amount; NA without a catalogue."""
    total = coverage(rows)
    row = total.iloc[0] if len(total) else pd.Series(dtype="float64")
    is_known = bool(row.get("unknown", 0) < len(rows))
    names = ("owing", "done", "missing", "voluntary")
    counts = {name: int(row.get(name, 0)) if is_known else None for name in names}
    shares = {"coverage_share": row.get("share"), "amount_share": row.get("amount_share")}
    return tally(rows, **counts, **shares, reason="no_catalogue")


def coverage_by(rows: pd.DataFrame, *, by: str, funds: pd.DataFrame | None = None) -> pd.DataFrame:
    """Coverage of a duty by group, least first: `owing`, `done`, `coverage_share`, `amount_owing`, `amount_share`.

    With `by="fund"` projects are split by their `funds`. No row where nothing is known of the groups.
    """
    if by == "fund":
        rows = split_by_fund(rows, funds) if funds is not None and len(funds) else rows[:0]
    if by not in rows or rows[by].isna().all():
        return pd.DataFrame(columns=[by, "owing"])
    table = coverage(rows.assign(**{by: rows[by].fillna("—")}), by=[by]).rename(
        columns={"share": "coverage_share"}
    )
    return table[table["owing"] > 0].sort_values(["coverage_share", by], ignore_index=True)


def submissions(projects: pd.DataFrame, evaluations: pd.DataFrame, owed: pd.DataFrame) -> pd.DataFrame:
    """What came in of the projects that owe a self-evaluation (of all where the catalogue does not say).

    One row per project with `eval_status`, `section`, `department`, `subject_name`, `adjusted_budget`.
    """
    status = self_evaluation_status(projects, evaluations)
    if owed["owed"].notna().any():
        status = status[status["project"].isin(owed.loc[owed["owed"].fillna(False), "project"])]
    return like(status.assign(eval_status=status["status"], subject_name=status["name"]), evaluations)


def count_submissions(status: pd.DataFrame, *, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """How many were accepted, submitted, returned, stand unstated, or are missing (`status_none`), by group."""
    keys = [by] if isinstance(by, str) else list(by)
    names = {s: f"status_{s}" for s in STATUSES}
    if any(status[key].isna().all() for key in keys):
        status = status[:0]
    groups = status.assign(**{key: status[key].fillna("—") for key in keys})
    if not len(groups):
        return tally(status, **dict.fromkeys(names.values(), 0)) if not keys else pd.DataFrame(columns=keys)
    table = count_statuses(groups, by=keys).rename(columns=names)
    return like(table.reindex(columns=[*keys, "projects", *names.values(), "arrived_share"]), status)


def missing(status: pd.DataFrame) -> pd.DataFrame:
    """The submissions that are missing or were returned, by section and department."""
    late = status[status["status"].isin(["none", "returned"])]
    order = [c for c in ("section", "department", "district", "year", "project") if c in late]
    return late.sort_values(order, ignore_index=True)


def repeated(evaluations: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Self-evaluations that one evaluator sent in more than once for the same subject and round, with their `times`."""
    return named(repeated_evaluations(evaluations), projects)
