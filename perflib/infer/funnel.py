"""Funnels of counts: limits around a common value that are wide where little was counted.

For rates of money see `perflib.infer.money_funnel`: yuan are not trials.
"""

import numpy as np


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
