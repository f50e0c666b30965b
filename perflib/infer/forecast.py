"""The ladder of forecasts of a unit's outturn at the year's end, from the plainest up.

The highest rung is pooled: one model of all units, trained on whole earlier years, around the cut-off month.
It looks at shares of the budget, recent months, earlier years, peers.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.forecast_panel import cutoff_panel

# A feature that isn't there (no history, month missing) gets a value that no real one takes: trees
# send it down a branch of its own.
ABSENT = -9.0
_CEILING = 3.0


def shares(over: pd.Series, under: pd.Series, *, low: float = -1.0, high: float = _CEILING) -> pd.Series:
    """`over / under` clipped to [low, high]; NA where `under` is not above 0."""
    return (over / under.where(under > 0)).clip(low, high)


def features(
    panel: pd.DataFrame, *, month: int, types: str, peers: Sequence[Sequence[str]] = ()
) -> pd.DataFrame:
    """One row of numbers per row of `panel` (see `cutoff_panel`), on its index; no NA.

    Amounts enter as shares of the budget at the cut-off, so that a unit of any size can learn from
    another. `types` is the column of kinds; each of `peers` is a list of columns whose totals this
    year and last year tell how the year as a whole differs.
    """
    lag_count = sum(f"outturn_{lag}" in panel for lag in range(1, 10))
    lagged = [_one_lag(panel, lag) for lag in range(1, lag_count + 1)]
    parts = [_now(panel, month), _recent(panel, month), *lagged, _middle(lagged)]
    parts += [_peers(panel, list(group), f"p{i}") for i, group in enumerate([[types], *peers])]
    codes = pd.factorize(panel[types], sort=True)[0]
    table = pd.concat(parts, axis=1).assign(type_code=codes)
    return table.fillna(ABSENT).astype("float64")


def _now(panel: pd.DataFrame, month: int) -> pd.DataFrame:
    budget, spent = panel["adjusted_budget"], panel["executed"]
    spent_share = shares(spent, budget)
    return pd.DataFrame(
        {
            "spent": spent_share,
            "straight": (spent_share * 12 / month).clip(upper=1),
            "committed": shares(panel[["committed", "executed"]].max(axis=1), budget),
            "authorised": shares(panel[["authorised", "executed"]].max(axis=1), budget),
            "size": np.log(budget.clip(lower=1.0)),
            "initial": shares(panel["initial_budget"], budget),
            "month": float(month),
        }
    )


def _recent(panel: pd.DataFrame, month: int) -> pd.DataFrame:
    budget, out = panel["adjusted_budget"], {}
    for back in (1, 2, 3):
        pace = shares(panel["executed"] - panel[f"executed_back{back}"], budget) / back
        out[f"pace{back}"] = pace
        out[f"run{back}"] = shares(panel["executed"], budget) + pace * (12 - month)
        out[f"signed{back}"] = shares(panel["committed"] - panel[f"committed_back{back}"], budget)
        out[f"budget{back}"] = shares(budget - panel[f"adjusted_budget_back{back}"], budget, low=-_CEILING)
    return pd.DataFrame(out)


def _one_lag(panel: pd.DataFrame, lag: int) -> pd.DataFrame:
    """The outturn that this year would have if it went on as that year did, told in five ways."""
    budget, spent = panel["adjusted_budget"], panel["executed"]
    then = {c: panel[f"{c}_{lag}"] for c in ("adjusted_budget", "executed", "committed")}
    end = panel[f"outturn_{lag}"]
    spent_share, left = shares(spent, budget), shares(budget - spent, budget, low=0.0)
    later = end - then["executed"]
    out = {
        "rate": shares(end, then["adjusted_budget"], low=0.0, high=1.6),
        "added": spent_share + shares(later, then["adjusted_budget"], low=-0.1, high=1.3),
        "grown": spent_share * shares(end, then["executed"], low=1.0, high=4.0),
        "rest": spent_share
        + left * shares(later, then["adjusted_budget"] - then["executed"], low=-0.1, high=2.0),
        "signed": shares(panel["committed"], budget) * shares(end, then["committed"], low=0.0),
        "amount": shares(end, budget),
        "start": shares(then["executed"], then["adjusted_budget"]),
        "contract": shares(then["committed"], then["adjusted_budget"]),
        "bigger": shares(budget, then["adjusted_budget"]),
        "revised": shares(panel[f"outturn_budget_{lag}"], then["adjusted_budget"]),
    }
    return pd.DataFrame(out).clip(-1, _CEILING).add_suffix(f"_{lag}")


def _middle(lagged: list[pd.DataFrame]) -> pd.DataFrame:
    """Median over the lags of the five ways, so that one odd year does not lead."""
    names = [c[:-2] for c in lagged[0].columns][:6] if lagged else []
    stacks = {n: pd.concat([part.filter(regex=f"^{n}_") for part in lagged], axis=1) for n in names}
    return pd.DataFrame({f"{n}_mid": stack.median(axis=1) for n, stack in stacks.items()})


def _peers(panel: pd.DataFrame, group: list[str], name: str) -> pd.DataFrame:
    """This year's totals of the group against last year's, and what last year still spent from here."""
    by = [panel[c] for c in ["year", *group]]
    columns = [
        "executed",
        "committed",
        "adjusted_budget",
        "executed_1",
        "committed_1",
        "adjusted_budget_1",
        "outturn_1",
    ]
    t = panel[columns].groupby(by).transform("sum")
    spent = shares(t["executed"], t["adjusted_budget"])
    before = shares(t["executed_1"], t["adjusted_budget_1"])
    signed = shares(t["committed"], t["adjusted_budget"])
    signed_before = shares(t["committed_1"], t["adjusted_budget_1"])
    later = shares(t["outturn_1"] - t["executed_1"], t["adjusted_budget_1"], low=-0.2, high=2.0)
    out = {
        "spent": spent,
        "faster": shares(spent, before),
        "signed": shares(signed, signed_before),
        "later": later,
        "rate": shares(t["outturn_1"], t["adjusted_budget_1"]),
        "added": shares(panel["executed"], panel["adjusted_budget"]) + later,
    }
    return pd.DataFrame(out).add_prefix(f"{name}_")


# A unit of ten times the budget counts four times as much: the errors that matter are in money, and
# yet a dozen large units must not decide alone.
WEIGHT_POWER = 0.6
FAILING_BELOW = 0.8
# A year counts four fifths of the year after it: behaviour drifts.
YEAR_WEIGHT = 0.8
ROUNDS, MODELS = 60, 12
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
    made: Mapping[int, pd.DataFrame] | None = None,
) -> dict[int, tuple[pd.DataFrame, pd.DataFrame]]:
    """Panel (see `cutoff_panel`) and features of each of `months`; `made` has panels that are there already."""
    told = [types, *labels, *(name for group in peers for name in group)]
    names = [n for n in dict.fromkeys(told) if n not in keys]
    made = made or {}
    fresh = [m for m in months if m not in made]
    panels = {m: cutoff_panel(lines, keys=keys, month=m, family=family, labels=names) for m in fresh}
    panels = {m: made.get(m, panels.get(m)) for m in months}
    return {m: (panel, features(panel, month=m, types=types, peers=peers)) for m, panel in panels.items()}


def forecast_pooled(
    data: dict[int, tuple[pd.DataFrame, pd.DataFrame]],
    *,
    month: int,
    year: int,
    seed: int,
    rounds: int = ROUNDS,
    models: int = MODELS,
) -> pd.DataFrame:
    """`value` (median outturn), `p_failing` and `most` of the units of `year` at `month`, on the panel's index.

    Trained on the years before `year` only, the latest with the most weight. `value` lies between what is spent
    and `most` (see `possible_rate`); `p_failing` is the probability that the outturn stays below
    `FAILING_BELOW` of the budget at the cut-off. A unit without budget is forecast at what it has spent, and its
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
        chance = _chances(x, reached < FAILING_BELOW, ahead, seed, rounds)
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
    """Features and rows of the years before `year` that have a budget and a known end, of all months of `data`."""
    panels, tables = [], []
    for panel, table in data.values():
        rows = (panel["year"] < year) & (panel["adjusted_budget"] > 0) & panel["outturn"].notna()
        panels.append(panel[rows])
        tables.append(table[rows].to_numpy())
    panel = pd.concat(panels, ignore_index=True)
    if panel.empty:
        raise DataError("progress.no_history", year=year)
    return np.concatenate(tables), panel


# A rate of last year above this is an accident of a tiny budget, not a habit.
HIGHEST_RATE = 1.6


def straight_line(panel: pd.DataFrame, *, month: int) -> pd.Series:
    """Executed × 12 / month: what the rule in use supposes. Not capped at the budget."""
    return panel["executed"] * 12 / month


def rule_in_use(panel: pd.DataFrame, *, month: int) -> pd.Series:
    """The straight line up to the budget: a unit on pace is taken to spend its budget, and no more.

    What is spent already stays spent, also above the budget.
    """
    most = panel[["adjusted_budget", "executed"]].max(axis=1)
    return straight_line(panel, month=month).clip(upper=most)


def keep_possible(value: pd.Series, spent: pd.Series, most: pd.Series) -> pd.Series:
    """`value` not below what is `spent`, and not above `most`, unless more is spent already.

    >>> keep_possible(pd.Series([1.0, 286.7]), pd.Series([4.0, 2.0]), pd.Series([13.2, 13.2])).tolist()
    [4.0, 13.2]
    """
    floor = spent.fillna(0.0)
    return value.clip(lower=floor, upper=np.maximum(most.fillna(np.inf), floor))


def last_year(panel: pd.DataFrame, *, types: str) -> pd.Series:
    """The budget × the unit's own rate of last year, outturn over the budget at this same month.

    A unit without a last year takes the rate of its type, and that of all where the type has none.
    """
    rate = _ratio(panel["outturn_1"], panel["adjusted_budget_1"]).clip(0, HIGHEST_RATE)
    return panel["adjusted_budget"] * _or_of_type(rate, panel, "outturn_1", "adjusted_budget_1", types)


def chain_ladder(panel: pd.DataFrame, *, year: int, types: str) -> pd.Series:
    """Executed × what the type grew by from this month to the year's end, over all years before `year`.

    This is the product of the monthly factors, which needs no month in between. 0 stays 0: see
    `bornhuetter_ferguson`. A type without history takes the factor of all.
    """
    return panel["executed"] * _type_table(panel, year, types)["growth"]


def bornhuetter_ferguson(panel: pd.DataFrame, *, year: int, types: str) -> pd.Series:
    """Executed + budget × the type's usual rate × the share usually spent after this month.

    For early months and units that have spent nothing. Bornhuetter & Ferguson (1972).
    """
    table = _type_table(panel, year, types)
    return panel["executed"] + panel["adjusted_budget"] * table["rate"] * (1 - 1 / table["growth"])


def forecast_ladder(panel: pd.DataFrame, *, year: int, month: int, types: str) -> pd.DataFrame:
    """One row per unit of `year`, one column per method; `panel` comes from `cutoff_panel`.

    `straight_line`, `last_year`, `chain_ladder`, `bornhuetter_ferguson` and `combined`, the mean of the last
    three. Amounts of money: divide by the budget of the vintage that is meant.
    Raises DataError for a year without rows or without a complete year before it.
    """
    now = panel[panel["year"] == year]
    if now.empty:
        found = ", ".join(str(y) for y in sorted(panel["year"].unique()))
        raise DataError("progress.no_such_year", year=year, found=found)
    table = pd.DataFrame(
        {
            "straight_line": straight_line(now, month=month),
            "last_year": last_year(now, types=types),
            "chain_ladder": chain_ladder(panel, year=year, types=types)[now.index],
            "bornhuetter_ferguson": bornhuetter_ferguson(panel, year=year, types=types)[now.index],
        }
    )
    return table.assign(combined=table.drop(columns="straight_line").mean(axis=1))


def _type_table(panel: pd.DataFrame, year: int, types: str) -> pd.DataFrame:
    """`rate` (outturn / budget) and `growth` (outturn / executed) of each row's type before `year`."""
    before = panel[(panel["year"] < year) & panel["outturn"].notna()]
    if before.empty:
        raise DataError("progress.no_history", year=year)
    columns = ["outturn", "adjusted_budget", "executed"]
    sums, whole = before.groupby(types)[columns].sum(), before[columns].sum()
    rate = _ratio(sums["outturn"], sums["adjusted_budget"])
    growth = _ratio(sums["outturn"], sums["executed"]).clip(lower=1.0)
    table = pd.DataFrame({"rate": rate, "growth": growth}).reindex(panel[types])
    under = whole.where(whole > 0)
    fill = {"rate": whole["outturn"] / under["adjusted_budget"]}
    fill["growth"] = np.fmax(whole["outturn"] / under["executed"], 1.0)
    return table.fillna(fill).set_axis(panel.index)


def _or_of_type(rate: pd.Series, panel: pd.DataFrame, over: str, under: str, types: str) -> pd.Series:
    sums = panel.groupby(types)[[over, under]].transform("sum")
    of_type = _ratio(sums[over], sums[under])
    whole = panel[[over, under]].sum()
    return rate.fillna(of_type).fillna(whole[over] / whole[under] if whole[under] > 0 else np.nan)


def _ratio(over: pd.Series, under: pd.Series) -> pd.Series:
    return over / under.where(under > 0)
