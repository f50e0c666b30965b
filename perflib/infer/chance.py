"""The chance that a unit ends below a line, read off what earlier forecasts missed by."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.infer.conformal import YEAR_DECAY, group_names

SMALLEST = 20


def chance_below(
    past: pd.DataFrame,
    now: pd.DataFrame,
    *,
    line: pd.Series,
    levels: Sequence[Sequence[str]],
    year: int,
    smallest: int = SMALLEST,
    decay: float = YEAR_DECAY,
) -> pd.Series:
    """Probability that the outturn of each row of `now` lies below `line` (an amount), on its index.

    `past`, `now` and `levels` as in `perflib.infer.conformal.conformal_intervals`: the residuals
    (outturn - value) / scale of the row's group in years before `year`, the latest with the most weight,
    are laid around its forecast. A row takes the first level with at least `smallest` of them, the
    last level whatever it holds. The new one counts half, so that no chance is 0 or 1: conformal
    predictive distributions, Vovk, Shen, Manokhin & Xie (2019). NA where the scale is not above 0, or
    where nothing is known.
    """
    known = past[(past["year"] < year) & (past["scale"] > 0) & past["outturn"].notna()]
    known = known.assign(
        _residual=(known["outturn"] - known["value"]) / known["scale"],
        _weight=decay ** (year - 1 - known["year"]).astype("float64"),
    )
    scale = now["scale"].where(now["scale"] > 0)
    needed = (line - now["value"]) / scale
    chance = pd.Series(np.nan, index=now.index)
    for level in [list(part) for part in levels]:
        least = smallest if level != list(levels[-1]) else 1
        chance = chance.fillna(_level(known, now, needed, level, least))
    return chance.where(scale.notna())


def _level(known: pd.DataFrame, now: pd.DataFrame, needed: pd.Series, level: list[str], smallest: int):
    """The chances by the groups of one level; NA where a group holds too few residuals."""
    names = group_names(now, level) if level else pd.Series("all", index=now.index)
    pools = group_names(known, level) if level else pd.Series("all", index=known.index)
    groups = {n: part for n, part in known.groupby(pools) if len(part) >= smallest}
    parts = [_share_below(groups[n], rows) for n, rows in needed.groupby(names) if n in groups]
    return pd.concat(parts).reindex(now.index) if parts else pd.Series(np.nan, index=now.index)


def _share_below(pool: pd.DataFrame, needed: pd.Series) -> pd.Series:
    order = np.argsort(pool["_residual"].to_numpy(), kind="stable")
    sorted_residuals = pool["_residual"].to_numpy()[order]
    weight = np.concatenate([[0.0], np.cumsum(pool["_weight"].to_numpy()[order])])
    new = float(pool["_weight"].max())
    below = weight[np.searchsorted(sorted_residuals, needed.to_numpy("float64"), side="left")]
    return pd.Series((below + new / 2) / (weight[-1] + new), index=needed.index).where(needed.notna())
