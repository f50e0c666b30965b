"""What a questionnaire says: who answered, how many were content, and whether its items hang together.

Answers come as the table `ratings` (rater, item, score, stratum, invited). Fewer than five answers are
not shown and not estimated.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.edition import SMALLEST, small_cells
from perflib.data.errors import DataError
from perflib.infer.interval import wilson_interval
from perflib.infer.reliability import cronbach_alpha, mcdonald_omega
from perflib.measure.voices import BEST


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
    items = top_two_box(ratings, best=best, population=population)
    items["weighted_share"] = items["item"].map(weighted_top_two(ratings, best=best))
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


def response_by_stratum(ratings: pd.DataFrame) -> pd.DataFrame:
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
    hidden = small_cells(table["answered"])
    table.loc[hidden, ["answered", "rate"]] = np.nan
    table.loc[hidden, "reason"] = "suppressed"
    return table.reset_index()


def _finite_wilson(top: pd.Series, n: pd.Series, population: float, confidence: float) -> pd.DataFrame:
    """Wilson's interval with the sample enlarged to what it is worth in a finite population (NaN: an endless one)."""
    left = (population - n).where((population > n) & (population > 1))
    worth = (n * (population - 1) / left).where(left.notna(), n)
    table = wilson_interval(top / n * worth, worth, confidence=confidence).set_index(n.index)
    everyone = (population == n) & (population > 1)
    for side in ("low", "high"):
        table[side] = table[side].mask(everyone, top / n)
    return table


def top_two_box(
    ratings: pd.DataFrame, *, best: float = BEST, population: float | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Share of answers in the best two of the scale, with Wilson's interval, one row per item.

    Parameters
    ----------
    ratings : columns rater, score and item; a missing score is no answer.
    best : the best score; it and the one below count.
    population : how many could have been asked (finite-population correction); None for no correction.

    Returns
    -------
    Columns item, n, n_top, value, low, high, confidence, method, reason: "suppressed" (fewer than five
    answers: all else NA) or "answers_exceed_population" (no correction made).
    """
    answered = ratings[ratings["score"].notna()]
    groups = answered.assign(is_top=answered["score"] >= best - 1).groupby("item")["is_top"]
    n, top = groups.count().astype(float), groups.sum().astype(float)
    size = np.nan if population is None else population
    table = _finite_wilson(top, n, size, confidence)
    table.insert(0, "n", n)
    table.insert(1, "n_top", top)
    table["method"] = "wilson" if population is None else "wilson_fpc"
    table["reason"] = pd.Series(pd.NA, index=n.index, dtype=object).mask(
        n > size, "answers_exceed_population"
    )
    small = n < SMALLEST
    table.loc[small, ["n", "n_top", "value", "low", "high"]] = np.nan
    table.loc[small, "reason"] = "suppressed"
    return table.reset_index()


def weighted_top_two(ratings: pd.DataFrame, *, best: float = BEST) -> pd.Series:
    """Share of answers in the best two by item, each stratum counted at its size.

    Answers stand for those of their stratum who were invited (columns item, stratum, invited). NA below five answers,
    and where a stratum does not say how many were.
    """
    rows = ratings[ratings["score"].notna()]
    cell = rows.assign(stratum=rows["stratum"].fillna("")).groupby(["item", "stratum"])
    chance = (cell["rater"].transform("size") / cell["invited"].transform("max").astype(float)).clip(upper=1)
    is_top = (rows["score"] >= best - 1).astype(float)
    items = rows[["item"]].assign(top=is_top / chance, all=1 / chance).groupby("item")
    sums = items.sum(skipna=False)
    return (sums["top"] / sums["all"]).where(items.size() >= SMALLEST)


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
