"""The pooled forecast: one model of all units, trained on whole earlier years, around the cut-off month."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.forecast import HIGHEST_RATE, keep_possible
from perflib.infer.forecast_features import features, shares
from perflib.infer.forecast_panel import cutoff_panel

# A unit of ten times the budget counts four times as much: the errors that matter are in money, and
# yet a dozen large units must not decide alone.
WEIGHT_POWER = 0.6
FAILING_BELOW = 0.8
# A year counts four fifths of the year after it: behaviour drifts.
YEAR_WEIGHT = 0.8
ROUNDS, MODELS = 60, 6
_BINS, _EDGE_ROWS, _LEAF_ROWS = 128, 4000, 250


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
    rounds: int = ROUNDS,
    models: int = MODELS,
    failing_below: float = FAILING_BELOW,
) -> pd.DataFrame:
    """`value` (median outturn), `p_failing` and `most` of the units of `year` at `month`, on the panel's index.

    Trained on the years before `year` only, the latest with the most weight. `value` lies between what is spent
    and `most` (see `possible_rate`); `p_failing` is the probability that the outturn stays below
    `failing_below` of the budget at the cut-off. A unit without budget is forecast at what it has spent, and its
    probability is NA. The medians of `models` fits with different seeds are averaged. One thread, so
    that the same rows and seed give the same numbers, also in a forked process.
    Raises DataError if no earlier year is complete.
    """
    import sklearn.ensemble  # noqa: F401  what is loaded later would not be held to one thread
    from threadpoolctl import threadpool_limits

    x, panel = _training_rows(data, year)
    reached = shares(panel["outturn"], panel["adjusted_budget"], low=0.0).to_numpy()
    age = (year - 1 - panel["year"]).to_numpy("float64")
    weight = (panel["adjusted_budget"] ** WEIGHT_POWER).to_numpy() * YEAR_WEIGHT**age
    now, table = data[month]
    rows = now["year"] == year
    edges = _bin_edges(x)
    x, ahead = _bin(x, edges), _bin(table[rows].to_numpy(), edges)
    with threadpool_limits(1):
        middle = _medians(x, reached, weight / weight.mean(), ahead, range(seed, seed + models), rounds)
        chance = _chances(x, reached < failing_below, ahead, seed, rounds)
    units = now.loc[rows, ["adjusted_budget", "executed"]]
    has_budget = units["adjusted_budget"] > 0
    value = (middle * units["adjusted_budget"]).where(has_budget, units["executed"])
    most = possible_rate(pd.Series(reached)) * units["adjusted_budget"]
    chances = pd.Series(chance, index=units.index).where(has_budget)
    kept = keep_possible(value, units["executed"], most)
    return pd.DataFrame({"value": kept, "p_failing": chances, "most": most})


def possible_rate(reached: pd.Series) -> float:
    """The share of the budget at the cut-off that 99 of 100 units of earlier years stayed below, 1 to 1.6.

    A budget may still be raised, but not to twenty times itself.
    """
    return float(np.clip(reached.quantile(0.99), 1.0, HIGHEST_RATE)) if reached.notna().any() else 1.0


def _medians(x, reached, weight, ahead, seeds, rounds: int) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingRegressor

    leaves = int(np.clip(len(x) // _LEAF_ROWS, 15, 63))
    options = {"loss": "absolute_error", "max_iter": rounds, "learning_rate": 0.15, "max_leaf_nodes": leaves,
               "min_samples_leaf": 20, "max_features": 0.3, "early_stopping": False}  # fmt: skip
    fits = [HistGradientBoostingRegressor(random_state=s, **options) for s in seeds]
    return np.mean([fit.fit(x, reached, sample_weight=weight).predict(ahead) for fit in fits], axis=0)


def _chances(x, failed, ahead, seed: int, rounds: int) -> np.ndarray:
    """Chance of failing of each row of `ahead`; all the same where all units before failed, or none."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    if failed.all() or not failed.any():
        return np.full(len(ahead), np.clip(failed.mean(), 0.001, 0.999))
    options = {"max_iter": rounds, "learning_rate": 0.1, "max_leaf_nodes": 16, "min_samples_leaf": 30,
               "max_features": 0.3, "early_stopping": False}  # fmt: skip
    return (
        HistGradientBoostingClassifier(random_state=seed, **options).fit(x, failed).predict_proba(ahead)[:, 1]
    )


def _bin_edges(x: np.ndarray) -> list[np.ndarray]:
    """Cuts of each column into bins of as many rows. The library's own, of weighted rows, take ten times the fit."""
    steps = np.linspace(0, 1, _BINS + 1)[1:-1]
    return [np.unique(np.quantile(column, steps)) for column in x[:: max(1, len(x) // _EDGE_ROWS)].T]


def _bin(x: np.ndarray, edges: list[np.ndarray]) -> np.ndarray:
    return np.stack([np.searchsorted(e, c) for e, c in zip(edges, x.T, strict=True)], axis=1)


def _training_rows(data: dict, year: int) -> tuple[np.ndarray, pd.DataFrame]:
    picked = [_earlier(panel, table, year) for panel, table in data.values()]
    panel = pd.concat([p for p, _ in picked], ignore_index=True)
    if panel.empty:
        raise DataError("progress.no_history", year=year)
    return np.concatenate([t.to_numpy() for _, t in picked]), panel


def _earlier(panel: pd.DataFrame, table: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = (panel["year"] < year) & (panel["adjusted_budget"] > 0) & panel["outturn"].notna()
    return panel[rows], table[rows]
