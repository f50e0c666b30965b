"""The assessment of departments as the rule prescribes it: marks, score, rank, and where the weight lies."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

UNIT = ["district", "year", "department"]
FULL = 100.0  # what the weights of a department must sum to
_SLACK = 1e-6  # weights such as 100/3 sum to 100 only within rounding


def score_rows(assessment: pd.DataFrame) -> pd.DataFrame:
    """`assessment` with the marks that each indicator earns, one row per indicator.

    marks = score / max_score × weight; where one of the two is missing, the score itself. Marks stay
    between 0 and the weight. Adds points and reason: "no_score" (points NA), "score_above_full" (capped),
    "no_weight" (points NA).
    """
    score, weight = assessment["score"].astype(float), assessment["weight"].astype(float)
    full = assessment["max_score"].astype(float) if "max_score" in assessment else weight
    full = full.fillna(weight)
    points = (score / full.where(full > 0) * weight).clip(lower=0)
    points = points.where(points <= weight, weight).where(points.notna())
    faults = [weight.isna(), score.isna(), score > full + _SLACK]
    reason = np.select(faults, ["no_weight", "no_score", "score_above_full"], "")
    reasons = pd.Series(reason, assessment.index, dtype=object).replace("", pd.NA)
    return assessment.assign(points=points.mask(weight.isna()), reason=reasons)


def score_departments(assessment: pd.DataFrame) -> pd.DataFrame:
    """The official score and rank of each department, one row per district, year and department.

    Columns district, year, department, n_indicators, n_capped, weight_sum, score, rank (1 best, within
    district and year; equal scores share the better rank), reason: "weights_off" (weights don't sum to
    `FULL`), "no_weight" or "no_score" (an indicator without one): then score and rank are NA.
    """
    rows = score_rows(assessment)
    marks = {"n_capped": "score_above_full", "lacks_weight": "no_weight", "lacks_score": "no_score"}
    rows = rows.assign(**{mark: rows["reason"] == reason for mark, reason in marks.items()})
    table = rows.groupby(UNIT, as_index=False).agg(
        n_indicators=("indicator", "size"),
        n_capped=("n_capped", "sum"),
        lacks_weight=("lacks_weight", "any"),
        lacks_score=("lacks_score", "any"),
        weight_sum=("weight", "sum"),
        score=("points", "sum"),
    )
    off = (table["weight_sum"] - FULL).abs() > _SLACK
    conditions = [table.pop("lacks_weight"), off, table.pop("lacks_score")]
    reason = np.select(conditions, ["no_weight", "weights_off", "no_score"], "")
    table["reason"] = pd.Series(reason, table.index, dtype=object).replace("", pd.NA)
    table["score"] = table["score"].where(table["reason"].isna())
    # Nine decimals: sums of marks that are equal on paper must share a rank.
    order = table["score"].round(9).groupby([table["district"], table["year"]])
    rank = order.rank(ascending=False, method="min").astype("Int64")
    columns = [*UNIT, "n_indicators", "n_capped", "weight_sum", "score", "rank", "reason"]
    return table.assign(rank=rank)[columns].sort_values(UNIT, ignore_index=True)


def score_phases(assessment: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Marks and full marks of each department by `phase` (or `orientation`), with the share earned.

    Columns district, year, department, `by`, weight, points (NA where an indicator has none), share. The
    points of a department's phases sum to its score.
    """
    rows = score_rows(assessment)
    groups = rows.groupby([*UNIT, by], dropna=False)
    points = groups["points"].agg(lambda x: x.sum(skipna=False))
    table = pd.DataFrame({"weight": groups["weight"].sum(), "points": points})
    return table.assign(share=points / table["weight"].where(table["weight"] > 0)).reset_index()


def weight_shares(assessment: pd.DataFrame) -> pd.DataFrame:
    """How the weight is split by `orientation` each year, and what moved since the last one.

    The share is the mean over departments of each one's own split, so that more indicators don't count
    for more. Columns district, year, orientation, share (0–1; sums to 1 a year), n_indicators (different
    names), n_new (marked `is_new`), change (share less last year's; NA in the first year).
    """
    rows = assessment.assign(orientation=assessment["orientation"].fillna(""))
    keys = ["district", "year", "orientation"]
    weights = rows.groupby([*UNIT, "orientation"], dropna=False)["weight"].sum().unstack().fillna(0.0)
    share = weights.div(weights.sum(axis=1).where(lambda s: s > 0), axis=0)
    table = share.groupby(level=["district", "year"]).mean().stack().rename("share").reset_index()
    is_new = rows["is_new"] if "is_new" in rows else pd.Series(False, index=rows.index)
    counts = {"n_indicators": rows, "n_new": rows[is_new.fillna(False).astype(bool)]}
    for name, part in counts.items():
        count = part.groupby(keys)["indicator"].nunique().rename(name)
        table = table.join(count, on=keys).fillna({name: 0}).astype({name: int})
    earlier = table[[*keys, "share"]].assign(year=table["year"] + 1)
    table = table.merge(earlier, on=keys, how="left", suffixes=("", "_before"))
    table = table.sort_values(["district", "orientation", "year"], ignore_index=True)
    change, orientation = table["share"] - table.pop("share_before"), table["orientation"]
    return table.assign(change=change, orientation=orientation.where(orientation != ""))


def list_faults(assessment: pd.DataFrame) -> pd.DataFrame:
    """What is wrong with the assessment, one row per fault.

    Columns district, year, department, indicator (NA for the whole), reason, found (the number at fault).

    Reasons are those of `score_rows` and `score_departments`, and "repeated_indicator".
    """
    rows = score_rows(assessment)
    single = rows[rows["reason"].notna()].assign(found=lambda d: d["score"])
    departments = score_departments(assessment)
    off = departments[departments["reason"] == "weights_off"].assign(found=lambda d: d["weight_sum"])
    twice = rows[rows.duplicated([*UNIT, "indicator"], keep=False)]
    twice = twice.assign(reason="repeated_indicator", found=twice["score"])
    columns: Sequence[str] = [*UNIT, "indicator", "reason", "found"]
    found = pd.concat([part.reindex(columns=columns) for part in (single, off, twice)])
    return found.sort_values(columns[:5], ignore_index=True)


def spending_mix(projects: pd.DataFrame) -> pd.DataFrame:
    """Share of specific-target money and of new projects' money in each department's budget, one row per department.

    Columns department, specific_share, new_share (0–1; NA without a budget).
    """
    money = projects["adjusted_budget"].fillna(0).clip(lower=0)
    is_new = projects["is_new"].fillna(False).astype(bool)
    rows = projects.assign(
        money=money, specific=money.where(projects["class"] == "specific", 0.0), new=money.where(is_new, 0.0)
    )
    sums = rows.groupby("department")[["money", "specific", "new"]].sum()
    total = sums["money"].where(sums["money"] > 0)
    shares = {"specific_share": sums["specific"] / total, "new_share": sums["new"] / total}
    return pd.DataFrame(shares).reset_index()
