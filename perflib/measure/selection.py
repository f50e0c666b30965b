"""Who should be looked at next: what speaks for a key evaluation, and which projects a spot check can draw.

>>> import perflib as pf
>>> book = pf.load("sample")
>>> tables = [book.rows(name) for name in ("evaluations", "findings", "catalogue")]
>>> table = pf.selection.key_candidates(book.rows("projects", year=2023), *tables, year=2023)
>>> bool(table["criteria"].is_monotonic_decreasing)
True
"""

import numpy as np
import pandas as pd

from perflib.measure.coverage import project_duties
from perflib.measure.findings import MATERIAL
from perflib.measure.money import sum_amounts
from perflib.measure.tally import like

CRITERIA = ("by_catalogue", "by_theme", "by_amount", "by_age", "by_leads")
LEAD_YEARS = 3  # findings older than that say little of how a project is run now
FULL_CYCLE = 5  # the national measure: everything that matters within five years
LARGE_SHARE = 0.5  # large: the largest subjects that together hold this share of the money


def lead_counts(findings: pd.DataFrame, *, year: int, years: int = LEAD_YEARS) -> pd.DataFrame:
    """`district`, `project`, `leads`: material findings of audit or finance about each project.

    Counted are those on the fiscal years from `year` − `years` + 1 to `year`; findings about departments and
    policies are about no project and stay out.
    """
    kind = findings["subject_kind"].fillna("project")
    recent = findings["year"].between(year - years + 1, year) & kind.eq("project")
    material = findings["severity"].isin(MATERIAL) & findings["source"].isin(["audit", "finance"])
    own = findings[recent & material].rename(columns={"subject": "project"})
    return own.groupby(["district", "project"], as_index=False).agg(leads=("finding", "size"))


def key_candidates(
    projects: pd.DataFrame,
    evaluations: pd.DataFrame,
    findings: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    year: int,
    risks: pd.DataFrame | None = None,
    theme: str = "",
    cycle: int = FULL_CYCLE,
) -> pd.DataFrame:
    """What speaks for a key evaluation of each policy (or project without one), most criteria first.

    Parameters
    ----------
    projects : rows of one district and of fiscal year `year`, the year to be evaluated.
    evaluations, findings, catalogue : the district's, of all years (no row where there are none).
    risks : district, project, is_lead of the projects that the risk score names first; None or no row where there
        is no score: then every project with a recent material finding is a lead.
    theme : the theme of the year, as in the projects' `theme`; "" for none.
    cycle : a subject that was not evaluated by finance for so many years, or never, is due.

    Returns
    -------
    One row per subject: subject_kind, subject, subject_name, projects, amount, last_year (NA: never),
    years_since, leads (recent material findings), risk_leads (projects that are leads), one column of booleans
    per criterion (by_catalogue, by_theme, by_amount, by_age, by_leads), criteria (how many hold). Ties go to the
    larger amount, then to the name. Choosing is for the bureau: this only says why.
    """
    rows = _with_subject(projects)
    rows = rows.merge(lead_counts(findings, year=year), on=["district", "project"], how="left")
    rows["is_lead"] = _is_lead(rows, risks)
    table = rows.groupby(["subject_kind", "subject"], as_index=False, dropna=False).agg(
        subject_name=("subject_name", "first"), projects=("project", "size"), leads=("leads", "sum"),
        risk_leads=("is_lead", "sum"),
        by_theme=("theme", lambda x: bool(theme) and bool((x == theme).any())),
    )  # fmt: skip
    money = sum_amounts(rows, ["adjusted_budget"], by=["subject_kind", "subject"])
    table = table.merge(money.rename(columns={"adjusted_budget": "amount"}), on=["subject_kind", "subject"])
    seen = _last_looks(evaluations, year)
    table = table.merge(seen, on=["subject_kind", "subject"], how="left")
    table = table.assign(
        years_since=year - table["last_year"], leads=table["leads"].fillna(0).astype("int64"),
        by_catalogue=_owed(table, catalogue, year), by_amount=_is_large(table),
    )  # fmt: skip
    table["by_age"] = table["years_since"].isna() | (table["years_since"] >= cycle)
    table["by_leads"] = table["risk_leads"] > 0
    table["criteria"] = table[list(CRITERIA)].astype("int64").sum(axis=1)
    order = ["criteria", "amount", "subject"]
    return like(table.sort_values(order, ascending=[False, False, True], ignore_index=True), projects)


def spot_check_frame(
    projects: pd.DataFrame,
    catalogue: pd.DataFrame,
    findings: pd.DataFrame,
    *,
    year: int,
    risks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """`projects` with `leads`, `risk`, `is_lead`, `excluded`, `risk_method`: the frame that a spot check draws from.

    risk: the risk score of `risks` (district, project, risk, is_lead, method), above 0 for everyone, so that size x
    risk is the money at risk; a project without a score has the mean of the others. Without `risks`, 1 + material
    findings of the last three years (never 0: who has none can still be drawn), and risk_method is NA.
    excluded (NA: can be drawn): not_owed (the catalogue asks for no spot check), nothing_to_check (neither
    budget nor spending); a project of which the catalogue says nothing can be drawn.
    """
    rows = projects.merge(lead_counts(findings, year=year), on=["district", "project"], how="left")
    nothing = (rows["adjusted_budget"].fillna(0) == 0) & (rows["executed"].fillna(0) == 0)
    known = rows["adjusted_budget"].notna() | rows["executed"].notna()
    reason = np.select(
        [_not_owed(projects, catalogue), nothing & known], ["not_owed", "nothing_to_check"], ""
    )
    excluded = pd.Series(reason, rows.index, dtype=object).replace("", pd.NA)
    leads = rows["leads"].fillna(0).astype("int64")
    rows = rows.assign(leads=leads, excluded=excluded)
    method = pd.NA if risks is None or risks.empty else risks["method"].iloc[0]
    rows = rows.assign(is_lead=_is_lead(rows, risks), risk=_risk(rows, risks), risk_method=method)
    return like(rows.drop(columns="inclusion_probability", errors="ignore"), projects)


def _risk(rows: pd.DataFrame, risks: pd.DataFrame | None) -> pd.Series:
    if risks is None or risks.empty:
        return 1.0 + rows["leads"]
    scored = rows[["district", "project"]].merge(risks[["district", "project", "risk"]], how="left")["risk"]
    return pd.Series(scored.fillna(scored.mean()).to_numpy(dtype=float), rows.index)


def _is_lead(rows: pd.DataFrame, risks: pd.DataFrame | None) -> pd.Series:
    """Whether the score names the project among the first; without a score, whether it has recent findings."""
    if risks is None or risks.empty:
        return rows["leads"].fillna(0) > 0
    first = risks[risks["is_lead"].astype(bool)]
    named = set(first["district"].astype(str) + "\x1f" + first["project"].astype(str))
    return (rows["district"].astype(str) + "\x1f" + rows["project"].astype(str)).isin(named)


def _not_owed(projects: pd.DataFrame, catalogue: pd.DataFrame) -> np.ndarray:
    place = ["district", "year"]
    # it rules other years
    if catalogue.empty or catalogue[place].merge(projects[place].drop_duplicates()).empty:
        return np.zeros(len(projects), dtype=bool)
    duties = project_duties(projects, catalogue)
    own = duties[duties["duty"] == "spot_check"][["district", "year", "project", "owed"]]
    owed = projects[["district", "year", "project"]].merge(own, how="left")["owed"]
    return owed.eq(False).fillna(False).to_numpy(dtype=bool)


def _with_subject(projects: pd.DataFrame) -> pd.DataFrame:
    rows = projects.assign(theme=projects.get("theme"), policy=projects.get("policy"))
    has = rows["policy"].notna()
    return rows.assign(
        subject_kind=np.where(has, "policy", "project"),
        subject=rows["policy"].where(has, rows["project"]),
        subject_name=rows["policy"].where(has, rows["name"]),
    )


def _last_looks(evaluations: pd.DataFrame, year: int) -> pd.DataFrame:
    """The last fiscal year before `year` of which finance evaluated each policy or project."""
    looked = evaluations[(evaluations["kind"] == "finance") & (evaluations["year"] < year)]
    return looked.groupby(["subject_kind", "subject"], as_index=False).agg(last_year=("year", "max"))


def _owed(table: pd.DataFrame, catalogue: pd.DataFrame, year: int) -> pd.Series:
    """Whether the catalogue names the policy or project itself for a key evaluation in `year`."""
    own = catalogue[(catalogue["year"] == year) & catalogue["key_evaluation"].eq(True).fillna(False)]
    named = set(own["scope"].astype(str) + "\x1f" + own["item"].astype(str))
    return (table["subject_kind"].astype(str) + "\x1f" + table["subject"].astype(str)).isin(named)


def _is_large(table: pd.DataFrame) -> pd.Series:
    amount = table["amount"].fillna(0).clip(lower=0)
    ordered = amount.sort_values(ascending=False, kind="stable")
    before = ordered.cumsum() - ordered
    first = ordered[(before < LARGE_SHARE * ordered.sum()) & (ordered > 0)]
    return amount >= first.min()  # of equal amounts all are large, or none
