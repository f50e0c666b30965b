"""Sums of money that come out the same on every engine: whole cents, never doubles."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame

from perflib.data.errors import DataError
from perflib.measure.tally import collect, column_names

CURRENCY = "currency"


def amount(column: str) -> nw.Expr:
    """Amount `column` as float64, NaN and null both null (Polars and DuckDB keep them apart)."""
    return nw.col(column).cast(nw.Float64).fill_nan(None)


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
    keys = list(by)
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


def check_one_currency(frame: IntoFrame, *, by: Sequence[str] = (), currency: str = CURRENCY) -> None:
    """Raises DataError if the rows of a group of `by` (all rows without) are in more than one currency.

    A frame without the column `currency` is in one.
    """
    if currency not in column_names(frame) or currency in by:
        return
    kinds = nw.from_native(frame).select(*by, currency).unique().drop_nulls(currency)
    table = collect(kinds)
    counts = table.groupby(list(by), dropna=False)[currency].nunique() if by else [table[currency].nunique()]
    if max(counts, default=0) > 1:
        found = ", ".join(sorted(table[currency].unique()))
        raise DataError("compare.mixed_currencies", found=found)


def totals(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """One row: the sums of the amount `columns`, and the number of `projects` (rows).

    A sum over nothing but blanks is NA, with the `reason` not_reported; a column that is not there is blank.

    >>> totals(pd.DataFrame({"executed": [1.0, 2.5]}), ["executed"])["executed"].item()
    3.5
    """
    there = [c for c in columns if c in frame]
    sums = sum_amounts(frame, there) if len(frame) else pd.DataFrame(index=[0])
    table = sums.reindex(columns=list(columns)).assign(projects=len(frame), reason="not_reported")
    table.attrs = dict(frame.attrs)
    return table
