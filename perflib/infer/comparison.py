"""Groups side by side, asked for from the projects themselves: shares, ranks, splits, peers.

Each takes a frame and gives a frame in one vocabulary, so that what one gives the next one takes. Small
districts lean on the whole: empirical Bayes, with the variance between units estimated.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, stats

from perflib.data.errors import ArgumentError
from perflib.infer.decomposition import category_contributions, decompose_rates
from perflib.infer.interval import CONFIDENCE, check_confidence, difference, wilson_interval
from perflib.infer.ranks import check_units, rank_pairs, rank_sets
from perflib.infer.rates import decided
from perflib.measure.rates import project_rates
from perflib.measure.tally import check_columns, keys_of, like, unnamed

COVARIATES = ("population", "area", "revenue", "industry_share")
LOGGED = ("population", "area", "revenue")  # sizes: twice as large is as far at any size


def nearest(
    districts: pd.DataFrame, *, covariates: str | Sequence[str] = (), peers: int = 5, unit: str = "district"
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
    check_columns(districts, [unit])
    districts = unnamed(districts)
    check_units(districts[unit])
    covariates = [covariates] if isinstance(covariates, str) else list(covariates)
    wanted = covariates or [c for c in COVARIATES if c in districts and districts[c].notna().sum() > 2]
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
    order = np.argsort(gap, axis=1, kind="stable")[:, : max(0, min(peers, len(rows) - 1))]
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


def gap(rates: pd.DataFrame, own: str | int, others: str | int | Iterable, *, unit: str = "") -> pd.DataFrame:
    """How far the rate of `own` lies from the mean of `others`: one row, `peers`, `rate` (their mean), `value, low, high`.

    `rates` is what `perflib.rates` gives, `unit` the column that names its rows (none: the first). The bounds follow
    from those of each rate, at their confidence, and stay within what is possible. A peer without bounds takes no part;
    NA where none is left, or `own` has none. Raises DataError where one of them has several rows (years, bases).

    >>> rates = pd.DataFrame({"d": ["a", "b", "c"], "rate": [0.9, 0.5, 0.7], "low": [0.8, 0.4, 0.6], "high": [0.95, 0.6, 0.8]})
    >>> gap(rates, "a", ["b", "c"])[["peers", "rate", "value"]].round(2).iloc[0].tolist()
    [2.0, 0.6, 0.3]
    """
    name = unit or str(rates.columns[0])
    check_columns(rates, [name, "rate", "low", "high"])
    known, others = rates.dropna(subset=["rate", "low", "high"]), [others] if np.isscalar(others) else others
    called = known[name].astype("str")
    asked = [str(own), *map(str, others)]
    check_units(rates.loc[rates[name].astype("str").isin(asked), name])
    mine, theirs = known[called == str(own)], known[called.isin(asked[1:])]
    n, mean = len(theirs), theirs["rate"].mean()
    row = {"peers": n, "rate": mean, "value": np.nan, "low": np.nan, "high": np.nan}
    if len(mine) and n:
        ends = [np.sqrt(((theirs[end] - theirs["rate"]) ** 2).sum()) / n for end in ("low", "high")]
        me = mine.iloc[0]
        row |= difference(me["rate"], me["low"], me["high"], mean, mean - ends[0], mean + ends[1])
    return like(pd.DataFrame([row]), rates)


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


def between_variance(values, variances) -> float:
    """Variance τ² by which true values differ, given estimates and their sampling variances (above 0).

    The τ² at which Cochran's Q is its expectation (Paule & Mandel 1982). Never below 0; 0 for fewer than two units.
    """
    y, v = np.asarray(values, dtype="float64"), np.asarray(variances, dtype="float64")
    assert (v > 0).all()
    excess = lambda tau2: _cochran(y, v, tau2) - (len(y) - 1)  # noqa: E731
    if len(y) < 2 or excess(0.0) <= 0:
        return 0.0
    most = 2 * float(((y - y.mean()) ** 2).sum()) + 10 * float(v.max())  # Q is below its expectation for sure
    return float(optimize.brentq(excess, 0.0, most, xtol=1e-14 * most))


def _centre(y: np.ndarray, v: np.ndarray, tau2: float) -> tuple[np.ndarray, float]:
    w = 1 / (v + tau2)
    return w, float((w * y).sum() / w.sum())


def _cochran(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    w, mu = _centre(y, v, tau2)
    return float((w * (y - mu) ** 2).sum())


def shrink_estimates(
    estimates: pd.DataFrame, *, value: str = "value", se: str = "se", confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """`estimates` with `own`, `mean`, `shrinkage`, `tau2` and the shrunken `value, low, high`.

    shrunken = (1 − B)·own + B·mean, B = (k−3)/(k−1) · s²/(s² + τ²), so it lies between the two; the interval
    has Morris's correction for what is not known of mean and τ² (Morris 1983, k units). `shrinkage` is B.
    A unit without a standard error above 0 keeps NA, and a reason `no_standard_error`; with fewer than
    four units nothing can be learnt from the others: B is 0 and the reason `too_few_units`.
    """
    check_confidence(confidence)
    own = estimates[value].astype("float64")
    variance = estimates[se].astype("float64") ** 2
    usable = own.notna() & (variance > 0)
    table = estimates.assign(
        own=own, shrinkage=np.nan, mean=np.nan, tau2=np.nan, value=np.nan, _variance=np.nan
    )
    table["reason"] = np.where(usable, None, "no_standard_error")
    if usable.any():
        found = _shrunken(own[usable].to_numpy(), variance[usable].to_numpy())
        table.loc[usable, list(found)] = pd.DataFrame(found, index=table.index[usable])
        table.loc[usable, "reason"] = None if usable.sum() >= 4 else "too_few_units"
    half = stats.norm.ppf(0.5 + confidence / 2) * np.sqrt(table.pop("_variance"))
    return table.assign(
        low=table["value"] - half, high=table["value"] + half, confidence=confidence, method="empirical_bayes"
    )


def _shrunken(y: np.ndarray, v: np.ndarray) -> dict[str, np.ndarray | float]:
    k = len(y)
    tau2 = between_variance(y, v)
    w, mu = _centre(y, v, tau2)
    factor = max(0.0, (k - 3) / (k - 1)) if k > 1 else 0.0
    b = factor * v / (v + tau2)
    doubt = 2 / (k - 3) * b**2 * (np.average(v, weights=w) + tau2) / (v + tau2) if k > 3 else 0.0
    spread = v * (1 - (k - 1) / k * b) + doubt * (y - mu) ** 2
    return {"shrinkage": b, "mean": mu, "tau2": tau2, "value": (1 - b) * y + b * mu, "_variance": spread}


FEWEST = 5  # effective projects below which nothing is claimed (methods, M29)
MOSTLY = 0.99  # share of projects that must be of a kind for kinds to split by
RANKS = ["rank_low", "rank_high", "tier"]
SHARE = ["projects", "count", "rate", "low", "high", "se", "effective", "confidence", "method"]


def share(
    projects: pd.DataFrame,
    where: str,
    *,
    by: str | Sequence[str],
    base: str = "adjusted",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Share of the projects with a rate for which `where` holds ("rate < 0.5"): the columns of a rate.

    One row per group of `by`: `projects` (with a rate), `count` (for which it holds), `rate` (the share), `low`,
    `high` (Wilson), `se`, `effective` (each project counts the same). It ranks and draws as a rate does.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> pf.share(rows, "rate < 0.5", by="class").columns.tolist()[:4]
    ['class', 'projects', 'count', 'rate']
    """
    keys = keys_of(projects, by, taken=SHARE)
    rated = project_rates(projects, base=base).dropna(subset=["rate"]).assign(_all="")
    try:
        holds = rated.eval(where).astype("boolean").fillna(False).astype("int64")
    except (SyntaxError, NameError, ValueError, TypeError, AttributeError) as fault:
        raise ArgumentError("measure.no_condition", where=str(where), fault=fault) from None
    groups = rated.assign(count=holds, projects=1).groupby(keys or ["_all"], as_index=False, dropna=False)
    table = groups[["projects", "count"]].sum().drop(columns="_all", errors="ignore")
    interval = wilson_interval(table["count"], table["projects"], confidence=confidence)
    rate = table["count"] / table["projects"]
    table = table.assign(
        rate=rate, low=interval["low"].to_numpy(), high=interval["high"].to_numpy(),
        se=(rate * (1 - rate) / table["projects"]) ** 0.5, effective=table["projects"].astype(float),
        confidence=confidence, method="wilson",
    )  # fmt: skip
    return like(table, projects)


def ranks(
    table: pd.DataFrame,
    *,
    unit: str = "",
    confidence: float = CONFIDENCE,
    highest_first: bool = True,
    pairs: bool = False,
    **options,
) -> pd.DataFrame:
    """`table` (of `rates` or `share`) with the ranks that the data allow: `rank_low` to `rank_high`, and `tier`.

    `unit` is the column that names the rows (none: the first). The table's own columns and order stay; a row
    without a standard error, or with fewer than five `effective` projects, has no rank, and none has one where there
    are not two to rank. See `rank_sets` for what the sets promise. With `pairs` the rows are the pairs that are told
    apart, the clearest first: `unit` is ahead of `other` by `value` (all right together with probability `confidence`).

    >>> rates = pd.DataFrame({"district": ["a", "b"], "rate": [0.9, 0.5], "se": [0.01, 0.01]})
    >>> ranks(rates)["tier"].tolist()
    [1, 2]
    """
    name, table = unit or str(table.columns[0]), unnamed(table.drop(columns=RANKS, errors="ignore"))
    check_columns(table, [name, "rate", "se"])
    known = table.get("effective", pd.Series(np.inf, table.index)) >= FEWEST
    rows = table[[name, "rate"]].assign(se=table["se"].where(known))
    options = {"confidence": confidence, "highest_first": highest_first, **options}
    can_rank = (rows["se"] > 0).sum() > 1
    if pairs:
        known = rows[rows["se"] > 0]
        none = pd.DataFrame(columns=[name, "other", "value", "se"])
        return like(rank_pairs(known, unit=name, value="rate", **options) if can_rank else none, table)
    if not can_rank:
        return table.assign(**{c: pd.array([pd.NA] * len(table), dtype="Int64") for c in RANKS})
    found = rank_sets(rows, unit=name, value="rate", **options)
    return like(table.merge(found[[name, *RANKS]], on=name, how="left", validate="one_to_one"), table)


def shrink(table: pd.DataFrame, *, unit: str = "") -> pd.DataFrame:
    """`table` (of `rates` or `share`) with `shrunken`, each rate pulled to the mean by how little it rests on.

    `shrunken_low` to `shrunken_high` is its interval, `shrinkage` by how much it was pulled (0 to 1); NA where fewer
    than four rows can learn from each other. The table's own columns stay.

    >>> rates = pd.DataFrame({"d": list("abcd"), "rate": [0.5, 0.6, 0.7, 0.8], "se": [0.1] * 4})
    >>> shrink(rates)["shrunken"].is_monotonic_increasing
    True
    """
    name, table = unit or str(table.columns[0]), unnamed(table)
    check_columns(table, [name, "rate", "se"])
    check_units(table[name])
    found = shrink_estimates(table[[name, "rate", "se"]], value="rate")
    columns = {"value": "shrunken", "low": "shrunken_low", "high": "shrunken_high", "shrinkage": "shrinkage"}
    learnt = found[list(columns)].where(found["reason"].ne("too_few_units"), np.nan).rename(columns=columns)
    shrunk = table.merge(learnt.assign(**{name: found[name]}), on=name, how="left", validate="one_to_one")
    return like(shrunk, table)


def decompose(
    projects: pd.DataFrame, *, by: str | Sequence[str], unit: str = "district",
    against: str | int | None = None,
    base: str = "adjusted", cluster: str = "", together: str = "policy", **options,
) -> pd.DataFrame:  # fmt: skip
    """Each unit's rate against all together, split into `mix_effect` and `rate_effect`, each with its interval.

    `by` are the categories: what is funded is the mix. `against` another unit: each is held against that one instead
    of all together (two units are a pair). `cluster` is what projects of a unit have in common (none: the department,
    where units have several). Columns of `decompose_rates`; `difference` is the two effects' sum. No row where the
    projects are of one kind, or of none. Money spent without a budget of its kind is with the largest of its kind.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> split = pf.decompose(rows, by="class", against="330190")
    >>> bool((split["difference"] - split["mix_effect"] - split["rate_effect"]).abs().max() < 1e-12)
    True
    """
    keys = keys_of(projects, by or "", taken=[unit, "budget", "executed"])
    rows = _for_split(projects, keys, unit, base, together)
    if cluster == "":
        usual = rows.groupby(unit)["department"].nunique().median() if "department" in rows else 0
        cluster = "department" if usual >= 2 else "_decision"
    table = decompose_rates(rows, by=keys, unit=unit, cluster=cluster, against=against, **options)
    return like(table, projects)


def contributions(
    projects: pd.DataFrame,
    *,
    by: str | Sequence[str],
    unit: str = "district",
    against: str | int | None = None,
    base: str = "adjusted",
    together: str = "policy",
) -> pd.DataFrame:
    """What each category of `by` adds to a unit's difference: `mix_effect`, `rate_effect`, shares and rates.

    The difference is from all units together (`pool_share`, `pool_rate`) or from the unit `against`.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> {"mix_effect", "rate_effect"} <= set(pf.contributions(rows, by="class"))
    True
    """
    keys = keys_of(projects, by or "", taken=[unit, "budget", "executed"])
    rows = _for_split(projects, keys, unit, base, together)
    return like(category_contributions(rows, by=keys, unit=unit, against=against), projects)


def _for_split(projects: pd.DataFrame, keys: list[str], unit: str, base: str, together: str) -> pd.DataFrame:
    """What was decided as one within a unit, kind and department, with its money; no row where kinds say nothing."""
    rated, column = decided(projects, unit, base=base, together=together)
    named = rated["project"].astype("string")
    rated["_decision"] = named if column is None else rated[column].astype("string").fillna(named)
    told = rated[keys].notna().all(axis=1).mean() > MOSTLY if len(rated) else False
    groups = [unit, *keys, "_decision", *(["department"] if "department" in rated else [])]
    rows = rated[rated["budget"].notna() & rated["executed"].notna()]
    table = rows.groupby(list(dict.fromkeys(groups)), as_index=False, dropna=False)[
        ["executed", "budget"]
    ].sum()
    if not told or table[keys].drop_duplicates().shape[0] < 2:
        table = table[:0]
    return with_credit(table, unit, keys)


def with_credit(cells: pd.DataFrame, unit: str, kinds: Sequence[str]) -> pd.DataFrame:
    """`cells` without a budget of their own joined to the largest of their unit and kind, else of their unit.

    Their spending was paid from it, and dropping it would break the sums.
    """
    rows = cells.reset_index(drop=True)
    for keys in ([unit, *kinds], [unit]):
        bare = rows["budget"] <= 0
        if not bare.any():
            return rows
        largest = rows[~bare].sort_values("budget").groupby(keys, dropna=False).tail(1)
        home = largest.assign(_home=largest.index)[[*keys, "_home"]]
        moved = rows[bare].reset_index().merge(home, on=keys, how="inner").set_index("index")
        sums = moved.groupby("_home")[["executed", "budget"]].sum()
        rows.loc[sums.index, ["executed", "budget"]] += sums
        rows = rows.drop(index=moved.index).reset_index(drop=True)
    return rows
