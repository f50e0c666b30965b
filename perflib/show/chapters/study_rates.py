"""Rates of districts of several sources side by side: each with the error that its own source's projects give."""

import pandas as pd

from perflib.data.study import PLACE
from perflib.infer.group_rates import group_rates
from perflib.infer.ranks import rank_sets
from perflib.infer.rate import FEWEST

FEW_SHARED = 2  # districts from which a source's variance is pooled; one by itself has its own


def source_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """One row per district of the last year that every source has: rate, interval, ranks and tier over all sources.

    `rates` has one row per project with `source`, `currency`, `place`, `place_name` and what `project_rates`
    gives. Errors come from the projects of the own source only (pooled over its districts): sources differ in what
    a project is. Budgets weigh within a district only, so that no money of two currencies meets. A district
    below five effective projects keeps its rate and has no rank. NA throughout where no year is common.
    """
    years = rates.groupby("source")["year"].agg(lambda y: frozenset(y))
    common = frozenset.intersection(*years)
    if not common:
        return pd.DataFrame()
    now = rates[rates["year"] == max(common)]
    keys = ["source", "currency", PLACE, "place_name"]
    parts = [_of_source(rows, keys) for _, rows in now.groupby("source", sort=False)]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True).assign(year=max(common))
    table["is_ranked"] = (table["se"] > 0) & (table["effective"] >= FEWEST)
    return _ranked(table).sort_values(["rate", PLACE], ascending=[False, True], ignore_index=True)


def _of_source(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    variance = "pooled" if rows[PLACE].nunique() >= FEW_SHARED else "own"
    table = group_rates(rows, by=keys, variance=variance)
    means = rows[rows["rate"].notna()].groupby(PLACE)["rate"].mean()
    return table.assign(mean_rate=table[PLACE].map(means), low=table["low"].clip(lower=0))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    if table["is_ranked"].sum() < 2:
        return table.assign(
            **{c: pd.array([pd.NA] * len(table), dtype="Int64") for c in ("tier", "rank_low", "rank_high")}
        )
    error = table["se"].where(table["is_ranked"])
    sets = rank_sets(table[[PLACE, "rate"]].assign(se=error), unit=PLACE, value="rate", named=[])
    return table.merge(sets[[PLACE, "tier", "rank_low", "rank_high"]], on=PLACE, validate="one_to_one")
