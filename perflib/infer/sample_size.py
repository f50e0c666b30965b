"""How many to draw: for a wanted precision, for an error rate, for an amount (monetary units)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import ArgumentError

LARGEST = 5000


def _check_share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ArgumentError("evaluation.not_a_share", name=name, value=value)


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
    _check_share("tolerable", tolerable)
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
        raise ArgumentError(
            "evaluation.rate_out_of_reach",
            tolerable=f"{tolerable:.2%}",
            n=LARGEST,
            reachable=f"{reachable:.2%}",
        )
    return int(enough[0])


def error_bound(n: int, errors: int, *, confidence: float = 0.95) -> float:
    """Upper bound of the error rate (0–1) after `errors` errors in `n`: exact, one-sided, binomial."""
    return 1.0 if errors >= n else float(stats.beta.ppf(confidence, errors + 1, n - errors))


def monetary_size(
    tolerable: float, *, expected: float = 0.0, confidence: float = 0.95, largest: int = LARGEST
) -> int:
    """Smallest monetary-unit sample that shows a misstatement below `tolerable`, if it is `expected`.

    Both are shares of the book value. Planned with the Poisson bound for n · expected full errors, which
    needn't be whole (AICPA 2017, appendix C). The interval between picks is the book value over n.

    >>> monetary_size(0.1)
    30
    """
    _check_share("tolerable", tolerable)
    if not 0 <= expected < tolerable:
        raise ArgumentError("evaluation.expected_not_below", expected=expected, tolerable=tolerable)
    n = np.arange(1, largest + 1)
    bound = stats.gamma.ppf(confidence, 1 + n * expected) / n
    enough = n[bound <= tolerable + 1e-12]
    if not len(enough):
        raise ArgumentError(
            "evaluation.rate_out_of_reach",
            tolerable=f"{tolerable:.2%}",
            n=largest,
            reachable=f"{bound.min():.2%}",
        )
    return int(enough[0])


def stringer_bound(taints: Sequence[float], n: int, *, confidence: float = 0.95) -> float:
    """Upper bound of the share of money that is misstated, from the `taints` found in `n` monetary units.

    A taint is misstatement over book value of one pick (0–1; more counts as 1). Multiply by the book
    value for an amount. Source: Stringer 1963; Bickel 1992.
    """
    found = np.sort(np.clip(np.asarray(taints, dtype=float), 0, 1))[::-1]
    found = found[found > 0]
    bounds = np.array([error_bound(n, k, confidence=confidence) for k in range(len(found) + 1)])
    return float(bounds[0] + (np.diff(bounds) * found).sum())
