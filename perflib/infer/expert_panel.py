"""What the experts' scores of new projects can decide: agreement, severity, panels of each size, verdicts in doubt."""

from typing import NamedTuple

import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.infer.panel import (
    complete_core,
    d_study,
    flip_probability,
    panel_scores,
    panel_table,
    rater_severity,
    raters_needed,
    variance_components,
)
from perflib.infer.reliability import icc, krippendorff_alpha
from perflib.measure.appraisal import judge_scores, latest_appraisals
from perflib.measure.tally import tally
from perflib.measure.voices import rating_faults

AGREEMENT = "ICC(2,1)"
_KEY = ["budget_year", "subject"]
_TOTALS = ["severity_gap", "panel_size", "reliability", "raters_needed"]
_VERDICT = [*_KEY, "name", "decision", "n_raters", "least", "most", "mean", "value", "low", "high", "se", "verdict",
            "flip"]  # fmt: skip


class ExpertPanel(NamedTuple):
    """What `expert_panel` finds: plain frames."""

    agreement: pd.DataFrame  # one row: counts, ICC and alpha with intervals, reliability now, experts needed
    dimensions: pd.DataFrame  # one per dimension: ratings, mean_score, sd, icc, icc_low, icc_high, alpha
    raters: pd.DataFrame  # one per expert: n_items, mean_score, rater_severity (above zero: mild)
    sizes: pd.DataFrame  # one per number of experts: absolute, relative, se
    scores: pd.DataFrame  # one per project and budget: value, low, high, verdict, flip, decision
    faults: pd.DataFrame  # one per rating that can't be taken as it is, with its `fault`


def expert_panel(
    ratings: pd.DataFrame, rules: Rules, *, appraisals: pd.DataFrame, reliability: float = 0.9, seed: int = 0
) -> ExpertPanel:
    """What the ratings of context `ex_ante` can decide: how far experts agree, and which verdicts hang on who sat.

    `ratings` has one row per expert, project and dimension; `year` is the budget year, and all years are pooled,
    since a project of another year is another project. `appraisals` give names and decisions. Scores are in points.
    Below the rule's `min_items` projects or `min_raters` experts there is spread only: the rest is NA, with the
    `reason` too_few. `raters_needed` reach `reliability` (0-1) of a verdict by a line; NA if no number does.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> found = pf.expert_panel(book.rows("ratings"), rule, appraisals=book.rows("appraisals"))
    >>> found.agreement[["rated", "raters"]].iloc[0].tolist()
    [18, 10]
    """
    rows = ratings[ratings["context"] == "ex_ante"].reset_index(drop=True)
    wide = _wide(rows, rules)
    is_small = len(wide) < rules.rating.min_items or wide.shape[1] < rules.rating.min_raters
    faults = rating_faults(rows, rules)
    raters, sizes, totals = _needs(wide, reliability, is_small)
    counts = {
        "rated": len(wide),
        "raters": wide.shape[1],
        "ratings": len(rows),
        "rating_faults": len(faults),
        "min_items": rules.rating.min_items,
        "min_raters": rules.rating.min_raters,
        "reliability_wanted": reliability,
    }
    agreement = tally(rows, **counts, **_agreement(wide, seed, is_small), **totals,
                        reason="too_few" if is_small else None)  # fmt: skip
    found = ExpertPanel(
        agreement, _dimensions(rows, is_small), raters, sizes, _scores(wide, appraisals, rules), faults
    )
    for frame in found:
        frame.attrs = dict(ratings.attrs)
    return found


def _wide(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Projects of all years by experts."""
    scale = (float(rules.rating.min), float(rules.rating.max))
    keyed = rows.assign(item=list(zip(rows["year"], rows["item"], strict=True)))
    return panel_table(keyed, scale=scale) if len(rows) else pd.DataFrame()


def _agreement(wide: pd.DataFrame, seed: int, is_small: bool) -> dict:
    """One expert's agreement with another on the panel's total: ICC on the common core, alpha on all."""
    core = complete_core(wide)
    counts = {"core_items": len(core), "core_raters": core.shape[1] if len(core) else 0}
    has_core = not is_small and len(core) > 0
    found = _interval("icc", icc(core).set_index("form").loc[AGREEMENT] if has_core else None)
    alpha = None if is_small else krippendorff_alpha(wide, level="interval", seed=seed)
    return counts | found | _interval("alpha", alpha)


def _interval(name: str, estimate: pd.Series | None) -> dict:
    value, low, high = (None, None, None) if estimate is None else estimate[["value", "low", "high"]]
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _needs(wide: pd.DataFrame, reliability: float, is_small: bool) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """How severe each expert is, how reliable a panel of each size would be, and what holds of the panels as they are."""
    size = int(wide.count(axis=1).median()) if len(wide) else 0
    if is_small:
        raters = pd.DataFrame(columns=["rater", "n_items", "mean_score", "rater_severity"])
        sizes = pd.DataFrame(columns=["n_raters", "absolute", "relative", "se"])
        return raters, sizes, dict.fromkeys(_TOTALS) | {"panel_size": size}
    parts = variance_components(wide)
    raters = rater_severity(wide).rename(columns={"value": "rater_severity", "mean": "mean_score"})
    raters = raters.sort_values(["rater_severity", "rater"], ignore_index=True)
    severity, now = raters["rater_severity"], d_study(parts, raters=[size])["absolute"].iloc[0]
    totals = severity.max() - severity.min(), size, now, raters_needed(parts, reliability=reliability)
    return raters, d_study(parts, raters=range(1, 11)), dict(zip(_TOTALS, totals, strict=True))


def _dimensions(rows: pd.DataFrame, is_small: bool) -> pd.DataFrame:
    """Each dimension by itself: the spread always, agreement only where there is enough to measure it."""
    table = [_dimension(name, group, is_small) for name, group in rows.groupby("dimension", sort=True)]
    columns = ["dimension", "ratings", "mean_score", "sd", "icc", "icc_low", "icc_high", "alpha"]
    frame = pd.DataFrame(table, columns=columns).sort_values("mean_score", kind="stable", ignore_index=True)
    return frame[columns[:4]] if is_small else frame


def _dimension(name: str, group: pd.DataFrame, is_small: bool) -> dict:
    once = group.drop_duplicates(["year", "item", "rater"], keep=False)
    wide = once.pivot(index=["year", "item"], columns="rater", values="score")
    row = {"dimension": name, "ratings": len(group), "mean_score": group["score"].mean(),
           "sd": wide.std(axis=1).mean()}  # fmt: skip
    core = complete_core(wide)
    if is_small or core.empty:
        return row
    alpha = krippendorff_alpha(wide, level="interval", draws=0)["value"]
    return row | _interval("icc", icc(core).set_index("form").loc[AGREEMENT]) | {"alpha": alpha}


def _scores(wide: pd.DataFrame, appraisals: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per rated project, the latest budget first: score with interval, verdict by the rule, doubt, decision."""
    if wide.empty:
        return pd.DataFrame(columns=_VERDICT)
    scores = panel_scores(wide, min_items=rules.rating.min_items, min_raters=rules.rating.min_raters,
                          scale=(float(rules.rating.min), float(rules.rating.max)))  # fmt: skip
    scores = flip_probability(
        scores, thresholds=[float(b.lower) for b in rules.verdicts if b.lower > rules.rating.min]
    )
    judged = scores["value"].fillna(scores["mean"])
    verdict = judge_scores(judged, rules)["verdict"] if rules.verdicts else pd.NA
    keys = pd.DataFrame(list(scores["item"]), columns=_KEY)
    table = scores.assign(verdict=verdict).join(keys)
    table = table.merge(latest_appraisals(appraisals)[[*_KEY, "name", "decision"]], on=_KEY, how="left")
    table = table.assign(name=table["name"].fillna(table["subject"]))
    return table.sort_values(_KEY, ascending=[False, True], ignore_index=True)[_VERDICT]
