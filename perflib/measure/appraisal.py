"""Ex-ante appraisal: who owes one and has none, from request to approval, verdicts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.bands import band_of_values
from perflib.measure.exact import NANO, as_nano, reaches
from perflib.measure.money import sum_amounts
from perflib.measure.obligation import appraisal_duty
from perflib.measure.ratio import ratio_of_sums

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
    >>> int(pf.appraised(pf.load("sample").rows("appraisals"))["cut"].max())
    9500000
    """
    rows = latest_appraisals(appraisals)
    if "is_assessed" in rows:
        rows = rows[rows["is_assessed"].fillna(True).astype(bool)].reset_index(drop=True)
    rows = rows.reindex(columns=list(dict.fromkeys([*rows.columns, *STEPS])))
    rows["cut"] = ((rows["requested"] - rows["approved"]) * 100).round() / 100
    rows.attrs = dict(appraisals.attrs)
    return rows


def appraisals_owed(projects: pd.DataFrame, appraisals: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per subject and budget that owes an ex-ante appraisal: whether it `has` one, and its `amount`.

    Seen in `appraisals` (`origin` = "request"): what was requested reaches the rule's threshold. Seen in
    `projects` (`origin` = "budget"): new, of the rule's classes, its amount of the year reaches the
    threshold, and it never was in `appraisals`. The threshold itself is in (以上). Columns: district,
    budget_year, subject, name, department, origin, amount, `duty` ("appraisal"), `owed` and `has`, as `coverage`
    takes them. Without one (`has` is False) a subject may not enter the budget. No row where the set has no threshold.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> owed = pf.appraisals_owed(book.rows("projects", year=2023), book.rows("appraisals"), rule)
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
    table.attrs = dict(appraisals.attrs)
    return table


def request_to_approval(appraisals: pd.DataFrame, *, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `by`: the four amounts in turn, and what was cut from the request.

    Counts what `appraised` gives. `subjects`; `requested`, `reviewed`, `recommended`, `approved` (sums, main
    unit); `decided`: subjects with both ends; `cut` = requested - approved and `cut_rate` = cut / requested, both
    over the decided ones only, so that a request still open is not counted as a cut; NA where none is decided, with
    the `reason` no_appraisals. This is the ex-ante cut and no other.

    >>> import perflib as pf
    >>> pf.request_to_approval(pf.load("sample").rows("appraisals"), by="budget_year")["subjects"].tolist()
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
    table = table[[*by, "subjects", "decided", *STEPS, "cut", "cut_rate", "reason"]]
    table.attrs = dict(appraisals.attrs)
    return table


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
