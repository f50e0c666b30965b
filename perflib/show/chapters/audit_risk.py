"""The risk score of the audit chapter: learnt from earlier years, judged on later ones, and its leads."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.infer.leads import first_test_year, score_leads
from perflib.infer.risk import MIN_FINDINGS, predict_later_years
from perflib.infer.risk_evaluation import calibration, evaluate_scores, lift_at
from perflib.measure.risk_features import FEATURES, risk_projects
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.paired_bars import paired_bars
from perflib.show.labels import column

SIZES = (10, 20, 40)
SLICE = 5  # material findings that a random slice needs before it says anything
COUNTS = ("learnt_findings", "least_findings", "audited", "test_findings", "random_checked", "random_findings", "leads",
          "leads_key", "leads_check", "test_years")  # fmt: skip
MEASURES = ("precision_value", "base_value", "lift_value", "money_lift_value", "brier", "mean_risk")


def add_risk(
    chapter: Chapter,
    projects: pd.DataFrame,
    findings: pd.DataFrame,
    evaluations: pd.DataFrame,
    rules: Rules,
) -> None:
    """Add the score's evaluation and the leads; the public edition holds none of it, and says so."""
    year = chapter.identity["year"]
    table = risk_projects(projects[projects["year"] <= year], findings, evaluations)
    audited = table[table["is_audited"]]
    if chapter.edition == "public" or audited.empty:
        _add_nothing(chapter, "internal_only" if chapter.edition == "public" else "too_few")
        return
    _add_evaluation(chapter, table)
    _add_leads(chapter, table, audited, rules)


def _add_nothing(chapter: Chapter, reason: str) -> None:
    add = chapter.facts.add
    for id in COUNTS:
        add(id, None, unit="count", table="findings", rows=0, reason=reason)
    for id in MEASURES:
        unit = "ratio" if "lift" in id or id == "brier" else "share"
        add(id, None, unit=unit, table="findings", rows=0, reason=reason)
    for id in ("risk_method", "top_k"):
        add(
            id, None, unit="text" if id == "risk_method" else "count", table="findings", rows=0, reason=reason
        )


def _add_evaluation(chapter: Chapter, table: pd.DataFrame) -> None:
    """Later years only, and of those the projects that somebody looked at."""
    start = first_test_year(table)
    scored = predict_later_years(table, features=FEATURES, first_year=start)
    tested = scored[scored["is_audited"].astype(bool)] if len(scored) else scored
    add, n = chapter.facts.add, len(tested)
    found = int(tested["is_material"].sum()) if n else 0
    add("audited", n, unit="count", table="findings", rows=n)
    add("test_findings", found, unit="count", table="findings", rows=n)
    add("test_years", tested["year"].nunique() if n else 0, unit="count", table="findings", rows=n)
    slice_ = tested[tested["audit_probability"].notna()] if n else tested
    add("random_checked", len(slice_), unit="count", table="evaluations", rows=len(slice_))
    hits = int(slice_["is_material"].sum()) if len(slice_) else 0
    add("random_findings", hits, unit="count", table="evaluations", rows=len(slice_))
    is_enough = found >= SLICE and found < n
    _add_measures(
        chapter, tested if is_enough else tested.head(0), slice_ if hits >= SLICE else slice_.head(0)
    )


def _add_measures(chapter: Chapter, tested: pd.DataFrame, slice_: pd.DataFrame) -> None:
    add, n = chapter.facts.add, len(tested)
    sizes = [k for k in SIZES if k <= n]
    lifts = lift_at(tested, sizes, amount="finding_amount", is_weighted=False) if sizes else pd.DataFrame()
    row = lifts.iloc[0] if len(lifts) else pd.Series(dtype="float64")
    add("top_k", row.get("k"), unit="count", table="lift", rows=n, reason="too_few")
    add("precision_value", row.get("precision"), unit="share", table="lift", rows=n, reason="too_few")
    for id, name in (("lift_value", "lift"), ("money_lift_value", "money_lift")):
        add(id, row.get(name), unit="ratio", table="lift", rows=n, reason="too_few")
    said = (
        _measures(tested.assign(audit_probability=1.0)) if n else pd.DataFrame(columns=["quantity", "value"])
    )
    values = said.drop_duplicates("quantity").set_index("quantity")["value"]
    for id, name in (("base_value", "base_rate"), ("brier", "brier"), ("mean_risk", "mean_risk")):
        unit = "ratio" if id == "brier" else "share"
        add(id, values.get(name), unit=unit, table="evaluation", rows=n, reason="too_few")
    if not n:
        return
    chapter.add_table("lift", lifts.rename(columns={"k": "top_k"}), columns=[
        "top_k", "precision", "recall", "lift", "money_lift"], count="top_k")  # fmt: skip
    parts = [said.assign(risk_seen="selected", n_looked=n)]
    if len(slice_):
        weighted = _measures(slice_, is_weighted=True)
        parts.append(weighted.assign(risk_seen="weighted", n_looked=len(slice_)))
    shown = pd.concat(parts, ignore_index=True).rename(columns={"quantity": "risk_measure"})
    chapter.add_table(
        "evaluation", shown, columns=["risk_measure", "risk_seen", "n_looked", "value", "low", "high"]
    )
    _add_calibration(chapter, tested)


def _measures(rows: pd.DataFrame, *, is_weighted: bool = False) -> pd.DataFrame:
    table = evaluate_scores(rows, seed=20230970)
    return table[table["is_weighted"] == is_weighted].drop(columns="is_weighted")


def _add_calibration(chapter: Chapter, tested: pd.DataFrame) -> None:
    bins = calibration(tested, bins=4, is_weighted=False)
    shown = bins.rename(columns={"group": "risk_group", "n": "audited_projects"})
    chapter.add_table(
        "calibration", shown, columns=["risk_group", "audited_projects", "predicted", "observed"]
    )
    words = [column(c).label(chapter.lang) for c in ("predicted", "observed")]
    figure = paired_bars(
        shown.assign(label=shown["risk_group"].astype("str")), label="label", first="predicted", second="observed",
        first_label=words[0], second_label=words[1], unit="share", **figure_words(chapter, "calibration"),
    )  # fmt: skip
    chapter.add_figure("calibration", figure)


def _add_leads(chapter: Chapter, table: pd.DataFrame, audited: pd.DataFrame, rules: Rules) -> None:
    """The riskiest projects of the work year: large ones for a key evaluation, the others for a spot check."""
    scored = score_leads(table, rules, year=chapter.identity["year"])
    leads = scored[scored["is_lead"]]
    is_large = leads["lead_use"] == "key_evaluation"
    add, n = chapter.facts.add, len(audited)
    add("learnt_findings", int(audited["is_material"].sum()), unit="count", table="findings", rows=n)
    add("least_findings", MIN_FINDINGS, unit="count", table="findings", rows=0)
    method = leads["method"].iloc[0] if len(leads) else None
    words = column("risk_measure").cell(method, chapter.lang) if method else None
    add("risk_method", words, unit="text", table="findings", rows=n, reason="too_few")
    add("leads", len(leads), unit="count", table="leads", rows=len(scored))
    add("leads_key", int(is_large.sum()), unit="count", table="leads", rows=len(scored))
    add("leads_check", int((~is_large).sum()), unit="count", table="leads", rows=len(scored))
    columns = ["name", "department", "adjusted_budget", "risk", "leading", "lead_use"]
    chapter.add_table("leads", leads, columns=columns)
    chapter.add_table("all_risks", scored, columns=["project", *columns[:-1]], is_in_page=False)
