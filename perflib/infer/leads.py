"""Where to look next: a risk score learnt from earlier years, its test on later ones, and the leads that it gives."""

from functools import cached_property

import pandas as pd

from perflib.data.rules import Rules
from perflib.infer.risk import (
    MIN_FINDINGS,
    calibration,
    evaluate_scores,
    lift_at,
    predict_later_years,
    score_risk,
)
from perflib.measure.risk_features import FEATURES, risk_projects
from perflib.measure.tally import like

LEADS = 20  # leads that are listed
LARGE = 0.9  # without a line of the rule, the largest tenth are large
SIZES = (10, 20, 40)
SLICE = 5  # material findings that a set needs before it says anything
SEED = 20230970


class RiskStudy:
    """The risk score of the projects of a year, as frames: `projects`, `leads`, `summary`, `lift`, `measures`,
    `calibration`.

    A project is learnt from where audit or finance named it, or the bureau spot-checked it (`risk_projects`).
    `projects`, `leads`: the year's projects by falling risk (see `score_leads`), all and the first 20.
    `summary`: one row on what was learnt from, and on the test (below); its numbers are NA, with the `reason`, where
    nothing can be said. The test scores later years by models of earlier ones only, and looks at those who were
    looked at: `lift` (one row a number of riskiest projects), `measures` (of the selected, and of random checks
    weighted by their probability), `calibration` (predicted and observed by group of risk). Each is empty where the
    test has too few outcomes.
    """

    def __init__(self, table: pd.DataFrame, rules: Rules, *, year: int):
        self._table = table
        self.projects = score_leads(table, rules, year=year)
        self.leads = self.projects[self.projects["is_lead"]].reset_index(drop=True)

    @cached_property
    def _tested(self) -> pd.DataFrame:
        """The projects of the test years that somebody looked at, with the risk that earlier years gave them."""
        table = self._table
        if self.projects.empty:
            return table.assign(risk=float("nan"))[:0]
        scored = predict_later_years(table, features=FEATURES, first_year=first_test_year(table))
        return scored[scored["is_audited"].astype(bool)]

    @cached_property
    def _judged(self) -> pd.DataFrame:
        found = self._tested["is_material"].sum()
        return self._tested if SLICE <= found < len(self._tested) else self._tested[:0]

    @cached_property
    def lift(self) -> pd.DataFrame:
        """What looking at the riskiest of those looked at would have found: top_k, precision, recall, lift with its bounds."""
        sizes = [k for k in SIZES if k <= len(self._judged)]
        if not sizes:
            return pd.DataFrame(columns=["top_k", "precision", "recall", "lift", "lift_low", "lift_high"])
        return lift_at(self._judged, sizes)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """`evaluate_scores` of the selected as they are, and of the random checks weighted: risk_measure, risk_seen."""
        if self._judged.empty:
            return pd.DataFrame(columns=["risk_measure", "risk_seen", "n_looked", "value"])
        random = self._random(self._tested)
        naive = evaluate_scores(self._judged, is_weighted=False, seed=SEED)
        parts = [naive.assign(risk_seen="selected", n_looked=len(self._judged))]
        if random["is_material"].sum() >= SLICE:
            weighted = evaluate_scores(random, is_weighted=True, seed=SEED)
            parts.append(weighted.assign(risk_seen="weighted", n_looked=len(random)))
        return pd.concat(parts, ignore_index=True).rename(columns={"quantity": "risk_measure"})

    @cached_property
    def calibration(self) -> pd.DataFrame:
        """Predicted risk against what was found, in four groups: risk_group, audited_projects, predicted, observed."""
        if self._judged.empty:
            return pd.DataFrame(columns=["risk_group", "audited_projects", "predicted", "observed"])
        return calibration(self._judged, bins=4)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row: what the score rests on, how many leads of which use, and what its test says."""
        learnt = self._table[self._table["is_audited"]]
        random = self._random(self._tested)
        first = self.lift.iloc[0] if len(self.lift) else {}
        said = self.measures.drop_duplicates("risk_measure").set_index("risk_measure")["value"]
        use, last = self.leads["lead_use"], self.leads["risk"].min()
        found = {
            "rows": len(learnt),
            "risk_method": self.leads["method"].iloc[0] if len(self.leads) else None,
            "learnt_findings": int(learnt["is_material"].sum()),
            "least_findings": MIN_FINDINGS,
            "leads": len(self.leads),
            "leads_key": int((use == "key_evaluation").sum()),
            "leads_check": int((use == "spot_check").sum()),
            "leads_tied": int((self.projects["risk"] == last).sum() - (self.leads["risk"] == last).sum()),
            "audited": len(self._tested),
            "random_checked": len(random),
            "random_findings": int(random["is_material"].sum()),
            **{name: first.get(name) for name in ("top_k", "precision", "lift", "lift_low", "lift_high")},
            **{name: said.get(name) for name in ("base_rate", "brier", "mean_risk")},
            "reason": "too_few",
        }
        return like(pd.DataFrame([found]), self._table)

    @staticmethod
    def _random(tested: pd.DataFrame) -> pd.DataFrame:
        return tested[tested["audit_probability"].notna()]


def risk_study(
    projects: pd.DataFrame, findings: pd.DataFrame, evaluations: pd.DataFrame, *, rules: Rules, year: int
) -> RiskStudy:
    """The risk of a material finding of each project of `year`, learnt from those looked at so far: a `RiskStudy`.

    `projects`, `findings` and `evaluations` are the district's of all years; what is later than `year` stays out.
    `rules` give the amount from which a lead is one for key evaluation. Without findings there is no score.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> tables = [book.rows(name) for name in ("projects", "findings", "evaluations")]
    >>> study = pf.risk_study(*tables, rules=pf.rules("binjiang-2023"), year=2023)
    >>> len(study.leads), bool(study.projects["risk"].between(0, 1).all())
    (20, True)
    """
    table = risk_projects(projects[projects["year"] <= year], findings, evaluations)
    table = table if len(findings) else table[:0]
    return RiskStudy(like(table, projects), rules, year=year)


def score_leads(table: pd.DataFrame, rules: Rules, *, year: int) -> pd.DataFrame:
    """The projects of `year` by falling risk, of equal risks the larger first, the first LEADS marked; no row where
    nobody was looked at.

    `table` is `risk_projects`. Adds to it risk, method and leading (see `score_risk`), is_lead, and
    lead_use: "key_evaluation" for leads of at least the amount from which the rule wants an appraisal,
    "spot_check" for the others, NA for those that are no lead.
    """
    audited = table[table["is_audited"] & table["is_material"].notna()]
    now = table[table["year"] == year]
    if audited.empty:
        return now[:0].assign(risk=0.0, method=None, leading=None, is_lead=False, lead_use=None)
    scored = score_risk(audited, now, features=FEATURES)
    scored = scored.sort_values(
        ["risk", "adjusted_budget", "project"], ascending=[False, False, True], ignore_index=True
    )
    large = now["adjusted_budget"].quantile(LARGE)
    line = float(large if rules.ex_ante is None else rules.ex_ante.threshold)
    is_lead = scored.index < LEADS
    use = (scored["adjusted_budget"] >= line).map({True: "key_evaluation", False: "spot_check"})
    return like(scored.assign(is_lead=is_lead, lead_use=use.where(is_lead)), table)


def first_test_year(table: pd.DataFrame) -> int | None:
    """The first year whose earlier years hold enough material findings for a model; else the second year."""
    yearly = table.groupby("year")["is_material"].sum().sort_index()
    before = yearly.cumsum().shift(1, fill_value=0)
    enough = before[before >= MIN_FINDINGS]
    years = yearly.index.tolist()
    return int(enough.index[0]) if len(enough) else int(years[1]) if len(years) > 1 else None
