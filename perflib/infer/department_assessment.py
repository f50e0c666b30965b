"""The assessment of departments of one year: the official scores, who can be told apart, and what would change it."""

from functools import cached_property

import pandas as pd

from perflib.infer.assessment_tiers import (
    FEWEST_CASES,
    adjust_for_mix,
    least_moves,
    tier_departments,
    what_would_move,
)
from perflib.infer.interval import CONFIDENCE
from perflib.measure.assessment import list_faults, score_phases, score_rows, spending_mix, weight_shares

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
        moves = what_would_move(self._tiered(), self._now)
        names = {"direction": "move_direction", "needed": "marks_needed", "room": "marks_room"}
        return self._like(moves.rename(columns={**names, "score_needed": "marks_then"}))

    @cached_property
    def least_moves(self) -> pd.DataFrame:
        """department, move_direction, marks_needed, marks_room, move_possible; smallest needs first, up before down."""
        moves = least_moves(self._tiered(), confidence=self._confidence)
        names = {"direction": "move_direction", "needed": "marks_needed", "room": "marks_room"}
        moves = moves.rename(columns=names)
        possible = moves.pop("is_possible").map({True: "yes", False: "no"})
        ordered = moves.assign(move_possible=possible).sort_values(
            "move_direction", ascending=False, kind="stable", ignore_index=True
        )
        return self._like(ordered)

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
        frame.attrs = dict(self._rows.attrs)
        return frame


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
    return Assessment(assessment, year=year, confidence=confidence, seed=seed)
