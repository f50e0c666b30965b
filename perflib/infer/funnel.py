"""Funnel of execution rates: how far a group's rate may lie from the others' by the luck of its projects.

Money is not a number of trials: one large project decides a rate as one throw decides a coin. The
horizontal axis is therefore the effective number of projects, and the variance is between projects.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.data.shelf import shared_result
from perflib.infer.comparison import between_variance
from perflib.infer.interval import CONFIDENCE, check_confidence, control_discoveries
from perflib.infer.rates import decided, is_firm, sides, tested
from perflib.infer.shuffle import DRAWS, MOST, blocks, deal
from perflib.infer.spread import kind_numbers
from perflib.measure.rates import decisions
from perflib.measure.tally import keys_of, like, one_key

FUNNEL = ["decisions", "effective", "budget", "executed", "rate", "centre", "se", "low", "high", "p_value",
          "p_adjusted", "verdict", "is_claimed", "is_firm", "is_outside", "is_unusual", "tau2", "low_outer",
          "high_outer", "confidence", "method"]  # fmt: skip


def funnel(
    projects: pd.DataFrame, *, by: str | Sequence[str] = "district", base: str = "adjusted", together: str = "policy",
    confidence: float = CONFIDENCE, seed: int = 0, draws: int = DRAWS,
) -> pd.DataFrame:  # fmt: skip
    """Which groups' rates lie beyond what the luck of their projects explains: one row per group.

    `centre` is the rate of all together; `low` to `high` are the limits within which identical groups lie,
    `low_outer` to `high_outer` add the variance `tau2` by which groups really differ: outside the first
    (`is_outside`) a group is not like the others, outside the second (`is_unusual`) it is unusual even among groups
    that differ. `p_value`, `p_adjusted` and `verdict`: "below" or "above" with false claims held at
    1 − `confidence` over all groups, "alike", or "too_few" to say for a group below five effective projects;
    `is_claimed` is either of the first two, `is_firm` those that stand without any group's largest decision too.
    Projects of one value of `together` ("project": of none) count as one, which `rates` leaves to be asked for: its
    `effective` and p-values are of projects. No row where fewer than two groups have a budget and spending reported.
    With "year" in `by` the groups of a year are held against that year, and all years are one family. Limits
    move with what was spent without any budget, so that `rate` is that of `rates`.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> bool(pf.funnel(rows, draws=200)["rate"].between(0, 1.2).all())
    True
    """
    keys, group = keys_of(projects, by), one_key(projects, by, taken=FUNNEL)
    rated, cluster = decided(projects, group, base=base, together=together)
    parts, options = [], {"group": group, "cluster": cluster, "confidence": confidence, "draws": draws}
    for year, rows in rated.groupby("year") if "year" in keys else [(0, rated)]:
        if rows.loc[(rows["budget"] > 0) & rows["executed"].notna(), group].nunique() > 1:
            part = money_funnel(rows, seed=seed + int(year), **options)
            parts.append(part.assign(year=year) if "year" in keys else part)
    if not parts:
        return pd.DataFrame(columns=[*keys, *FUNNEL])
    table, rate = pd.concat(parts, ignore_index=True), 1 - confidence
    verdict = sides(table["p_value"], table["gap"], rate)
    table = _published(table, rated, keys).assign(
        p_adjusted=control_discoveries(table["p_value"], rate=rate)["adjusted"].to_numpy(), verdict=verdict,
        is_claimed=np.isin(verdict, ["below", "above"]), is_firm=is_firm(table, verdict, rate),
    )[[*keys, *FUNNEL]]  # fmt: skip
    return like(table, projects)


def money_funnel(
    rates: pd.DataFrame, *, group: str = "district", cluster: str | None = None, confidence: float = CONFIDENCE,
    draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """The limits and p-values of `funnel` of one year's `rates`, before anything is claimed; sorted by `group`.

    `rates` has one row per project with `group`, `executed` and `budget` (see `project_rates`); rows without a positive
    budget are left out. `cluster` names what was decided as one (a policy): its projects are added within the group
    first, a project without one stands by itself. Limits are the quantiles of a group's rate when rates are dealt anew
    among projects of like kind and size (`perflib.infer.shuffle`), and where groups and projects are too many
    for that, centre ± z · `se`. Raises DataError for fewer than two groups.
    """
    check_confidence(confidence, draws)
    rows = decisions(rates, by=[group], together=cluster)
    # One order for all engines: the shuffles and the last digit of sums depend on it.
    rows = rows[rows["budget"] > 0].sort_values([group, "budget", "executed"], ignore_index=True)
    number, names = pd.factorize(rows[group], sort=True)
    if len(names) < 2:
        raise DataError("compare.one_district", found=", ".join(map(str, names)))
    b, rate = rows["budget"].to_numpy("float64"), rows["rate"].to_numpy("float64")
    money, tail = np.bincount(number, b), (1 - confidence) / 2
    options = {"by": [group], "seed": seed, "draws": draws, "level": 1 - confidence}
    table = shared_result("tested", rows, options, lambda: tested(rows, **options))
    table = table.rename(columns={"centre": "expected", "projects": "decisions"}).assign(
        effective=money**2 / np.bincount(number, b**2), budget=money, executed=np.bincount(number, b * rate),
        rate=lambda t: t["executed"] / t["budget"], centre=(b * rate).sum() / b.sum(), method="pooled_variance",
    )  # fmt: skip
    ends = np.outer([-1, 1], stats.norm.isf(tail) * table["se"])
    if len(rows) * len(names) <= MOST:
        weights = (
            -b[:, None] / b.sum() + (number[:, None] == np.arange(len(names))) * (b / money[number])[:, None]
        )
        block = blocks(b, kind_numbers(rows, but=[group]))
        limits = shared_result(
            "limits", rows, options,
            lambda: np.quantile(deal(rate, weights, block, seed=seed, draws=draws), [tail, 1 - tail], axis=0),
        )  # fmt: skip
        # What a group funds is no luck of its own: the limits stay around the centre.
        ends = limits + (table["centre"] - table["expected"]).to_numpy()
        table["method"] = "permutation"
    table = _predictive(
        table.assign(low=table["centre"] + ends[0], high=table["centre"] + ends[1]), confidence
    )
    return table.assign(
        is_outside=_beyond(table, "low", "high"), is_unusual=_beyond(table, "low_outer", "high_outer"),
        confidence=confidence,
    )  # fmt: skip


def _beyond(table: pd.DataFrame, low: str, high: str) -> pd.Series:
    slack = 1e-12
    return (table["rate"] < table[low] - slack) | (table["rate"] > table[high] + slack)


def _predictive(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Adds `tau2` and the limits that allow for it; groups whose error is 0 or unknown don't count."""
    usable = table["se"] > 0
    tau2 = between_variance(table.loc[usable, "gap"], table.loc[usable, "se"] ** 2)
    extra = (stats.norm.isf((1 - confidence) / 2) ** 2) * tau2
    return table.assign(
        tau2=tau2,
        low_outer=table["centre"] - np.sqrt((table["centre"] - table["low"]) ** 2 + extra),
        high_outer=table["centre"] + np.sqrt((table["high"] - table["centre"]) ** 2 + extra),
    )


def _published(table: pd.DataFrame, rated: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """`table` with budget, executed and rate as they are published, its limits moved along."""
    sums = (
        rated[rated["budget"].notna() & rated["executed"].notna()].groupby(keys)[["budget", "executed"]].sum()
    )
    own = table[keys].merge(sums.reset_index(), on=keys, how="left", validate="one_to_one")
    moved = own["executed"] / own["budget"] - table["rate"]
    places = ["rate", "low", "high", "low_outer", "high_outer"]
    return table.assign(
        budget=own["budget"], executed=own["executed"], **{c: table[c] + moved for c in places}
    )
