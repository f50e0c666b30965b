"""Who is looked at: a probability sample, part for sure, part by size and risk, part at random; and how many."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import ArgumentError, DataError

LARGEST = 5000  # of a sample of discovery
RANDOM_SHARE = 0.2  # methods: at least a fifth of the capacity at random, so that risk can be checked


def _shares(measure: np.ndarray, n: int) -> np.ndarray:
    """Inclusion probabilities n · measure / Σ measure; who would exceed 1 is taken for sure."""
    p = np.zeros(len(measure))
    sure = np.zeros(len(measure), dtype=bool)
    while (left := n - int(sure.sum())) > 0 and measure[~sure].sum() > 0:
        p[~sure] = left * measure[~sure] / measure[~sure].sum()
        over = ~sure & (p >= 1 - 1e-12)
        if not over.any():
            break
        sure |= over
    return np.where(sure, 1.0, p)


def _pick_by_size(p: np.ndarray, order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions of a systematic sample with inclusion probabilities `p`, taken in `order`."""
    n = round(p.sum())
    if n == 0:
        return np.array([], dtype=int)
    edges = np.cumsum(p[order])
    points = rng.random() + np.arange(n)
    hit = np.searchsorted(edges, np.minimum(points, edges[-1] - 1e-9), side="right")
    return order[np.minimum(hit, len(order) - 1)]


def _check_request(n: int, listed: int, drawable: int, certain: int, random_share: float) -> int:
    """Number to be drawn at random; says what would work where the request doesn't."""
    if not RANDOM_SHARE <= random_share <= 1:
        raise ArgumentError("evaluation.random_share", value=random_share, least=RANDOM_SHARE)
    if not drawable:
        raise DataError("evaluation.nothing_to_draw", listed=listed)
    if n < 1 or n > drawable:
        raise ArgumentError("evaluation.sample_too_large", n=n, population=drawable)
    at_random = int(np.ceil(random_share * n - 1e-9))
    needed = at_random if drawable > certain else 0
    if n - certain < needed or n < certain:
        least = drawable if random_share == 1 else int(np.ceil(certain / (1 - random_share) - 1e-9))
        told = {"certain": certain, "n": n, "at_random": needed, "least": min(least, drawable)}
        raise ArgumentError("evaluation.certainty_too_large", **told)
    return min(at_random, n)


def plan_sample(
    projects: pd.DataFrame,
    n: int,
    *,
    seed: int,
    key: Sequence[str] = ("project",),
    size: str = "adjusted_budget",
    risk: str | None = None,
    excluded: str | None = None,
    certainty: float | None = None,
    random_share: float = RANDOM_SHARE,
    spread_over: Sequence[str] = (),
) -> pd.DataFrame:
    """The plan of a spot check: who is drawn, and with what probability everybody could have been.

    Three steps: projects of at least `certainty` are all taken; the rest of the places, but for the
    random part, go systematically by `size` × `risk`; the random part is a simple random sample
    of those not yet taken. So everyone who can be drawn has a positive, exactly known probability.

    Parameters
    ----------
    projects : one row per project, columns `key`, `size`, and `risk`, `excluded`, `spread_over` if given.
    n : how many to draw in all.
    seed : the draw follows from it and from the keys, not from the order of the rows.
    size : amount; NA or below 0 counts as 0 (then only the random part can draw the project).
    risk : relative risk, at least 0; NA counts as the mean.
    excluded : column that says why a project can't be drawn (NA: it can).
    spread_over : columns over which the systematic part is spread (implicit strata).

    Returns
    -------
    `projects`, sorted by `key`, with stratum ("certainty", "pps", "random" for those whose size
    gives them no place in the systematic part; NA if excluded), inclusion_probability (NA if
    excluded), is_drawn, drawn_by ("certainty", "size_risk", "random" or NA), reason (why it can't be
    drawn), seed.

    Raises
    ------
    ArgumentError for a sample larger than the population, or a certainty stratum that leaves no
    room for the random part; DataError for a key that occurs twice.

    Source: methods of Cochran 1977, ch. 9A; Särndal, Swensson & Wretman 1992, sect. 3.6.
    """
    keys = list(key)
    plan = projects.sort_values(keys, ignore_index=True)
    if plan.duplicated(keys).any():
        twice = plan.loc[plan.duplicated(keys), keys].astype(str).agg(" / ".join, axis=1)
        raise DataError(
            "evaluation.key_twice", project=twice.iloc[0], n=int(plan.duplicated(keys, keep=False).sum())
        )
    reason = plan[excluded].astype(object) if excluded else pd.Series(pd.NA, index=plan.index, dtype=object)
    drawable = reason.isna().to_numpy()
    amount = plan[size].astype(float).fillna(0).clip(lower=0).to_numpy()
    sure = drawable & (amount >= certainty if certainty is not None else False)
    at_random = _check_request(n, len(plan), int(drawable.sum()), int(sure.sum()), random_share)
    rest = np.flatnonzero(drawable & ~sure)
    by_size = max(min(n - int(sure.sum()) - at_random, len(rest)), 0)
    measure = amount[rest] * (_risk_of(plan, risk)[rest] if risk else 1.0)
    rng = np.random.default_rng(seed)
    drawn = _draw(plan.iloc[rest], measure, by_size, n - int(sure.sum()), list(spread_over), rng)
    p = pd.Series(np.nan, index=plan.index)
    p.iloc[np.flatnonzero(sure)] = 1.0
    p.iloc[rest] = drawn["p"].to_numpy()
    by = pd.Series(pd.NA, index=plan.index, dtype=object)
    by.iloc[np.flatnonzero(sure)] = "certainty"
    by.iloc[rest] = drawn["by"].to_numpy()
    stratum = pd.Series(pd.NA, index=plan.index, dtype=object)
    stratum.iloc[rest] = np.where(
        drawn["p"] >= 1 - 1e-12, "certainty", np.where(measure > 0, "pps", "random")
    )
    stratum.iloc[np.flatnonzero(sure)] = "certainty"
    return plan.assign(
        stratum=stratum, inclusion_probability=p, is_drawn=by.notna(), drawn_by=by, reason=reason, seed=seed
    )


def _risk_of(plan: pd.DataFrame, risk: str) -> np.ndarray:
    value = plan[risk].astype(float)
    if (value < 0).any():
        raise DataError("evaluation.negative_risk", column=risk, n=int((value < 0).sum()))
    return value.fillna(value.mean()).fillna(1.0).to_numpy()


def _draw(
    rest: pd.DataFrame,
    measure: np.ndarray,
    by_size: int,
    places: int,
    spread: list[str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Probability and way of being drawn of those who aren't taken for sure."""
    n = len(rest)
    shuffled = rng.permutation(n)
    if spread:
        codes = rest[spread].astype(str).agg("\x1f".join, axis=1).rank(method="dense").to_numpy()
        shuffled = shuffled[np.argsort(codes[shuffled], kind="stable")]
    p = _shares(measure, by_size)
    taken = round(p.sum())
    by = np.full(n, None, dtype=object)
    by[_pick_by_size(p, shuffled, rng)] = "size_risk"
    left = np.flatnonzero(by == None)  # noqa: E711 - elementwise
    extra = min(places - taken, len(left))
    by[rng.choice(left, size=extra, replace=False)] = "random"
    if len(left):
        p = p + (1 - p) * extra / len(left)
    return pd.DataFrame({"p": p, "by": pd.Series(by, dtype=object).where(pd.notna(by), pd.NA)})


def half_widths(
    sizes: Sequence[int], *, sd: float, population: int, confidence: float = 0.95
) -> pd.DataFrame:
    """Half-width of the interval of a mean at each sample size, drawn at random without replacement.

    Columns n, half_width (units of `sd`; NA for n = 1, 0 for a full count), confidence. Sizes above the
    population are an error.
    """
    n = np.asarray(sizes, dtype=float)
    if (n > population).any():
        raise ArgumentError("evaluation.sample_too_large", n=int(n.max()), population=population)
    t = stats.t.ppf((1 + confidence) / 2, np.maximum(n - 1, 1))
    half = np.where(n > 1, t * sd * np.sqrt((1 - n / population) / n), np.nan)
    half = np.where(n == population, 0.0, half)
    return pd.DataFrame({"n": list(sizes), "half_width": half, "confidence": confidence})


def size_for_precision(
    half_width: float, *, sd: float, population: int, confidence: float = 0.95, capacity: int | None = None
) -> int:
    """Smallest random sample whose interval of a mean is at most ± `half_width`.

    Parameters
    ----------
    sd : standard deviation between projects, in the unit of `half_width`, guessed or from earlier years.
    population : number of projects that can be drawn.
    capacity : how many can be looked at; None is all of them.

    Raises
    ------
    ArgumentError where the capacity doesn't reach the precision: it says which precision it does reach.

    >>> size_for_precision(1.0, sd=5.0, population=961)
    90
    """
    limit = population if capacity is None else min(capacity, population)
    if half_width <= 0:
        raise ArgumentError("evaluation.precision_not_positive", half_width=half_width)
    table = half_widths(range(2, limit + 1), sd=sd, population=population, confidence=confidence)
    enough = table.loc[table["half_width"] <= half_width, "n"]
    if enough.empty:
        best = table["half_width"].min() if len(table) else np.nan
        raise ArgumentError(
            "evaluation.precision_out_of_reach", half_width=half_width, n=limit, reachable=f"{best:.2f}"
        )
    return int(enough.iloc[0])


def attribute_size(
    tolerable: float, *, expected: float = 0.0, confidence: float = 0.95, likelihood: str = "binomial"
) -> int:
    """Smallest sample that shows an error rate to be below `tolerable`, if it is `expected`.

    The sample may hold ⌈n · expected⌉ errors, and the upper bound must still be at most `tolerable`
    (AICPA 2017, appendix A; "poisson" as in Touw & Hoogduin 2011).

    Raises
    ------
    ArgumentError where 5000 don't suffice: it names the rate that they would show.

    >>> attribute_size(0.05)
    59
    """
    if not 0 < tolerable < 1:
        raise ArgumentError("evaluation.not_a_share", name="tolerable", value=tolerable)
    if not 0 <= expected < tolerable:
        raise ArgumentError("evaluation.expected_not_below", expected=expected, tolerable=tolerable)
    n = np.arange(1, LARGEST + 1)
    errors = np.ceil(n * expected - 1e-9)
    if likelihood == "binomial":
        chance = stats.binom.cdf(errors, n, tolerable)
    else:
        chance = stats.poisson.cdf(errors, n * tolerable)
    enough = n[chance <= 1 - confidence + 1e-12]
    if not len(enough):
        reachable = float(error_bound(LARGEST, int(errors[-1]), confidence=confidence))
        told = {"tolerable": f"{tolerable:.2%}", "n": LARGEST, "reachable": f"{reachable:.2%}"}
        raise ArgumentError("evaluation.rate_out_of_reach", **told)
    return int(enough[0])


def error_bound(n: int, errors: int, *, confidence: float = 0.95) -> float:
    """Upper bound of the error rate (0–1) after `errors` errors in `n`: exact, one-sided, binomial."""
    return 1.0 if errors >= n else float(stats.beta.ppf(confidence, errors + 1, n - errors))
