"""Forecasts as they would have been made in past years, and how wrong they were."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from perflib.infer.conformal import size_bands
from perflib.infer.forecast import forecast_ladder, rule_in_use
from perflib.infer.forecast_panel import unit_months
from perflib.infer.forecast_pooled import MODELS, ROUNDS, forecast_pooled, month_tables, near_months

METHODS = (
    "straight_line",
    "rule_in_use",
    "last_year",
    "chain_ladder",
    "bornhuetter_ferguson",
    "combined",
    "pooled",
)


def backtest(
    lines: pd.DataFrame,
    *,
    keys: Sequence[str],
    types: str,
    years: Sequence[int],
    months: Sequence[int],
    seed: int,
    family: Sequence[str] | None = None,
    peers: Sequence[Sequence[str]] = (),
    labels: Sequence[str] = (),
    rounds: int = ROUNDS,
    models: int = MODELS,
    tick: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """One row per unit, year of `years` and month of `months`: a forecast by every method beside the outturn.

    Each year is forecast from the years before it and its own months up to the cut-off. Years without
    an earlier complete year are left out. Columns: `year, month`, `keys`, `types`, `labels`, `size` (third of
    its type), the amounts at the cut-off, `outturn`, `outturn_budget`, `is_moved`, `joined_1`, `past` ("new" without a last year), one column per
    method of `METHODS`, `value` (the one that is recommended: pooled), `most` (the most that is possible) and `p_failing`.
    `tick(year, month)` is called after each, for a progress bar.
    """
    told = [types, *labels, *(family or []), *(name for group in peers for name in group)]
    names = [c for c in dict.fromkeys(told) if c not in keys]
    sums = unit_months(lines, keys=keys, labels=names)
    wanted = sorted({m for month in months for m in near_months(sums, month)})
    tables = month_tables(sums, keys=keys, months=wanted, types=types, peers=peers, family=family,
                          labels=labels)  # fmt: skip
    parts = []
    for month in months:
        data = {m: tables[m] for m in near_months(sums, month)}
        panel = data[month][0]
        first = panel.loc[panel["outturn"].notna(), "year"].min()
        for year in [y for y in years if y > first and (panel["year"] == y).any()]:
            parts.append(_one(data, panel, month, year, types, seed, rounds, models))
            if tick is not None:
                tick(year, month)
    return pd.concat(parts, ignore_index=True).sort_values(["year", "month", *keys], ignore_index=True)


def _one(data, panel, month, year, types, seed, rounds, models) -> pd.DataFrame:
    rows = panel[panel["year"] == year]
    simple = forecast_ladder(panel, year=year, month=month, types=types)
    pooled = forecast_pooled(data, month=month, year=year, seed=seed, rounds=rounds, models=models)
    kept = rows[[c for c in rows if not c.endswith(("_1", "_2", "_3", "_back1", "_back2", "_back3"))]]
    return kept.assign(
        month=month,
        joined_1=rows["joined_1"],
        past=np.where(rows["joined_1"] == "none", "new", "past"),
        size=size_bands(rows["adjusted_budget"], rows[types]),
        **simple,
        rule_in_use=rule_in_use(rows, month=month),
        pooled=pooled["value"],
        value=pooled["value"],
        p_failing=pooled["p_failing"],
        most=pooled["most"],
    )


def forecast_errors(
    tested: pd.DataFrame, *, by: Sequence[str] = ("year", "month"), methods: Sequence[str] = METHODS
) -> pd.DataFrame:
    """One row per group of `by` and method: how far the forecasts lay from the outturn.

    `units`, `money_error` = Σ|forecast - outturn| / Σ outturn, `median_error` = median of |forecast -
    outturn| / budget, `versus_straight` and `versus_last_year` = Σ|error| over that method's.
    """
    parts = [_errors(tested, list(by), m) for m in methods]
    base = {m: p["absolute"].to_numpy() for m, p in zip(methods, parts, strict=True)}
    out = [
        p.assign(
            versus_straight=_over(p["absolute"], base.get("straight_line")),
            versus_last_year=_over(p["absolute"], base.get("last_year")),
        )
        for p in parts
    ]
    table = pd.concat(out, ignore_index=True)
    order = table["method"].map({m: i for i, m in enumerate(methods)})
    return table.assign(_o=order).sort_values([*by, "_o"], ignore_index=True).drop(columns="_o")


def _over(miss: pd.Series, base: np.ndarray | None) -> pd.Series | float:
    """`miss` / `base`; NA without that method, or where it did not err at all."""
    return np.nan if base is None else miss / pd.Series(base, index=miss.index).where(base > 0)


def _errors(tested: pd.DataFrame, by: list[str], method: str) -> pd.DataFrame:
    miss = (tested[method] - tested["outturn"]).abs()
    relative = miss / tested["adjusted_budget"].where(tested["adjusted_budget"] > 0)
    rows = tested[by].assign(_miss=miss, _relative=relative, _end=tested["outturn"], _all=0)
    sums = rows.groupby(by or ["_all"]).agg(
        units=("_miss", "count"),
        absolute=("_miss", "sum"),
        end=("_end", "sum"),
        median_error=("_relative", "median"),
    )
    sums = sums.reset_index(drop=not by)
    return sums.assign(method=method, money_error=sums["absolute"] / sums["end"]).drop(columns="end")


def pinball_loss(outturn: pd.Series, quantile: pd.Series, level: float) -> pd.Series:
    """Loss of the forecast quantile `level`: level × shortfall above it, (1 - level) × below it.

    >>> pinball_loss(pd.Series([10.0]), pd.Series([8.0]), 0.9).round(2).tolist()
    [1.8]
    """
    gap = outturn - quantile
    return np.maximum(level * gap, (level - 1) * gap)
