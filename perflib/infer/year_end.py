"""Where the year will end: for the whole, for each group of any column, or project by project.

Totals of a district and its parts are simulated jointly: units share the year and the department.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.book import year_number
from perflib.infer.conformal import YEAR_DECAY, group_names, yearly_intervals
from perflib.infer.forecast import keep_possible
from perflib.infer.interval import check_confidence
from perflib.infer.outlook import CONFIDENCE, LEVELS, Outlook, chosen_month, outlook_of
from perflib.measure.money import sum_amounts
from perflib.measure.tally import check_columns, keys_of, like

_WIDEST = 2.0  # a residual beyond two budgets is a tiny budget that was raised, and scales to nothing
_KNOWN_BEFORE = 2  # years of knowledge that the spread of years' shocks is taken to start with
_METHOD = "joint_simulation"


def forecast_totals(
    past: pd.DataFrame,
    now: pd.DataFrame,
    *,
    year: int,
    by: Sequence[str] = (),
    cluster: str,
    groups: Sequence[str],
    confidence: float,
    seed: int,
    draws: int = 2000,
) -> pd.DataFrame:
    """`by, value, low, high, se, confidence, method` of the sums over `now`: a row per group, one row for no `by`.

    `past` and `now` as in `conformal_intervals`, with the columns `by`, `cluster` (what shares shocks: the
    department), `groups` (type and size) and `executed`. `value` is the sum of `expected_outturns`, so that
    groups add up to the whole. Each draw takes one shock of the year for all, one shift per cluster, and
    draws what is left of the residuals unit by unit within its group: adding up single intervals or drawing
    independently would get it wrong in opposite ways. The year's shock has the spread of the mean errors of earlier
    years, by Student's t as they are few. A cluster's shift is its money-weighted mean residual, shrunk by the
    part of its variance that single units explain: they are drawn anew. No bound lies below what is spent.
    """
    check_confidence(confidence, draws)
    known = _known(past, year)
    value = expected_outturns(past, now, year=year)
    names = group_names(now, by)
    cells = now.assign(_value=value, _executed=now["executed"].fillna(0.0))
    sums = cells.groupby(names.to_numpy())[["_value", "_executed"]].sum()
    live = now["scale"] > 0
    off = _simulated(known, now[live], names[live], cluster, groups, seed, draws) if len(known) else {}
    spread = pd.DataFrame(off, index=range(draws)).reindex(columns=sums.index, fill_value=0.0)
    tail = (1 - confidence) / 2
    ends = spread.quantile([tail, 1 - tail]).to_numpy()
    low = np.maximum(sums["_value"] + ends[0], sums["_executed"]).clip(upper=sums["_value"])
    table = sums.assign(
        value=sums["_value"],
        low=low if len(known) else np.nan,
        high=(sums["_value"] + ends[1]).clip(lower=sums["_value"]) if len(known) else np.nan,
        se=spread.std() if len(known) else np.nan,
    )
    columns = cells[list(by)].groupby(names.to_numpy()).first() if by else table[[]]
    table = columns.join(table[["value", "low", "high", "se"]]).reset_index(drop=True)
    return table.assign(confidence=confidence, method=_METHOD)


def expected_outturns(past: pd.DataFrame, now: pd.DataFrame, *, year: int) -> pd.Series:
    """The outturn of each row of `now` that adds up: its median and its part of what sums of medians missed by.

    Few units end above their median by much, more end below it by little, and a sum of medians is too low. What
    earlier years' sums missed by, a share of the budgets drawn to 0 by a year more than there are, is spread over the
    units by how far each may still move: never below what is spent, nor above what is possible.
    """
    shifts = _year_shifts(_known(past, year))
    missed = _centre(shifts) * now.loc[now["scale"] > 0, "scale"].sum()
    spent, most = now["executed"].fillna(0.0), now.get("most", now["scale"]).fillna(0.0)
    value = keep_possible(now["value"], now["executed"], most)
    room = np.maximum(most - value, 0.0) if missed > 0 else value - spent
    whole = room.sum()
    return value + np.sign(missed) * room * (min(1.0, abs(missed) / whole) if whole > 0 else 0.0)


def _known(past: pd.DataFrame, year: int) -> pd.DataFrame:
    rows = past[(past["year"] < year) & (past["scale"] > 0) & past["outturn"].notna()]
    residual = ((rows["outturn"] - rows["value"]) / rows["scale"]).clip(-_WIDEST, _WIDEST)
    return rows.assign(_residual=residual, _money=residual * rows["scale"])


def _year_shifts(known: pd.DataFrame) -> pd.Series:
    sums = known.groupby("year")[["_money", "scale"]].sum()
    return sums["_money"] / sums["scale"]


def _weights(shifts: pd.Series) -> np.ndarray:
    return YEAR_DECAY ** (shifts.index.max() - shifts.index.to_numpy("float64"))


def _centre(shifts: pd.Series) -> float:
    weight = _weights(shifts)
    return float((weight * shifts).sum() / (weight.sum() + 1))


def _simulated(known, live, names, cluster: str, groups, seed: int, draws: int) -> dict[str, np.ndarray]:
    """By how much each group's sum ends off its expectation, a number per draw."""
    rng = np.random.default_rng(seed)
    shock = _shock(_year_shifts(known), rng, draws)
    kinds = group_names(known, groups)
    pools, everyone = _own_residuals(known, kinds)
    shifts = _cluster_shifts(known, cluster, kinds)
    drawn = {c: rng.choice(shifts, draws) for c in sorted(live[cluster].unique())}
    out = {}
    for name, rows in live.groupby(names):
        total = shock * rows["scale"].sum()
        for own, budget in rows.groupby(cluster)["scale"].sum().items():
            total = total + drawn[own] * budget
        for kind, part in rows.groupby(group_names(rows, groups)):
            residual, reached = pools.get(kind, everyone)
            drawn_ones = np.searchsorted(reached, rng.random((draws, len(part))))
            total = total + residual[drawn_ones] @ part["scale"].to_numpy()
        out[name] = total
    return out


def _shock(shifts: pd.Series, rng, draws: int) -> np.ndarray:
    weight = _weights(shifts)
    k = weight.sum() ** 2 / (weight**2).sum()
    spread = np.sqrt((weight * (shifts - _centre(shifts)) ** 2).sum() / weight.sum() * (1 + 1 / k))
    return spread * rng.standard_t(k + _KNOWN_BEFORE, draws)


def _of_money(known: pd.DataFrame, kinds: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Residuals less the mean of their kind, and the variance of their kind, each weighed by its money.

    Large units err less, as a share of their budget, than small ones: counted alike, the many small ones would make
    the spread of a sum, which is that of the large ones, far too wide.
    """
    money = known["scale"]
    whole = money.groupby(kinds).transform("sum")
    own = known["_residual"] - known["_money"].groupby(kinds).transform("sum") / whole
    return own, (money * own**2).groupby(kinds).transform("sum") / whole


def _own_residuals(known: pd.DataFrame, kinds: pd.Series) -> tuple[dict, tuple]:
    """Residuals of each kind, and of all, with the share of the money up to each: to be drawn by their money."""
    rows = known.assign(_own=_of_money(known, kinds)[0])
    pool = lambda part: (part["_own"].to_numpy(), (part["scale"].cumsum() / part["scale"].sum()).to_numpy())  # noqa: E731
    return {kind: pool(part) for kind, part in rows.groupby(kinds)}, pool(rows)


def _cluster_shifts(known: pd.DataFrame, cluster: str, kinds: pd.Series) -> np.ndarray:
    """Shift of each year and cluster off its year's, without what its own units explain."""
    keys = [known["year"], known[cluster]]
    sums = known.groupby(keys)[["_money", "scale"]].sum()
    shifts = sums["_money"] / sums["scale"]
    shifts = shifts - shifts.index.get_level_values(0).map(_year_shifts(known)).to_numpy()
    share = known["scale"] / known["scale"].groupby(keys).transform("sum")
    explained = (share**2 * _of_money(known, kinds)[1]).groupby(keys).sum().mean()
    seen = shifts.var()
    kept = np.sqrt(max(0.0, 1 - explained / seen)) if seen > 0 else 0.0
    return (kept * (shifts - shifts.mean())).to_numpy()


SEED = 20240630
_UNKNOWN = "—"
_GROUPS = ["type", "size"]
COLUMNS = ("year", "month", "budget", "executed", "value", "rate", "low", "high", "confidence", "method", "projects",
           "outturn")  # fmt: skip


def forecast(
    progress: pd.DataFrame,
    projects: pd.DataFrame,
    *,
    by: str | Sequence[str] = (),
    year: int = 0,
    month: int | Sequence[int] = 0,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> pd.DataFrame:
    """Where `year` will end, seen from `month`: `by, year, month, budget, executed, value, rate, low, high, confidence`.

    `progress` has its table's columns, of `year` (0: the last) and of earlier years; `projects` tells what a project
    belongs to. `by` names columns of `projects`, "project" for single ones; () is the whole. `month` is the cut-off, or
    several (0: the last before December; in December nothing is forecast): nothing after it is looked at but for `outturn`, which is what came, NA
    in a year that still runs. Money is in the main unit; `rate` is `value` over the budget at the cut-off. `value` is
    expected at the year's end; it adds up over projects, departments and the whole, and lies within `low` and `high`;
    `low` is never below what is spent. Without an earlier complete year the forecast is straight time up
    to the budget (`method` "straight_line"), and the bounds are NA. `projects` counts them.
    Raises ArgumentError for a month that the year does not have, or a column that `projects` lacks.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> projects = book.rows("projects").query("department == '区司法局'")
    >>> progress = book.rows("progress").query("project in @projects.project")
    >>> seen = pf.forecast(progress, projects, by="class", month=[6, 9])
    >>> seen["month"].tolist(), (seen["low"] >= seen["executed"]).all()
    ([6, 6, 6, 9, 9, 9], np.True_)
    """
    names = keys_of(projects, by)
    check_columns(progress, ["year", "month", "project"])
    year = year_number(year) or int(progress["year"].max())
    months = [month] if np.isscalar(month) else list(month) or [0]
    lines, about = with_about(progress, projects, names)
    parts = [_at(lines, about, names, year, m, confidence, seed) for m in months]
    return like(pd.concat(parts, ignore_index=True), progress)


def _at(lines, about, names: list[str], year: int, month: int, confidence: float, seed: int) -> pd.DataFrame:
    cutoff = chosen_month(lines, year=year, month=month)
    outlook = outlook_of(lines, year=year, month=cutoff)
    now, past = (labelled(part, about, names) for part in (outlook.now, outlook.past))
    now = now.assign(value_added=expected_outturns(past, now, year=year))
    if "project" in names:
        table = _single(outlook, now, confidence)
    else:
        ends = forecast_totals(past, now, year=year, by=names, cluster="department", groups=_GROUPS,
                               confidence=confidence, seed=seed).drop(columns="method")  # fmt: skip
        table = _sums(now, names)
        table = table.merge(ends, on=names) if names else table.join(ends)
    rate = table["value"] / table["budget"].where(table["budget"] > 0)
    table = table.assign(year=year, month=cutoff, rate=rate, method=outlook.method)
    return table[[*names, *(c for c in COLUMNS if c not in names)]]


def with_about(progress: pd.DataFrame, projects: pd.DataFrame, names: list[str]):
    """Progress under one key per project, and what each project belongs to (`code` is its own)."""
    keys = ["year", *(["district"] if "district" in projects and "district" in progress else []), "project"]
    wanted = [c for c in dict.fromkeys(["category", "department", *names]) if c not in keys]
    check_columns(projects, keys)
    about = projects.drop_duplicates(keys).reindex(columns=[*keys, *wanted])
    lines = progress.merge(about[[*keys, "category"]], on=keys, how="left", validate="many_to_one")
    about, lines = (f.assign(code=f["project"]) for f in (about, lines))
    if "district" in keys and progress["district"].nunique() > 1:
        about, lines = (
            f.assign(project=f["district"].astype("str") + " " + f["project"].astype("str"))
            for f in (about, lines)
        )
    kinds = lines["category"].astype("str").where(lines["category"].notna(), _UNKNOWN)
    return lines.assign(type=kinds), about


def labelled(
    rows: pd.DataFrame, about: pd.DataFrame, names: list[str], *, many: bool = False
) -> pd.DataFrame:
    """`rows` with their projects' own codes, department and the columns `names`; `many` rows a project, as of months."""
    labels = [c for c in dict.fromkeys(["department", *names]) if c not in ("project", "year")]
    told = rows.drop(columns=[c for c in [*labels, "code"] if c in rows])
    told = told.merge(about[["year", "project", "code", *labels]], on=["year", "project"], how="left",
                      validate="many_to_one" if many else "one_to_one")  # fmt: skip
    told = told.assign(project=told["code"].fillna(told["project"]))
    return told.assign(**{c: told[c].astype("object").where(told[c].notna(), _UNKNOWN) for c in labels})


def _sums(now: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    rows = now.assign(_all=0, projects=1)
    by = names or ["_all"]
    sums = sum_amounts(rows, ["adjusted_budget", "executed"], by=by)
    ends = rows.groupby(by)[["projects", "outturn"]].agg(
        {"projects": "sum", "outturn": lambda v: v.sum(min_count=1)}
    )
    table = sums.merge(ends.reset_index(), on=by).rename(columns={"adjusted_budget": "budget"})
    return table.drop(columns=[] if names else "_all")


def _single(outlook: Outlook, now: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Each project by itself: the expected outturn, in the interval of its median."""
    spans = now[["low", "high"]]
    if confidence != CONFIDENCE and len(outlook.past):
        year = int(now["year"].iloc[0])
        whole = pd.concat([outlook.past, outlook.now], ignore_index=True)
        blind = whole.assign(outturn=whole["outturn"].where(whole["year"] < year))
        found = yearly_intervals(blind, levels=LEVELS, confidence=confidence, by="type")
        spans = found.loc[blind.loc[found.index, "year"] == year, ["low", "high"]].set_axis(now.index)
    value, is_known = now["value_added"], spans["low"].notna()
    return now.assign(
        budget=now["adjusted_budget"],
        value=value,
        low=spans["low"].clip(upper=value.where(is_known)),
        high=spans["high"].clip(lower=value.where(is_known)),
        projects=1,
        confidence=confidence,
    )
