"""Readings that remember the one before: how strongly, and what chance alone makes of such a series."""

from functools import lru_cache

import numpy as np

STRENGTHS = np.round(np.arange(0, 0.91, 0.05), 2)
"""Lag-one correlations that are told apart; a negative one is taken as 0, which errs on the safe side."""
WORLDS, _SEED = 3000, 20240601


@lru_cache(maxsize=64)
def simulated_series(length: int, strength: float) -> np.ndarray:
    """`WORLDS` series of independent shocks of variance 1 that remember `strength` of the reading before.

    Always the same ones for the same arguments, so that a verdict does not hang on a seed. Read only.
    """
    shocks = np.random.default_rng(_SEED).normal(size=(length, WORLDS))
    x = np.empty_like(shocks)
    x[0] = shocks[0] / np.sqrt(1 - strength**2)
    for t in range(1, length):
        x[t] = strength * x[t - 1] + shocks[t]
    x.flags.writeable = False
    return x.T


def lag_one(residuals: np.ndarray) -> np.ndarray:
    """Correlation of each reading with the one before, one per row of `residuals`; 0 where all are 0."""
    squares = (residuals**2).sum(axis=-1)
    products = (residuals[..., 1:] * residuals[..., :-1]).sum(axis=-1)
    return products / np.where(squares > 0, squares, 1.0)


def on_the_safe_side(strength: np.ndarray, length: int, *, errors: float) -> np.ndarray:
    """`strength` and `errors` standard errors of it more, on the grid of `STRENGTHS`.

    What is estimated too low makes false alarms, what is estimated too high only costs some power.
    """
    raised = strength + errors * np.sqrt((1 - np.clip(strength, 0, 0.9) ** 2) / length)
    return STRENGTHS[np.clip(np.round(raised / 0.05), 0, len(STRENGTHS) - 1).astype("int64")]
