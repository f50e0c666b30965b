"""Which districts are like this one: its nearest neighbours by their circumstances."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.infer.interval import difference

COVARIATES = ("population", "area", "revenue", "industry_share")
LOGGED = ("population", "area", "revenue")  # sizes: twice as large is as far at any size


def nearest(
    districts: pd.DataFrame, *, covariates: Sequence[str] = (), peers: int = 5, unit: str = "district"
) -> pd.DataFrame:
    """The districts most like each: one row per district and peer, with `place` (1 is nearest) and `distance`.

    `districts` has one row per `unit` and its circumstances; `covariates` none: those of population, area, revenue
    and industry_share that three of them have. They are standardised (sizes on a log scale first) and weigh the same;
    the distance is the root of the mean squared difference over those that both districts have
    (`covariates_used`), in standard deviations. A covariate that is the same everywhere says nothing and is left out.
    Asked for more peers than there are, it gives all. A district without any covariate has no row. Raises
    ArgumentError for a covariate that isn't there.

    >>> import perflib as pf
    >>> pf.nearest(pf.load("sample").whole("districts"), peers=3).groupby("district").size().unique().tolist()
    [3]
    """
    wanted = list(covariates) or [c for c in COVARIATES if c in districts and districts[c].notna().sum() > 2]
    if not wanted and not covariates:
        return pd.DataFrame(columns=[unit, "peer", "place", "distance", "covariates_used"])
    covariates = wanted
    missing = [c for c in covariates if c not in districts.columns]
    if missing or not covariates:
        known = ", ".join(c for c in districts.columns if c != unit)
        raise ArgumentError("compare.no_covariate", name=", ".join(missing) or "—", known=known)
    rows = districts.sort_values(unit, ignore_index=True)
    x = _standardised(rows[list(covariates)].astype("float64"))
    gap, shared = _distances(x)
    order = np.argsort(gap, axis=1, kind="stable")[:, : min(peers, len(rows) - 1)]
    here = np.repeat(np.arange(len(rows)), order.shape[1])
    there = order.ravel()
    table = pd.DataFrame(
        {
            unit: rows[unit].to_numpy()[here],
            "peer": rows[unit].to_numpy()[there],
            "place": np.tile(np.arange(1, order.shape[1] + 1), len(rows)),
            "distance": gap[here, there],
            "covariates_used": shared[here, there].astype("int64"),
        }
    )
    return table[np.isfinite(table["distance"])].reset_index(drop=True)


def gap(rates: pd.DataFrame, own: str, others: Iterable[str], *, unit: str = "") -> pd.DataFrame:
    """How far the rate of `own` lies from the mean of `others`: one row, `peers`, `rate` (their mean), `value, low, high`.

    `rates` is what `perflib.rates` gives, `unit` the column that names its rows (none: the first). The bounds follow
    from those of each rate, at their confidence, and stay within what is possible. A peer without bounds takes no part;
    NA where none is left, or `own` has none.

    >>> rates = pd.DataFrame({"d": ["a", "b", "c"], "rate": [0.9, 0.5, 0.7], "low": [0.8, 0.4, 0.6], "high": [0.95, 0.6, 0.8]})
    >>> gap(rates, "a", ["b", "c"])[["peers", "rate", "value"]].round(2).iloc[0].tolist()
    [2.0, 0.6, 0.3]
    """
    name = unit or str(rates.columns[0])
    known = rates.dropna(subset=["rate", "low", "high"])
    mine, theirs = known[known[name] == own], known[known[name].isin(list(others))]
    n, mean = len(theirs), theirs["rate"].mean()
    row = {"peers": n, "rate": mean, "value": np.nan, "low": np.nan, "high": np.nan}
    if len(mine) and n:
        ends = [np.sqrt(((theirs[end] - theirs["rate"]) ** 2).sum()) / n for end in ("low", "high")]
        me = mine.iloc[0]
        row |= difference(me["rate"], me["low"], me["high"], mean, mean - ends[0], mean + ends[1])
    table = pd.DataFrame([row])
    table.attrs = dict(rates.attrs)
    return table


def _standardised(covariates: pd.DataFrame) -> np.ndarray:
    logged = [c for c in covariates.columns if c in LOGGED]
    x = covariates.copy()
    x[logged] = np.log(x[logged].where(x[logged] > 0))
    spread = x.std(ddof=0)
    varying = spread[spread > 1e-12].index
    return ((x[varying] - x[varying].mean()) / spread[varying]).to_numpy()


def _distances(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Root mean squared differences over what both have, by products: no array of pairs × covariates."""
    known = (~np.isnan(x)).astype("float64")
    filled = np.nan_to_num(x)
    shared = known @ known.T
    squares = (filled**2) @ known.T + known @ (filled**2).T - 2 * filled @ filled.T
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.where(shared > 0, np.sqrt(np.maximum(squares, 0) / shared), np.inf)
    np.fill_diagonal(gap, np.inf)
    return gap, shared
