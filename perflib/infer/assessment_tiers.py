"""Which departments the assessment can tell apart: an error for each score, tiers, and what moves a tier.

The official score and rank are the rule's (`perflib.measure.assessment`). Here only indicators with a stated
source of error carry one: a value that is a share of `base_count` cases. Marks are taken to be proportional
to the value, so the error of an indicator is its weight times the standard error of the share.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.pair_maxima import largest_differences
from perflib.infer.ranks import rank_sets
from perflib.measure.assessment import UNIT, score_departments, score_rows

FEWEST_CASES = 5  # methods M29: no rank below five effective cases


def score_errors(assessment: pd.DataFrame) -> pd.DataFrame:
    """`score_rows` with `error` (marks, one standard error) and its source, one row per indicator.

    error is NA where no source is stated: `base_count` missing, or a value outside 0–1. The share is
    pulled towards a half by two cases each way (Agresti & Coull 1998), so that 10 of 10 isn't certain.
    Adds error, error_source ("share_of_cases" or NA).
    """
    rows = score_rows(assessment)
    blank = pd.Series(np.nan, index=rows.index)
    n = rows.get("base_count", blank).astype(float)
    value = rows.get("value", blank).astype(float)
    stated = (n > 0) & value.between(0, 1) & rows["weight"].notna()
    share = (value * n + 2) / (n + 4)
    error = (rows["weight"].astype(float) * np.sqrt(share * (1 - share) / (n + 4))).where(stated)
    source = pd.Series(pd.NA, rows.index, dtype=object).mask(stated, "share_of_cases")
    return rows.assign(base_count=n, error=error, error_source=source)


def department_errors(assessment: pd.DataFrame, *, total: float = 100.0) -> pd.DataFrame:
    """Official scores with what is uncertain in them, one row per district, year and department.

    Adds to `score_departments`: se (marks; NA without any stated source), certain_weight
    (weight of indicators without one), effective_cases (Σw² / Σ(w²/n) over the others: the number
    of cases behind every indicator that would leave as much doubt). Indicators that rest on the same projects err
    together: two of them as much as they go together from department to department, with one standard error of
    that (altogether where that can't be known). What departments really differ by makes it more, never less.
    """
    rows = score_errors(assessment)
    rows = rows.assign(
        certain=rows["weight"].where(rows["error"].isna()),
        squared=(rows["weight"].astype(float) ** 2).where(rows["error"].notna()),
    )
    rows = rows.assign(per_case=rows["squared"] / rows["base_count"].astype(float))
    sums = rows.groupby(UNIT, as_index=False).agg(
        certain_weight=("certain", "sum"),
        squared=("squared", "sum"),
        per_case=("per_case", "sum"),
    )
    per_case = sums.pop("per_case").astype(float)
    sums = sums.assign(
        effective_cases=sums.pop("squared") / per_case.where(per_case > 0),
    )
    parts = [_errors(part) for _, part in rows.groupby(["district", "year"], dropna=False)]
    errors = pd.concat(parts, ignore_index=True) if parts else sums[UNIT].assign(se=np.nan)
    sums = sums.merge(errors, on=UNIT, validate="one_to_one")
    return score_departments(assessment, total=total).merge(sums, on=UNIT, validate="one_to_one")


def _errors(rows: pd.DataFrame) -> pd.DataFrame:
    """The error of each department's score in one assessment."""
    error, value = (rows.pivot_table(v, UNIT, "indicator", "first", dropna=False) for v in ("error", "value"))
    known = error.columns[error.notna().any()]
    error, value = error[known].astype(float), value[known].astype(float)
    seen = value.notna().to_numpy(dtype=float)
    places = 1 / np.sqrt(np.maximum(seen.T @ seen - 3, 1))
    together = np.tanh(np.arctanh(value.corr(min_periods=6).clip(-0.999, 0.999).to_numpy()) + places)
    together = np.clip(np.where(np.isnan(together), 1.0, together), 0, 1)
    np.fill_diagonal(together, 1.0)
    e = error.fillna(0).to_numpy()
    squares = np.einsum("di,ij,dj->d", e, together, e)
    table = error.index.to_frame(index=False)
    return table.assign(se=np.where(error.notna().any(axis=1), np.sqrt(squares), np.nan))


def tier_departments(
    assessment: pd.DataFrame,
    *,
    total: float = 100.0,
    fewest_cases: float = FEWEST_CASES,
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Tiers of the departments of one district and year beside the official score and rank.

    Returns
    -------
    `department_errors` with tier (1 best), rank_low, rank_high (simultaneous set of ranks), low, high
    (interval of the score, within 0 and `total`), confidence, method; tier_reason where there is no tier:
    "no_score", "no_stated_error", "too_few_cases" (fewer effective ones than `fewest_cases`, as with one
    project).
    Two departments are in different tiers wrongly, somewhere in the table, at most 1 − `confidence` of
    the time.
    """
    table = department_errors(assessment, total=total)
    if len(table[["district", "year"]].drop_duplicates()) > 1:
        raise DataError("evaluation.one_assessment", n=len(table[["district", "year"]].drop_duplicates()))
    reason = np.select(
        [table["score"].isna(), table["se"].isna(), table["effective_cases"] < fewest_cases],
        ["no_score", "no_stated_error", "too_few_cases"],
        "",
    )
    table["tier_reason"] = pd.Series(reason, table.index, dtype=object).replace("", pd.NA)
    from scipy import stats

    half = stats.norm.ppf((1 + confidence) / 2) * table["se"]
    table = table.assign(
        low=(table["score"] - half).clip(lower=0), high=(table["score"] + half).clip(upper=total)
    )
    kept = table[table["tier_reason"].isna()]
    blank = table.assign(
        tier=pd.NA, rank_low=pd.NA, rank_high=pd.NA, confidence=confidence, method="rank_sets"
    )
    if len(kept) < 2:
        return blank
    ranked = rank_sets(
        kept, unit="department", value="score", confidence=confidence, draws=draws, seed=seed
    ).set_index("department")
    found = {c: table["department"].map(ranked[c]).astype("Int64") for c in ("tier", "rank_low", "rank_high")}
    return blank.assign(**found)


def what_would_move(tiered: pd.DataFrame, assessment: pd.DataFrame) -> pd.DataFrame:
    """Indicators that alone would lift a department out of its tier, or drop it, one row per case.

    Parameters
    ----------
    tiered : from `tier_departments`. assessment : what it was made from.

    Returns
    -------
    Columns department, indicator, direction ("up" or "down"), needed (marks to reach the worst score of the
    tier above, or to fall to the best of the tier below), room (marks that the indicator can gain or
    lose), score_needed (marks of the indicator that it takes). Only rows where the room suffices. To stand
    level with a member of another tier is enough: no cut between the two can then be held.
    """
    known = tiered[tiered["tier"].notna()].astype({"tier": "Int64"})
    best = known.groupby("tier")["score"].max()
    worst = known.groupby("tier")["score"].min()
    gaps = known[["department"]].assign(
        up=(known["tier"] - 1).map(worst) - known["score"],
        down=known["score"] - (known["tier"] + 1).map(best),
    )
    rows = score_rows(assessment)[["department", "indicator", "weight", "points"]].merge(
        gaps, on="department"
    )
    up = rows.assign(direction="up", needed=rows["up"], room=rows["weight"] - rows["points"])
    down = rows.assign(direction="down", needed=rows["down"], room=rows["points"])
    moves = pd.concat([up, down], ignore_index=True)
    sign = moves["direction"].map({"up": 1.0, "down": -1.0}).astype(float)
    moves = moves.assign(score_needed=moves["points"] + sign * moves["needed"])
    moves = moves[moves["needed"].notna() & (moves["room"] >= moves["needed"] - 1e-9)]
    columns = ["department", "indicator", "direction", "needed", "room", "score_needed"]
    return moves[columns].sort_values(["department", "direction", "needed", "indicator"], ignore_index=True)


def adjust_for_mix(scored: pd.DataFrame, covariates: Sequence[str], *, value: str = "score") -> pd.DataFrame:
    """`scored` with the score that each department would have with the average mix, and its rank.

    A line is fitted to `value` over the `covariates` (numbers known of every department, such as the share
    of capital projects); what the mix alone would make of the score is taken out. Adds expected,
    adjusted, adjusted_rank, mix_reason ("too_few_departments": fewer than five per coefficient; then
    NA; "not_known": the department lacks a value).
    """
    names = list(covariates)
    known = scored[[value, *names]].notna().all(axis=1)
    blank = scored.assign(
        expected=np.nan, adjusted=np.nan, adjusted_rank=pd.NA, mix_reason="too_few_departments"
    )
    if known.sum() < 5 * (len(names) + 1):
        return blank
    x = scored.loc[known, names].to_numpy(dtype=float)
    y = scored.loc[known, value].to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(x)), x - x.mean(axis=0)])
    beta, *_ = np.linalg.lstsq(design, y, rcond=None)
    expected = pd.Series(design @ beta, index=scored.index[known]).reindex(scored.index)
    adjusted = scored[value].astype(float) - expected + y.mean()
    rank = adjusted.round(9).rank(ascending=False, method="min").astype("Int64")
    reason = pd.Series(pd.NA, scored.index, dtype=object).mask(~known, "not_known")
    return scored.assign(expected=expected, adjusted=adjusted, adjusted_rank=rank, mix_reason=reason)


def least_moves(
    tiered: pd.DataFrame,
    *,
    total: float = 100.0,
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
) -> pd.DataFrame:
    """For each department the change of its score that is enough to set it apart from all the others.

    Parameters
    ----------
    tiered : from `tier_departments`; departments with a tier are looked at.

    Returns
    -------
    Two rows per department: department, direction ("up": significantly better than every other, a first tier by
    itself; "down": worse than every other), needed (points of the total; 0 where it stands apart already),
    room (points that there are to gain or lose), is_possible (the room suffices). Smallest needs first.

    A change of `needed` is enough at `confidence` for the whole table, with the others' scores and all errors
    as they are; stepping down could make do with a little less.
    """
    columns = ["department", "direction", "needed", "room", "is_possible"]
    known = tiered[tiered["tier"].notna()].sort_values("department", ignore_index=True)
    n = len(known)
    if n < 2:
        return pd.DataFrame(columns=columns)
    score, error = (known[c].to_numpy(dtype="float64") for c in ("score", "se"))
    errors = np.random.default_rng(seed).standard_normal((draws, n))
    maxima = largest_differences(errors, error, np.zeros((n, n), dtype=bool))
    margin = np.quantile(maxima, confidence, method="higher") * np.hypot(error[:, None], error[None, :])
    np.fill_diagonal(margin, -np.inf)
    up = np.maximum((score[None, :] + margin).max(axis=1) - score, 0)
    down = np.maximum(score - (score[None, :] - margin).min(axis=1), 0)
    parts = [
        pd.DataFrame({"department": known["department"], "direction": way, "needed": needed, "room": room})
        for way, needed, room in (("up", up, total - score), ("down", down, score))
    ]
    table = pd.concat(parts, ignore_index=True)
    table["is_possible"] = table["room"] >= table["needed"]
    return table[columns].sort_values(["needed", "department"], ignore_index=True)
