"""Whether tables are what the contract says: columns, types, ranges, choices, and keys that stand once."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.contract import Column
from perflib.data.stack import Stack
from perflib.data.words import dtype_of

RANGES = {"score": (0, 100), "month": (1, 12), "year": (1900, 2100)}


def bounds(column: Column) -> tuple[float | None, float | None]:
    """Smallest and largest value that `column` allows, None where open."""
    low, high = RANGES.get(column.kind, (None, None))
    return (low if column.min is None else column.min, high if column.max is None else column.max)


def check_table(stack: Stack) -> pd.DataFrame:
    """Problems of one table taken alone, one row each; none if it keeps the contract."""
    lacking = [c.name for c in stack.table.columns if c.is_filled and c.name not in stack.frame]
    found = [_duplicates(stack), *(_missing_column(stack, name) for name in lacking)]
    for name in stack.frame:
        found += _column_faults(stack, stack.table[name])
    return problems.join(found).drop_duplicates(ignore_index=True)


def _column_faults(stack: Stack, column: Column) -> Iterator[pd.DataFrame]:
    """Problems of the values of one column, a report for each rule."""
    values, (low, high) = stack.frame[column.name], bounds(column)
    assert str(values.dtype).lower() == dtype_of(column).lower(), (stack.table.name, column.name)
    faults = [("empty_required", values.isna())] if column.is_filled else []
    if low is not None:
        faults.append(("negative" if column.kind == "amount" and low == 0 else "out_of_range", values < low))
    if high is not None:
        faults.append(("out_of_range", values > high))
    if column.choices:
        faults.append(("unreadable", values.notna() & ~values.isin(column.values)))
    if column.name == "disclosure":
        faults.append(("secret", values == "secret"))
    for rule, is_faulty in faults:
        at = np.flatnonzero(is_faulty.fillna(False).to_numpy(bool))
        told = {"expected": _range(column) if rule == "out_of_range" else ""}
        if rule != "empty_required":
            told["found"] = [_show(v) for v in values.iloc[at]]
        yield stack.report(rule, "error", column.name, at, **told)


def _show(value: object) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _range(column: Column) -> str:
    low, high = bounds(column)
    return f"{'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'}"


def _missing_column(stack: Stack, column: str) -> pd.DataFrame:
    heads = dict(enumerate(stack.heads))
    return problems.join([
        problems.report("missing_column", "error", stack.table.name, column, file=file, sheet=sheet,
                        found="\n".join(heads.get(at) or stack.frame.columns))
        for at, ((file, sheet, *_), letters) in enumerate(stack.letters.items()) if column not in letters
    ])  # fmt: skip


def _duplicates(stack: Stack) -> pd.DataFrame:
    """Keys that stand more than once, each at its second row, with the rows that share it."""
    keys = list(stack.table.key)
    if not set(keys) <= set(stack.frame):
        return problems.none()  # a key column is missing, which is told already
    needed = [k for k in keys if stack.table[k].is_filled]
    filled = stack.frame[needed].notna().all(axis=1)  # a blank is told already
    twice = np.flatnonzero((filled & stack.frame.duplicated(keys, keep=False)).to_numpy())
    group = stack.frame.iloc[twice].groupby(keys, dropna=False).ngroup().to_numpy()
    spots = pd.DataFrame({"row": stack.row[twice].astype("str")})
    for place in (stack.sheet[twice], stack.file[twice]):  # named where the rows differ in it
        names = pd.Series(place, dtype="str")
        is_one = names.groupby(group).transform("nunique") < 2
        spots["row"] = spots["row"].where(is_one, spots["row"] + " (" + names + ")")
    rows = spots["row"].groupby(group).agg(", ".join)
    second = np.flatnonzero(pd.Series(group).groupby(group).cumcount() == 1)
    return stack.report("duplicate", "error", "", twice[second], found=rows[group[second]].tolist())
