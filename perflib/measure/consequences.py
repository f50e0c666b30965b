"""What evaluation means for next year's budget, project by project, with kinds of cuts kept apart.

>>> import perflib as pf
>>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
>>> decided = pf.consequences.decided(book.rows("evaluations", year=2022), rule)
>>> decided["grade"].isin(["excellent", "good", "fair", "poor"]).any().item()
True
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.cuts import CUTS, by_stage
from perflib.measure.grades import grade_scores
from perflib.measure.money import sum_amounts
from perflib.measure.reviews import city_evaluations
from perflib.measure.self_evaluation import latest_rounds
from perflib.measure.tally import like

# Whose word counts most: finance, then whoever checked, then the department, then the unit itself.
ORDER = ("finance", "spot_check", "department", "self")
PROJECT = ["district", "year", "project"]
ACTIONS = ("priority", "keep", "compress", "cancel")


def decided(evaluations: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The evaluation that decides about each subject (`deciding_evaluation`), of those that stand.

    Last rounds count, unless they were returned; the grade is what `rules` give the score, and not what was reported.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> table = pf.consequences.decided(book.rows("evaluations", year=2022), pf.rules("binjiang-2023"))
    >>> bool(table["subject"].is_unique)
    True
    """
    last = latest_rounds(evaluations)
    last = last[last["status"].ne("returned").fillna(True)]
    table = deciding_evaluation(last.assign(grade=grade_scores(last["score"], rules)["grade"]))
    return like(table, evaluations)


def by_action(proposed: pd.DataFrame) -> pd.DataFrame:
    """How many projects and how much budget each consequence concerns: consequence, projects, adjusted_budget.

    `proposed` is what `propose` gives. One row for each of ACTIONS, 0 where there is no project.
    """
    known = proposed[proposed["consequence"].isin(ACTIONS)]
    money = known.assign(consequence=known["consequence"].astype(str), projects=1)
    sums = sum_amounts(money, ["adjusted_budget"], by=["consequence"]).set_index("consequence")
    table = pd.DataFrame(
        {
            "projects": money.groupby("consequence")["projects"].sum().reindex(ACTIONS, fill_value=0),
            "adjusted_budget": sums["adjusted_budget"].reindex(ACTIONS).astype("float64").fillna(0.0),
        }
    ).rename_axis("consequence")
    return like(table.reset_index(), proposed)


def summary(proposed: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """One row on what follows: evaluated, not_evaluated, lowered, ended, take_back, take_back_projects, open_amounts.

    `proposed` and `decided` are what the functions of these names give. `ended` are projects that were evaluated and
    are in `proposed` no more, `open_amounts` those to compress for which the rule gives no share.
    """
    action = proposed["consequence"].astype(object)
    own = decided.loc[decided["subject_kind"] == "project", "subject"]
    back = proposed["take_back"]
    found = {
        "rows": len(proposed),
        "evaluated": int(action.notna().sum()),
        "not_evaluated": int(proposed["reason"].eq("not_evaluated").sum()),
        "lowered": int(proposed["reason"].eq("overdue_findings").sum()),
        "ended": len(set(own) - set(proposed["project"])),
        "take_back": float(back.sum().round(2)),
        "take_back_projects": int((back > 0).sum()),
        "open_amounts": int((action.eq("compress").fillna(False) & proposed["proposed_cut"].isna()).sum()),
    }
    return like(pd.DataFrame([found]), proposed)


def deciding_evaluation(evaluations: pd.DataFrame, *, order: Sequence[str] = ORDER) -> pd.DataFrame:
    """The evaluation that decides about each subject, one row per subject.

    `evaluations` carries the grade worked out by the rule (`grade`). Of the kinds in `order` the first with a
    grade counts, the district's own before the city's, and of it the latest round. Columns district, year, subject_kind, subject, kind, score,
    grade, n_evaluations.
    """
    keys = ["district", "year", "subject_kind", "subject"]
    rows = evaluations[evaluations["kind"].isin(order)].reset_index(drop=True)
    rank = rows["kind"].map({kind: i for i, kind in enumerate(order)}).astype("int64")
    rows = rows.assign(_rank=rank + rows["grade"].isna() * len(order), _round=-rows["round"].fillna(1))
    rows["_city"] = rows.index.isin(city_evaluations(rows).index)
    best = rows.sort_values([*keys, "_rank", "_city", "_round"], kind="stable").drop_duplicates(keys)
    counts = rows.groupby(keys).size().rename("n_evaluations").reset_index()
    table = best[[*keys, "kind", "score", "grade"]].merge(counts, on=keys, validate="one_to_one")
    return table.sort_values(keys, ignore_index=True)


def propose(
    projects: pd.DataFrame,
    decided: pd.DataFrame,
    *,
    consequences: Mapping[str, str],
    adjustments: pd.DataFrame | None = None,
    findings: pd.DataFrame | None = None,
    compress_by: float | None = None,
    unmended: str = "compress",
) -> pd.DataFrame:
    """For each project what the rule says about next year, with the amounts by kind of cut beside it.

    Parameters
    ----------
    projects : projects of the judged year; columns of the contract.
    decided : from `deciding_evaluation`.
    consequences : grade → "priority", "keep", "compress" or "cancel", from the rule set.
    adjustments : this year's movements, for the columns cut_ex_ante, cut_mid_year, cut_results,
        cut_cost_review, cut_recovery (0 where none; above 0).
    findings : tracked findings (is_closed, is_overdue); an overdue one lowers "priority" and "keep" to
        `unmended`.
    compress_by : share by which "compress" cuts, if the district has one; None leaves the amount open.

    Returns
    -------
    One row per project: keys, name, department, adjusted_budget, kind, score, grade, consequence (NA where
    nothing was evaluated), take_back (money not needed any more: `lapsed`), proposed_cut (NA where the rule
    gives no amount), proposed_budget, n_overdue, the cut columns, reason: "not_evaluated", "no_grade",
    "grade_without_rule", "no_budget", "overdue_findings" (lowered) or NA.

    Source: 财预〔2020〕10号; the national and Sichuan sets of perflib/rules.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> found = pf.consequences.decided(book.rows("evaluations", year=2022), rule).assign(year=2023)
    >>> table = pf.consequences.propose(book.rows("projects", year=2023), found, consequences=rule["consequences"])
    >>> sorted(table["consequence"].dropna().unique())
    ['compress', 'keep', 'priority']
    """
    table = projects.reindex(
        columns=[*PROJECT, "name", "department", "section", "adjusted_budget", "lapsed", "disclosure"]
    ).sort_values(PROJECT, ignore_index=True)
    own = decided[decided["subject_kind"] == "project"].rename(columns={"subject": "project"})
    table = table.merge(
        own[[*PROJECT, "kind", "score", "grade"]], on=PROJECT, how="left", validate="one_to_one"
    )
    by_rule = table["grade"].map(dict(consequences)).astype(object)
    overdue = _overdue(findings, table)
    lowered = (overdue > 0) & by_rule.isin(["priority", "keep"])
    action = by_rule.mask(lowered, unmended).where(by_rule.notna(), pd.NA)
    budget = table["adjusted_budget"].astype(float)
    share = action.map({"priority": 0.0, "keep": 0.0, "compress": compress_by, "cancel": 1.0}).astype(float)
    cut = (budget * share).round(2)
    reason = np.select(
        [
            table["kind"].isna(), table["grade"].isna(), by_rule.isna(), ~(budget > 0), lowered,
        ],
        ["not_evaluated", "no_grade", "grade_without_rule", "no_budget", "overdue_findings"],
        "",
    )  # fmt: skip
    table = table.assign(
        consequence=action,
        take_back=table.pop("lapsed").astype(float).fillna(0.0).clip(lower=0),
        proposed_cut=cut,
        proposed_budget=(budget - cut).round(2),
        n_overdue=overdue,
    )
    table = table.merge(_cut_columns(adjustments), on=PROJECT, how="left", validate="one_to_one")
    columns = [f"cut_{kind}" for kind in CUTS]
    reason = pd.Series(reason, table.index, dtype=object).replace("", pd.NA)
    table = table.assign(**table[columns].fillna(0.0), reason=reason)
    return like(table, projects)


def _overdue(findings: pd.DataFrame | None, table: pd.DataFrame) -> pd.Series:
    """Number of overdue findings of each project; findings of an earlier year count as well."""
    if findings is None or findings.empty:
        return pd.Series(0, index=table.index)
    open_ = findings[findings["is_overdue"].fillna(False).astype(bool)]
    open_ = open_[open_["subject_kind"].fillna("project") == "project"]
    counts = open_.groupby(["district", "subject"]).size().rename("n").reset_index()
    merged = table[["district", "project"]].merge(
        counts, left_on=["district", "project"], right_on=["district", "subject"], how="left"
    )
    return merged["n"].fillna(0).astype(int).set_axis(table.index)


def _cut_columns(adjustments: pd.DataFrame | None) -> pd.DataFrame:
    columns = [f"cut_{kind}" for kind in CUTS]
    if adjustments is None or adjustments.empty:
        return pd.DataFrame(columns=[*PROJECT, *columns]).astype(dict.fromkeys(columns, float))
    cuts = by_stage(adjustments, by=PROJECT)
    cuts = cuts.assign(stage="cut_" + cuts["stage"].astype(str))
    # Within one project the bases are apart too: ex-ante and cost review cut requests, the rest budgets.
    wide = sum_amounts(cuts, ["amount"], by=[*PROJECT, "stage"]).pivot(
        index=PROJECT, columns="stage", values="amount"
    )
    return wide.reindex(columns=columns).fillna(0.0).reset_index()


def check_cuts(
    adjustments: pd.DataFrame, projects: pd.DataFrame, *, appraisals: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Cuts that can't be: one row each, with the reason and what they were compared with.

    Columns of `adjustments` and reason: "unknown_project", "cut_exceeds_budget" (cuts of the budget
    together exceed initial budget plus what was added), "cut_exceeds_request" (cuts of the request exceed
    what was asked for), "cut_with_wrong_sign" (a cut that adds); limit (the amount, NA if none).
    """
    known = projects[[*PROJECT, "initial_budget"]].assign(_known=True)
    rows = adjustments.merge(known, on=PROJECT, how="left", validate="many_to_one")
    rows.index = adjustments.index
    is_cut = rows["stage"].isin(CUTS)
    limit = _limits(rows, appraisals)
    # A request that was refused never became a project; its appraisal is enough to know it.
    is_known = rows["_known"].notna() | ((rows["basis"] == "request") & limit.notna())
    taken = (-rows["amount"]).where(is_cut & (rows["amount"] < 0), 0.0)
    total = taken.groupby([rows[c] for c in [*PROJECT, "basis"]]).transform("sum").round(2)
    over = is_cut & (rows["amount"] < 0) & (total > limit)
    reason = np.select(
        [~is_known, over & (rows["basis"] == "budget"), over, is_cut & (rows["amount"] > 0)],
        ["unknown_project", "cut_exceeds_budget", "cut_exceeds_request", "cut_with_wrong_sign"],
        "",
    )
    found = adjustments.assign(reason=reason, limit=limit)
    return found[found["reason"] != ""].sort_values([*PROJECT, "adjustment"], ignore_index=True)


def _limits(rows: pd.DataFrame, appraisals: pd.DataFrame | None) -> pd.Series:
    """What the cuts of each row's project and basis may reach at most."""
    added = rows["amount"].where((rows["basis"] == "budget") & (rows["amount"] > 0), 0.0)
    added = added.groupby([rows[c] for c in PROJECT]).transform("sum")
    budget = (rows["initial_budget"].astype(float) + added).round(2)
    if appraisals is None:
        return budget.where(rows["basis"] == "budget")
    asked = appraisals.rename(columns={"budget_year": "year", "subject": "project"})
    asked = asked.sort_values("round").drop_duplicates(PROJECT, keep="first")[[*PROJECT, "requested"]]
    requested = (
        rows[PROJECT].merge(asked, on=PROJECT, how="left")["requested"].astype(float).set_axis(rows.index)
    )
    return budget.where(rows["basis"] == "budget", requested)
