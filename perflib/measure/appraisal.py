"""Ex-ante appraisal: who owes one and has none, from request to approval, verdicts.

>>> import perflib as pf
>>> appraisals = pf.load("sample").rows("appraisals")
>>> pf.appraisal.request_to_approval(appraisals).columns.tolist()[:2]
['subjects', 'decided']
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.coverage import appraisal_duty
from perflib.measure.grades import band_of_values
from perflib.measure.money import sum_amounts
from perflib.measure.ratio import NANO, as_nano, ratio_of_sums, reaches
from perflib.measure.tally import like
from perflib.measure.target_checks import refuse_unknown

_COUNTS = ["findings", "found_like", "subjects", "mended", "open"]
STEPS = ("requested", "reviewed", "recommended", "approved")
_KEY = ["district", "budget_year", "subject"]


def latest_appraisals(appraisals: pd.DataFrame) -> pd.DataFrame:
    """The last round of each subject and budget year, sorted; a missing round counts as the first."""
    rounds = appraisals["round"].fillna(1) if "round" in appraisals else 1
    ordered = appraisals.assign(_round=rounds, _row=np.arange(len(appraisals))).sort_values(
        [*_KEY, "_round", "_row"]
    )
    return ordered.drop_duplicates(_KEY, keep="last").drop(columns=["_round", "_row"]).reset_index(drop=True)


def appraised(appraisals: pd.DataFrame) -> pd.DataFrame:
    """The last round of each subject that was assessed (or not said not to be), with what was `cut` from its request.

    `cut` = requested - approved, NA while one of them is open; above its request is a negative cut.

    >>> import perflib as pf
    >>> int(pf.appraisal.appraised(pf.load("sample").rows("appraisals"))["cut"].max())
    9500000
    """
    rows = latest_appraisals(appraisals)
    if "is_assessed" in rows:
        rows = rows[rows["is_assessed"].fillna(True).astype(bool)].reset_index(drop=True)
    rows = rows.reindex(columns=list(dict.fromkeys([*rows.columns, *STEPS])))
    rows["cut"] = ((rows["requested"] - rows["approved"]) * 100).round() / 100
    return like(rows, appraisals)


def appraisals_owed(projects: pd.DataFrame, appraisals: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per subject and budget that owes an ex-ante appraisal: whether it `has` one, and its `amount`.

    Seen in `appraisals` (`origin` = "request"): what was requested reaches the rule's threshold. Seen in
    `projects` (`origin` = "budget"): new, of the rule's classes, its amount of the year reaches the
    threshold, and it never was in `appraisals`. The threshold itself is in (以上). Columns: district,
    budget_year, subject, name, department, origin, amount, `duty` ("appraisal"), `owed` and `has`, as `coverage`
    takes them. Without one (`has` is False) a subject may not enter the budget. No row where the set has no threshold.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> owed = pf.appraisal.appraisals_owed(book.rows("projects", year=2023), book.rows("appraisals"), rule)
    >>> owed.loc[~owed["has"], "amount"].tolist()
    [5000000.0]
    """
    columns = [*_KEY, "name", "department", "origin", "amount", "duty", "owed", "has"]
    if rules.ex_ante is None:
        return pd.DataFrame(columns=columns).astype({"amount": "float64", "owed": "boolean", "has": "bool"})
    asked = latest_appraisals(appraisals)
    asked = asked[
        reaches(as_nano(asked["requested"]), NANO, rules.ex_ante.threshold) & asked["requested"].notna()
    ]
    has = asked["is_assessed"].fillna(False).astype(bool) if "is_assessed" in asked else True
    asked = asked.assign(origin="request", amount=asked["requested"], has=has)
    table = pd.concat([asked, _budgeted(projects, appraisals, rules)], ignore_index=True)
    table = table.assign(duty="appraisal", owed=True).reindex(columns=columns)
    table = table.sort_values(_KEY, ignore_index=True).astype({"has": bool, "owed": "boolean"})
    return like(table, appraisals)


def request_to_approval(appraisals: pd.DataFrame, *, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `by`: the four amounts in turn, and what was cut from the request.

    Counts what `appraised` gives. `subjects`; `requested`, `reviewed`, `recommended`, `approved` (sums, main
    unit); `decided`: subjects with both ends; `cut` = requested - approved and `cut_rate` = cut / requested, both
    over the decided ones only, so that a request still open is not counted as a cut; NA where none is decided, with
    the `reason` no_appraisals. This is the ex-ante cut and no other.

    >>> import perflib as pf
    >>> pf.appraisal.request_to_approval(pf.load("sample").rows("appraisals"), by="budget_year")["subjects"].tolist()
    [5, 5, 5, 3]
    """
    rows = appraised(appraisals).assign(_all=0)
    decided = rows["cut"].notna()
    rows = rows.assign(_asked=rows["requested"].where(decided), _given=rows["approved"].where(decided))
    by = [by] if isinstance(by, str) else list(by)
    keys = by or ["_all"]
    sums = sum_amounts(rows, [*STEPS, "_asked", "_given"], by=keys)
    counted = rows[keys].assign(subjects=1, decided=decided.astype("int64"))
    counts = counted.groupby(keys, sort=True, dropna=False, as_index=False).sum()
    table = counts.merge(sums, on=keys, how="left")
    cut = ((table["_asked"] - table["_given"]) * 100).round() / 100
    table = table.assign(cut=cut, cut_rate=ratio_of_sums(cut, table["_asked"])["rate"])
    table["reason"] = pd.Series("no_appraisals", table.index, dtype="str").where(table["cut_rate"].isna())
    return like(table[[*by, "subjects", "decided", *STEPS, "cut", "cut_rate", "reason"]], appraisals)


def judge_scores(scores: pd.Series, rules: Rules) -> pd.DataFrame:
    """`verdict` (support, adjust, refuse) and `reason` of panels' mean scores, by the rule's bands.

    DataError where the set has no bands of verdicts.
    """
    return band_of_values(scores, rules["verdicts"]).rename(columns={"band": "verdict"})


def _budgeted(projects: pd.DataFrame, appraisals: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Projects in the budget that owe an appraisal and were never seen in `appraisals`."""
    duty = appraisal_duty(projects, rules)
    about = projects[[c for c in ("name", "department") if c in projects]].reset_index(drop=True)
    rows = duty.join(about).rename(columns={"project": "subject", "year": "budget_year"})
    rows = rows[rows["owed"].fillna(False).astype(bool)].assign(origin="budget", has=False)
    seen = appraisals[_KEY].drop_duplicates().assign(_seen=True)
    rows = rows.merge(seen, on=_KEY, how="left")
    return rows[rows["_seen"].isna()].drop(columns="_seen")


def screened(findings: pd.DataFrame, faults: pd.DataFrame) -> pd.DataFrame:
    """One row per check that a finding names in its column `rule`: the faults like it, and what was mended of them.

    `faults` is what `target_faults` gives for the district and year to be screened. Of several findings with the
    same rule the first stands for all (`finding`, `source`, `found_on`): an audit's before others, then by date.
    `findings` that name the rule; `found_like` faults of the targets as approved (as they stand, where those are not
    recorded); `subjects` concerned but the finding's own; `mended`; `open` = found_like - mended. Findings without a
    rule can't be screened for. Raises ArgumentError for a rule that is no check.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> faults = pf.targets.target_faults(book.rows("indicators"), rule, year=2023)
    >>> found = pf.appraisal.screened(pf.calendar.of_work_year(book.rows("findings"), "findings", rule, 2023), faults)
    >>> found[["found_like", "mended", "open"]].sum().tolist()
    [559, 222, 337]
    """
    named = findings[findings["rule"].notna()]
    refuse_unknown(named["rule"].unique())
    order = named.assign(_other=named["source"] != "audit").sort_values(["_other", "found_on", "finding"])
    first = order.drop_duplicates("rule").rename(columns={"rule": "target_rule"}).reset_index(drop=True)
    first["findings"] = first["target_rule"].map(named["rule"].value_counts())
    found = faults[faults["before"].fillna(faults["after"])]
    own = first[["target_rule", "subject"]].rename(columns={"subject": "_own"})
    found = found.merge(own, on="target_rule")
    other = found["subject"].where(found["subject"] != found["_own"])
    gone = (found["before"].fillna(False) & ~found["after"]).astype("int64")
    rows = found.assign(found_like=1, mended=gone, open=1 - gone, subjects=found["subject_kind"] + other)
    sums = {"found_like": "sum", "subjects": "nunique", "mended": "sum", "open": "sum"}
    counts = rows.groupby("target_rule").agg(sums)
    table = first[["target_rule", "finding", "source", "found_on", "findings"]]
    table = table.merge(counts.reset_index(), on="target_rule", how="left")
    table = table.fillna(dict.fromkeys(_COUNTS, 0)).astype(dict.fromkeys(_COUNTS, "int64"))
    table = table.sort_values("found_like", ascending=False, kind="stable", ignore_index=True)
    return like(table, findings)
