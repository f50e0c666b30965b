"""Execution rates on every base in use, of projects and of groups, and of what was decided as one."""

from collections.abc import Mapping, Sequence

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from perflib.data.errors import ArgumentError, DataError
from perflib.measure.money import as_cents, check_one_currency
from perflib.measure.ratio import REASONS, add_ratio, ratio_of_sums
from perflib.measure.tally import collect, column_names, order_of, unnamed

# Four denominators are in use (domain.md, section 0); the fourth needs a column that few forms have.
BASES = {"initial": "initial_budget", "adjusted": "adjusted_budget", "received": "received"}
# A mean of doubles depends on the order of adding; whole units of 1e-11 don't, and 90 million rows fit.
_STEP = 100_000_000_000


def execution_rates(
    projects: IntoFrame, *, by: Sequence[str] = (), bases: Sequence[str] = tuple(BASES)
) -> pd.DataFrame:
    """Execution rates of groups of projects, one row per group of `by` and base, sorted so.

    `projects` has one row per project with `executed` and the column of each base
    (`initial_budget`, `adjusted_budget`, `received`; a missing one counts as not reported),
    in any engine; the result is pandas with the columns of `by` and

    - `base`, `projects` (rows), `counted` (rows with both amounts reported: the rows of the sums),
      `defined` (rows with a rate of their own);
    - `budget`, `executed`: sums over the `counted` rows, in the main unit of currency;
    - `rate` = executed / budget, the amount-weighted rate as it is published. Spending
      of projects without a budget on this base is part of a group's spending: it is in
      `executed`, and alone in `executed_without_budget`;
    - `rate_defined`: the same over the `defined` rows only, and `mean_rate`: the simple mean
      of their rates. These two are the ones that the bridge of `perflib.measure.bridge` joins;
    - `reason`: why `rate` is NA, and one column of counts per reason code of a project.

    Fractions, not per cent; may exceed 1. Raises ArgumentError for an unknown base, and DataError where a
    group would add money of two currencies (column `currency`, if there is one).
    """
    check_bases(bases)
    return add_up_rated({base: _rated(projects, base) for base in bases}, by=by)


def add_up_rated(rated: Mapping[str, IntoFrame], *, by: Sequence[str] = ()) -> pd.DataFrame:
    """`execution_rates` of projects that are rated already: for each base what `project_rates` gives of them."""
    check_one_currency(next(iter(rated.values())), by=list(by))
    tables = [_one_base(projects, base, list(by)) for base, projects in rated.items()]
    return pd.concat(tables).sort_values([*by, "base"], key=order_of("base", BASES), ignore_index=True)


def project_rates(projects: IntoFrame, *, base: str) -> pd.DataFrame:
    """`projects` as pandas with `budget`, `rate`, `base`, `reason`; one row per project, `executed` is its own.

    Amounts are float64; an infinite one counts as not reported. Raises DataError for a project that stands twice in
    a year of its district (a merge may do that), as its money would be counted twice.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> rated = pf.project_rates(rows, base="initial")
    >>> bool((rated["rate"].isna() == rated["reason"].notna()).all())
    True
    """
    check_bases([base])
    rated = collect(_rated(projects, base))
    table = rated.astype(dict.fromkeys(("executed", "budget", "rate"), "float64")).assign(base=base)
    if {"district", "year", "project"} <= set(table.columns):
        check_one_row(table)
    return unnamed(table)


def check_one_row(projects: pd.DataFrame) -> None:
    """DataError for a project that stands twice in a year of its district."""
    keys = ["source", "district", "year", "project"]  # two cities may number their districts alike
    twice = projects[projects.duplicated([key for key in keys if key in projects])]
    if len(twice):
        row = twice.iloc[0]
        raise DataError("measure.project_twice", rows=len(twice), **row[["project", "district", "year"]])


def check_bases(bases: Sequence[str]) -> None:
    """Raises ArgumentError unless every one of `bases` is a base of the execution rate, and there is one."""
    for base in bases or ["—"]:
        if base not in list(BASES):
            raise ArgumentError("measure.unknown_base", base=base, bases=", ".join(BASES))


def check_rated(rates: pd.DataFrame) -> None:
    """Raises ArgumentError unless `rates` has what `project_rates` adds."""
    if not {"budget", "executed", "rate"} <= set(column_names(rates)):
        raise ArgumentError("measure.not_rated")


def _rated(projects: IntoFrame, base: str) -> IntoFrame:
    names, column = column_names(projects), BASES[base]
    # A column that the source lacks is a column of NA: not reported.
    full = nw.from_native(projects).with_columns(
        *[nw.col(c) if c in names else nw.lit(None, dtype=nw.Float64).alias(c) for c in (column, "executed")]
    )
    earlier = "initial_budget" if column != "initial_budget" and "initial_budget" in names else None
    return add_ratio(full.to_native(), "executed", column, earlier=earlier, names=("executed", "budget"))


def _one_base(projects: IntoFrame, base: str, by: list[str]) -> pd.DataFrame:
    rows = _parts(nw.from_native(projects), by)
    table = collect(rows.group_by(*(by or ["_all"])).agg(*_sums()))
    return table[by].assign(base=base, **_shares(table))


def _parts(rows, by: list[str]):
    """`by`, and the whole-number columns that are summed: counts, cents, and rates in steps of 1e-11."""
    over, under = (as_cents(nw.col(c).fill_null(0)) for c in ("executed", "budget"))
    why, rate = nw.col("reason").fill_null(""), nw.col("rate").fill_null(0.0)
    rows = rows.select(
        *by, why.alias("_why"), rate.alias("_rate"), over.alias("_cents"), under.alias("_cents_under")
    )
    is_one = {"counted": nw.col("_why") != "not_reported", "defined": nw.col("_why") == ""}
    is_one |= {reason: nw.col("_why") == reason for reason in REASONS}
    whole = nw.col("_rate").floor()
    rows = rows.with_columns(
        nw.lit(0).alias("_all"),
        nw.lit(1).alias("_projects"),
        whole.cast(nw.Int64).alias("_whole"),
        ((nw.col("_rate") - whole) * _STEP + 0.5).floor().cast(nw.Int64).alias("_steps"),
        *[condition.cast(nw.Int64).alias(f"_{name}") for name, condition in is_one.items()],
    )
    money = {"over": ("_cents", "counted"), "under": ("_cents_under", "counted"),
             "over_defined": ("_cents", "defined"), "under_defined": ("_cents_under", "defined"),
             "without": ("_cents", "spent_without_budget")}  # fmt: skip
    return rows.with_columns(
        *[(nw.col(cents) * nw.col(f"_{kind}")).alias(f"_{name}") for name, (cents, kind) in money.items()]
    )


def _sums() -> list[nw.Expr]:
    parts = ["projects", "counted", "defined", "over", "under", "over_defined", "under_defined", "without"]
    return [nw.col(f"_{p}").sum() for p in [*parts, "whole", "steps", *REASONS]]


def _shares(table: pd.DataFrame) -> dict:
    s = {c[1:]: table[c].to_numpy(dtype="int64") for c in table.columns if c.startswith("_") and c != "_all"}
    counted = s["counted"] > 0
    money = {
        k: pd.Series(s[k] / 100).where(counted) for k in ("over", "under", "over_defined", "under_defined")
    }
    total = ratio_of_sums(money["over"], money["under"])
    defined = ratio_of_sums(money["over_defined"], money["under_defined"])
    n = np.where(s["defined"] > 0, s["defined"], np.nan)
    return {
        **{k: s[k] for k in ("projects", "counted", "defined")},
        "budget": total["denominator"].to_numpy(),
        "executed": total["numerator"].to_numpy(),
        "rate": total["rate"].to_numpy(),
        "rate_defined": defined["rate"].to_numpy(),
        "mean_rate": s["whole"] / n + s["steps"] / _STEP / n,
        "executed_without_budget": s["without"] / 100,
        "reason": total["reason"].to_numpy(),
        **{r: s[r] for r in REASONS},
    }


KINDS = ("class", "category")  # columns that say what kind of spending a project is


def decisions(rates: pd.DataFrame, *, by: Sequence[str], together: str | None = None) -> pd.DataFrame:
    """One row per group of `by` and decision: `projects`, `budget`, `executed`, `rate`, and its kinds.

    `rates` has one row per project with `budget` and `executed` (`perflib.measure.rates.project_rates`); rows of
    which either was not reported are left out. `together` is the column of what was decided as one (policy,
    programme); a project without one stands by itself, and so does every project without `together`. Spending
    on a line without a budget was paid from the decision's, so that it counts there. A decision is of the
    kind (`KINDS`, as far as the frame has them) of its largest project. `rate` is NA without a budget.

    >>> frame = pd.DataFrame({"district": ["a"] * 3, "policy": ["roads", "roads", None],
    ...                       "budget": [100.0, 50.0, 50.0], "executed": [80.0, 40.0, 50.0]})
    >>> decisions(frame, by=["district"], together="policy")[["projects", "budget", "rate"]]
       projects  budget  rate
    0         2   150.0   0.8
    1         1    50.0   1.0
    """
    rows = rates[rates["executed"].notna() & rates["budget"].notna()]
    rows = rows.assign(projects=1, **rows[["executed", "budget"]].astype("float64"))
    carried = [c for c in KINDS if c in rows and c not in by]
    if together is None:
        columns = list(dict.fromkeys([*by, "projects", "budget", "executed", *carried]))
        table = rows[columns].reset_index(drop=True)
    else:
        table = _added(rows.assign(decision=_decided(rows[together])), [*by, "decision"], carried)
    return table.assign(rate=table["executed"] / table["budget"].where(table["budget"] > 0))


def _added(rows: pd.DataFrame, keys: list[str], carried: list[str]) -> pd.DataFrame:
    table = rows.groupby(keys, as_index=False, dropna=False)[["projects", "budget", "executed"]].sum()
    if not carried:
        return table
    largest = rows.sort_values(["budget", "executed"]).drop_duplicates(keys, keep="last")
    return table.merge(largest[[*keys, *carried]], on=keys, how="left", validate="one_to_one")


def _decided(named: pd.Series) -> pd.Series:
    """A name for what each row was decided with; a row that has none gets one of its own."""
    alone = pd.Series([f"\uffff{i}" for i in range(len(named))], index=named.index, dtype=object)
    return named.astype(object).where(named.notna(), alone)
