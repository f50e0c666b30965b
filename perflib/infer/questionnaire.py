"""What a questionnaire says: who answered, how many were content, and whether its items hang together.

Answers come as the table `ratings` (rater, item, score, stratum, invited). Fewer than five answers are
not shown and not estimated.

Means of all who were asked come from a sample with known inclusion probabilities. A sample frame has one row
per unit drawn, its `inclusion_probability` and, if the sample was drawn by strata, its `stratum`. One
variance serves all: within a stratum, Σ c (z − z̃)² with c = (1 − π)·n/(n − 1) and z̃ the c-weighted mean. It
is the textbook one, finite-population correction included, for simple and stratified samples, and Hájek's
approximation for samples with unequal probabilities of fixed size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.edition import SMALLEST, small_cells
from perflib.data.errors import DataError
from perflib.infer.interval import wilson_interval
from perflib.infer.reliability import cronbach_alpha, estimate, mcdonald_omega
from perflib.measure.voices import BEST


def _probabilities(sample: pd.DataFrame) -> np.ndarray:
    p = sample["inclusion_probability"].to_numpy(dtype=float)
    bad = ~((p > 0) & (p <= 1))
    if bad.any():
        raise DataError("evaluation.no_probability", n=int(bad.sum()), total=len(p))
    return p


def _strata(sample: pd.DataFrame, stratum: str | None) -> pd.Series:
    codes = sample[stratum].fillna("") if stratum else pd.Series("", index=sample.index)
    return codes.reset_index(drop=True)


def variance_of_total(z: np.ndarray, p: np.ndarray, strata: pd.Series) -> tuple[float, float]:
    """Variance of Σz (z = value / probability) and its degrees of freedom (units less strata drawn from).

    NA where a stratum has one unit that wasn't taken for sure: one unit shows no spread.
    """
    table = pd.DataFrame({"z": z, "free": 1 - p, "h": strata.to_numpy()})
    n = table.groupby("h")["z"].transform("size")
    lone = (n == 1) & (table["free"] > 1e-12)
    if lone.any():
        return np.nan, np.nan
    c = table["free"] * n / (n - 1).clip(lower=1)
    total = c.groupby(table["h"]).transform("sum")
    centre = (c * table["z"]).groupby(table["h"]).transform("sum") / total.where(total > 0, 1.0)
    drawn = table.loc[table["free"] > 1e-12, "h"]
    return float((c * (table["z"] - centre) ** 2).sum()), float(len(drawn) - drawn.nunique())


def _interval(value: float, variance: float, df: float, confidence: float, method: str, n: int) -> pd.Series:
    se = float(np.sqrt(variance)) if variance >= 0 else np.nan
    half = stats.t.ppf((1 + confidence) / 2, df) * se if df > 0 else (0.0 if se == 0 else np.nan)
    return estimate(
        value, value - half, value + half, confidence=confidence, method=method, se=se, df=df, n=n
    )


def estimate_ratio(
    sample: pd.DataFrame, top: str, bottom: str, *, stratum: str | None = None, confidence: float = 0.95
) -> pd.Series:
    """Estimate of total `top` over total `bottom` in the population, linearised, with a t interval.

    NA where the estimated total of `bottom` is 0. Columns and errors as in `estimate_total`.
    """
    p = _probabilities(sample)
    a, b = sample[top].to_numpy(dtype=float) / p, sample[bottom].to_numpy(dtype=float) / p
    if b.sum() == 0:
        return _interval(np.nan, np.nan, np.nan, confidence, "ratio", len(p))
    value = a.sum() / b.sum()
    variance, df = variance_of_total((a - value * b) / b.sum(), p, _strata(sample, stratum))
    return _interval(float(value), variance, df, confidence, "ratio", len(p))


def estimate_mean(
    sample: pd.DataFrame, y: str, *, stratum: str | None = None, confidence: float = 0.95
) -> pd.Series:
    """Hájek estimate of the population's mean of `y` (weighted mean), with a t interval.

    For a stratified simple sample it is the stratified mean. Columns and errors as in `estimate_total`.
    """
    found = estimate_ratio(sample.assign(_one=1.0), y, "_one", stratum=stratum, confidence=confidence)
    found["method"] = "hajek"
    return found


@dataclass(frozen=True)
class Questionnaire:
    """Frames on one questionnaire: `response`, `items`, `scale`, `summary`.

    `response`: who was asked and answered (see `response_by_stratum`). `items`: share satisfied by item, highest
    first (see `top_two_box`), with weighted_share, each group counted at its size. `scale`: alpha and omega.
    `summary`: one row, with answered, response_rate, satisfied_share (of all answers), best_item, best_share,
    worst_item, worst_share, are_apart (whether the intervals of these two do not meet), alpha, omega, hidden_groups.
    Below five answers its numbers are NA with the `reason` suppressed; without any, no_answers.
    """

    response: pd.DataFrame
    items: pd.DataFrame
    scale: pd.DataFrame
    summary: pd.DataFrame


def questionnaire(ratings: pd.DataFrame, *, best: float = BEST, seed: int = 0) -> Questionnaire:
    """What a questionnaire says: `ratings` are its usable answers (rater, item, score, stratum, invited).

    `best` is the best score of the scale; it and the one below count as satisfied. `seed` draws the interval of omega.

    >>> import perflib as pf
    >>> rows = pf.voices.of_year(pf.load("sample").rows("ratings"), year=2023, judged=2022)
    >>> asked = pf.questionnaire(rows.query("context == 'questionnaire'"))
    >>> asked.summary["answered"].item(), len(asked.items)
    (103, 8)
    """
    sizes = ratings.groupby("stratum")["invited"].max()
    population = float(sizes.sum()) if len(sizes) and sizes.notna().all() else None
    weighted = weighted_top_two(ratings, best=best)[["item", "value"]]
    items = top_two_box(ratings, best=best, population=population).merge(
        weighted.rename(columns={"value": "weighted_share"}), on="item", how="left"
    )
    items = items.sort_values(["value", "item"], ascending=[False, True], ignore_index=True)
    response, scale = response_by_stratum(ratings), scale_reliability(ratings, seed=seed)
    summary = pd.DataFrame([_summary(ratings, items, scale, population, best)])
    frames = response, items, scale, summary
    for frame in frames:
        frame.attrs = dict(ratings.attrs)
    return Questionnaire(*frames)


def _summary(
    ratings: pd.DataFrame, items: pd.DataFrame, scale: pd.DataFrame, population: float | None, best: float
) -> dict:
    n, scores = ratings["rater"].nunique(), ratings["score"].dropna()
    known, value = items.dropna(subset=["value"]), scale.set_index("quantity")["value"]
    first, last = (known.iloc[i] if len(known) else {} for i in (0, -1))
    is_enough = n >= SMALLEST
    return {
        "rows": len(ratings),
        "answered": n if is_enough else None,
        "response_rate": n / population if is_enough and population else None,
        "satisfied_share": float((scores >= best - 1).mean()) if is_enough and len(scores) else None,
        "best_item": first.get("item"),
        "best_share": first.get("value"),
        "worst_item": last.get("item"),
        "worst_share": last.get("value"),
        "are_apart": float(len(known) > 0 and first["low"] > last["high"]),
        "alpha": value.get("alpha"),
        "omega": value.get("omega"),
        "hidden_groups": int(small_cells(ratings.groupby("stratum")["rater"].nunique()).sum()) if n else 0,
        "reason": "suppressed" if n else "no_answers",
    }


def response_by_stratum(ratings: pd.DataFrame, *, suppress: bool = True) -> pd.DataFrame:
    """How many of each stratum were asked and answered, one row per stratum, with the rate.

    Parameters
    ----------
    ratings : columns rater, stratum, invited (the same number in every row of a stratum; the
        largest counts).

    Returns
    -------
    Columns stratum, invited, answered, rate (0–1), reason: "invited_unknown", "invited_differs",
    "more_than_invited" (rate NA), "suppressed" (fewer than five answered: answered and rate NA; a single such
    stratum takes the next smallest with it, or it could be had from the total).
    """
    rows = ratings.assign(stratum=ratings["stratum"].fillna(""))
    groups = rows.groupby("stratum")
    counts = {"invited": groups["invited"].max(), "answered": groups["rater"].nunique()}
    table = pd.DataFrame({name: count.astype(float) for name, count in counts.items()})
    differs, more = groups["invited"].nunique() > 1, table["answered"] > table["invited"]
    codes = ["invited_unknown", "invited_differs", "more_than_invited"]
    reason = np.select([table["invited"].isna(), differs, more], codes, default="")
    is_bad = np.isin(reason, ["invited_unknown", "more_than_invited"])
    rate = (table["answered"] / table["invited"].where(table["invited"] > 0)).mask(is_bad)
    table = table.assign(rate=rate, reason=pd.Series(reason, table.index, dtype=object).replace("", pd.NA))
    if suppress:
        hidden = small_cells(table["answered"])
        table.loc[hidden, ["answered", "rate"]] = np.nan
        table.loc[hidden, "reason"] = "suppressed"
    return table.reset_index()


def _finite_wilson(top: pd.Series, n: pd.Series, population: pd.Series, confidence: float) -> pd.DataFrame:
    """Wilson's interval with the sample enlarged to what it is worth in a finite population."""
    known = population.notna() & (population >= n) & (population > 1)
    left = (population - n).where(known & (population > n), np.nan)
    worth = (n * (population - 1) / left).where(left.notna(), n)
    table = wilson_interval(top / n * worth, worth, confidence=confidence).set_index(n.index)
    everyone = known & (population == n)
    for side in ("low", "high"):
        table[side] = table[side].mask(everyone, top / n)
    return table


def top_two_box(
    ratings: pd.DataFrame,
    *,
    best: float = 5,
    by: Sequence[str] = ("item",),
    population: Mapping | pd.Series | float | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Share of answers in the best two of the scale, with Wilson's interval, one row per group of `by`.

    Parameters
    ----------
    ratings : columns rater, score and `by`; a missing score is no answer.
    best : the best score; it and the one below count.
    population : how many could have been asked (finite-population correction): a number, or by group
        (keyed like `by`); None for no correction.

    Returns
    -------
    `by`, n, n_top, value, low, high, confidence, method, reason: "suppressed" (fewer than five
    answers: all else NA) or "answers_exceed_population" (no correction made).
    """
    keys = list(by)
    answered = ratings[ratings["score"].notna()]
    groups = answered.assign(is_top=answered["score"] >= best - 1).groupby(keys)["is_top"]
    n, top = groups.count().astype(float), groups.sum().astype(float)
    if population is None or np.isscalar(population):
        size = pd.Series(np.nan if population is None else float(population), index=n.index)
    else:
        size = pd.Series(population, dtype=float).reindex(n.index)
    table = _finite_wilson(top, n, size, confidence)
    table.insert(0, "n", n)
    table.insert(1, "n_top", top)
    table["method"] = np.where(size.notna(), "wilson_fpc", "wilson")
    table["reason"] = pd.Series(pd.NA, index=n.index, dtype=object).mask(
        n > size.fillna(np.inf), "answers_exceed_population"
    )
    small = n < SMALLEST
    table.loc[small, ["n", "n_top", "value", "low", "high"]] = np.nan
    table.loc[small, "reason"] = "suppressed"
    return table.reset_index()


def weighted_top_two(ratings: pd.DataFrame, *, best: float = 5, confidence: float = 0.95) -> pd.DataFrame:
    """Share of answers in the best two, each stratum counted at its size, one row per item.

    Answers stand for those of their stratum who were invited (columns item, stratum, invited).
    Columns item, n, value, low, high, confidence, method, reason ("suppressed", "invited_unknown",
    "lone_answer": a stratum with one answer shows no spread).
    """
    rows = ratings[ratings["score"].notna()]
    rows = rows.assign(stratum=rows["stratum"].fillna(""), is_top=(rows["score"] >= best - 1).astype(float))
    cell = rows.groupby(["item", "stratum"])
    size = cell["invited"].transform("max").astype(float)
    rows = rows.assign(inclusion_probability=(cell["rater"].transform("size") / size).clip(upper=1))
    found = [{"item": i, **_weighted_item(part, confidence)} for i, part in rows.groupby("item")]
    columns = ["item", "n", "value", "low", "high", "confidence", "method", "reason"]
    return pd.DataFrame(found, columns=columns)


def _weighted_item(part: pd.DataFrame, confidence: float) -> dict:
    blank = {"n": len(part), "value": np.nan, "low": np.nan, "high": np.nan, "confidence": confidence}
    blank |= {"method": "stratified"}
    if len(part) < SMALLEST:
        return {**blank, "n": np.nan, "reason": "suppressed"}
    if part["inclusion_probability"].isna().any():
        return {**blank, "reason": "invited_unknown"}
    found = estimate_mean(part, "is_top", stratum="stratum", confidence=confidence)
    bounds = {k: float(np.clip(found[k], 0, 1)) for k in ("value", "low", "high")}
    return {**blank, **bounds, "reason": "lone_answer" if np.isnan(found["low"]) else pd.NA}


def scale_reliability(
    ratings: pd.DataFrame, *, confidence: float = 0.95, draws: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Alpha and omega of the questionnaire's items, one row each, from those who answered every item.

    Columns quantity, value, low, high, confidence, method, n, k, reason ("suppressed": fewer than
    five complete answers; "too_few_items").
    """
    wide = _wide(ratings)
    k = wide.shape[1]
    reason = "suppressed" if len(wide) < SMALLEST else "too_few_items" if k < 2 else None
    blank = {"value": np.nan, "low": np.nan, "high": np.nan, "confidence": confidence, "n": len(wide), "k": k}
    if reason:
        blank["n"] = np.nan if reason == "suppressed" else len(wide)
        return pd.DataFrame([{"quantity": q, **blank, "reason": reason} for q in ("alpha", "omega")])
    rows = [{"quantity": "alpha", **cronbach_alpha(wide, confidence=confidence), "reason": pd.NA}]
    if k < 3:
        rows.append({"quantity": "omega", **blank, "reason": "too_few_items"})
    else:
        omega = mcdonald_omega(wide, confidence=confidence, draws=draws, seed=seed)
        rows.append({"quantity": "omega", **omega, "reason": pd.NA})
    return pd.DataFrame(rows)


def _wide(ratings: pd.DataFrame) -> pd.DataFrame:
    if ratings.duplicated(["rater", "item"]).any():
        twice = ratings[ratings.duplicated(["rater", "item"])].iloc[0]
        raise DataError("evaluation.answered_twice", rater=twice["rater"], item=twice["item"])
    return ratings.pivot(index="rater", columns="item", values="score").dropna()
