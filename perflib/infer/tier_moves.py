"""How far a department's score would have to move before anything could be said of it."""

import numpy as np
import pandas as pd

from perflib.infer.pair_maxima import largest_differences


def least_moves(
    tiered: pd.DataFrame,
    *,
    total: float = 100.0,
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
) -> pd.DataFrame:
    """For each department the change of its score that is enough to set it apart from all the others.

    Parameters
    ----------
    tiered : from `tier_departments`; departments with a tier are looked at.

    Returns
    -------
    Two rows per department: department, direction ("up": significantly better than every other, a first tier by
    itself; "down": worse than every other), needed (points of the total; 0 where it stands apart already),
    room (points that there are to gain or lose), is_possible (the room suffices). Smallest needs first.

    A change of `needed` is enough at `confidence` for the whole table, with the others' scores and all errors
    as they are; stepping down could make do with a little less.
    """
    columns = ["department", "direction", "needed", "room", "is_possible"]
    known = tiered[tiered["tier"].notna()].sort_values("department", ignore_index=True)
    n = len(known)
    if n < 2:
        return pd.DataFrame(columns=columns)
    score, error = (known[c].to_numpy(dtype="float64") for c in ("score", "se"))
    errors = np.random.default_rng(seed).standard_normal((draws, n))
    maxima = largest_differences(errors, error, np.zeros((n, n), dtype=bool))
    margin = np.quantile(maxima, confidence, method="higher") * np.hypot(error[:, None], error[None, :])
    np.fill_diagonal(margin, -np.inf)
    up = np.maximum((score[None, :] + margin).max(axis=1) - score, 0)
    down = np.maximum(score - (score[None, :] - margin).min(axis=1), 0)
    parts = [
        pd.DataFrame({"department": known["department"], "direction": way, "needed": needed, "room": room})
        for way, needed, room in (("up", up, total - score), ("down", down, score))
    ]
    table = pd.concat(parts, ignore_index=True)
    table["is_possible"] = table["room"] >= table["needed"]
    return table[columns].sort_values(["needed", "department"], ignore_index=True)
