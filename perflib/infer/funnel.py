"""Funnels of counts: limits around a common value that are wide where little was counted.

For rates of money see `perflib.infer.money_funnel`: yuan are not trials.
"""

import numpy as np
import pandas as pd
from scipy import stats

# The two lines of a funnel: 2 and 3 standard deviations of a normal, as probabilities in one tail.
TAILS = {"2s": 0.025, "3s": 0.001}


def proportion_limits(trials, centre: float) -> pd.DataFrame:
    """Limits of a proportion around `centre`, one row per number of `trials`, clipped to 0-1.

    Columns `trials`, `low_2s`, `high_2s`, `low_3s`, `high_3s`. Score limits centre ± z·√(c(1−c)/n):
    what Fingertips prints as its Wilson funnel.
    """
    n = np.atleast_1d(np.asarray(trials, dtype="float64"))
    spread = np.sqrt(centre * (1 - centre) / np.where(n > 0, n, np.nan))
    limits = {
        f"{side}_{line}": np.clip(centre + sign * stats.norm.isf(tail) * spread, 0, 1)
        for line, tail in TAILS.items()
        for side, sign in (("low", -1), ("high", 1))
    }
    return pd.DataFrame({"trials": n, **limits})


def poisson_limits(observed) -> pd.DataFrame:
    """For each number of events, the expected numbers at which it would lie on the lines; exact Poisson.

    `low_2s` is the expectation at which so many events are on the lower line, and so on: a ratio
    lies at observed / expected, a rate per head at observed / (expected / centre).
    """
    events = np.atleast_1d(np.asarray(observed, dtype="float64"))
    limits = {}
    for line, tail in TAILS.items():
        limits[f"low_{line}"] = stats.chi2.ppf(1 - tail, 2 * (events + 1)) / 2
        limits[f"high_{line}"] = stats.chi2.ppf(tail, 2 * np.maximum(events, 0.5)) / 2 * (events > 0)
    return pd.DataFrame({"observed": events, **limits})


def flag_proportions(successes, trials, *, centre: float | None = None) -> pd.DataFrame:
    """Each proportion with its limits and `flag`: high_3s, high_2s, none, low_2s or low_3s.

    `centre` is Σ successes / Σ trials unless given. On a line is not outside it.
    """
    x, n = (np.asarray(v, dtype="float64") for v in (successes, trials))
    middle = x.sum() / n.sum() if centre is None else centre
    table = proportion_limits(n, middle).assign(value=x / n, centre=middle)
    return table.assign(flag=_flag(table["value"], table))


def flag_ratios(observed, expected) -> pd.DataFrame:
    """Each ratio observed / expected with `flag`, by exact Poisson limits around 1."""
    o, e = (np.asarray(v, dtype="float64") for v in (observed, expected))
    reach = poisson_limits(o)
    # Few events for the expectation: the expectation is above the one that the lower line allows.
    beyond = {f"{side}_{line}": o / reach[f"{side}_{line}"] for side in ("low", "high") for line in TAILS}
    table = pd.DataFrame({"observed": o, "expected": e, "value": o / e})
    names = ["high_3s", "high_2s", "low_3s", "low_2s"]
    tests = [e < reach[c] if c.startswith("high") else e > reach[c] for c in names]
    return table.assign(**beyond, flag=np.select(tests, names, default="none"))


def _flag(value: pd.Series, limits: pd.DataFrame) -> np.ndarray:
    tests = [value > limits["high_3s"], value < limits["low_3s"]]
    tests += [value > limits["high_2s"], value < limits["low_2s"]]
    return np.select(tests, ["high_3s", "low_3s", "high_2s", "low_2s"], default="none")


def overdispersion(z, weights, *, winsorised: float = 0.1) -> dict[str, float]:
    """How much more units differ than chance allows: `phi` and the additive variance `tau2`.

    `z` are standardised differences from the centre, `weights` 1/s². The lowest and highest `winsorised`
    share of z is pulled in to that quantile first, so that a few true outliers don't hide themselves.
    φ = Σz²/I; τ² = (Iφ − (I−1)) / (Σw − Σw²/Σw), 0 where that is negative (Spiegelhalter 2005).
    """
    z, w = np.asarray(z, dtype="float64"), np.asarray(weights, dtype="float64")
    if len(z) < 2:
        return {"phi": float("nan"), "tau2": 0.0}
    inner = np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised])) if winsorised else z
    phi = float((inner**2).mean())
    excess = len(z) * phi - (len(z) - 1)
    return {"phi": phi, "tau2": max(0.0, float(excess / (w.sum() - (w**2).sum() / w.sum())))}


def overdispersed_proportions(successes, trials) -> dict[str, float]:
    """`phi` and `tau2` of proportions on the arcsine scale, as FunnelPlotR's SHMI method has them."""
    x, n = (np.asarray(v, dtype="float64") for v in (successes, trials))
    centre = np.arcsin(np.sqrt(x.sum() / n.sum()))
    z = (np.arcsin(np.sqrt(x / n)) - centre) * 2 * np.sqrt(n)
    return overdispersion(z, 4 * n)
