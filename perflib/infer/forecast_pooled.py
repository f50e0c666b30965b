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


def near_months(lines: pd.DataFrame, month: int, *, reach: int = 2) -> list[int]:
    """`month` and the months of the data up to `reach` away from it, 4 to 11.

    The neighbours multiply what a short history can teach; they serve for training only.
    """
    there = set(lines["month"].unique())
    near = range(max(month - reach, 4), min(month + reach, 11) + 1)
    return sorted({month, *(m for m in near if m in there)})


def month_tables(
    lines: pd.DataFrame,
    *,
    keys: Sequence[str],
    months: Sequence[int],
    types: str,
    peers: Sequence[Sequence[str]] = (),
    family: Sequence[str] | None = None,
    labels: Sequence[str] = (),
) -> dict[int, tuple[pd.DataFrame, pd.DataFrame]]:
    """Panel (see `cutoff_panel`) and features of each of `months`."""
    told = [types, *labels, *(name for group in peers for name in group)]
    names = [n for n in dict.fromkeys(told) if n not in keys]
    panels = {m: cutoff_panel(lines, keys=keys, month=m, family=family, labels=names) for m in months}
    return {m: (panel, features(panel, month=m, types=types, peers=peers)) for m, panel in panels.items()}


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
    has spent, and its probability is NA. The medians of `models` fits with different seeds are averaged.
    Raises DataError if no earlier year is complete.
    """
    x, panel = _training_rows(data, year)
    reached = shares(panel["outturn"], panel["adjusted_budget"], low=0.0).to_numpy()
    weight = (panel["adjusted_budget"] ** WEIGHT_POWER).to_numpy()
    now, table = data[month]
    rows = now["year"] == year
    ahead, failed = table[rows].to_numpy(), (reached < failing_below).astype("float64")
    # A leaf of thirty rows is a leaf of six to ten units seen in several months.
    options = {"rounds": rounds, "smallest": 30}
    fits = [
        fit_boosted(x, reached, weight / weight.mean(), loss="median", seed=seed + i, **options)
        for i in range(models)
    ]
    chance = fit_boosted(x, failed, np.ones(len(failed)), loss="logistic", seed=seed, **options)
    units = now.loc[rows, ["adjusted_budget", "executed"]].assign(
        middle=np.mean([predict_boosted(fit, ahead) for fit in fits], axis=0),
        p_failing=predict_boosted(chance, ahead),
    )
    has_budget = units["adjusted_budget"] > 0
    value = (units["middle"] * units["adjusted_budget"]).where(has_budget, units["executed"])
    return pd.DataFrame({"value": value, "p_failing": units["p_failing"].where(has_budget)})


def _training_rows(data: dict, year: int) -> tuple[np.ndarray, pd.DataFrame]:
    picked = [_earlier(panel, table, year) for panel, table in data.values()]
    panel = pd.concat([p for p, _ in picked], ignore_index=True)
    if panel.empty:
        raise DataError("progress.no_history", year=year)
    return np.concatenate([t.to_numpy() for _, t in picked]), panel


def _earlier(panel: pd.DataFrame, table: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = (panel["year"] < year) & (panel["adjusted_budget"] > 0) & panel["outturn"].notna()
    return panel[rows], table[rows]
