"""What a public edition may not show: small cells, and what would give them away by subtraction."""

from collections.abc import Sequence

import pandas as pd

# Cells below five: the floor that statistical offices use for tables of counts (GSS, "Disclosure
# control for tables", 2014). Zero is no small cell: it names nobody.
SMALLEST = 5


def is_small(count) -> bool:
    """Whether `count` is a count from one to four."""
    return count is not None and not pd.isna(count) and 0 < count < SMALLEST


def suppress_small_cells(
    frame: pd.DataFrame, *, count: str, related: Sequence[str], by: Sequence[str] = ()
) -> pd.DataFrame:
    """`frame` with small counts blanked, and with them what is worked out from the same rows.

    A row whose `count` is from one to four loses its count and its `related` values (NA). Since the
    sum of a group (`by`; the whole table without) is assumed known, one more row is blanked, the
    smallest of those left above zero, as long as the blanked rows of a group are a single one or
    hold fewer than five together. Adds the boolean column `is_suppressed`.

    >>> f = pd.DataFrame({"projects": [3, 40, 9], "executed": [1.0, 2.0, 3.0]})
    >>> suppress_small_cells(f, count="projects", related=["executed"])["projects"].tolist()
    [<NA>, 40, <NA>]
    """
    groups = list(by) or pd.Series(0, index=frame.index)
    flags = frame.groupby(groups, sort=False, dropna=False)[count].transform(_suppressed).astype(bool)
    blanked = {count: frame[count].astype("Int64").mask(flags)}
    for name in related:
        numbers = frame[name].astype("Float64") if pd.api.types.is_numeric_dtype(frame[name]) else frame[name]
        blanked[name] = numbers.mask(flags)
    return frame.assign(**blanked, is_suppressed=flags)


def _suppressed(counts: pd.Series) -> pd.Series:
    """Which of one group's rows are blanked: the small ones, and the smallest others that protect them."""
    known = counts.fillna(0)
    small = (known > 0) & (known < SMALLEST)
    if not small.any():
        return small
    ordered = known[~small & (known > 0)].sort_values(kind="stable")
    # Blanked values, small ones first: enough are blanked when there are two that hold five together.
    is_lacking = small.sum() < 2 or known[small].sum() < SMALLEST
    extra = ordered.index[:1] if is_lacking else []
    return small | small.index.isin(extra)
