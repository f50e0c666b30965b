"""Sums of money that come out the same on every engine: whole cents, never doubles."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame


def sum_amounts(frame: IntoFrame, columns: Sequence[str], *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Sums of the amount `columns`, one row per group of `by`, sorted by it (one row in all without `by`).

    Amounts are in the main unit (yuan, EUR) and are added as whole cents, so that the result does
    not depend on the order in which an engine adds. A sum over nothing but NA is NA, not 0.
    `frame` may be a pandas or Polars frame or a DuckDB or Spark relation; the result is pandas.

    >>> sum_amounts(pd.DataFrame({"d": ["a", "a", "b"], "x": [0.1, 0.2, None]}), ["x"], by=["d"])
       d    x
    0  a  0.3
    1  b  NaN
    """
    keys = list(by)
    rows = nw.from_native(frame).with_columns(
        nw.lit(0).alias("_all"),
        *[(nw.col(c) * 100).round().fill_null(0).cast(nw.Int64).alias(f"_cents_{c}") for c in columns],
    )
    sums = rows.group_by(*(keys or ["_all"])).agg(
        *[nw.col(f"_cents_{c}").sum() for c in columns], *[nw.col(c).count().alias(f"_n_{c}") for c in columns]
    )
    collected = sums.collect("pandas") if isinstance(sums, nw.LazyFrame) else sums
    table = collected.to_pandas()
    for c in columns:
        table[c] = (table[f"_cents_{c}"].astype("float64") / 100).where(table[f"_n_{c}"] > 0)
    return table[[*keys, *columns]].sort_values(keys, ignore_index=True) if keys else table[list(columns)]
