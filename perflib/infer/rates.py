"""Execution rates of groups: budget, executed, rate, and how sure each is.

How far each would move if the same process ran again, which groups differ from the whole, and whether it is
what they fund.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.shelf import shared_result
from perflib.infer.interval import CONFIDENCE, check_confidence, control_discoveries
from perflib.infer.shuffle import DRAWS, MOST, blocks, chances, trimmed
from perflib.infer.spread import PER_SIZE, SIZES, bounded, kind_numbers, project_variance
from perflib.measure.rates import add_up_rated, check_bases, decisions, project_rates
from perflib.measure.tally import check_columns, check_known, keys_of, like

FEWEST = 5  # effective projects below which nothing is said of a group (methods, M29)


def rate_intervals(
    rates: pd.DataFrame,
    *,
    by: Sequence[str],
    together: str | None = None,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    verdicts: bool = True,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """The amount-weighted rate of each group, its interval and, with `verdicts`, whether it differs from the whole.

    `rates` is what `perflib.measure.rates.project_rates` gives; projects of one value of `together` count as one,
    what was spent without a budget with them, and what has none then is left out. Columns: those of `group_rates`, one row per group of `by`, and

    - `p_value` (see `apart`: of no difference from all groups together), `p_error` (its Monte Carlo error) and
      `p_adjusted` (for all groups together, Benjamini-Hochberg);
    - `verdict`: "below", "above" or "alike", false discoveries held at 1 − `confidence`, or "too_few" for a
      group with an effective number below five, of which nothing is said;
    - `is_firm`: the verdict below or above is the same when every group's largest decision is left out;
    - `centre`: the rate that the group would have if each kind of its spending were executed as everywhere;
      `p_alike`: of no difference from `centre`; `verdict_alike`: the same words for projects of like kind and size.
    """
    keys = list(by)
    table = group_rates(rates, by=keys, cluster=together, confidence=confidence)
    if not verdicts:
        return table
    rows = decisions(rates, by=keys, together=together)
    rows = rows[rows["budget"] > 0].sort_values([*keys, "budget", "executed"], ignore_index=True)
    rate = 1 - confidence
    options = {"by": keys, "seed": seed, "draws": draws, "level": rate}
    tests = shared_result("tested", rows, options, lambda: tested(rows, **options))
    found = table[keys].merge(tests, on=keys, how="left")
    verdict = sides(found["p_value"], found["gap"], rate)
    alike = sides(found["p_alike"].where(found["p_value"].notna()), table["rate"] - found["centre"], rate)
    adjusted = control_discoveries(found["p_value"], rate=rate)["adjusted"].to_numpy()
    told = {"p_adjusted": adjusted, "verdict": verdict, "is_firm": is_firm(found, verdict, rate)}
    return table.assign(**found[["p_value", "p_error", "centre", "p_alike"]], **told, verdict_alike=alike)


def sides(p: pd.Series, gap: pd.Series, rate: float) -> np.ndarray:
    """ "below" or "above" by the sign of `gap`, false discoveries held at `rate`; "alike"; "too_few" without a `p`."""
    flagged = control_discoveries(p, rate=rate)["is_flagged"].to_numpy(dtype=bool)
    words = [np.isnan(np.asarray(p, dtype="float64")), flagged & (gap < 0), flagged]
    return np.select(words, ["too_few", "below", "above"], default="alike")


def is_firm(found: pd.DataFrame, verdict: np.ndarray, rate: float) -> np.ndarray:
    """Which verdicts of `tested` stand when every group's largest decision is left out."""
    without = sides(found["p_without"].where(found["p_value"].notna()), found["gap_without"], rate)
    return np.isin(verdict, ["below", "above"]) & (verdict == without)


def tested(rows: pd.DataFrame, *, by: Sequence[str], level: float = 0.05, **options) -> pd.DataFrame:
    """`apart`, with `gap_without` and `p_without`: the same when every group's largest decision is left out.

    NA where no group is apart at `level`: then there is nothing that could hang on one.
    """
    keys = list(by)
    found = apart(rows, by=keys, level=level, **options)
    if not (found["p_value"] <= level).any():
        return found.assign(gap_without=np.nan, p_without=np.nan)
    smaller = rows.sort_values([*keys, "budget", "executed"], ignore_index=True)
    smaller = smaller[smaller.duplicated(keys, keep="last")]
    less = apart(smaller, by=keys, level=level, **options)[[*keys, "gap", "p_value"]]
    less = less.rename(columns={"gap": "gap_without", "p_value": "p_without"})
    return found.merge(less, on=keys, how="left", validate="one_to_one")


def apart(
    rows: pd.DataFrame, *, by: Sequence[str], seed: int = 0, draws: int = DRAWS, level: float = 0.05
) -> pd.DataFrame:
    """One row per group of `by`: is its rate further from the whole's than the luck of its projects?

    `rows` has one row per decision with `by`, a positive `budget`, `rate` and the columns of its kind. Columns:
    `gap` (rate less the whole's), `se`, `p_value` and `p_error`, `centre` and `p_alike` (see `rate_intervals`), and
    `projects` (decisions). No p-value for a group with fewer than five effective projects or no error. Rates are
    dealt `draws` times where a verdict at `level` would hang on the luck of the first two thousand.

    The p-value is the larger of two: by the error, with the variance of each kind (`perflib.infer.spread`), and by
    dealing rates anew within kind and size (`perflib.infer.shuffle`). Alone the first claims too much where a
    few large projects make a rate, the second where kinds differ in shape, and no single project turns both.
    """
    keys = list(by)
    columns = [*keys, "projects", "gap", "se", "p_value", "p_error", "centre", "p_alike"]
    group = rows.groupby(keys, dropna=False).ngroup().to_numpy()
    if not len(rows) or not group.any():
        return pd.DataFrame(columns=columns).astype({c: "float64" for c in columns if c not in keys})
    kind = kind_numbers(rows, but=keys)
    b, rate = rows["budget"].to_numpy(dtype="float64"), rows["rate"].to_numpy(dtype="float64")
    money, centre = np.bincount(group, b), centre_of_kinds(b, rate, group, kind)
    own = np.bincount(group, b * rate) / money
    gap, like = own - (b * rate).sum() / money.sum(), own - centre
    se = np.sqrt(np.bincount(group, b**2 * project_variance(rate, b, group, kind)[0])) / money
    known = (money**2 / np.bincount(group, b**2) >= FEWEST) & (se > 0)
    error = np.where(known, se, np.nan)
    p, p_alike = (2 * stats.norm.sf(np.abs(x / error)) for x in (gap, like))
    p_error = np.where(known, 0.0, np.nan)
    if len(rows) * len(money) <= MOST:
        block, weights = blocks(b, kind), _weights(b, group, kind)
        inner = trimmed(rate, block)
        trim = np.bincount(group, b * inner) / money - (b * inner).sum() / money.sum()
        tested = np.where(known, [trim, inner @ weights], np.nan)
        dealt, luck = chances(tested, inner, weights, block, level=level, seed=seed, draws=draws)
        dealt = np.where(tested * [gap, like] < 0, 1.0, dealt)
        p, p_error = np.maximum(p, dealt[0]), np.where(dealt[0] >= p, luck[0], p_error)
        p_alike = dealt[1]
    names = rows.assign(_group=group).drop_duplicates("_group").sort_values("_group")[keys]
    found = {"gap": gap, "se": se, "p_value": p, "p_error": p_error, "centre": centre, "p_alike": p_alike}
    return names.reset_index(drop=True).assign(projects=np.bincount(group), **found)


def centre_of_kinds(budget: np.ndarray, rate: np.ndarray, group: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """The rate of each group if each of its kinds were executed as everywhere."""
    everywhere = np.bincount(kind, budget * rate) / np.maximum(np.bincount(kind, budget), 1e-300)
    return np.bincount(group, budget * everywhere[kind]) / np.bincount(group, budget)


def _weights(budget: np.ndarray, group: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Weight of each project (rows) in rate − centre of each group (columns)."""
    groups, kinds = int(group.max()) + 1, int(kind.max()) + 1
    money = np.bincount(group * kinds + kind, budget, groups * kinds).reshape(groups, kinds)
    share = money / money.sum(axis=1, keepdims=True)
    total = np.maximum(money.sum(axis=0), np.finfo(float).tiny)
    weights = -(share / total).T[kind] * budget[:, None]
    weights[np.arange(len(budget)), group] += budget / money.sum(axis=1)[group]
    return weights


def group_rates(
    rates: pd.DataFrame,
    *,
    by: Sequence[str] = ("district",),
    cluster: str | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per group of `by`: `budget`, `executed`, `rate` (their ratio), `se`, `low`, `high`, `effective`.

    `rates` has one row per project with `by`, `executed`, `budget` (and `cluster`: what was decided as one is
    added first); rows without a positive budget are left out. The error is √Σ(b/B)²σ², with σ² of each kind of
    spending (`perflib.infer.spread`) learnt from all groups of the frame: pass one year at a time. Bounds stay
    between 0 and what is possible: 1, or more where projects spent more than they had. `reason` says `one_project`.

    >>> frame = pd.DataFrame({"district": list("aaabbb"), "budget": [10.0] * 6, "executed": [9, 10, 8, 7, 10, 4]})
    >>> group_rates(frame)[["district", "rate", "low", "high"]].round(2)
      district  rate   low  high
    0        a   0.9  0.46  0.99
    1        b   0.7  0.29  0.93
    """
    check_confidence(confidence)
    keys = list(by)
    rows = decisions(rates, by=keys, together=cluster)
    rows = rows[rows["budget"] > 0].sort_values([*keys, "budget", "executed"], ignore_index=True)
    table = _sums(rows, keys)
    table["se"], freedom = _error(rows, table, keys)
    if cluster and len(rows) < SIZES * PER_SIZE:  # too few to tell what single projects move: they can
        alone = table[keys].merge(group_rates(rates, by=keys)[[*keys, "se"]], on=keys, how="left")["se"]
        table["se"] = np.fmax(table["se"], alone.to_numpy())
    table["reason"] = np.where(table["projects"] == 1, "one_project", None)
    z = stats.t.isf((1 - confidence) / 2, freedom)
    columns = [table[c].to_numpy(dtype="float64") for c in ("rate", "se", "_expected", "effective")]
    table["low"], table["high"] = bounded(*columns, z, table["_most"].to_numpy())
    table[["low", "high"]] = table[["low", "high"]].where(table["se"].notna())
    names = [*keys, "projects", "budget", "executed", "rate", "effective", "se", "low", "high", "reason"]
    return table[names].assign(confidence=confidence, method="pooled variance")


def _sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per group: sums, rate, effective number, the rate that its kinds have everywhere, the most possible."""
    b = rows["budget"]
    kind = kind_numbers(rows, but=keys)
    everywhere = np.bincount(kind, rows["executed"]) / np.bincount(kind, b)
    parts = rows.assign(_squares=b**2, _expected=b * everywhere[kind], _most=np.maximum(b, rows["executed"]))
    # Each decision counts once, however many projects it has.
    parts["projects"] = 1
    names = ["projects", "budget", "executed", "_squares", "_expected", "_most"]
    table = parts.groupby(keys, dropna=False, as_index=False)[names].sum()
    table["rate"] = table["executed"] / table["budget"]
    table["effective"] = table["budget"] ** 2 / table["_squares"]
    table[["_expected", "_most"]] = table[["_expected", "_most"]].div(table["budget"], axis=0)
    return table


def _error(rows: pd.DataFrame, table: pd.DataFrame, keys: list[str]) -> tuple[pd.Series, float]:
    group = rows.groupby(keys, dropna=False).ngroup().to_numpy()
    b = rows["budget"].to_numpy()
    found, freedom = project_variance(rows["rate"].to_numpy(), b, group, kind_numbers(rows, but=keys))
    error = np.sqrt(np.bincount(group, b**2 * found, len(table))) / table["budget"]
    return error, max(1.0, float(freedom))


_ERROR = ["effective", "low", "high", "se"]
_VERDICT = ["p_value", "p_error", "p_adjusted", "verdict", "is_firm", "centre", "p_alike", "verdict_alike"]
_OWN = ["base", "projects", "budget", "executed", "rate", *_ERROR, *_VERDICT, "mean_rate", "counted", "defined",
        "executed_without_budget", "reason", "confidence"]  # fmt: skip


def rates(
    projects: pd.DataFrame, *, by: str | Sequence[str] = (), base: str | Sequence[str] = "adjusted",
    together: str | None = None, verdicts: bool = True, confidence: float = CONFIDENCE, seed: int = 0,
    draws: int = DRAWS,
) -> pd.DataFrame:  # fmt: skip
    """Execution rate of each group of `by` on each `base`: `budget, executed, rate, low, high, se, effective`.

    `projects` has one row per project; `by` is a column or a list of them (none: all together), `base` "initial",
    "adjusted", "received" or a list. Rates are fractions, amounts in the main unit. Spending without a budget on
    this base is in `executed` and, alone, in `executed_without_budget`, and the interval lies around the rate that it
    is part of; `projects` are the rows, `counted` those
    with both amounts, `defined` those with a rate of their own, whose simple mean is `mean_rate`. `verdict` says
    whether a group differs from all together ("below", "above", "alike", or "too_few" to say; NA for the only group with a rate), false claims held
    at 1 − `confidence`; groups of a year are held against that year. `p_value` with its Monte Carlo
    error `p_error`, by dealing (see `apart`). `is_firm`: it says so without any group's largest project too. `centre` is the rate that the group would have if each kind of its spending were executed as
    everywhere, `verdict_alike` the same words against that. Projects of one value of `together` (a column: policy)
    count as one. `draws`: dealings at most behind a verdict; without `verdicts` nothing is tested, which is
    quicker. NA has its `reason`.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> pf.rates(book.rows("projects", year=2023), by="class")["class"].tolist()
    ['personnel', 'public', 'specific']
    """
    keys = keys_of(projects, by, taken=_OWN)
    check_columns(projects, [together] if together else [])
    bases = list(dict.fromkeys(base)) if isinstance(base, Sequence) and not isinstance(base, str) else [base]
    check_bases(bases)
    check_confidence(confidence, draws)
    if any(projects[key].isna().all() for key in keys):
        projects = projects[:0]  # no row says which group it is in
    grouped = projects if keys else projects.assign(_all="")
    rated = {name: project_rates(grouped, base=name) for name in bases}
    table = add_up_rated(rated, by=keys)
    options = {"together": together, "confidence": confidence, "seed": seed, "draws": draws,
               "verdicts": verdicts}  # fmt: skip
    rows = [_intervals(rated[name], keys or ["_all"], name, options) for name in bases]
    found = pd.concat(rows, ignore_index=True).rename(columns={"rate": "_rate"})
    table = table.merge(found, on=[*keys, "base"], how="left", validate="one_to_one")
    moved = table["rate"] - table["_rate"]
    low = (table["low"] + moved).clip(lower=0)
    table["low"], table["high"] = np.minimum(low, table["rate"].where(low.notna())), table["high"] + moved
    if verdicts:
        apart_from = table.groupby([*(k for k in keys if k == "year"), "base"])["rate"].transform("count") > 1
        said = table[["verdict", "verdict_alike"]].fillna("too_few")
        table[["verdict", "verdict_alike"]] = said.where(apart_from, None)
        table["is_firm"] = table["is_firm"].fillna(False).astype(bool)
    table = table.assign(confidence=confidence)[[*keys, *(c for c in _OWN if verdicts or c not in _VERDICT)]]
    return like(table, projects)


def _intervals(rated: pd.DataFrame, keys: list[str], base: str, options: dict) -> pd.DataFrame:
    years = [rows for _, rows in rated.groupby("year")] if "year" in keys and len(rated) else [rated]
    found = pd.concat([rate_intervals(rows, by=keys, **options) for rows in years])
    kept = [*keys, "rate", *_ERROR, *(_VERDICT if options["verdicts"] else [])]
    return found[kept].drop(columns="_all", errors="ignore").assign(base=base)


def decided(
    projects: pd.DataFrame, *needed: str, base: str, together: str
) -> tuple[pd.DataFrame, str | None]:
    """`projects` with rates, and the column of what was decided as one: none where each stands by itself.

    Each row must say what it is in the columns `needed`.
    """
    check_columns(projects, needed if together == "project" else [*needed, together])
    check_known(projects, needed)
    return project_rates(projects, base=base), None if together == "project" else together
