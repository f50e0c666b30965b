"""The one place where an engine's frame becomes a pandas frame."""

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
    eager = rows.collect("pandas") if isinstance(rows, nw.LazyFrame) else rows
    return eager.to_pandas()


def column_names(frame: IntoFrame) -> list[str]:
    """Names of the columns of `frame`, without reading its rows."""
    return nw.from_native(frame).collect_schema().names()
