"""Who is looked at: a probability sample, part by size and risk, part at random; and how many."""

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


def plan_sample(
    projects: pd.DataFrame,
    n: int,
    *,
    seed: int,
    risk: str | None = None,
    excluded: str | None = None,
    spread_over: Sequence[str] = (),
) -> pd.DataFrame:
    """The plan of a spot check: who is drawn, and with what probability everybody could have been.

    Two steps: the places, but for a random part of `RANDOM_SHARE`, go systematically by amount × `risk`; the
    random part is a simple random sample of those not yet taken. So everyone who can be drawn has a positive,
    exactly known probability.

    Parameters
    ----------
    projects : one row per `project` with its `adjusted_budget` (NA or below 0 counts as 0: then only the random
        part can draw the project), and `risk`, `excluded`, `spread_over` if given.
    n : how many to draw in all.
    seed : the draw follows from it and from the projects, not from the order of the rows.
    risk : relative risk, at least 0; NA counts as the mean.
    excluded : column that says why a project can't be drawn (NA: it can).
    spread_over : columns over which the systematic part is spread (implicit strata).

    Returns
    -------
    `projects`, sorted by project, with stratum ("certainty" for those that are too large to be left out, "pps",
    "random" for those whose amount gives them no place in the systematic part; NA if excluded),
    inclusion_probability (NA if excluded), is_drawn, drawn_by ("size_risk", "random" or NA), reason (why it can't
    be drawn), seed.

    Raises
    ------
    ArgumentError for a sample larger than the population; DataError for a project that stands twice.

    Source: methods of Cochran 1977, ch. 9A; Särndal, Swensson & Wretman 1992, sect. 3.6.
    """
    plan = projects.sort_values("project", ignore_index=True)
    twice = plan.loc[plan.duplicated("project", keep=False), "project"]
    if len(twice):
        raise DataError("evaluation.key_twice", project=twice.iloc[0], n=len(twice))
    reason = plan[excluded].astype(object) if excluded else pd.Series(pd.NA, index=plan.index, dtype=object)
    drawable = np.flatnonzero(reason.isna())
    if not len(drawable):
        raise DataError("evaluation.nothing_to_draw", listed=len(plan))
    if n < 1 or n > len(drawable):
        raise ArgumentError("evaluation.sample_too_large", n=n, population=len(drawable))
    amount = plan["adjusted_budget"].astype(float).fillna(0).clip(lower=0).to_numpy()
    measure = (amount * (_risk_of(plan, risk) if risk else 1.0))[drawable]
    by_size = n - int(np.ceil(RANDOM_SHARE * n - 1e-9))
    rng = np.random.default_rng(seed)
    drawn = _draw(plan.iloc[drawable], measure, by_size, n, list(spread_over), rng)
    kinds = np.where(drawn["p"] >= 1 - 1e-12, "certainty", np.where(measure > 0, "pps", "random"))
    drawn = drawn.assign(stratum=pd.Series(kinds, dtype=object)).set_index(drawable).reindex(plan.index)
    return plan.assign(
        stratum=drawn["stratum"].where(reason.isna(), pd.NA),
        inclusion_probability=drawn["p"],
        is_drawn=drawn["by"].notna(),
        drawn_by=drawn["by"].where(drawn["by"].notna(), pd.NA),
        reason=reason,
        seed=seed,
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


def size_for_precision(half_width: float, *, sd: float, population: int, confidence: float = 0.95) -> int:
    """Smallest random sample, of two or more, whose interval of a mean is at most ± `half_width` (above 0).

    `sd` is the standard deviation between projects, in the unit of `half_width`, guessed or from earlier years;
    `population` the number of projects that can be drawn: all of them leave no doubt.

    >>> size_for_precision(1.0, sd=5.0, population=961)
    90
    """
    if half_width <= 0:
        raise ArgumentError("evaluation.precision_not_positive", half_width=half_width)
    table = half_widths(range(2, population + 1), sd=sd, population=population, confidence=confidence)
    return int(table.loc[table["half_width"] <= half_width, "n"].iloc[0])


def attribute_size(tolerable: float, *, expected: float = 0.0, confidence: float = 0.95) -> int:
    """Smallest sample that shows an error rate to be below `tolerable`, if it is `expected`.

    The sample may hold ⌈n · expected⌉ errors, and the upper bound must still be at most `tolerable`
    (AICPA 2017, appendix A).

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
    enough = n[stats.binom.cdf(errors, n, tolerable) <= 1 - confidence + 1e-12]
    if not len(enough):
        reachable = float(error_bound(LARGEST, int(errors[-1]), confidence=confidence))
        told = {"tolerable": f"{tolerable:.2%}", "n": LARGEST, "reachable": f"{reachable:.2%}"}
        raise ArgumentError("evaluation.rate_out_of_reach", **told)
    return int(enough[0])


def error_bound(n: int, errors: int, *, confidence: float = 0.95) -> float:
    """Upper bound of the error rate (0–1) after `errors` errors in `n`: exact, one-sided, binomial."""
    return 1.0 if errors >= n else float(stats.beta.ppf(confidence, errors + 1, n - errors))
