"""Many flags at once: how many of them are to be expected by chance."""

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError

METHODS = {"bh": "fdr_bh", "by": "fdr_by", "bky": "fdr_tsbky"}


def control_discoveries(p_values, *, rate: float = 0.05, method: str = "bh") -> pd.DataFrame:
    """One row per p-value, in its order: `p_value`, `adjusted`, `is_flagged`, `expected_false`.

    At most a share `rate` of the flagged is false on average: `expected_false` = rate × number flagged,
    the same on every row. "bh" (Benjamini–Hochberg) for independent or positively dependent tests, "by"
    for any dependence, "bky" (two stages, Benjamini–Krieger–Yekutieli) where many are not null. An NA is
    not a test: it stays NA, unflagged, and doesn't count. With "bky" `adjusted` is statsmodels' value for
    this rate.
    """
    if method not in METHODS:
        raise ArgumentError("compare.unknown_variance_method", value=method, known=", ".join(METHODS))
    p = pd.Series(p_values, dtype="float64")
    known = p.notna()
    table = pd.DataFrame({"p_value": p, "adjusted": np.nan, "is_flagged": False})
    if known.any():
        from statsmodels.stats.multitest import multipletests

        flagged, adjusted, *_ = multipletests(p[known], alpha=rate, method=METHODS[method])
        table.loc[known, "is_flagged"], table.loc[known, "adjusted"] = flagged, adjusted
    return table.assign(expected_false=rate * table["is_flagged"].sum(), method=METHODS[method])
