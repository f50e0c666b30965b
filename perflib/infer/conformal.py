"""Split-conformal intervals, and the chance of ending below a line, read off the misses of whole earlier years."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.infer.interval import check_confidence

SMALLEST = 20


def chance_below(
    past: pd.DataFrame, now: pd.DataFrame, *, line: pd.Series, levels: Sequence[Sequence[str]], year: int
) -> pd.Series:
    """Probability that the outturn of each row of `now` lies below `line` (an amount), on its index.

    `past`, `now` and `levels` as in `perflib.infer.conformal.conformal_intervals`: the residuals
    (outturn - value) / scale of the row's group in years before `year`, the latest with the most weight,
    are laid around its forecast. A row takes the first level with at least 20 of them, the
    last level whatever it holds. The new one counts half, so that no chance is 0 or 1: conformal
    predictive distributions, Vovk, Shen, Manokhin & Xie (2019). NA where the scale is not above 0, or
    where nothing is known.
    """
    known = _residuals(past, year)
    scale = now["scale"].where(now["scale"] > 0)
    needed = (line - now["value"]) / scale
    chance = pd.Series(np.nan, index=now.index)
    for level in [list(part) for part in levels]:
        least = SMALLEST if level != list(levels[-1]) else 1
        chance = chance.fillna(_chances_of_level(known, now, needed, level, least))
    return chance.where(scale.notna())


def _residuals(past: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of years before `year` with their `_residual`, a share of the budget, and its `_weight`."""
    known = past[(past["year"] < year) & (past["scale"] > 0) & past["outturn"].notna()]
    return known.assign(
        _residual=(known["outturn"] - known["value"]) / known["scale"],
        _weight=YEAR_DECAY ** (year - 1 - known["year"]).astype("float64"),
    )


def _chances_of_level(
    known: pd.DataFrame, now: pd.DataFrame, needed: pd.Series, level: list[str], smallest: int
):
    """The chances by the groups of one level; NA where a group holds too few residuals."""
    names = group_names(now, level)
    groups = {n: part for n, part in known.groupby(group_names(known, level)) if len(part) >= smallest}
    parts = [_share_below(groups[n], rows) for n, rows in needed.groupby(names) if n in groups]
    return pd.concat(parts).reindex(now.index) if parts else pd.Series(np.nan, index=now.index)


def _share_below(pool: pd.DataFrame, needed: pd.Series) -> pd.Series:
    order = np.argsort(pool["_residual"].to_numpy(), kind="stable")
    sorted_residuals = pool["_residual"].to_numpy()[order]
    weight = np.concatenate([[0.0], np.cumsum(pool["_weight"].to_numpy()[order])])
    new = float(pool["_weight"].max())
    below = weight[np.searchsorted(sorted_residuals, needed.to_numpy("float64"), side="left")]
    return pd.Series((below + new / 2) / (weight[-1] + new), index=needed.index).where(needed.notna())


# Years are not exchangeable: half of what last year missed is added to this year's nominal level.
GAIN = 0.5
# A group needs this many residuals in each tail; with fewer it joins the next wider one.
TAIL_RESIDUALS = 2
# A year back counts so much as the year after it: behaviour drifts, and 2020 must be forgotten again.
YEAR_DECAY = 0.7


def conformal_quantile(scores: np.ndarray, alpha: float, weights: np.ndarray) -> float:
    """The score that a new one stays below with probability 1 - alpha; infinite if there are too few.

    `weights` let recent scores count more; the new one has the largest weight. With equal ones it is the score of
    rank ceil((n + 1)(1 - alpha)), whose coverage is a beta (Vovk 2012).
    Barber, Candès, Ramdas & Tibshirani (2023), Conformal prediction beyond exchangeability.
    """
    order = np.argsort(scores, kind="stable")
    total = weights.sum() + weights.max(initial=1.0)
    # 20 * (1 - 0.05) is 19.000000000000004 in binary: without the slack the rank would be one too high.
    reached = np.cumsum(weights[order]) / total >= 1 - alpha - 1e-12
    return float(scores[order][reached.argmax()]) if reached.any() else np.inf


def size_bands(amounts: pd.Series, groups: pd.Series) -> pd.Series:
    """ "small", "medium" or "large": the third of its group that an amount lies in."""
    rank = amounts.groupby(groups).rank(pct=True, method="average")
    words = np.select([rank <= 1 / 3, rank <= 2 / 3], ["small", "medium"], "large")
    return pd.Series(words, index=amounts.index, dtype="str")


def conformal_intervals(
    past: pd.DataFrame,
    now: pd.DataFrame,
    *,
    levels: Sequence[Sequence[str]],
    confidence: float | pd.Series,
    year: int,
    smallest: int,
) -> pd.DataFrame:
    """`value, low, high, confidence, method, group, calibrated_on` for the rows of `now`, on its index.

    `past` holds forecasts of earlier years that were made without knowing them: `year`, `value`,
    `outturn`, `scale` (the budget at the cut-off) and the columns of `levels`; `now` the same without
    `outturn`. The residual (outturn - value) / scale is ranked in each tail by itself, so that
    intervals may be lopsided. `levels` go from the finest grouping to the coarsest, [] for all:
    a row takes the first in which at least `smallest` residuals lie; `group` names it and `calibrated_on` counts them. Only years before `year`
    are used, the latest with the most weight. `confidence` may differ from row to row (a column on the index
    of `now`). NA where the scale is not above 0. Where `now` has `executed` and `most`, no bound lies below the
    one or above the other.
    """
    aimed = confidence if isinstance(confidence, pd.Series) else pd.Series(confidence, index=now.index)
    for level in aimed.unique():
        check_confidence(level)
    scores = _residuals(past, year)
    found = pd.DataFrame(np.nan, index=now.index, columns=["low", "high", "calibrated_on"]).assign(group=None)
    for level in [list(part) for part in levels]:
        todo = found["group"].isna()
        if todo.any():
            found = found.mask(todo, _level(scores, now, level, aimed, todo, smallest if level else 1))
    scale = now["scale"].where(now["scale"] > 0)
    ends = {side: now["value"] + found[side].astype("float64") * scale for side in ("low", "high")}
    low, high = _possible(ends["low"], ends["high"], now)
    return pd.DataFrame(
        {
            "value": now["value"],
            "low": low,
            "high": high,
            "confidence": aimed,
            "method": "split_conformal",
            "group": found["group"].astype("str"),
            "calibrated_on": found["calibrated_on"].fillna(0).astype("int64"),
        }
    )


def _possible(low: pd.Series, high: pd.Series, now: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The bounds between what is spent and the most that is possible."""
    if "executed" in now:
        low = np.maximum(low, now["executed"].fillna(0.0))
    if "most" in now:
        high = high.clip(upper=np.maximum(now["most"].fillna(np.inf), low))
    return low, np.maximum(high, low)


def _level(
    scores: pd.DataFrame,
    now: pd.DataFrame,
    level: list[str],
    aimed: pd.Series,
    todo: pd.Series,
    smallest: int,
) -> pd.DataFrame:
    """Both tails of each group of one level at what is aimed at, spread over the rows of `now` still to do."""
    names = group_names(now, level)
    parts = {n: part for n, part in scores.groupby(group_names(scores, level)) if len(part) >= smallest}
    asked = pd.MultiIndex.from_arrays([names, aimed])
    table = {key: _tails(parts[key[0]], key[1]) for key in asked[todo].unique() if key[0] in parts}
    index = pd.MultiIndex.from_tuples(table, names=[None, None]) if table else asked[:0]
    columns = ["low", "high", "calibrated_on"]
    table = pd.DataFrame(list(table.values()), index=index, columns=columns, dtype="float64")
    # A tail that the weighted residuals can't reach is no better than a group that is too small.
    table = table[np.isfinite(table[["low", "high"]]).all(axis=1)]
    spread = table.reindex(asked).set_axis(now.index)
    return spread.assign(group=names.where(spread["calibrated_on"].notna(), None))


def group_names(frame: pd.DataFrame, level: Sequence[str]) -> pd.Series:
    """The columns `level` of each row in one word, "a / b"; "all" for none."""
    if not level:
        return pd.Series("all", index=frame.index)
    parts = [frame[c].astype("str") for c in level]
    return parts[0].str.cat(parts[1:], sep=" / ") if len(parts) > 1 else parts[0]


def _tails(scores: pd.DataFrame, confidence: float) -> dict:
    tail = (1 - confidence) / 2
    r, w = scores["_residual"].to_numpy(), scores["_weight"].to_numpy()
    low, high = -conformal_quantile(-r, tail, w), conformal_quantile(r, tail, w)
    return {"low": low, "high": high, "calibrated_on": len(r)}


def coverage(intervals: pd.DataFrame, outturn: pd.Series, *, by: pd.Series | None = None) -> pd.DataFrame:
    """Share of `outturn` inside its interval (ends included), `coverage`, and how many were `counted`.

    One row in all, or per `group` of `by`. Rows without interval or outturn are not counted.
    """
    known = intervals["low"].notna() & intervals["high"].notna() & outturn.notna()
    inside = outturn.between(intervals["low"], intervals["high"])[known].astype("float64")
    groups = pd.Series("all", index=inside.index) if by is None else by[known]
    return inside.groupby(groups.rename("group")).agg(counted="size", coverage="mean").reset_index()


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
