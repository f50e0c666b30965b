"""A district's total at the year's end, simulated jointly: projects share the year and the department."""

import numpy as np
import pandas as pd

from perflib.infer.interval import check_confidence


def simulate_total(
    past: pd.DataFrame,
    now: pd.DataFrame,
    *,
    year: int,
    department: str,
    types: str,
    confidence: float,
    seed: int,
    draws: int = 2000,
) -> pd.DataFrame:
    """`value, lower, upper, confidence, method` of the sum over `now`: one row.

    `past` and `now` as in `conformal_intervals`, with the columns `department` and `types`. Each draw takes
    one earlier year, and gives every department the shift (money-weighted mean residual) of one
    department of that year; what is left of the residuals is drawn unit by unit within its type. So
    shocks that units share do not cancel out, which adding up single intervals or drawing
    independently would get wrong in opposite ways. Units without budget add what they have spent.
    """
    check_confidence(confidence)
    known = past[(past["year"] < year) & (past["scale"] > 0) & past["outturn"].notna()]
    known = known.assign(_residual=((known["outturn"] - known["value"]) / known["scale"]).clip(-2, 2))
    shifts = _shifts(known, department)
    rest = known["_residual"] - _shift_of(known, shifts, department)
    rng = np.random.default_rng(seed)
    live = now[now["scale"] > 0]
    totals = _shared_part(live, shifts, department, rng, draws) + _own_part(
        live, rest, known[types], types, rng, draws
    )
    totals = totals + live["value"].sum() + now.loc[~(now["scale"] > 0), "value"].sum()
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(totals, [tail, 1 - tail])
    row = {"value": now["value"].sum(), "lower": lower, "upper": upper, "confidence": confidence}
    return pd.DataFrame([row]).assign(method="joint_simulation")


def _shifts(known: pd.DataFrame, department: str) -> pd.Series:
    money = (known["_residual"] * known["scale"]).groupby([known["year"], known[department]]).sum()
    return money / known["scale"].groupby([known["year"], known[department]]).sum()


def _shift_of(known: pd.DataFrame, shifts: pd.Series, department: str) -> np.ndarray:
    return shifts.reindex(pd.MultiIndex.from_frame(known[["year", department]])).to_numpy()


def _shared_part(live, shifts: pd.Series, department: str, rng, draws: int) -> np.ndarray:
    budgets = live.groupby(department)["scale"].sum().to_numpy()
    years = shifts.index.get_level_values(0).to_numpy()
    pools = [shifts.to_numpy()[years == y] for y in np.unique(years)]
    which = rng.integers(len(pools), size=draws)
    out = np.empty(draws)
    for y, pool in enumerate(pools):
        picked = which == y
        out[picked] = rng.choice(pool, (picked.sum(), len(budgets))) @ budgets
    return out


def _own_part(live, rest: pd.Series, kinds: pd.Series, types: str, rng, draws: int) -> np.ndarray:
    """Sum over units of budget × a residual of its type; types without a past draw from all."""
    pools, total = dict(tuple(rest.groupby(kinds))), np.zeros(draws)
    for kind, part in live.groupby(types):
        pool = pools.get(kind, rest).to_numpy()
        total += rng.choice(pool, (draws, len(part))) @ part["scale"].to_numpy()
    return total
