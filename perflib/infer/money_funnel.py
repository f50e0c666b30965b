"""Funnel of execution rates: how far a district's rate may lie from the others' by the luck of its projects.

Money is not a number of trials: one large project decides a rate as one throw decides a coin. The
horizontal axis is therefore the effective number of projects, and the variance is between projects.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import ArgumentError, DataError
from perflib.infer.interval import CONFIDENCE, check_confidence
from perflib.infer.rate import apart, centre_of_kinds
from perflib.infer.shrinkage import between_variance
from perflib.infer.shuffle import DRAWS, MOST, blocks, deal
from perflib.infer.spread import kind_numbers
from perflib.measure.decisions import decisions

FEW = 30  # effective projects below which a mean of skewed rates is not yet normal
FEW_GROUPS = 12  # below, the winsorised estimate of the variance between groups is unstable (methods M4)


@dataclass(frozen=True)
class _Units:
    """Decisions as arrays: budget, rate, numbers of group, stratum and kind, and the group names."""

    budget: np.ndarray
    rate: np.ndarray
    group: np.ndarray
    stratum: np.ndarray
    kind: np.ndarray
    names: pd.Index

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sums of `values` by group and stratum."""
        strata = int(self.stratum.max()) + 1
        cell = self.group * strata + self.stratum
        return np.bincount(cell, values, len(self.names) * strata).reshape(-1, strata)


def money_funnel(
    rates: pd.DataFrame,
    *,
    group: str = "district",
    cluster: str | None = None,
    stratum: str | None = None,
    confidence: float = CONFIDENCE,
    limits: str = "permutation",
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per `group`: its rate, the limits within which identical groups lie, and a flag.

    `rates` has one row per project with `group`, `executed` and `budget` (see `project_rates`);
    rows without a positive budget are left out. `cluster` names what was decided as one (a policy): its
    projects are added within the group first, a project without one stands by itself. With `stratum` (a
    type of project) the centre is the rate that the group would have if each type were executed as everywhere.

    The limits of a group are the quantiles of its rate when rates are dealt anew among projects of like kind and
    size (`perflib.infer.shuffle`); `limits="pooled"`, and where districts are too many to deal: centre ± t · σ·√Σ(b/B)² with σ² pooled within groups
    (methods M4). `low_outer`, `high_outer` add the variance `tau2` by which groups really differ: outside the
    first a group is not like the others, outside the second it is unusual even among groups that differ.
    `p_value` is that of `perflib.infer.rate.apart`, which no single project can turn; control it before
    anything is claimed.

    Columns: `group`, `projects` (decisions), `effective`, `budget`, `executed`, `rate`, `centre`,
    `se`, `low`, `high`, `p_value`, `is_outside`, `tau2`, `low_outer`,
    `high_outer`, `is_unusual`, `confidence`, `method`, and `reason` where a limit needs care:
    `one_project`, or `few_effective` (few effective projects, and not shuffled). Sorted by group. Raises
    DataError for fewer than two groups.
    """
    check_confidence(confidence)
    if limits not in ("permutation", "pooled"):
        raise ArgumentError("compare.unknown_limits", value=limits)
    rows = _rows(rates, group, cluster, stratum)
    units = _units(rows, group, stratum)
    table = _pooled(units, confidence)
    if limits == "permutation" and len(rows) * len(table) <= MOST:
        table = _shuffled(table, units, confidence, draws, seed)
    if limits == "permutation":
        table["p_value"] = apart(rows, by=[group], seed=seed, draws=draws, level=1 - confidence).set_index(
            group
        )["p_value"]
    table = _judged(_predictive(table, confidence)).assign(confidence=confidence)
    return table.rename_axis(group).reset_index()


def _rows(rates: pd.DataFrame, group: str, cluster: str | None, stratum: str | None) -> pd.DataFrame:
    keys = [k for k in (group, stratum) if k]
    rows = decisions(rates, by=keys, together=cluster)
    # One order for all engines: the shuffles and the last digit of sums depend on it.
    return rows[rows["budget"] > 0].sort_values([*keys, "budget", "executed"], ignore_index=True)


def _units(rows: pd.DataFrame, group: str, stratum: str | None) -> _Units:
    numbers, names = pd.factorize(rows[group], sort=True)
    if len(names) < 2:
        raise DataError("compare.one_district", found=", ".join(map(str, names)))
    strata = pd.factorize(rows[stratum])[0] if stratum else np.zeros(len(rows), dtype=int)
    budget, rate = (rows[c].to_numpy(dtype="float64") for c in ("budget", "rate"))
    kind = kind_numbers(rows, but=[group])
    kind = kind * (int(strata.max()) + 1) + strata
    return _Units(budget, rate, numbers, strata, kind, pd.Index(names))


def _pooled(units: _Units, confidence: float) -> pd.DataFrame:
    """Limits by the variance between projects, pooled within groups, and Student's t."""
    money, squares = units.total(units.budget), units.total(units.budget**2)
    whole, budget = money.sum(axis=0), money.sum(axis=1)
    spent = units.total(units.budget * units.rate)
    variance, freedom = _between_projects(units, money, squares)
    share = money / budget[:, None]
    # value − centre is a sum over all projects of weight × rate; this is the sum of the squared weights
    own = 1 / budget[:, None] - share / whole
    others = squares.sum(axis=0) - squares
    se = np.sqrt(((squares * own**2 + others * (share / whole) ** 2) * variance).sum(axis=1))
    centre = share @ (spent.sum(axis=0) / whole)
    value = spent.sum(axis=1) / budget
    half = stats.t.isf((1 - confidence) / 2, freedom) * se
    gap = np.divide(value - centre, se, out=np.zeros_like(se), where=se > 0)
    return pd.DataFrame(
        {
            "projects": np.bincount(units.group),
            "effective": budget**2 / squares.sum(axis=1),
            "budget": budget,
            "executed": spent.sum(axis=1),
            "rate": value,
            "centre": centre,
            "se": se,
            "low": centre - half,
            "high": centre + half,
            "p_value": 2 * stats.t.sf(np.abs(gap), freedom),
            "freedom": freedom,
            "method": "pooled_variance",
        },
        index=units.names,
    )


def _between_projects(units: _Units, money: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, float]:
    """Budget-weighted variance of project rates within groups, per stratum, and its degrees of freedom."""
    spent = units.total(units.budget * units.rate)
    cell_rate = np.divide(spent, money, out=np.zeros_like(spent), where=money > 0)
    off = units.budget * (units.rate - cell_rate[units.group, units.stratum]) ** 2
    expected = (money - np.divide(squares, money, out=np.zeros_like(money), where=money > 0)).sum(axis=0)
    found = units.total(off).sum(axis=0)
    number = np.divide(money**2, squares, out=np.ones_like(money), where=squares > 0)
    pooled = found.sum() / expected.sum() if expected.sum() > 0 else 0.0
    variance = np.where(expected > 0, found / np.where(expected > 0, expected, 1), pooled)
    return variance, max(1.0, float((number - 1).sum()))


def _shuffled(table, units: _Units, confidence: float, draws: int, seed: int) -> pd.DataFrame:
    """The limits by dealing rates anew among projects of like kind and size."""
    gaps = deal(units.rate, _weights(units), blocks(units.budget, units.kind), seed=seed, draws=draws)
    tail = (1 - confidence) / 2
    low, high = np.quantile(gaps, [tail, 1 - tail], axis=0)
    # What a group funds is no luck of its own: the limits stay around the centre.
    expected = centre_of_kinds(units.budget, units.rate, units.group, units.kind)
    middle = 2 * table["centre"] - expected
    return table.assign(low=middle + low, high=middle + high, method="permutation")


def _weights(units: _Units) -> np.ndarray:
    """Weight of each project (rows) in value − centre of each group (columns)."""
    money = units.total(units.budget)
    share = money / money.sum(axis=1, keepdims=True)
    weights = -(share / money.sum(axis=0)).T[units.stratum] * units.budget[:, None]
    weights[np.arange(len(units.budget)), units.group] += units.budget / money.sum(axis=1)[units.group]
    return weights


def _predictive(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Adds `tau2` and the limits that allow for it; groups whose error is 0 or unknown don't count."""
    usable = table["se"] > 0
    y, v = (table["rate"] - table["centre"])[usable], table["se"][usable] ** 2
    if usable.sum() < 2:
        tau2 = 0.0
    elif usable.sum() < FEW_GROUPS:
        tau2 = between_variance(y, v, method="reml")
    else:
        tau2 = overdispersion(y / np.sqrt(v), 1 / v)["tau2"]
    extra = (stats.norm.isf((1 - confidence) / 2) ** 2) * tau2
    return table.assign(
        tau2=tau2,
        low_outer=table["centre"] - np.sqrt((table["centre"] - table["low"]) ** 2 + extra),
        high_outer=table["centre"] + np.sqrt((table["high"] - table["centre"]) ** 2 + extra),
    )


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    slack = 1e-12
    flags = {
        name: (table["rate"] < table[f"low{end}"] - slack) | (table["rate"] > table[f"high{end}"] + slack)
        for name, end in (("is_outside", ""), ("is_unusual", "_outer"))
    }
    few = (table["effective"] < FEW) & (table["method"] == "pooled_variance")
    reason = np.select([table["projects"] == 1, few], ["one_project", "few_effective"], default=None)
    return table.drop(columns="freedom").assign(**flags, reason=reason)


def overdispersion(z, weights, *, winsorised: float = 0.1) -> dict[str, float]:
    """How much more units differ than chance allows: `phi` and the additive variance `tau2`.

    `z` are standardised differences from the centre, `weights` 1/s². The lowest and highest `winsorised`
    share of z is pulled in to that quantile first, so that a few true outliers don't hide themselves.
    φ = Σz²/I; τ² = (Iφ − (I−1)) / (Σw − Σw²/Σw), 0 where that is negative (Spiegelhalter 2005).
    """
    z, w = np.asarray(z, dtype="float64"), np.asarray(weights, dtype="float64")
    if len(z) < 2:
        return {"phi": float("nan"), "tau2": 0.0}
    inner = np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised])) if winsorised else z
    phi = float((inner**2).mean())
    excess = len(z) * phi - (len(z) - 1)
    return {"phi": phi, "tau2": max(0.0, float(excess / (w.sum() - (w**2).sum() / w.sum())))}
