"""Findings of audit, finance, self-checks and congress: joined to projects, recurring, mended or not.

>>> import perflib as pf
>>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
>>> found = pf.findings.known(book.rows("findings"), book.rows("projects"), year=2023)
>>> pf.findings.rectified(found, by="source")["source"].is_unique
True
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.calendar import of_work_year
from perflib.measure.tally import like

MATERIAL = ("material", "grave")
UNKNOWN = ("unknown_project", "unknown_department")


def known(findings: pd.DataFrame, projects: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The findings made by the end of `year`, joined to `projects`, and where their rectification stands on that day.

    A finding without a date counts by its fiscal year. One row per finding with the columns of `join_findings` and
    `track_rectification`; "unknown" subjects are in it, with their `join_reason`.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> found = pf.findings.known(book.rows("findings"), book.rows("projects"), year=2022)
    >>> bool(found["found_on"].max().year <= 2022)
    True
    """
    dates = pd.to_datetime(findings["found_on"])
    is_known = (dates <= pd.Timestamp(year, 12, 31)) | (dates.isna() & (findings["year"] <= year))
    known = findings[is_known].reset_index(drop=True)
    table = track_rectification(join_findings(known, projects), as_of=dt.date(year, 12, 31))
    return like(table, findings)


def by_scope(found: pd.DataFrame, rules: Rules, *, year: int, **scopes: pd.DataFrame) -> pd.DataFrame:
    """What was found and rectified by the end of `year`, one row a scope, so that a number is never told without its own.

    `found` is what `known` gives. Scopes: "all" (whatever was made by then), "year" (made in the work year
    by the calendar of `rules`), and one for each frame of `scopes`, rows of `found`, by its name. Columns: findings, audit (made by audit), material, target_findings (made by a rule
    on targets), unknown (about a subject that is not in the projects), other_year (joined through another year), closed,
    closed_share (NA without findings), overdue, overdue_amount, amount, recovered. Money in the main unit.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> found = pf.findings.known(book.rows("findings"), book.rows("projects"), year=book.year)
    >>> scopes = pf.findings.by_scope(found, pf.rules("binjiang-2023"), year=book.year)
    >>> scopes["scope"].tolist(), bool(scopes["findings"].is_monotonic_decreasing)
    (['all', 'year'], True)
    """
    frames = {"all": found, "year": of_work_year(found, "findings", rules, year), **scopes}
    return like(pd.DataFrame([_counted(rows, scope) for scope, rows in frames.items()]), found)


def _counted(found: pd.DataFrame, scope: str) -> dict:
    late = found[found["is_overdue"].fillna(False).astype(bool)]
    n, closed = len(found), int(found["is_closed"].sum())
    return {
        "scope": scope,
        "rows": n,
        "findings": n,
        "audit": int((found["source"] == "audit").sum()),
        "material": int(found["severity"].isin(MATERIAL).sum()),
        "target_findings": int(found["rule"].notna().sum()),
        "unknown": int(found["join_reason"].isin(UNKNOWN).sum()),
        "other_year": int((found["join_reason"] == "other_year").sum()),
        "closed": closed,
        "closed_share": closed / n if n else None,
        "overdue": len(late),
        "overdue_amount": float(late["amount"].sum().round(2)),
        "amount": float(found["amount"].sum().round(2)),
        "recovered": float(found["recovered"].sum().round(2)),
        "reason": None if n else "too_few",
    }


def join_findings(findings: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Every finding with the project, department and class that it is about; none is lost.

    A finding about a department is matched by the department's name. A finding whose year has no
    such project, but another year has, takes department and class from the latest year before or after.

    Returns
    -------
    `findings` with project_name, department, class, and join_reason: NA, "other_year" (joined through
    another year), "unknown_project", "unknown_department", or "not_joined" (policies, townships).
    """
    known = projects.rename(columns={"project": "subject", "name": "project_name"})
    known = known.reindex(columns=["district", "year", "subject", "project_name", "department", "class"])
    exact = findings.merge(known, on=["district", "year", "subject"], how="left", validate="many_to_one")
    latest = known.sort_values("year").drop_duplicates(["district", "subject"], keep="last")
    other = findings.merge(latest.drop(columns="year"), on=["district", "subject"], how="left")
    is_project = (findings["subject_kind"].fillna("project") == "project").to_numpy()
    in_year, in_other = exact["department"].notna().to_numpy(), other["department"].notna().to_numpy()
    names = set(projects["district"].astype(str) + "\x1f" + projects["department"].astype(str))
    is_department = (findings["subject_kind"] == "department").to_numpy()
    found = (
        (findings["district"].astype(str) + "\x1f" + findings["subject"].astype(str)).isin(names).to_numpy()
    )
    reason = np.select(
        [
            is_project & in_year, is_project & in_other, is_project, is_department & found, is_department,
        ],
        ["", "other_year", "unknown_project", "", "unknown_department"],
        "not_joined",
    )  # fmt: skip
    columns = ["project_name", "department", "class"]
    joined = exact[columns].astype(object)
    joined[~in_year] = other.loc[~in_year, columns]
    joined[~is_project] = pd.NA
    joined.index = findings.index
    about_department = is_department & found
    joined["department"] = joined["department"].mask(about_department, findings["subject"])
    reasons = pd.Series(reason, findings.index, dtype=object).replace("", pd.NA)
    return findings.assign(**joined, join_reason=reasons)


def recurrence(findings: pd.DataFrame, *, by: str | Sequence[str] = "type") -> pd.DataFrame:
    """Which kinds of findings come back, one row per group of `by`, most years first.

    Columns `by`, n_findings, n_years, n_subjects, n_material, amount, n_repeats (findings of a kind that the
    same subject already had in an earlier year), is_recurring (seen in two years or more), first_seen,
    last_seen (years). Findings without a kind form a group of their own (NA).

    >>> import perflib as pf
    >>> kinds = pf.findings.recurrence(pf.load("sample").rows("findings"))
    >>> bool(kinds["n_years"].is_monotonic_decreasing)
    True
    """
    keys = [by] if isinstance(by, str) else list(by)
    rows = findings.assign(is_material=findings["severity"].isin(MATERIAL))
    own = [*keys, "district", "subject_kind", "subject"]
    first = rows.groupby(own, dropna=False)["year"].transform("min")
    rows = rows.assign(is_repeat=rows["year"] > first)
    table = rows.groupby(keys, dropna=False, as_index=False).agg(
        n_findings=("finding", "size"),
        n_years=("year", "nunique"),
        n_subjects=("subject", "nunique"),
        n_material=("is_material", "sum"),
        amount=("amount", lambda x: np.round(x.sum(min_count=1), 2)),
        n_repeats=("is_repeat", "sum"),
        first_seen=("year", "min"),
        last_seen=("year", "max"),
    )
    order = ["n_years", "n_findings", *keys]
    table = table.assign(is_recurring=table["n_years"] >= 2).sort_values(
        order, ascending=[False, False, *[True] * len(keys)], ignore_index=True
    )
    return like(table, findings)


def track_rectification(findings: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """Each finding with where its mending stands on the day `as_of`.

    Adds is_closed (closed on or before the day), is_overdue (not closed, and due before the day; NA
    without a due date), days_overdue (to the day, or to closing; 0 if in time), days_open, and fault:
    "closed_without_date", "date_without_closing", "closed_before_found", "due_before_found" or NA. A
    finding closed without a date counts as closed.
    """
    day = pd.Timestamp(as_of)
    found, due, closed = (pd.to_datetime(findings[c]) for c in ("found_on", "due_on", "closed_on"))
    says_closed = findings["status"] == "closed"
    is_closed = says_closed & (closed.isna() | (closed <= day))
    end = closed.where(is_closed & closed.notna(), day)
    unknown_end = is_closed & closed.isna()
    late = (end - due).dt.days.clip(lower=0).mask(unknown_end)
    faults = [says_closed & closed.isna(), ~says_closed & closed.notna(), closed < found, due < found]
    codes = ["closed_without_date", "date_without_closing", "closed_before_found", "due_before_found"]
    fault = np.select(faults, codes, "")
    return findings.assign(
        is_closed=is_closed,
        is_overdue=(~is_closed & (due < day)).astype("boolean").mask(due.isna() & ~is_closed),
        days_overdue=late,
        days_open=(end - found).dt.days.mask(unknown_end),
        fault=pd.Series(fault, findings.index, dtype=object).replace("", pd.NA),
    )


def rectified(tracked: pd.DataFrame, *, by: str | Sequence[str] = "source") -> pd.DataFrame:
    """How much has been rectified, one row per group of `by`: of findings, and of the money concerned.

    `tracked` comes from `track_rectification` or `known`. Columns `by`, n_findings, closed, closed_share,
    overdue, amount, amount_closed, closed_amount_share (NA where there is no amount), recovered.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> found = pf.findings.known(book.rows("findings"), book.rows("projects"), year=2023)
    >>> pf.findings.rectified(found, by="source")["source"].tolist()
    ['audit', 'congress', 'finance', 'self']
    """
    keys = [by] if isinstance(by, str) else list(by)
    closed = tracked["amount"].where(tracked["is_closed"], tracked["amount"] * 0.0)
    overdue = tracked["is_overdue"].fillna(False).astype(bool)
    rows = tracked.assign(amount_closed=closed, is_overdue=overdue)
    table = rows.groupby(keys, dropna=False, as_index=False).agg(
        n_findings=("finding", "size"),
        closed=("is_closed", "sum"),
        overdue=("is_overdue", "sum"),
        amount=("amount", lambda x: np.round(x.sum(min_count=1), 2)),
        amount_closed=("amount_closed", lambda x: np.round(x.sum(min_count=1), 2)),
        recovered=("recovered", lambda x: np.round(x.sum(min_count=1), 2)),
    )
    share = table["amount_closed"] / table["amount"].where(table["amount"] > 0)
    table = table.assign(closed_share=table["closed"] / table["n_findings"], closed_amount_share=share)
    return like(table, tracked)


def mark_material(
    projects: pd.DataFrame, findings: pd.DataFrame, *, audited: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`projects` with is_audited and is_material, for `perflib.infer.risk`.

    A project is material in a year if a material or grave finding of source audit or finance names it.
    `audited` lists who was looked at (district, year, project): without it only projects with a finding are
    known to have been, and is_material of the others is NA.
    """
    keys = ["district", "year", "project"]
    about = findings[findings["subject_kind"].fillna("project") == "project"]
    about = about[about["source"].isin(["audit", "finance"])].rename(columns={"subject": "project"})
    hit = about.assign(is_material=about["severity"].isin(MATERIAL))
    sums = hit.groupby(keys, as_index=False)["is_material"].max()
    table = projects.merge(sums, on=keys, how="left", validate="one_to_one")
    seen = table["is_material"].notna()
    if audited is not None:
        listed = table[keys].merge(audited[keys].drop_duplicates().assign(_in=True), on=keys, how="left")
        seen |= listed["_in"].notna().to_numpy()
    known = table["is_material"].astype("Float64").fillna(0.0).astype(float).where(seen)
    return table.assign(is_audited=seen, is_material=known)
