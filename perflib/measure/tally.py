"""Frames: from an engine to pandas, one row of numbers, and the trail of the rows behind them.

The measures are written once, for pandas, Polars, DuckDB and Spark. What an engine lacks or does in its
own way is dealt with in one place each, and `tests/measure/test_engines.py` holds all to the same numbers:

- NaN and null are two things in Polars, DuckDB and Spark: `money.amount` makes both null;
- `round` differs at halves: `money.as_cents` uses `floor`;
- a sum of doubles depends on the order in which a parallel engine adds: `money.sum_amounts` adds cents;
- x / 0 is infinite, null or an error: `ratio.add_ratio` never divides by 0;
- rows of groups come in any order, and nothing but the index of pandas has one: results are sorted in pandas;
- Spark's own way to pandas doesn't work with pandas 3 without warnings: `collect` goes through Arrow.
"""

from collections.abc import Callable, Iterable

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame

from perflib.data.errors import ArgumentError, DataError, nearest


def tally(frame: pd.DataFrame, **values) -> pd.DataFrame:
    """One row of `values` found in `frame`: its trail (`attrs`) and the number of its `rows` go with them.

    None is a value that there is none of; `reason` says why. What a sentence prints must come in a frame, and this
    makes one of what was counted in a cell.

    >>> import perflib as pf
    >>> projects = pf.load("sample").rows("projects", year=2023)
    >>> pf.tally(projects, new=int(projects["is_new"].sum())).columns.tolist()
    ['new', 'rows']
    """
    return like(pd.DataFrame([{**values, "rows": len(frame)}]), frame)


def like(frame: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the trail (`attrs`) of the rows that it was made of."""
    frame.attrs = dict(source.attrs)
    return frame


def unnamed(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` without names of its index: one that a column bears too would be ambiguous to pandas."""
    return frame.rename_axis(index=[None] * frame.index.nlevels)


def order_of(column: str, names: Iterable) -> Callable[[pd.Series], pd.Series]:
    """A `key` of `sort_values`: `column` in the order of `names`, other columns as they are."""
    places = {name: place for place, name in enumerate(names)}
    return lambda values: values.map(places) if values.name == column else values


def collect(frame: nw.DataFrame | nw.LazyFrame | IntoFrame) -> pd.DataFrame:
    """The rows of `frame` (pandas, Polars, DuckDB, Spark, or one of them in Narwhals) as pandas."""
    is_ours = isinstance(frame, nw.DataFrame | nw.LazyFrame)
    rows = frame if is_ours else nw.from_native(frame, pass_through=False)
    if not isinstance(rows, nw.LazyFrame):
        return rows.to_pandas()
    return rows.collect("pyarrow" if rows.implementation.is_pyspark() else "pandas").to_pandas()


def column_names(frame: IntoFrame) -> list[str]:
    """Names of the columns of `frame`, without reading its rows."""
    try:
        return nw.from_native(frame).collect_schema().names()
    except TypeError:
        raise ArgumentError("measure.no_frame", found=type(frame).__name__) from None


def check_columns(frame: IntoFrame, names: Iterable[str]) -> None:
    """ArgumentError that names the columns there are, and the nearest, if one of `names` is not among them."""
    there = list(frame.columns) if isinstance(frame, pd.DataFrame) else column_names(frame)
    for name in names:
        if name not in there:
            known = ", ".join(map(str, there)) or "—"
            raise ArgumentError("measure.unknown_column", column=name, known=known, near=nearest(name, there))


def keys_of(frame: IntoFrame, by: str | Iterable[str] | None, *, taken: Iterable[str] = ()) -> list[str]:
    """`by` (a column of `frame`, several, or none) as a list; else the ArgumentError of `check_columns`.

    Columns that the result has of its own (`taken`) can't be grouped by: one of the two would be lost.
    """
    keys = [] if by is None else [by] if isinstance(by, str) else list(dict.fromkeys(by))
    check_columns(frame, keys)
    if both := [key for key in keys if key in taken]:
        raise ArgumentError("measure.taken_column", column=both[0])
    return keys


def check_known(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """DataError that counts the rows, if some don't say what they are in one of the columns `names`."""
    for name in names:
        if gone := int(frame[name].isna().sum()):
            raise DataError("measure.not_named", rows=gone, all=len(frame), column=name)


def one_key(frame: IntoFrame, by: str | Iterable[str] | None, *, taken: Iterable[str] = ()) -> str:
    """The one column of `by` that is not the year."""
    keys = keys_of(frame, by, taken=taken)
    if sum(key != "year" for key in keys) != 1:
        raise ArgumentError("measure.one_group", found=", ".join(keys) or "—")
    return next(key for key in keys if key != "year")


def one_of(there: Iterable, name: object):
    """That of `there` which is called `name` (a code may be a number); else ArgumentError with those there are."""
    there = list(there)
    same = [each for each in there if str(each) == str(name)]
    if not same:
        raise ArgumentError("compare.unknown_unit", unit=name, known=", ".join(map(str, there[:40])) or "—")
    return same[0]
