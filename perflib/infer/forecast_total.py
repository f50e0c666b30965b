"""A district's total at the year's end, simulated jointly: projects share the year and the department."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.infer.conformal import group_names
from perflib.infer.interval import check_confidence

_WIDEST = 2.0  # a residual beyond two budgets is a tiny budget that was raised, and scales to nothing


def simulate_total(
    past: pd.DataFrame,
    now: pd.DataFrame,
    *,
    year: int,
    department: str,
    groups: Sequence[str],
    confidence: float,
    seed: int,
    draws: int = 2000,
) -> pd.DataFrame:
    """`value, low, high, confidence, method` of the sum over `now`: one row.

    `past` and `now` as in `conformal_intervals`, with the columns `department` and `groups` (type and
    size). Each draw takes one earlier year, gives every department the shift of one department of
    that year, and draws what is left of the residuals unit by unit within its group. So shocks that
    units share do not cancel out, which adding up single intervals or drawing independently would
    get wrong in opposite ways. A department's shift is its money-weighted mean residual, shrunk by the
    part of its variance that single units explain: they are drawn anew. Units without budget add
    what they have spent.
    """
    check_confidence(confidence)
    known = past[(past["year"] < year) & (past["scale"] > 0) & past["outturn"].notna()]
    residual = ((known["outturn"] - known["value"]) / known["scale"]).clip(-_WIDEST, _WIDEST)
    known = known.assign(_residual=residual, _group=group_names(known, groups))
    shifts, own = _split(known, department)
    rng = np.random.default_rng(seed)
    live = now[now["scale"] > 0]
    totals = _shared_part(live, shifts, department, rng, draws)
    totals = totals + _own_part(live, own, known["_group"], groups, rng, draws) + now["value"].sum()
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(totals, [tail, 1 - tail])
    row = {"value": now["value"].sum(), "low": lower, "high": upper, "confidence": confidence}
    return pd.DataFrame([row]).assign(method="joint_simulation")


def _split(known: pd.DataFrame, department: str) -> tuple[pd.Series, pd.Series]:
    """Shift of each year and department, shrunk, and the residuals of units around their group."""
    cluster = [known["year"], known[department]]
    budget = known["scale"].groupby(cluster).sum()
    shifts = (known["_residual"] * known["scale"]).groupby(cluster).sum() / budget
    own = known["_residual"] - known["_residual"].groupby(known["_group"]).transform("mean")
    share = known["scale"] / known["scale"].groupby(cluster).transform("sum")
    spread = own.groupby(known["_group"]).transform("var").fillna(own.var())
    explained = (share**2 * spread).groupby(cluster).sum().mean()
    centre, seen = shifts.mean(), shifts.var()
    kept = np.sqrt(max(0.0, 1 - explained / seen)) if seen > 0 else 0.0
    return centre + kept * (shifts - centre), own


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


def _own_part(live, own: pd.Series, kinds: pd.Series, groups: Sequence[str], rng, draws: int) -> np.ndarray:
    """Sum over units of budget × a residual of its group; a group without a past draws from all."""
    pools, total = dict(tuple(own.groupby(kinds))), np.zeros(draws)
    for kind, part in live.groupby(group_names(live, groups)):
        pool = pools.get(kind, own).to_numpy()
        total += rng.choice(pool, (draws, len(part))) @ part["scale"].to_numpy()
    return total
