"""Totals at the year's end, of a district and its parts jointly: units share the year and the department."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.infer.conformal import YEAR_DECAY, group_names
from perflib.infer.forecast import keep_possible
from perflib.infer.interval import check_confidence

_WIDEST = 2.0  # a residual beyond two budgets is a tiny budget that was raised, and scales to nothing
_KNOWN_BEFORE = 2  # years of knowledge that the spread of years' shocks is taken to start with
_METHOD = "joint_simulation"


def forecast_totals(
    past: pd.DataFrame,
    now: pd.DataFrame,
    *,
    year: int,
    by: Sequence[str] = (),
    cluster: str,
    groups: Sequence[str],
    confidence: float,
    seed: int,
    draws: int = 2000,
) -> pd.DataFrame:
    """`by, value, low, high, se, confidence, method` of the sums over `now`: a row per group, one row for no `by`.

    `past` and `now` as in `conformal_intervals`, with the columns `by`, `cluster` (what shares shocks: the
    department), `groups` (type and size) and `executed`. `value` is the sum of `expected_outturns`, so that
    groups add up to the whole. Each draw takes one shock of the year for all, one shift per cluster, and
    draws what is left of the residuals unit by unit within its group: adding up single intervals or drawing
    independently would get it wrong in opposite ways. The year's shock has the spread of the mean errors of earlier
    years, by Student's t as they are few. A cluster's shift is its money-weighted mean residual, shrunk by the
    part of its variance that single units explain: they are drawn anew. No bound lies below what is spent.
    """
    check_confidence(confidence)
    known = _known(past, year)
    value = expected_outturns(past, now, year=year)
    names = group_names(now, by) if by else pd.Series("all", index=now.index)
    cells = now.assign(_value=value, _executed=now["executed"].fillna(0.0))
    sums = cells.groupby(names.to_numpy())[["_value", "_executed"]].sum()
    live = now["scale"] > 0
    off = _simulated(known, now[live], names[live], cluster, groups, seed, draws) if len(known) else {}
    spread = pd.DataFrame(off, index=range(draws)).reindex(columns=sums.index, fill_value=0.0)
    tail = (1 - confidence) / 2
    ends = spread.quantile([tail, 1 - tail]).to_numpy()
    low = np.maximum(sums["_value"] + ends[0], sums["_executed"]).clip(upper=sums["_value"])
    table = sums.assign(
        value=sums["_value"],
        low=low if len(known) else np.nan,
        high=(sums["_value"] + ends[1]).clip(lower=sums["_value"]) if len(known) else np.nan,
        se=spread.std() if len(known) else np.nan,
    )
    columns = cells[list(by)].groupby(names.to_numpy()).first() if by else table[[]]
    table = columns.join(table[["value", "low", "high", "se"]]).reset_index(drop=True)
    return table.assign(confidence=confidence, method=_METHOD)


def expected_outturns(past: pd.DataFrame, now: pd.DataFrame, *, year: int) -> pd.Series:
    """The outturn of each row of `now` that adds up: its median and its part of what sums of medians missed by.

    Few units end above their median by much, more end below it by little, and a sum of medians is too low. What
    earlier years' sums missed by, a share of the budgets drawn to 0 by a year more than there are, is spread over the
    units by how far each may still move: never below what is spent, nor above what is possible.
    """
    shifts = _year_shifts(_known(past, year))
    missed = _centre(shifts) * now.loc[now["scale"] > 0, "scale"].sum()
    spent, most = now["executed"].fillna(0.0), now.get("most", now["scale"]).fillna(0.0)
    value = keep_possible(now["value"], now["executed"], most)
    room = np.maximum(most - value, 0.0) if missed > 0 else value - spent
    whole = room.sum()
    return value + np.sign(missed) * room * (min(1.0, abs(missed) / whole) if whole > 0 else 0.0)


def _known(past: pd.DataFrame, year: int) -> pd.DataFrame:
    rows = past[(past["year"] < year) & (past["scale"] > 0) & past["outturn"].notna()]
    residual = ((rows["outturn"] - rows["value"]) / rows["scale"]).clip(-_WIDEST, _WIDEST)
    return rows.assign(_residual=residual, _money=residual * rows["scale"])


def _year_shifts(known: pd.DataFrame) -> pd.Series:
    sums = known.groupby("year")[["_money", "scale"]].sum()
    return sums["_money"] / sums["scale"]


def _weights(shifts: pd.Series) -> np.ndarray:
    return YEAR_DECAY ** (shifts.index.max() - shifts.index.to_numpy("float64"))


def _centre(shifts: pd.Series) -> float:
    weight = _weights(shifts)
    return float((weight * shifts).sum() / (weight.sum() + 1))


def _simulated(known, live, names, cluster: str, groups, seed: int, draws: int) -> dict[str, np.ndarray]:
    """By how much each group's sum ends off its expectation, a number per draw."""
    rng = np.random.default_rng(seed)
    shock = _shock(_year_shifts(known), rng, draws)
    kinds = group_names(known, groups)
    pools, everyone = _own_residuals(known, kinds)
    shifts = _cluster_shifts(known, cluster, kinds)
    drawn = {c: rng.choice(shifts, draws) for c in sorted(live[cluster].unique())}
    out = {}
    for name, rows in live.groupby(names):
        total = shock * rows["scale"].sum()
        for own, budget in rows.groupby(cluster)["scale"].sum().items():
            total = total + drawn[own] * budget
        for kind, part in rows.groupby(group_names(rows, groups)):
            residual, reached = pools.get(kind, everyone)
            drawn_ones = np.searchsorted(reached, rng.random((draws, len(part))))
            total = total + residual[drawn_ones] @ part["scale"].to_numpy()
        out[name] = total
    return out


def _shock(shifts: pd.Series, rng, draws: int) -> np.ndarray:
    weight = _weights(shifts)
    k = weight.sum() ** 2 / (weight**2).sum()
    spread = np.sqrt((weight * (shifts - _centre(shifts)) ** 2).sum() / weight.sum() * (1 + 1 / k))
    return spread * rng.standard_t(k + _KNOWN_BEFORE, draws)


def _of_money(known: pd.DataFrame, kinds: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Residuals less the mean of their kind, and the variance of their kind, each weighed by its money.

    Large units err less, as a share of their budget, than small ones: counted alike, the many small ones would make
    the spread of a sum, which is that of the large ones, far too wide.
    """
    money = known["scale"]
    whole = money.groupby(kinds).transform("sum")
    own = known["_residual"] - known["_money"].groupby(kinds).transform("sum") / whole
    return own, (money * own**2).groupby(kinds).transform("sum") / whole


def _own_residuals(known: pd.DataFrame, kinds: pd.Series) -> tuple[dict, tuple]:
    """Residuals of each kind, and of all, with the share of the money up to each: to be drawn by their money."""
    rows = known.assign(_own=_of_money(known, kinds)[0])
    pool = lambda part: (part["_own"].to_numpy(), (part["scale"].cumsum() / part["scale"].sum()).to_numpy())  # noqa: E731
    return {kind: pool(part) for kind, part in rows.groupby(kinds)}, pool(rows)


def _cluster_shifts(known: pd.DataFrame, cluster: str, kinds: pd.Series) -> np.ndarray:
    """Shift of each year and cluster off its year's, without what its own units explain."""
    keys = [known["year"], known[cluster]]
    sums = known.groupby(keys)[["_money", "scale"]].sum()
    shifts = sums["_money"] / sums["scale"]
    shifts = shifts - shifts.index.get_level_values(0).map(_year_shifts(known)).to_numpy()
    share = known["scale"] / known["scale"].groupby(keys).transform("sum")
    explained = (share**2 * _of_money(known, kinds)[1]).groupby(keys).sum().mean()
    seen = shifts.var()
    kept = np.sqrt(max(0.0, 1 - explained / seen)) if seen > 0 else 0.0
    return (kept * (shifts - shifts.mean())).to_numpy()
