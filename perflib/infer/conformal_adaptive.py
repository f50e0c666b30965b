"""Conformal intervals year after year, widened after years that they missed and narrowed after easy ones."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.infer.conformal import TAIL_RESIDUALS, conformal_intervals, coverage
from perflib.infer.interval import check_confidence

# Years are not exchangeable: half of what last year missed is added to this year's nominal level.
GAIN = 0.5


def next_miss(miss: float, seen: float, confidence: float, *, gain: float = GAIN) -> float:
    """The miss rate to aim at next year, after `miss` was aimed at and `seen` happened.

    miss + gain × ((1 - confidence) - seen), kept between a fifth of the wanted rate and one half.
    Gibbs & Candès (2021), Adaptive conformal inference under distribution shift.

    >>> round(next_miss(0.2, 0.3, 0.8), 3)
    0.15
    """
    wanted = 1 - confidence
    return float(np.clip(miss + gain * (wanted - seen), wanted / 5, 0.5))


def yearly_intervals(
    tested: pd.DataFrame,
    *,
    levels: Sequence[Sequence[str]],
    confidence: float,
    by: str | None = None,
    gain: float = GAIN,
) -> pd.DataFrame:
    """Intervals of all rows of `tested` but those of its first year, on their index; see `conformal_intervals`.

    `tested` holds `year`, `month`, `value`, `outturn` (NA in a year that still runs), `scale`, the columns of
    `levels` and `by`: forecasts that were each made from earlier years only (`backtest` gives them). Every
    month is a series of its own, and in it every value of `by`, so that what one type of unit missed widens
    its own intervals and no other's. `confidence` is what is promised, `aimed` what was asked of the
    quantiles after the misses of earlier years.
    """
    check_confidence(confidence)
    parts = [_one_month(rows, levels, confidence, by, gain) for _, rows in tested.groupby("month")]
    return pd.concat(parts).reindex(tested.index[tested["year"] > tested["year"].min()])


def _one_month(rows: pd.DataFrame, levels, confidence: float, by: str | None, gain: float) -> pd.DataFrame:
    smallest, parts = round(2 * TAIL_RESIDUALS / (1 - confidence)), []
    series = rows[by] if by else pd.Series("all", index=rows.index)
    miss = pd.Series(1 - confidence, index=series.unique())
    for year in sorted(rows["year"].unique())[1:]:
        now = rows[rows["year"] == year]
        aimed = 1 - series[now.index].map(miss)
        found = conformal_intervals(rows, now, levels=levels, confidence=aimed, year=year, smallest=smallest)
        parts.append(found.assign(confidence=confidence, aimed=aimed))
        seen = coverage(found, now["outturn"], by=series[now.index]).set_index("group")["coverage"]
        after = [next_miss(miss[name], 1 - share, confidence, gain=gain) for name, share in seen.items()]
        miss.loc[seen.index] = after
    columns = ["value", "low", "high", "confidence", "method", "group", "calibrated_on", "aimed"]
    return pd.concat(parts) if parts else pd.DataFrame(columns=columns, index=rows.index[:0])
