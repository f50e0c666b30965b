"""Sums of money that come out the same on every engine: whole cents, never doubles."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame

from perflib.data.errors import DataError
from perflib.measure.tally import check_columns, collect, column_names, keys_of, like


def amount(column: str) -> nw.Expr:
    """Amount `column` as float64, NaN (which Polars and DuckDB keep apart) and what is infinite null."""
    value = nw.col(column).cast(nw.Float64)
    return nw.when(value.is_finite()).then(value)


def as_cents(value: nw.Expr) -> nw.Expr:
    """Whole cents of an amount, halves upward: engines differ in `round`, none in `floor`."""
    return (value * 100 + 0.5).floor().cast(nw.Int64)


def sum_amounts(frame: IntoFrame, columns: Sequence[str], *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Sums of the amount `columns`, one row per group of `by`, sorted by it (one row in all without `by`).

    Amounts are in the main unit (yuan, EUR) and are added as whole cents, so that the result does
    not depend on the order in which an engine adds. A sum over nothing but NA is NA, not 0.
    `frame` may be a pandas or Polars frame or a DuckDB or Spark relation; the result is pandas.
    Where it has a column `currency`, DataError if a sum would hold money of two.

    >>> sum_amounts(pd.DataFrame({"d": ["a", "a", "b"], "x": [0.1, 0.2, None]}), ["x"], by=["d"])
       d    x
    0  a  0.3
    1  b  NaN
    """
    keys = keys_of(frame, by)
    check_one_currency(frame, by=keys)
    rows = nw.from_native(frame).with_columns(
        nw.lit(0).alias("_all"),
        *[as_cents(amount(c).fill_null(0)).alias(f"_cents_{c}") for c in columns],
        *[(~amount(c).is_null()).cast(nw.Int64).alias(f"_n_{c}") for c in columns],
    )
    sums = rows.group_by(*(keys or ["_all"])).agg(
        *[nw.col(f"_{part}_{c}").sum() for c in columns for part in ("cents", "n")]
    )
    table = collect(sums)
    for c in columns:
        table[c] = (table[f"_cents_{c}"].astype("float64") / 100).where(table[f"_n_{c}"] > 0)
    return table[[*keys, *columns]].sort_values(keys, ignore_index=True) if keys else table[list(columns)]


def check_one_currency(frame: IntoFrame, *, by: Sequence[str] = ()) -> None:
    """Raises DataError if the rows of a group of `by` (all rows without) are in more than one currency.

    A frame without the column `currency` is in one.
    """
    if "currency" not in column_names(frame) or "currency" in by:
        return
    kinds = nw.from_native(frame).select(*by, "currency").unique().drop_nulls("currency")
    table = collect(kinds)
    counts = (
        table.groupby(list(by), dropna=False)["currency"].nunique() if by else [table["currency"].nunique()]
    )
    if max(counts, default=0) > 1:
        found = ", ".join(sorted(table["currency"].unique()))
        raise DataError("compare.mixed_currencies", found=found)


def totals(
    frame: pd.DataFrame, columns: str | Sequence[str], *, needs: Sequence[str] = (), whole: Sequence[str] = ()
) -> pd.DataFrame:
    """One row: the sums of the amount `columns`, and the number of `projects` (rows) that they are sums of.

    Rows without one of `needs` that other rows have are left out, and counted in `left_out`: amounts that stand side
    by side are then of the same rows. A sum of `whole` is NA where one of the rows left does not report it. A sum over
    nothing but blanks is NA, with the `reason` not_reported; a column that is not there is blank.

    >>> rows = pd.DataFrame({"budget": [4.0, 2.0], "executed": [3.0, None]})
    >>> totals(rows, ["budget", "executed"], needs=["budget", "executed"])[["budget", "executed", "left_out"]].iloc[0].tolist()
    [4.0, 3.0, 1.0]
    """
    check_columns(frame, [])
    columns = [columns] if isinstance(columns, str) else list(columns)
    asked = [c for c in needs if c in frame and frame[c].notna().any()]
    rows = frame[frame[asked].notna().all(axis=1)]
    there = [c for c in columns if c in rows]
    sums = sum_amounts(rows, there) if len(rows) and there else pd.DataFrame(index=[0])
    table = sums.reindex(columns=columns)
    table = table.assign(projects=len(rows), left_out=len(frame) - len(rows))
    table.loc[:, [c for c in whole if c in rows and rows[c].isna().any()]] = float("nan")
    table["reason"] = "not_reported" if table.isna().any(axis=None) else None
    return like(table, frame)
