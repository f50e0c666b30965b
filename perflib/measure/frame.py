"""The one place where an engine's frame becomes a pandas frame, and where their gaps are listed.

The measures are written once, for pandas, Polars, DuckDB and Spark. What an engine lacks or does in its
own way is dealt with in one place each, and `tests/measure/test_engines.py` holds all to the same numbers:

- NaN and null are two things in Polars, DuckDB and Spark: `money.amount` makes both null;
- `round` differs at halves: `money.as_cents` uses `floor`;
- a sum of doubles depends on the order in which a parallel engine adds: `money.sum_amounts` adds cents;
- x / 0 is infinite, null or an error: `ratio.add_ratio` never divides by 0;
- rows of groups come in any order, and nothing but the index of pandas has one: results are sorted in pandas;
- Spark's own way to pandas doesn't work with pandas 3 without warnings: `collect` goes through Arrow.
"""

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame


def collect(frame: nw.DataFrame | nw.LazyFrame | IntoFrame) -> pd.DataFrame:
    """The rows of `frame` (pandas, Polars, DuckDB, Spark, or one of them in Narwhals) as pandas."""
    rows = (
        nw.from_native(frame, pass_through=False)
        if not isinstance(frame, nw.DataFrame | nw.LazyFrame)
        else frame
    )
    if not isinstance(rows, nw.LazyFrame):
        return rows.to_pandas()
    return rows.collect("pyarrow" if rows.implementation.is_pyspark() else "pandas").to_pandas()


def column_names(frame: IntoFrame) -> list[str]:
    """Names of the columns of `frame`, without reading its rows."""
    return nw.from_native(frame).collect_schema().names()
