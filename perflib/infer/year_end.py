"""Where the year will end: for the whole, for each group of any column, or project by project."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.infer.conformal import yearly_intervals
from perflib.infer.forecast_total import expected_outturns, forecast_totals
from perflib.infer.outlook import CONFIDENCE, LEVELS, Outlook, chosen_month, outlook_of
from perflib.infer.rates import check_columns
from perflib.measure.money import sum_amounts

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
    names = [by] if isinstance(by, str) else list(by)
    year = year or int(progress["year"].max())
    months = [month] if np.isscalar(month) else list(month)
    lines, about = with_about(progress, projects, names)
    parts = [_at(lines, about, names, year, m, confidence, seed) for m in months]
    table = pd.concat(parts, ignore_index=True)
    table.attrs = dict(progress.attrs)
    return table


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
    check_columns(projects, [c for c in wanted if c in names])
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
