"""Whether tables are what the contract says: pandera's schema from it, and its verdict as a report.

A table is first looked at without pandera; only one that fails is put before it to say what is wrong.
"""

from functools import cache

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.contract import Column, table
from perflib.data.stack import Stack
from perflib.data.words import dtype_of

RANGES = {"score": (0, 100), "month": (1, 12), "year": (1900, 2100)}


def bounds(column: Column) -> tuple[float | None, float | None]:
    """Smallest and largest value that `column` allows, None where open."""
    low, high = RANGES.get(column.kind, (None, None))
    return (low if column.min is None else column.min, high if column.max is None else column.max)


def _column_schema(column: Column, dtype: str | None):
    import pandera.pandas as pa

    low, high = bounds(column)
    checks = []
    if low is not None:
        rule = "negative" if column.kind == "amount" and low == 0 else "out_of_range"
        checks.append(pa.Check.ge(low, error=rule))
    if high is not None:
        checks.append(pa.Check.le(high, error="out_of_range"))
    if column.choices:
        checks.append(pa.Check.isin(column.values, error="unreadable"))
    if column.name == "disclosure":
        checks.append(pa.Check.ne("secret", error="secret"))
    is_filled = column.is_filled
    return pa.Column(dtype, checks, nullable=not is_filled, required=is_filled, name=column.name)


@cache
def schema(name: str, whole: tuple[str, ...] = ()):
    """Pandera schema of table `name`, made from the contract.

    `whole` names the integer columns that hold no NA (int64); the others are Int64.
    """
    import pandera.pandas as pa

    declared = table(name)
    types = {c: "int64" if c.name in whole else dtype_of(c) for c in declared.columns}
    columns = {c.name: _column_schema(c, dtype) for c, dtype in types.items()}
    unique = {"unique": list(declared.key), "report_duplicates": "all"}
    return pa.DataFrameSchema(columns, strict=True, name=name, **unique)


def keeps_contract(stack: Stack) -> bool:
    """Whether pandera would pass the table: the same rules, without importing pandera.

    Importing pandera takes as long as importing pandas, and most tables are sound; a test holds
    this and the schema to the same verdict.
    """
    frame, declared = stack.frame, stack.table
    required = {c.name for c in declared.columns if c.is_filled}
    if not required <= set(frame) or not set(frame) <= set(declared.names):
        return False
    if not all(_is_sound(frame[n], declared[n]) for n in frame):
        return False
    return not frame.duplicated(list(declared.key)).any()


def _is_sound(values: pd.Series, column: Column) -> bool:
    kind = dtype_of(column)
    if str(values.dtype) != kind and (kind, values.dtype) != ("Int64", "int64"):
        return False
    if column.is_filled and values.isna().any():
        return False
    if column.choices and not values.dropna().isin(column.values).all():
        return False
    if column.name == "disclosure" and (values == "secret").any():
        return False
    low, high = bounds(column)
    held = values.dropna()
    return (low is None or bool((held >= low).all())) and (high is None or bool((held <= high).all()))


def check_table(stack: Stack) -> pd.DataFrame:
    """Problems of one table taken alone, one row each; none if it keeps the contract."""
    if keeps_contract(stack):
        return problems.none()
    import pandera.errors

    frame = stack.frame
    whole = tuple(c for c in frame.columns if frame[c].dtype == "int64")
    try:
        schema(stack.table.name, whole).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return _as_report(stack, errors.failure_cases)
    raise AssertionError(f"{stack.table.name}: the quick check and the schema differ")


def _as_report(stack: Stack, cases: pd.DataFrame) -> pd.DataFrame:
    name, found = stack.table.name, []
    for (check, column), group in cases.groupby(["check", "column"], sort=False, dropna=False):
        at = group["index"].dropna().unique().astype(int)
        if check == "column_in_dataframe":
            missing = [str(m) for m in group["failure_case"].unique()]
            found += [_missing_column(stack, m) for m in missing]
        elif check == "multiple_fields_uniqueness":
            found.append(_duplicates(stack))
        elif check == "not_nullable":
            found.append(stack.report("empty_required", "error", column, at))
        elif check in ("negative", "out_of_range", "unreadable", "secret"):
            values = [_show(v) for v in stack.frame[column].iloc[at]]
            limit = "" if check != "out_of_range" else _range(table(name)[column])
            found.append(stack.report(check, "error", column, at, found=values, expected=limit))
        else:
            raise AssertionError(f"{name}.{column}: {check}: {group['failure_case'].iloc[0]}")
    out = problems.join(found)
    return out.drop_duplicates(ignore_index=True)


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
