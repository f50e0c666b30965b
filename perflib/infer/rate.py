"""Which groups of projects have an execution rate that differs from the whole."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.infer.discovery import control_discoveries
from perflib.infer.group_rates import group_rates

FEWEST = 5  # effective projects below which nothing is said of a group (methods, M29)


def rate_intervals(rates: pd.DataFrame, *, by: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
    """The amount-weighted rate of each group, its interval and whether it differs from the whole.

    `rates` is what `perflib.measure.rates.project_rates` gives; projects without a rate are left out.
    The columns are those of `group_rates`, one row per group of `by`, with `low` held at 0, and
    `p_value` (of no difference from all groups together) and `verdict`: "below", "above" or "alike",
    false discoveries held at 1 − `confidence` (Benjamini-Hochberg), or "too_few" for a group with an
    effective number below five, of which nothing is said.
    """
    table = group_rates(rates[rates["rate"].notna()], by=by, confidence=confidence)
    table["low"] = table["low"].clip(lower=0)
    whole = table["executed"].sum() / table["budget"].sum() if len(table) else np.nan
    difference = table["rate"] - whole
    z = difference.abs() / table["se"].where(table["se"] > 0)
    known = z.notna() & (table["effective"] >= FEWEST)
    table["p_value"] = pd.Series(2 * stats.norm.sf(z), index=table.index).where(known)
    flagged = control_discoveries(table["p_value"], rate=1 - confidence)["is_flagged"].to_numpy(dtype=bool)
    tests = [~known, flagged & (difference < 0), flagged]
    return table.assign(verdict=np.select(tests, ["too_few", "below", "above"], default="alike"))
