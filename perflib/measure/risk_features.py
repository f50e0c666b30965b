"""What is known of a project before anyone audits it: the features of the risk score, and who was looked at."""

import numpy as np
import pandas as pd

from perflib.measure.findings import MATERIAL, mark_material

KEY = ["district", "year", "project"]
SCREEN = 0.05  # share of a year's projects
FEATURES = (
    "past_findings", "past_material", "adjustment", "unspent_share", "carried_share", "size",
    "self_score",
)  # fmt: skip


def risk_projects(projects: pd.DataFrame, findings: pd.DataFrame, evaluations: pd.DataFrame) -> pd.DataFrame:
    """One row per project and year with FEATURES, is_audited, is_material, audit_probability.

    Looked at: a finding of audit or finance names the project (a screen of all projects by a rule is no look at
    any of them), or the finance bureau spot-checked it. The
    probability of having been looked at is known for spot checks that recorded it, and NA for all others.
    """
    checks = _checks(evaluations)
    marked = mark_material(projects, without_screens(findings, projects), audited=checks)
    table = marked.merge(checks.rename(columns={"inclusion_probability": "audit_probability"}), on=KEY, how="left",
                         validate="one_to_one")  # fmt: skip
    return _with_features(table, findings, evaluations)


def without_screens(findings: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """`findings` without those of a screen: one source and rule that name SCREEN or more of a year's projects."""
    keys = ["year", "source", "rule"]
    named = (
        findings[findings["rule"].notna()].groupby(keys)["subject"].nunique().rename("named").reset_index()
    )
    there = projects.groupby("year")["project"].nunique().rename("there").reset_index()
    screens = named.merge(there, on="year").query("named >= there * @SCREEN")[keys].assign(is_screen=True)
    marked = findings.merge(screens, on=keys, how="left")
    return findings[marked["is_screen"].isna().to_numpy()]


def _checks(evaluations: pd.DataFrame) -> pd.DataFrame:
    rows = evaluations[(evaluations["kind"] == "spot_check") & (evaluations["subject_kind"] == "project")]
    rows = rows.rename(columns={"subject": "project"})[[*KEY, "inclusion_probability"]]
    return rows.sort_values("inclusion_probability").drop_duplicates(KEY)


def _with_features(table: pd.DataFrame, findings: pd.DataFrame, evaluations: pd.DataFrame) -> pd.DataFrame:
    initial, adjusted = (table[c].astype("float64") for c in ("initial_budget", "adjusted_budget"))
    spent, carried = (table[c].astype("float64") for c in ("executed", "carried_over"))
    has = adjusted.where(adjusted > 0)
    material = findings[findings["severity"].isin(MATERIAL)]
    table = table.assign(
        adjustment=((adjusted - initial).abs() / initial.where(initial > 0)).clip(0, 1),
        unspent_share=(1 - spent / has).clip(0, 1),
        carried_share=(carried / has).clip(0, 1),
        size=np.log10(has),
        past_findings=_past(table, findings),
        past_material=_past(table, material),
    )
    return table.merge(_self_scores(evaluations), on=KEY, how="left", validate="one_to_one")


def _past(table: pd.DataFrame, findings: pd.DataFrame) -> pd.Series:
    """Findings about the same project in earlier fiscal years: nothing that its own audit wrote."""
    about = findings[findings["subject_kind"] == "project"].rename(columns={"subject": "project"})
    counts = about.groupby(KEY).size().rename("n").reset_index()
    pairs = table[KEY].reset_index().merge(counts, on=["district", "project"], suffixes=("", "_found"))
    earlier = pairs[pairs["year_found"] < pairs["year"]].groupby("index")["n"].sum()
    return earlier.reindex(table.index, fill_value=0).astype("float64")


def _self_scores(evaluations: pd.DataFrame) -> pd.DataFrame:
    own = evaluations[(evaluations["kind"] == "self") & (evaluations["subject_kind"] == "project")]
    last = own.sort_values("round", kind="stable").rename(
        columns={"subject": "project", "score": "self_score"}
    )
    return last.drop_duplicates(KEY, keep="last")[[*KEY, "self_score"]]
