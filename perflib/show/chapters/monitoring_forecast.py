"""Forecasts of the year's end for every project of a district, with intervals and chances."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.infer.alert import FAILING_BELOW
from perflib.infer.chance import chance_below
from perflib.infer.conformal import size_bands
from perflib.infer.conformal_adaptive import yearly_intervals
from perflib.infer.forecast import forecast_ladder, rule_in_use, straight_line
from perflib.infer.forecast_pooled import forecast_pooled, month_tables, near_months

# Projects without a last year err more: they are calibrated among themselves, and their intervals are wider.
LEVELS = [["past", "type", "size"], ["past", "type"], ["past"], []]
# Forecasts that differ much from the budget are often wrong in one direction: chances are read within bands.
CHANCE_LEVELS = [["type", "band"], ["band"], []]
BANDS = (0.5, 0.65, 0.75, 0.85, 0.92, 1.0)
GOAL_LEVELS = [["type", "pace"], ["type"], []]
CONFIDENCE, LAST_CUTOFF = 0.8, 11
# The pooled model learns from many projects; with fewer project-years than this the plain mean is safer.
# The months beside the cut-off double the time; without them the errors of Madrid's sections are a tenth larger.
POOLED_FROM, REACH, ROUNDS, MODELS = 300, 1, 120, 1


@dataclass(frozen=True)
class Outlook:
    """`now`: this year's projects with their forecasts; `past`: the same of earlier years, forecast without
    knowing their end. `method` is "pooled", "combined" where earlier years hold few projects, or "straight_line" where
    none is complete."""

    now: pd.DataFrame
    past: pd.DataFrame
    method: str


def chosen_month(progress: pd.DataFrame, *, year: int, month: int) -> int:
    """`month`, if the year has it; for 0 its last month before December. Raises ArgumentError otherwise."""
    months = sorted(int(m) for m in progress.loc[progress["year"] == year, "month"].dropna().unique())
    found = ", ".join(map(str, months)) or "—"
    usable = [m for m in months if m <= LAST_CUTOFF]
    if month and not 1 <= month <= LAST_CUTOFF:
        raise ArgumentError("progress.bad_cutoff", month=month)
    if (month and month not in usable) or not usable:
        raise ArgumentError("progress.no_cutoff_month", month=month or LAST_CUTOFF, found=found)
    return month or usable[-1]


def make_outlook(progress: pd.DataFrame, *, year: int, month: int, seed: int = 1) -> Outlook:
    """The outlook of `year` at `month`; `progress` has the columns of its table and `type`.

    What happened after `month` is not looked at, but for the columns `outturn` and `outturn_budget` of
    past years (and of `now`, for hindsight only: nothing is computed from them here).
    """
    seen = progress[progress["year"] <= year]
    months = near_months(seen, month, reach=REACH)
    tables = month_tables(seen, keys=["project"], months=months, types="type")
    panel = tables[month][0]
    goals = seen.loc[seen["month"] == month, ["year", "project", "goal_progress", "planned_share"]]
    ends = seen.loc[seen["month"] == 12, ["year", "project", "goal_progress"]]
    panel = panel.merge(goals, on=["year", "project"], how="left", validate="one_to_one")
    panel = panel.merge(
        ends.rename(columns={"goal_progress": "goal_end"}), on=["year", "project"], how="left"
    )
    complete = panel.loc[panel["outturn"].notna() & (panel["year"] < year), "year"]
    if complete.empty:
        now = panel[panel["year"] == year]
        return Outlook(_without_past(now, month), _without_past(panel[:0], month), "straight_line")
    years = [y for y in sorted(panel["year"].unique()) if complete.min() < y <= year]
    model = _pooled_forecasts(tables, years, month, seed)
    tested = pd.concat(
        [_forecast(panel[panel["year"] <= y], model, y, month) for y in years], ignore_index=True
    )
    method = "pooled" if year in set(model["year"]) else "combined"
    return Outlook(*_with_chances(tested, year), method)


def _pooled_forecasts(tables: dict, years: list[int], month: int, seed: int) -> pd.DataFrame:
    """`pooled` and `p_pooled` by year and project, for the years whose past is long enough to learn from."""
    panel, parts = tables[month][0], []
    for year in years:
        if ((panel["year"] < year) & panel["outturn"].notna()).sum() >= POOLED_FROM:
            found = forecast_pooled(tables, month=month, year=year, seed=seed, rounds=ROUNDS, models=MODELS)
            ids = panel.loc[found.index, ["year", "project"]]
            parts.append(ids.assign(pooled=found["value"], p_pooled=found["p_failing"]))
    return pd.concat(parts) if parts else pd.DataFrame(columns=["year", "project", "pooled", "p_pooled"])


def _forecast(panel: pd.DataFrame, model: pd.DataFrame, year: int, month: int) -> pd.DataFrame:
    rows = panel[panel["year"] == year]
    learned = rows[["project"]].join(model[model["year"] == year].set_index("project"), on="project")
    # The year's own end is hidden: no forecast can rest on it, whatever the ladder reads.
    blind = panel.assign(outturn=panel["outturn"].where(panel["year"] < year))
    ladder = forecast_ladder(blind, year=year, month=month, types="type")
    best = learned["pooled"].astype("float64").fillna(ladder["combined"])
    value = best.clip(lower=rows["executed"].fillna(0.0))
    return rows.assign(
        month=month,
        straight_line=ladder["straight_line"],
        rule_in_use=rule_in_use(rows, month=month),
        last_year=ladder["last_year"],
        value=value,
        p_pooled=learned["p_pooled"].astype("float64"),
        scale=rows["adjusted_budget"],
        past=np.where(rows["joined_1"] == "none", "new", "past"),
        size=size_bands(rows["adjusted_budget"], rows["type"]),
        pace=size_bands(rows["goal_progress"], rows["type"]),
        band=np.digitize(value / rows["adjusted_budget"].where(rows["adjusted_budget"] > 0), BANDS),
    )


def _with_chances(tested: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    parts = {y: _chances(tested, y) for y in sorted(tested["year"].unique())}
    whole = pd.concat(parts.values()).sort_index()
    if whole["year"].nunique() > 1:
        blind = whole.assign(outturn=whole["outturn"].where(whole["year"] < year))
        spans = yearly_intervals(blind, levels=LEVELS, confidence=CONFIDENCE, by="type")
        whole = whole.join(spans[["low", "high", "confidence", "method", "calibrated_on"]])
    else:
        whole = whole.assign(low=np.nan, high=np.nan, confidence=CONFIDENCE, method=None, calibrated_on=0)
    is_now = whole["year"] == year
    return whole[is_now].reset_index(drop=True), whole[~is_now].reset_index(drop=True)


def _chances(tested: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of `year` with their chances of failing and of reaching their goals; NA in the first year, but
    for the pooled model's chance of failing."""
    rows = tested[tested["year"] == year]
    line = rows["adjusted_budget"] * FAILING_BELOW
    failing = chance_below(tested, rows, line=line, levels=CHANCE_LEVELS, year=year)
    # Where goals end depends little on where they stand, so the ends of the same pace are the forecast.
    gains = tested.assign(value=0.0, outturn=tested["goal_end"], scale=1.0)
    gains = gains[gains["goal_progress"].notna()]
    mine = gains[gains["year"] == year]
    full = pd.Series(1.0, index=mine.index)
    missing = chance_below(gains, mine, line=full, levels=GOAL_LEVELS, year=year)
    return rows.assign(p_failing=rows["p_pooled"].fillna(failing), p_goal=(1 - missing).reindex(rows.index))


def _without_past(now: pd.DataFrame, month: int) -> pd.DataFrame:
    """A first year: straight time, and neither interval nor chance."""
    line = straight_line(now, month=month)
    names = ("rule_in_use", "last_year", "low", "high", "confidence", "p_failing", "p_goal", "p_pooled")
    unknown = {c: np.nan for c in names}
    return now.assign(month=month, straight_line=line, value=line, scale=now["adjusted_budget"],
                      size="all", pace="all", past="new", method=None, calibrated_on=0, **unknown)  # fmt: skip
