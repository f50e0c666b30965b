"""The pooled forecast: one model of all units, trained on whole earlier years, around the cut-off month."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.boosting import fit_boosted, predict_boosted
from perflib.infer.forecast_features import features, shares
from perflib.infer.forecast_panel import cutoff_panel

# A unit of ten times the budget counts four times as much: the errors that matter are in money, and
# yet a dozen large units must not decide alone.
WEIGHT_POWER = 0.6
FAILING_BELOW = 0.8


def pooled_data(
    lines: pd.DataFrame,
    *,
    keys: Sequence[str],
    month: int,
    types: str,
    peers: Sequence[Sequence[str]] = (),
    family: Sequence[str] | None = None,
    labels: Sequence[str] = (),
    reach: int = 2,
) -> dict[int, tuple[pd.DataFrame, pd.DataFrame]]:
    """Panel and features at `month` and the months up to `reach` away from it (4 to 11), by month.

    The neighbours multiply what a short history can teach; they serve for training only.
    """
    out = {}
    for m in sorted({month, *range(max(month - reach, 4), min(month + reach, 11) + 1)}):
        if (lines["month"] == m).any() or m == month:
            names = list(dict.fromkeys([types, *labels]))
            panel = cutoff_panel(
                lines, keys=keys, month=m, family=family, labels=[n for n in names if n not in keys]
            )
            out[m] = (panel, features(panel, month=m, types=types, peers=peers))
    return out


def forecast_pooled(
    data: dict[int, tuple[pd.DataFrame, pd.DataFrame]],
    *,
    month: int,
    year: int,
    seed: int,
    rounds: int = 150,
    models: int = 2,
    failing_below: float = FAILING_BELOW,
) -> pd.DataFrame:
    """`value` (median outturn) and `p_failing` of the units of `year` at `month`, on the panel's index.

    Trained on the years before `year` only. `p_failing` is the probability that the outturn stays
    below `failing_below` of the budget at the cut-off. A unit without budget is forecast at what it
    has spent, and its probability is NA. `models` fits with different seeds are averaged.
    Raises DataError if no earlier year is complete.
    """
    x, panel = _training_rows(data, year)
    target, weight = (
        shares(panel["outturn"], panel["adjusted_budget"], low=0.0),
        panel["adjusted_budget"] ** WEIGHT_POWER,
    )
    now, table = data[month][0], data[month][1]
    rows = now["year"] == year
    ahead = table[rows].to_numpy()
    seeds = [seed + i for i in range(models)]
    y, w = target.to_numpy(), (weight / weight.mean()).to_numpy()
    # A leaf of thirty rows is a leaf of ten units seen in three months.
    common = {"rounds": rounds, "smallest": 30}
    middle = np.mean(
        [predict_boosted(fit_boosted(x, y, w, loss="median", seed=s, **common), ahead) for s in seeds], axis=0
    )
    failed, even = (y < failing_below).astype("float64"), np.ones(len(y))
    chance = np.mean(
        [
            predict_boosted(fit_boosted(x, failed, even, loss="logistic", seed=s, **common), ahead)
            for s in seeds
        ],
        axis=0,
    )
    budget, spent = now.loc[rows, "adjusted_budget"], now.loc[rows, "executed"]
    value = (middle * budget).where(budget > 0, spent)
    return pd.DataFrame(
        {"value": value, "p_failing": pd.Series(chance, index=budget.index).where(budget > 0)}
    )


def _training_rows(data: dict, year: int) -> tuple[np.ndarray, pd.DataFrame]:
    picked = [_earlier(panel, table, year) for panel, table in data.values()]
    panel = pd.concat([p for p, _ in picked], ignore_index=True)
    if panel.empty:
        raise DataError("progress.no_history", year=year)
    return np.concatenate([t.to_numpy() for _, t in picked]), panel


def _earlier(panel: pd.DataFrame, table: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = (panel["year"] < year) & (panel["adjusted_budget"] > 0) & panel["outturn"].notna()
    return panel[rows], table[rows]
