"""The one ratio of perflib: it never divides by zero and never travels alone; and comparisons that are exact."""

from collections.abc import Sequence
from decimal import Decimal

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.typing import IntoFrameT

from perflib.measure.money import amount

NANO = 1_000_000_000
_DIGITS = 15  # what a double carries of a decimal number without doubt
REASONS = ("no_budget", "adjusted_to_zero", "spent_without_budget", "negative_budget", "not_reported")


def add_ratio(
    frame: IntoFrameT,
    numerator: str,
    denominator: str,
    *,
    earlier: str | None = None,
    names: tuple[str, str] = ("numerator", "denominator"),
) -> IntoFrameT:
    """`frame` with the columns `numerator`, `denominator`, `rate` and `reason`; rows and engine stay.

    `rate` is `numerator / denominator`, a fraction that may exceed 1. It is NA where it is not
    defined, and `reason` then says why (it is NA where the rate is defined):

    - `not_reported`: either amount is NA;
    - `negative_budget`: the denominator is below 0;
    - `spent_without_budget`: the denominator is 0, the numerator is not;
    - `adjusted_to_zero`: both are 0, and the amount in the column `earlier` (the initial budget) was not;
    - `no_budget`: both are 0, and always were.

    `names` are those of the first two columns. There is no agreed rule for 0/0: forms print 0 %, 100 % or an error for it. NA with a
    reason keeps it out of means and in the list.

    >>> add_ratio(pd.DataFrame({"a": [50.0, 3.0], "b": [200.0, 0.0]}), "a", "b")[["rate", "reason"]]
       rate                reason
    0  0.25                   NaN
    1   NaN  spent_without_budget
    """
    over, under = amount(numerator), amount(denominator)
    had_budget = nw.lit(False) if earlier is None else (amount(earlier).fill_null(0) > 0)
    rows = nw.from_native(frame).with_columns(
        over.alias(names[0]), under.alias(names[1]), had_budget.alias("_had_budget")
    )
    rows = rows.with_columns(_reason(*names).alias("reason"))
    # Where the denominator is 0 it is made null before dividing: engines differ in what x/0 is.
    safe = nw.when(nw.col(names[1]) > 0).then(nw.col(names[1]))
    return rows.with_columns((nw.col(names[0]) / safe).alias("rate")).drop("_had_budget").to_native()


def _reason(numerator: str, denominator: str) -> nw.Expr:
    over, under = nw.col(numerator), nw.col(denominator)
    no_reason = nw.lit(None, dtype=nw.String)
    at_zero = nw.when(nw.col("_had_budget")).then(nw.lit("adjusted_to_zero")).otherwise(nw.lit("no_budget"))
    spent = nw.when(over != 0).then(nw.lit("spent_without_budget")).otherwise(at_zero)
    below = nw.when(under < 0).then(nw.lit("negative_budget")).otherwise(no_reason)
    known = nw.when(under == 0).then(spent).otherwise(below)
    return nw.when(over.is_null() | under.is_null()).then(nw.lit("not_reported")).otherwise(known)


def ratio_of_sums(numerator: pd.Series, denominator: pd.Series) -> pd.DataFrame:
    """The same four columns for two aligned pandas Series of sums or counts, on their index."""
    pair = pd.DataFrame({"_over": numerator.astype("float64"), "_under": denominator.astype("float64")})
    if pair["_over"].notna().all() and (pair["_under"] > 0).all():
        # Sums are nearly always of this kind, and a chapter asks for dozens of them: no rule need be tried.
        plain = pair.set_axis(["numerator", "denominator"], axis=1)
        reason = pd.Series(None, index=pair.index, dtype="str")
        return plain.assign(rate=plain["numerator"] / plain["denominator"], reason=reason)
    rated = add_ratio(pair, "_over", "_under").drop(columns=["_over", "_under"])
    return rated.set_axis(pair.index)[["numerator", "denominator", "rate", "reason"]]


def as_nano(values: pd.Series) -> np.ndarray:
    """`values` in whole billionths, as Python integers (they never overflow); NA becomes 0.

    The decimal number that was meant is read from the double: 15 significant digits, nine decimals at
    most. So 79.995 is 79.995 and not 79.99499999999999744, and the noise of a sum does not move it.
    """
    x = np.nan_to_num(pd.to_numeric(values).to_numpy("float64", na_value=np.nan))
    whole = np.floor(x)
    size = np.ceil(np.log10(np.maximum(np.abs(x), 1.0)))
    places = np.clip(_DIGITS - size, 0, 9)
    rest = np.rint((x - whole) * 10.0**places) * 10.0 ** (9 - places)
    return whole.astype("int64").astype(object) * NANO + rest.astype("int64").astype(object)


def reaches(numerator: np.ndarray, denominator: np.ndarray | int, line: Decimal) -> np.ndarray:
    """Whether numerator / denominator >= line, of whole numbers, exactly; the denominator is above 0."""
    over, under = line.as_integer_ratio()
    return (numerator * under >= over * denominator).astype(bool)


def exceeds(numerator: np.ndarray, denominator: np.ndarray | int, line: Decimal) -> np.ndarray:
    """Whether numerator / denominator > line, of whole numbers, exactly; the denominator is above 0."""
    over, under = line.as_integer_ratio()
    return (numerator * under > over * denominator).astype(bool)


def count_reached(
    numerator: np.ndarray, denominator: np.ndarray | int, lines: Sequence[Decimal]
) -> np.ndarray:
    """How many of `lines` the ratio reaches, row by row."""
    passed = np.zeros(len(numerator), dtype="int64")
    for line in lines:
        passed += reaches(numerator, denominator, line)
    return passed
