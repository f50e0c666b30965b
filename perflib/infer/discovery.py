"""Many flags at once: how many of them are to be expected by chance."""

import numpy as np
import pandas as pd
from scipy import stats


def control_discoveries(p_values, *, rate: float = 0.05) -> pd.DataFrame:
    """One row per p-value, in its order: `p_value`, `adjusted`, `is_flagged` (Benjamini-Hochberg).

    At most a share `rate` of the flagged is false on average. An NA is not a test: it stays NA, unflagged, and
    doesn't count.
    """
    p = pd.Series(p_values, dtype="float64")
    adjusted, known = pd.Series(np.nan, index=p.index), p.notna()
    if known.any():
        adjusted[known] = stats.false_discovery_control(p[known])
    return pd.DataFrame({"p_value": p, "adjusted": adjusted, "is_flagged": adjusted <= rate})
