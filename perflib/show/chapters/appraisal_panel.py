"""What the experts' scores can decide: agreement, severity, how many experts, and verdicts with their doubt."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.infer.panel import (
    d_study,
    flip_probability,
    panel_scores,
    panel_table,
    rater_severity,
    raters_needed,
    variance_components,
)
from perflib.infer.panel_core import complete_core
from perflib.infer.reliability import icc, krippendorff_alpha
from perflib.measure.appraisal import judge_scores, latest_appraisals
from perflib.measure.rating_faults import rating_faults
from perflib.show.chapter import Chapter

RELIABILITY, UNSURE = 0.9, 0.1  # wanted of a panel's score; a verdict that another panel may well overturn
AGREEMENT = "ICC(2,1)"
SIZES = range(1, 11)
_NUMBERS = ("icc", "icc_lower", "icc_upper", "alpha", "alpha_lower", "alpha_upper")


def add_panel(
    chapter: Chapter, ratings: pd.DataFrame | None, appraisals: pd.DataFrame, own: pd.DataFrame, rules: Rules,
    budget_year: int,
) -> pd.DataFrame:  # fmt: skip
    """Add facts and tables on the panels up to `budget_year`; each project's score and verdict comes back."""
    rows = _ex_ante(ratings, budget_year)
    wide = _wide(rows, rules)
    is_small = len(wide) < rules.rating.min_items or wide.shape[1] < rules.rating.min_raters
    _add_counts(chapter, rows, wide, rules)
    _add_agreement(chapter, wide, is_small=is_small)
    _add_needs(chapter, wide, is_small=is_small)
    _add_dimensions(chapter, rows, is_small=is_small)
    judged = _judge(wide, appraisals, rules)
    _add_verdicts(chapter, judged, own)
    faults = rating_faults(rows, rules).rename(columns={"score": "given_score"})
    chapter.add_table(
        "rating_faults", faults, columns=["year", "rater", "item", "dimension", "given_score", "fault"]
    )
    return judged


def _ex_ante(ratings: pd.DataFrame | None, budget_year: int) -> pd.DataFrame:
    if ratings is None:
        return pd.DataFrame(
            columns=["district", "year", "context", "rater", "item", "dimension", "score"]
        ).astype({"score": "float64", "year": "int64"})
    return ratings[(ratings["context"] == "ex_ante") & (ratings["year"] <= budget_year)].reset_index(
        drop=True
    )


def _wide(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Projects of all years by experts; a project of another year is another project."""
    scale = (float(rules.rating.min), float(rules.rating.max))
    keyed = rows.assign(item=list(zip(rows["year"], rows["item"], strict=True)))
    return panel_table(keyed, scale=scale) if len(rows) else pd.DataFrame()


def _add_counts(chapter: Chapter, rows: pd.DataFrame, wide: pd.DataFrame, rules: Rules) -> None:
    core = complete_core(wide)
    values = {
        "rated": len(wide),
        "raters": wide.shape[1],
        "ratings": len(rows),
        "rating_faults": len(rating_faults(rows, rules)),
        "core_items": len(core),
        "core_raters": core.shape[1] if len(core) else 0,
        "panel_size": int(wide.count(axis=1).median()) if len(wide) else 0,
        "min_items": rules.rating.min_items,
        "min_raters": rules.rating.min_raters,
    }
    for id, value in values.items():
        chapter.facts.add(id, value, unit="count", table="ratings", rows=len(rows))


def _add_agreement(chapter: Chapter, wide: pd.DataFrame, *, is_small: bool) -> None:
    """One expert's agreement with another on the panel's total: ICC on the common core, alpha on all."""
    found: dict[str, float] = {}
    core = complete_core(wide)
    if not is_small and len(core):
        row = icc(core).set_index("form").loc[AGREEMENT]
        found |= {"icc": row["value"], "icc_lower": row["low"], "icc_upper": row["high"]}
    if not is_small:
        alpha = krippendorff_alpha(wide, level="interval", seed=0)
        found |= {"alpha": alpha["value"], "alpha_lower": alpha["low"], "alpha_upper": alpha["high"]}
    for id in _NUMBERS:
        chapter.facts.add(id, found.get(id), unit="ratio", table="ratings", rows=len(wide), reason="too_few")


def _add_needs(chapter: Chapter, wide: pd.DataFrame, *, is_small: bool) -> None:
    """How severe each expert is, and how reliable a panel of each size would be."""
    add = chapter.facts.add
    add("reliability_wanted", RELIABILITY, unit="ratio", table="rules", rows=0)
    spread, reached, needed = None, None, None
    if not is_small:
        parts = variance_components(wide)
        severity = rater_severity(wide).rename(columns={"value": "rater_severity", "mean": "mean_score"})
        shown = severity.sort_values(["rater_severity", "rater"], ignore_index=True)
        chapter.add_table(
            "raters", shown, columns=["rater", "n_items", "mean_score", "rater_severity"], count="n_items"
        )
        sizes = d_study(parts, raters=SIZES)
        chapter.add_table("panels", sizes, columns=["n_raters", "absolute", "relative", "se"])
        spread = float(severity["rater_severity"].max() - severity["rater_severity"].min())
        size = int(wide.count(axis=1).median())
        reached = float(d_study(parts, raters=[size])["absolute"].iloc[0])
        needed = raters_needed(parts, reliability=RELIABILITY)
    add("severity_gap", spread, unit="score", table="raters", rows=len(wide), reason="too_few")
    add("reliability", reached, unit="ratio", table="panels", rows=len(wide), reason="too_few")
    add("raters_needed", needed, unit="count", table="panels", rows=len(wide), reason="too_few")


def _add_dimensions(chapter: Chapter, rows: pd.DataFrame, *, is_small: bool) -> None:
    """Each dimension by itself: the spread always, agreement only where there is enough to measure it."""
    table = [_dimension(name, group, is_small) for name, group in rows.groupby("dimension", sort=True)]
    columns = ["dimension", "ratings", "mean_score", "sd", "icc", "icc_lower", "icc_upper", "alpha"]
    frame = pd.DataFrame(table, columns=columns).sort_values("mean_score", kind="stable", ignore_index=True)
    chapter.add_table("dimensions", frame, columns=columns if not is_small else columns[:4], count="ratings")


def _dimension(name: str, group: pd.DataFrame, is_small: bool) -> dict:
    once = group.drop_duplicates(["year", "item", "rater"], keep=False)
    wide = once.pivot(index=["year", "item"], columns="rater", values="score")
    row = {"dimension": name, "ratings": len(group), "mean_score": group["score"].mean(),
           "sd": wide.std(axis=1).mean()}  # fmt: skip
    core = complete_core(wide)
    if is_small or core.empty:
        return row
    found = icc(core).set_index("form").loc[AGREEMENT]
    alpha = krippendorff_alpha(wide, level="interval", draws=0)["value"]
    return row | {
        "icc": found["value"],
        "icc_lower": found["low"],
        "icc_upper": found["high"],
        "alpha": alpha,
    }


def _judge(wide: pd.DataFrame, appraisals: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per rated project: score with interval, verdict by the rule, doubt, and what was decided."""
    columns = ["budget_year", "subject", "subject_name", "decision", "n_raters", "least", "most", "value", "low",
               "high", "panel_verdict", "flip"]  # fmt: skip
    if wide.empty:
        return pd.DataFrame(columns=columns)
    scores = panel_scores(wide, min_items=rules.rating.min_items, min_raters=rules.rating.min_raters,
                          scale=(float(rules.rating.min), float(rules.rating.max)))  # fmt: skip
    bounds = [float(b.lower) for b in rules.verdicts if b.lower > rules.rating.min]
    scores = flip_probability(scores, thresholds=bounds)
    verdict = (
        judge_scores(scores["value"].fillna(scores["mean"]), rules)["verdict"] if rules.verdicts else pd.NA
    )
    keys = pd.DataFrame(list(scores["item"]), columns=["budget_year", "subject"])
    about = latest_appraisals(appraisals)[["budget_year", "subject", "name", "decision"]]
    table = scores.drop(columns="item").assign(panel_verdict=verdict).join(keys)
    table = table.merge(about, on=["budget_year", "subject"], how="left")
    table = table.assign(subject_name=table["name"].fillna(table["subject"]))
    return table.sort_values(["budget_year", "subject"], ascending=[False, True], ignore_index=True)


def _add_verdicts(chapter: Chapter, judged: pd.DataFrame, own: pd.DataFrame) -> None:
    shown = judged.rename(columns={"least": "lowest_score", "most": "highest_score", "value": "panel_score",
                                   "low": "panel_score_low", "high": "panel_score_high", "decision": "appraisal_decision"})  # fmt: skip
    columns = ["budget_year", "subject_name", "n_raters", "lowest_score", "highest_score", "panel_score",
               "panel_score_low", "panel_score_high", "panel_verdict", "flip", "appraisal_decision"]  # fmt: skip
    chapter.add_table("scores", shown, columns=columns)
    unsure = judged[judged["flip"] > UNSURE]
    mine = judged.merge(own[["budget_year", "subject"]].drop_duplicates(), on=["budget_year", "subject"])
    other = judged["decision"].notna() & judged["panel_verdict"].notna()
    other &= judged["decision"] != judged["panel_verdict"]
    add, rows = chapter.facts.add, len(judged)
    add("unsure_line", UNSURE, unit="limit", table="scores", rows=rows)
    add("unsure", len(unsure), unit="count", table="scores", rows=rows)
    add(
        "largest_flip",
        judged["flip"].max() if rows else None,
        unit="share",
        table="scores",
        rows=rows,
        reason="too_few",
    )
    add("rated_now", len(mine), unit="count", table="scores", rows=len(mine))
    add("largest_flip_now", mine["flip"].max() if len(mine) else None, unit="share", table="scores", rows=len(mine),
        reason="too_few")  # fmt: skip
    add("decided_otherwise", int(other.sum()), unit="count", table="scores", rows=rows)
