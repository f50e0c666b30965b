"""Comparisons that are exact: decimal numbers as whole billionths, ratios without division."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

NANO = 1_000_000_000
_DIGITS = 15  # what a double carries of a decimal number without doubt


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
