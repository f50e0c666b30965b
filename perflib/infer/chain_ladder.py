"""Chain-ladder development of cumulative amounts, with Mack's standard error."""

import numpy as np
import pandas as pd


def development_factors(triangle: pd.DataFrame) -> pd.DataFrame:
    """One row per step between columns: `factor`, `sigma2` and `origins` (rows that have both columns).

    `triangle` has one row per origin (year), one column per age (month), cumulative, NA where not yet
    known. factor = sum of the later column / sum of the earlier; `sigma2` as in Mack (1993), the
    last one by his rule min(s²ₙ₋₁² / s²ₙ₋₂, s²ₙ₋₂, s²ₙ₋₁) if it rests on a single origin. A month
    that is missing everywhere is left out by the caller: its step joins the next.
    """
    steps = [_step(triangle.iloc[:, k], triangle.iloc[:, k + 1]) for k in range(triangle.shape[1] - 1)]
    table = pd.DataFrame(steps, columns=["factor", "sigma2", "origins"])
    for k in np.flatnonzero(table["sigma2"].isna().to_numpy()):
        if k >= 2 and table["sigma2"].iloc[[k - 1, k - 2]].notna().all():
            one, two = table["sigma2"].iloc[k - 1], table["sigma2"].iloc[k - 2]
            table.loc[k, "sigma2"] = min(one**2 / two if two > 0 else one, two, one)
    return table.assign(sigma2=table["sigma2"].fillna(0.0))


def _step(now: pd.Series, later: pd.Series) -> tuple[float, float, int]:
    rows = now.notna() & later.notna() & (now > 0)
    c, d = now[rows].to_numpy(), later[rows].to_numpy()
    if len(c) == 0:
        return 1.0, np.nan, 0
    factor = d.sum() / c.sum()
    sigma2 = (c * (d / c - factor) ** 2).sum() / (len(c) - 1) if len(c) > 1 else np.nan
    return factor, sigma2, len(c)


def mack_forecast(triangle: pd.DataFrame) -> pd.DataFrame:
    """Last column of each origin: `value` and `se` (0 where it is known), on its index.

    Source: Mack (1993), Distribution-free calculation of the standard error of chain ladder reserves.
    """
    steps, sums = development_factors(triangle), _step_sums(triangle)
    rows = [_ultimate(triangle.loc[origin].to_numpy("float64"), steps, sums) for origin in triangle.index]
    return pd.DataFrame(rows, columns=["value", "se"], index=triangle.index)


def _step_sums(triangle: pd.DataFrame) -> np.ndarray:
    values = triangle.to_numpy("float64")
    both = ~np.isnan(values[:, :-1]) & ~np.isnan(values[:, 1:])
    return np.where(both, values[:, :-1], 0.0).sum(axis=0)


def _ultimate(row: np.ndarray, steps: pd.DataFrame, sums: np.ndarray) -> tuple[float, float]:
    known = np.flatnonzero(~np.isnan(row))
    if len(known) == 0:
        return np.nan, np.nan
    at, value, part = known[-1], row[known[-1]], 0.0
    for k in range(at, len(row) - 1):
        f, s2 = steps["factor"].iloc[k], steps["sigma2"].iloc[k]
        if value > 0 and sums[k] > 0 and f > 0:
            part += s2 / f**2 * (1 / value + 1 / sums[k])
        value *= f
    return value, value * np.sqrt(part)


def total_standard_error(triangle: pd.DataFrame) -> float:
    """Standard error of the sum over origins, which share their factors (Mack 1993, corollary)."""
    steps, sums, ends = development_factors(triangle), _step_sums(triangle), mack_forecast(triangle)
    values, width = triangle.to_numpy("float64"), triangle.shape[1]
    last = np.array([np.flatnonzero(~np.isnan(row))[-1] for row in values])
    shape = (steps["sigma2"] / steps["factor"] ** 2).to_numpy()
    ultimate, own = ends["value"].to_numpy(), ends["se"].to_numpy() ** 2
    shared = [
        2
        * ultimate[i]
        * ultimate[j]
        * sum(shape[k] / sums[k] for k in range(max(last[i], last[j]), width - 1))
        for i in range(len(last))
        for j in range(i + 1, len(last))
    ]
    return float(np.sqrt(own.sum() + sum(shared)))
