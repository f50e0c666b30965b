"""The experts who scored the same projects: where a panel changes from year to year, its common core."""

import pandas as pd


def complete_core(wide: pd.DataFrame) -> pd.DataFrame:
    """The part of `wide` (items by raters) without a gap that holds most ratings.

    Raters are taken by the number of items they scored, most first (ties by name), as long as the table of
    items that all of them scored grows. Needed by the intraclass correlation, which takes no gaps, where
    no item was scored by everybody on the list. Empty where no two raters share two items.

    >>> wide = pd.DataFrame({"A": [1.0, 2, 3], "B": [1.0, 2, 4], "C": [None, None, 5.0]})
    >>> complete_core(wide).shape
    (3, 2)
    """
    counts = wide.count().sort_index().sort_values(ascending=False, kind="stable")
    order = list(counts[counts > 0].index)
    found = [wide[order[:k]].dropna() for k in range(2, len(order) + 1)]
    usable = [table for table in found if len(table) >= 2]
    return max(usable, key=lambda table: table.size, default=wide.head(0))
