"""Forecasts of the year's end for every project of a district, with intervals and chances; and whom to look at
first.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.shelf import frame_digest, shared_result
from perflib.infer.conformal import chance_below, size_bands, yearly_intervals
from perflib.infer.forecast import (
    forecast_ladder,
    forecast_pooled,
    keep_possible,
    month_tables,
    near_months,
    possible_rate,
    rule_in_use,
    straight_line,
)
from perflib.infer.forecast_panel import LAST_MONTH, cutoff_panel, outturns, unit_months

FAILING_BELOW = 0.8
# 确定能 / 有可能 / 完全不可能 of the monitoring form, from the probability of reaching the goal.
CERTAIN_FROM, IMPOSSIBLE_BELOW = 0.9, 0.1
IDLE_BELOW = 0.05


def is_failing(outturn: pd.Series, budget: pd.Series) -> pd.Series:
    """Whether the outturn stayed below four fifths of the budget at the time of the alarm; NA without a budget.

    Compared in whole cents.
    """
    cents, plan = (outturn * 100).round(), (budget * 100).round()
    lower = cents * 1000 < plan * round(FAILING_BELOW * 1000)
    return lower.astype("boolean").where((budget > 0) & outturn.notna())


def outlook(p_reaching: pd.Series) -> pd.Series:
    """`certain`, `possible` or `impossible` from the probability of reaching the goal; NA stays NA.

    >>> outlook(pd.Series([0.95, 0.5, 0.05])).tolist()
    ['certain', 'possible', 'impossible']
    """
    over = [p_reaching >= CERTAIN_FROM, p_reaching >= IMPOSSIBLE_BELOW]
    words = np.select(over, ["certain", "possible"], "impossible")
    return pd.Series(words, index=p_reaching.index, dtype="str").where(p_reaching.notna())


def propose_action(units: pd.DataFrame, *, failing_from: float = 0.5) -> pd.Series:
    """`continue`, `cut`, `reallocate` or `stop` for each unit: where a conversation starts, not a verdict.

    Needs `adjusted_budget`, `executed`, `committed`, `value`, `p_failing`. Not likely to fail: continue.
    Nothing signed and nothing spent to speak of (below a twentieth of the budget) and less than
    that forecast: stop. Half of the budget or more left over: reallocate. Else: cut.
    """
    budget = units["adjusted_budget"].where(units["adjusted_budget"] > 0)
    bound = units[["committed", "executed"]].max(axis=1) / budget
    left = 1 - units["value"] / budget
    is_idle = (bound < IDLE_BELOW) & (left > 1 - IDLE_BELOW)
    conditions = [~(units["p_failing"] >= failing_from), is_idle, left >= 0.5]
    words = np.select(conditions, ["continue", "stop", "reallocate"], "cut")
    return pd.Series(words, index=units.index, dtype="str")


# Projects without a last year err more: they are calibrated among themselves, and their intervals are wider.
LEVELS = [["past", "type", "size"], ["past", "type"], ["past"], []]
# Forecasts that differ much from the budget are often wrong in one direction: chances are read within bands.
CHANCE_LEVELS = [["type", "band"], ["band"], []]
BANDS = (0.5, 0.65, 0.75, 0.85, 0.92, 1.0)
CONFIDENCE, LAST_CUTOFF = 0.8, 11
NEVER_SURE = (0.01, 0.99)  # a few years and some hundred projects can't tell one in a hundred from never
# The pooled model learns from many projects; with fewer project-years than this the plain mean is safer.
# The months beside the cut-off double the time; without them the errors of Madrid's sections are a tenth larger.
POOLED_FROM, REACH, MODELS = 300, 1, 1
_MADE: dict[str, "Outlook"] = {}
_KEPT = 4


@dataclass(frozen=True)
class Outlook:
    """`now`: this year's projects with their forecasts; `past`: the same of earlier years, forecast without
    knowing their end. `method` is "pooled", "combined" where earlier years hold few projects, "straight_line" where
    none is complete, or "ended" in December."""

    now: pd.DataFrame
    past: pd.DataFrame
    method: str


def chosen_month(progress: pd.DataFrame, *, year: int, month: int) -> int:
    """`month`, if the year has it; for 0 its last month before December. Raises ArgumentError otherwise.

    A December that is there may be asked for: the year has ended, and nothing is forecast.
    """
    if not str(month).isdigit():
        raise ArgumentError("progress.bad_cutoff", month=month)
    month = int(month)
    months = sorted(int(m) for m in progress.loc[progress["year"] == year, "month"].dropna().unique())
    found = ", ".join(map(str, months)) or "—"
    if month == LAST_MONTH and month in months:
        return month
    usable = [m for m in months if m <= LAST_CUTOFF]
    if month and not 1 <= month <= LAST_CUTOFF:
        raise ArgumentError("progress.bad_cutoff", month=month)
    if (month and month not in usable) or not usable:
        raise ArgumentError("progress.no_cutoff_month", month=month or LAST_CUTOFF, found=found)
    return month or usable[-1]


def outlook_of(progress: pd.DataFrame, *, year: int, month: int, seed: int = 1) -> Outlook:
    """What `make_outlook` gives, made once for the same rows, by this process or by another of the run."""
    options = {"year": int(year), "month": int(month), "seed": seed}
    key = frame_digest("outlook", progress, options)
    if key not in _MADE:
        made = shared_result("outlook", progress, options, lambda: make_outlook(progress, **options))
        while len(_MADE) >= _KEPT:
            _MADE.pop(next(iter(_MADE)))
        _MADE[key] = made
    return _MADE[key]


def make_outlook(progress: pd.DataFrame, *, year: int, month: int, seed: int = 1) -> Outlook:
    """The outlook of `year` at `month`; `progress` has the columns of its table and `type`.

    What happened after `month` is not looked at, but for the columns `outturn` and `outturn_budget` of
    past years (and of `now`, for hindsight only: nothing is computed from them here).
    """
    seen = progress[progress["year"] <= year]
    if month == LAST_MONTH:
        return _ended(seen[seen["year"] == year])
    panel = cutoff_panel(seen, keys=["project"], month=month, labels=["type"])
    bare = panel
    reached = seen.reindex(columns=["year", "month", "project", "goal_progress", "planned_share"])
    goals = reached[reached["month"] == month].drop(columns="month")
    ends = reached[reached["month"] == 12].drop(columns=["month", "planned_share"])
    panel = panel.merge(goals, on=["year", "project"], how="left", validate="one_to_one")
    panel = panel.merge(
        ends.rename(columns={"goal_progress": "goal_end"}), on=["year", "project"], how="left"
    )
    complete = panel.loc[panel["outturn"].notna() & (panel["year"] < year), "year"]
    if complete.empty:
        now = panel[panel["year"] == year]
        return Outlook(_without_past(now, month), _without_past(panel[:0], month), "straight_line")
    years = [y for y in sorted(panel["year"].unique()) if complete.min() < y <= year]
    model = _pooled_forecasts(seen, bare, years, month, seed)
    tested = pd.concat(
        [_forecast(panel[panel["year"] <= y], model, y, month) for y in years], ignore_index=True
    )
    method = "pooled" if year in set(model["year"]) else "combined"
    return Outlook(*_with_chances(tested, year), method)


def _ended(lines: pd.DataFrame) -> Outlook:
    """December: what was spent is what comes, and earlier years have nothing to teach."""
    sums = unit_months(lines, keys=["project"], labels=["type"])
    own = {"keys": ["project"], "family": ["project"], "year": int(lines["year"].iloc[0])}
    goals = lines.loc[lines["month"] == LAST_MONTH, ["project", "goal_progress", "planned_share"]]
    now = outturns(sums, **own, month=LAST_MONTH).merge(
        goals, on="project", how="left", validate="one_to_one"
    )
    now = _without_past(now.assign(goal_end=now["goal_progress"]), LAST_MONTH)
    return Outlook(now.assign(value=now["executed"]), now[:0], "ended")


def _pooled_forecasts(seen, panel: pd.DataFrame, years: list[int], month: int, seed: int) -> pd.DataFrame:
    """`pooled` and `p_pooled` by year and project, for the years whose past is long enough to learn from."""
    known = panel.loc[panel["outturn"].notna(), "year"]
    able = [year for year in years if (known < year).sum() >= POOLED_FROM]
    if not able:
        return pd.DataFrame(columns=["year", "project", "pooled", "p_pooled"])
    months = near_months(seen, month, reach=REACH)
    tables, parts = month_tables(seen, keys=["project"], months=months, types="type", made={month: panel}), []
    for year in able:
        found = forecast_pooled(tables, month=month, year=year, seed=seed, models=MODELS)
        ids = tables[month][0].loc[found.index, ["year", "project"]]
        parts.append(ids.assign(pooled=found["value"], p_pooled=found["p_failing"]))
    return pd.concat(parts)


def _forecast(panel: pd.DataFrame, model: pd.DataFrame, year: int, month: int) -> pd.DataFrame:
    rows = panel[panel["year"] == year]
    learned = rows[["project"]].join(model[model["year"] == year].set_index("project"), on="project")
    # The year's own end is hidden: no forecast can rest on it, whatever the ladder reads.
    blind = panel.assign(outturn=panel["outturn"].where(panel["year"] < year))
    ladder = forecast_ladder(blind, year=year, month=month, types="type")
    best = learned["pooled"].astype("float64").fillna(ladder["combined"])
    budgets = blind["adjusted_budget"].where(blind["adjusted_budget"] > 0)
    most = possible_rate(blind["outturn"] / budgets) * rows["adjusted_budget"]
    value = keep_possible(best, rows["executed"], most)
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
        most=most,
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
    """The rows of `year` with their chance of failing; NA in the first year, but for the pooled model's."""
    rows = tested[tested["year"] == year]
    line = rows["adjusted_budget"] * FAILING_BELOW
    failing = chance_below(tested, rows, line=line, levels=CHANCE_LEVELS, year=year)
    return rows.assign(p_failing=rows["p_pooled"].fillna(failing).clip(*NEVER_SURE))


def _without_past(now: pd.DataFrame, month: int) -> pd.DataFrame:
    """A first year: straight time up to the budget, and neither interval nor chance."""
    line = rule_in_use(now, month=month)
    most = now[["adjusted_budget", "executed"]].max(axis=1)
    names = ("last_year", "low", "high", "confidence", "p_failing", "p_pooled")
    unknown = {c: np.nan for c in names}
    return now.assign(month=month, straight_line=straight_line(now, month=month), rule_in_use=line, value=line,
                      most=most, scale=now["adjusted_budget"], size="all", past="new", method=None,
                      calibrated_on=0, **unknown)  # fmt: skip
