"""Where to look next: the risk of each project of a year, and the leads, for every chapter that chooses by them."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.infer.risk import score_risk
from perflib.show.chapters.audit_features import FEATURES, risk_projects

LEADS = 20  # leads that are listed
LARGE = 0.9  # without a line of the rule, the largest tenth are large


def score_year(table: pd.DataFrame, rules: Rules, *, year: int) -> pd.DataFrame | None:
    """The projects of `year` by falling risk, the first LEADS marked; None where nobody was looked at.

    `table` is `risk_projects`. Adds to it risk, method and leading (see `score_risk`), is_lead, and
    lead_use: "key_evaluation" for leads of at least the amount from which the rule wants an appraisal,
    "spot_check" for the others, NA for those that are no lead.
    """
    audited = table[table["is_audited"] & table["is_material"].notna()]
    if audited.empty:
        return None
    now = table[table["year"] == year]
    scored = score_risk(audited, now, features=FEATURES).sort_values(
        ["risk", "project"], ascending=[False, True], ignore_index=True
    )
    line = (
        float(rules.ex_ante.threshold)
        if rules.ex_ante is not None
        else float(now["adjusted_budget"].quantile(LARGE))
    )
    is_lead = scored.index < LEADS
    use = (scored["adjusted_budget"] >= line).map({True: "key_evaluation", False: "spot_check"})
    return scored.assign(is_lead=is_lead, lead_use=use.where(is_lead))


def risks_of_year(
    projects: pd.DataFrame,
    findings: pd.DataFrame | None,
    evaluations: pd.DataFrame | None,
    rules: Rules,
    *,
    year: int,
) -> pd.DataFrame | None:
    """`score_year` from the tables themselves; None where there are no findings to learn from."""
    if findings is None or findings.empty:
        return None
    table = risk_projects(projects[projects["year"] <= year], findings, evaluations)
    return score_year(table, rules, year=year)
