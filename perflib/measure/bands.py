"""The half-open band in which a number or a ratio lies, decided exactly."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from perflib.data.rule_value import Band
from perflib.measure.exact import NANO, as_nano, count_reached, exceeds, reaches


def in_order(bands: Sequence[Band]) -> list[Band]:
    """`bands` from the lowest to the highest."""
    lowest = Decimal("-Infinity")
    return sorted(bands, key=lambda band: lowest if band.lower is None else band.lower)


def band_of_values(values: pd.Series, bands: Sequence[Band]) -> pd.DataFrame:
    """`band` (its key) and `reason` of each of `values`, on their index.

    `lower` belongs to a band, `upper` to the next one; the highest band holds its `upper` too.
    NA where there is no number (`not_reported`) or where no band reaches (`above_range`,
    `below_range`): nothing is clipped and nothing is rounded.
    """
    return _band(as_nano(values), NANO, pd.isna(values).to_numpy(), bands, values.index)


def band_of_ratios(
    numerator: np.ndarray, denominator: np.ndarray, unknown: np.ndarray, bands: Sequence[Band]
) -> pd.DataFrame:
    """The same of ratios of whole numbers (see `perflib.measure.exact`); denominators are above 0."""
    return _band(numerator, denominator, unknown, bands, pd.RangeIndex(len(numerator)))


def _band(numerator, denominator, unknown, bands, index) -> pd.DataFrame:
    ordered = in_order(bands)
    passed = count_reached(numerator, denominator, [band.lower for band in ordered[1:]])
    keys = np.array([band.key for band in ordered], dtype=object)[passed]
    reason = np.full(len(keys), None, dtype=object)
    first, last = ordered[0], ordered[-1]
    if first.lower is not None:
        reason[~reaches(numerator, denominator, first.lower)] = "below_range"
    if last.upper is not None:
        reason[exceeds(numerator, denominator, last.upper)] = "above_range"
    reason[unknown] = "not_reported"
    band = pd.Series(keys, dtype="str").where(pd.isna(reason))
    return pd.DataFrame({"band": band, "reason": pd.Series(reason, dtype="str")}).set_axis(index)
