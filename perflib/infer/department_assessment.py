"""The assessment of departments of one year: the official scores, who can be told apart, and what would change
it.

The official score and rank are the rule's (`perflib.measure.assessment`). Here only indicators with a stated
source of error carry one: a value that is a share of `base_count` cases. Marks are taken to be proportional
to the value, so the error of an indicator is its weight times the standard error of the share.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE
from perflib.infer.ranks import largest_differences, rank_sets
from perflib.measure.assessment import (
    FULL,
    UNIT,
    list_faults,
    score_departments,
    score_phases,
    score_rows,
    spending_mix,
    weight_shares,
)
from perflib.measure.tally import check_columns, like

FEWEST_CASES = 5  # methods M29: no rank below five effective cases


def score_errors(assessment: pd.DataFrame) -> pd.DataFrame:
    """`score_rows` with `error` (marks, one standard error), one row per indicator.

    error is NA where no source of it is stated: `base_count` missing, or a value outside 0–1. The share is
    pulled towards a half by two cases each way (Agresti & Coull 1998), so that 10 of 10 isn't certain.
    """
    rows = score_rows(assessment)
    blank = pd.Series(np.nan, index=rows.index)
    n = rows.get("base_count", blank).astype(float)
    value = rows.get("value", blank).astype(float)
    stated = (n > 0) & value.between(0, 1) & rows["weight"].notna()
    share = (value * n + 2) / (n + 4)
    error = (rows["weight"].astype(float) * np.sqrt(share * (1 - share) / (n + 4))).where(stated)
    return rows.assign(base_count=n, error=error)


def department_errors(assessment: pd.DataFrame) -> pd.DataFrame:
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
        certain_weight=("certain", "sum"), squared=("squared", "sum"), per_case=("per_case", "sum")
    )
    per_case = sums.pop("per_case").astype(float)
    sums = sums.assign(effective_cases=sums.pop("squared") / per_case.where(per_case > 0))
    parts = [_errors(part) for _, part in rows.groupby(["district", "year"], dropna=False)]
    errors = pd.concat(parts, ignore_index=True) if parts else sums[UNIT].assign(se=np.nan)
    sums = sums.merge(errors, on=UNIT, validate="one_to_one")
    return score_departments(assessment).merge(sums, on=UNIT, validate="one_to_one")


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
    assessment: pd.DataFrame, *, confidence: float = CONFIDENCE, draws: int = 20_000, seed: int = 0
) -> pd.DataFrame:
    """Tiers of the departments of one district and year beside the official score and rank.

    Returns
    -------
    `department_errors` with tier (1 best), rank_low, rank_high (simultaneous set of ranks), low, high
    (interval of the score, within 0 and `FULL`), confidence, method; tier_reason where there is no tier:
    "no_score", "no_stated_error", "too_few_cases" (fewer effective ones than `FEWEST_CASES`, as with one
    project).
    Two departments are in different tiers wrongly, somewhere in the table, at most 1 − `confidence` of
    the time.
    """
    table = department_errors(assessment)
    if len(table[["district", "year"]].drop_duplicates()) > 1:
        raise DataError("evaluation.one_assessment", n=len(table[["district", "year"]].drop_duplicates()))
    lacks = [table["score"].isna(), table["se"].isna(), table["effective_cases"] < FEWEST_CASES]
    reason = np.select(lacks, ["no_score", "no_stated_error", "too_few_cases"], "")
    table["tier_reason"] = pd.Series(reason, table.index, dtype=object).replace("", pd.NA)
    half = stats.norm.ppf((1 + confidence) / 2) * table["se"]
    table = table.assign(
        low=(table["score"] - half).clip(lower=0), high=(table["score"] + half).clip(upper=FULL)
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
    Columns department, indicator, move_direction ("up" or "down"), marks_needed (to reach the worst score of the
    tier above, or to fall to the best of the tier below), marks_room (that the indicator can gain or
    lose), marks_then (marks of the indicator that it takes). Only rows where the room suffices. To stand
    level with a member of another tier is enough: no cut between the two can then be held.
    """
    known = tiered[tiered["tier"].notna()].astype({"tier": "Int64"})
    best = known.groupby("tier")["score"].max()
    worst = known.groupby("tier")["score"].min()
    up = (known["tier"] - 1).map(worst) - known["score"]
    down = known["score"] - (known["tier"] + 1).map(best)
    gaps = known[["department"]].assign(up=up, down=down)
    rows = score_rows(assessment)[["department", "indicator", "weight", "points"]]
    rows = rows.merge(gaps, on="department")
    room = rows["weight"] - rows["points"]
    up = rows.assign(move_direction="up", marks_needed=rows["up"], marks_room=room)
    down = rows.assign(move_direction="down", marks_needed=rows["down"], marks_room=rows["points"])
    moves = pd.concat([up, down], ignore_index=True)
    needed = moves["marks_needed"]
    moves["marks_then"] = moves["points"] + needed.where(moves["move_direction"] == "up", -needed)
    moves = moves[needed.notna() & (moves["marks_room"] >= needed - 1e-9)]
    order = ["department", "move_direction", "marks_needed", "indicator"]
    columns = ["department", "indicator", "move_direction", "marks_needed", "marks_room", "marks_then"]
    return moves[columns].sort_values(order, ignore_index=True)


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
    tiered: pd.DataFrame, *, confidence: float = CONFIDENCE, draws: int = 20_000, seed: int = 0
) -> pd.DataFrame:
    """For each department the change of its score that is enough to set it apart from all the others.

    Parameters
    ----------
    tiered : from `tier_departments`; departments with a tier are looked at.

    Returns
    -------
    Two rows per department: department, move_direction ("up": significantly better than every other, a first tier by
    itself; "down": worse than every other), marks_needed (0 where it stands apart already), marks_room (that there
    are to gain or lose), move_possible ("yes" or "no": whether the room suffices). Up before down, smallest needs first.

    A change of `marks_needed` is enough at `confidence` for the whole table, with the others' scores and all errors
    as they are; stepping down could make do with a little less.
    """
    columns = ["department", "move_direction", "marks_needed", "marks_room", "move_possible"]
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
    ways = (("up", up, FULL - score), ("down", down, score))
    own = known[["department"]]
    parts = [
        own.assign(move_direction=way, marks_needed=needed, marks_room=room) for way, needed, room in ways
    ]
    table = pd.concat(parts)
    is_possible = table["marks_room"] >= table["marks_needed"]
    table = table.assign(move_possible=is_possible.map({True: "yes", False: "no"}))
    order = ["move_direction", "marks_needed", "department"]
    return table[columns].sort_values(order, ascending=[False, True, True], ignore_index=True)


MIX = ["specific_share", "new_share"]
WAYS = ("up", "down")
_ORDER = ["official_rank", "department"]


class Assessment:
    """Frames on one year's assessment of departments: `marks`, `scores`, `summary`, `moves`, `least_moves`, `weights`, `faults`.

    `marks`: what each indicator earned (`score_rows`), of the year. `scores`: one row per department, best first, with
    the official score and rank, and tier, rank_low, rank_high, low, high that the data allow (`tier_departments`).
    `moves`: indicators that alone would change a tier, `least_moves`: the smallest changes that set a department apart
    from all the others. `weights`: how the weight is split between compliance and effect, a row per year and orientation.
    `faults`: what is wrong with the data of any year up to this one. `summary`: one row of numbers on all these.
    """

    def __init__(self, rows: pd.DataFrame, *, year: int, confidence: float, seed: int):
        self.year, self._confidence, self._seed = year, confidence, seed
        known = rows[rows["year"] <= year]
        self._rows = known.sort_values(["year", "department", "indicator"], ignore_index=True)
        self._rows.attrs = dict(rows.attrs)
        self._now = self._rows[self._rows["year"] == year].reset_index(drop=True)
        self.marks = score_rows(self._now)

    @cached_property
    def scores(self) -> pd.DataFrame:
        found = tier_departments(self._now, confidence=self._confidence, seed=self._seed)
        found["tier_reason"] = found["reason"].fillna(found["tier_reason"])
        found = found.rename(columns={"score": "official_score", "rank": "official_rank"})
        return self._like(found.sort_values(_ORDER, na_position="last", ignore_index=True))

    @cached_property
    def moves(self) -> pd.DataFrame:
        """department, indicator, move_direction, marks_needed, marks_room, marks_then; none in a single tier."""
        return self._like(what_would_move(self._tiered(), self._now))

    @cached_property
    def least_moves(self) -> pd.DataFrame:
        """department, move_direction, marks_needed, marks_room, move_possible; smallest needs first, up before down."""
        return self._like(least_moves(self._tiered(), confidence=self._confidence))

    @cached_property
    def weights(self) -> pd.DataFrame:
        """year, orientation, n_indicators, n_new, weight_share, weight_change, newest year first."""
        if self._rows.empty:
            names = ["year", "orientation", "n_indicators", "n_new", "weight_share", "weight_change"]
            return self._like(pd.DataFrame(columns=names))
        shares = weight_shares(self._rows).dropna(subset=["orientation"])
        named = shares.rename(columns={"share": "weight_share", "change": "weight_change"})
        return self._like(
            named.sort_values(["year", "orientation"], ascending=[False, True], ignore_index=True)
        )

    @cached_property
    def faults(self) -> pd.DataFrame:
        """year, department, indicator (NA: the whole), reason, found: one row per fault."""
        return self._like(list_faults(self._rows))

    def earned(self, *, by: str) -> pd.DataFrame:
        """Mean marks of the departments by "phase" or "orientation": `by`, weight, mean_marks, marks_share."""
        rows = score_phases(self._now, by=by).groupby(by, as_index=False)
        table = rows.agg(weight=("weight", "mean"), mean_marks=("points", "mean"))
        share = table["mean_marks"] / table["weight"].where(table["weight"] > 0)
        return self._like(table.assign(marks_share=share))

    def adjusted(self, projects: pd.DataFrame) -> pd.DataFrame:
        """`scores` with the score and rank that each department would have with the average mix of spending.

        `projects` are those of the year. Adds specific_share, new_share, adjusted_score, adjusted_rank, change
        (absolute); tier_reason says why one has none.
        """
        scored = self.scores.drop(columns="tier_reason").merge(
            spending_mix(projects), on="department", how="left"
        )
        table = adjust_for_mix(scored, MIX, value="official_score")
        table = table.rename(columns={"adjusted": "adjusted_score", "mix_reason": "tier_reason"})
        return self._like(table.assign(change=(table["adjusted_score"] - table["official_score"]).abs()))

    @cached_property
    def summary(self) -> pd.DataFrame:
        shown = self.scores
        known, tiers = shown.dropna(subset="official_score"), shown["tier"].dropna()
        ranked = shown.dropna(subset=["rank_low"])
        width = (ranked["rank_high"] - ranked["rank_low"] + 1).astype("float64")
        score = known["official_score"].astype("float64")
        new = self.marks["is_new"].fillna(False).astype(bool)
        found = {
            "rows": len(self._now),
            "assessed_year": self.year,
            "departments": len(shown),
            "mean_score": score.mean(),
            "highest": score.max(),
            "lowest": score.min(),
            "fewest_cases": int(FEWEST_CASES),
            "tiers": tiers.nunique(),
            # A flag and no count: the public edition must not hide it for being small.
            "has_tiers": float(tiers.nunique() > 1),
            "tiered": len(tiers),
            "untiered": len(shown) - len(tiers),
            "first_tier": int((tiers == 1).sum()),
            "rank_width": width.median(),
            "not_first": int((ranked["rank_low"] > 1).sum()),
            "not_last": int((ranked["rank_high"] < len(ranked)).sum()),
            "certain_weight": known["certain_weight"].astype("float64").mean(),
            "can_rise": self._movers("up"),
            "can_fall": self._movers("down"),
            **self._least(),
            **self._effect(),
            "new_indicators": int(self.marks.loc[new, "indicator"].nunique()),
            "faults": len(self.faults),
            "reason": "too_few",
        }
        return self._like(pd.DataFrame([found]))

    def _tiered(self) -> pd.DataFrame:
        return self.scores.rename(columns={"official_score": "score", "official_rank": "rank"})

    def _movers(self, way: str) -> int:
        return self.moves.loc[self.moves["move_direction"] == way, "department"].nunique()

    def _least(self) -> dict:
        """The department that is nearest to a tier of its own, at either end, with what it takes."""
        found = {}
        for way in WAYS:
            rows = self.least_moves[self.least_moves["move_direction"] == way]
            first = rows.iloc[0] if len(rows) else {}
            for name, column in (("name", "department"), ("points", "marks_needed"), ("room", "marks_room")):
                found[f"least_{way}_{name}"] = first.get(column)
        return found

    def _effect(self) -> dict:
        """Weight of effect this year and last; none where there is no assessment of that year."""
        share = self.weights[self.weights["orientation"] == "effect"].set_index("year")["weight_share"]
        there = set(self.weights["year"])
        values = [share.get(y, 0.0) if y in there else None for y in (self.year, self.year - 1)]
        return dict(zip(("effect_share", "effect_share_before"), values, strict=True))

    def _like(self, frame: pd.DataFrame) -> pd.DataFrame:
        return like(frame, self._rows)


def assess_departments(
    assessment: pd.DataFrame, *, year: int, confidence: float = CONFIDENCE, seed: int = 0
) -> Assessment:
    """The assessment of departments in `year` as an `Assessment`; `assessment` holds the rows of all years.

    Two departments are in different tiers wrongly, somewhere in the table, at most 1 − `confidence` of the time.

    >>> import perflib as pf
    >>> judged = pf.assess_departments(pf.load("sample").rows("assessment"), year=2023)
    >>> len(judged.scores), int(judged.summary["tiers"].item())
    (30, 1)
    """
    check_columns(assessment, [*UNIT, "indicator"])
    return Assessment(assessment, year=year, confidence=confidence, seed=seed)
