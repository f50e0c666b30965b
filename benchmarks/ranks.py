"""How fast sets of ranks are, against a plain loop over draws and units; peak memory; growth with units.

    python benchmarks/ranks.py

The loop takes, in each draw, each unit against all others at once (numpy does the innermost line), with no
shortcut. It is timed (processor time) on a few draws and scaled up; on a small case both run whole and must agree.
"""

import time
import tracemalloc

import numpy as np
import pandas as pd
from scipy import stats

from perflib.infer.ranks import rank_sets

DRAWS = 2000
SIZES = (21, 100, 300, 1000, 2843)
REPEATS = 5
GOAL = 30


def counties(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    se = np.exp(rng.normal(np.log(0.03), 0.4, n))
    value = rng.normal(0.85, 0.08, n) + se * rng.normal(size=n)
    return pd.DataFrame({"district": np.arange(n), "value": value, "se": se})


def loop_maxima(z: np.ndarray, se: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Largest standardised difference of each draw, one unit after the other."""
    maxima = np.full(len(z), -np.inf)
    for d, row in enumerate(z * se):
        for j in range(len(se)):
            gap = (row[j] - row) / np.sqrt(se[j] ** 2 + se**2)
            gap[left_out[j]] = -np.inf
            maxima[d] = max(maxima[d], gap.max())
    return maxima


def loop_sets(frame: pd.DataFrame, draws: int, seed: int = 0) -> tuple[list, list]:
    """The simultaneous sets of `rank_sets`, by loops."""
    x, se = frame["value"].to_numpy(), frame["se"].to_numpy()
    n = len(x)
    z = np.random.default_rng(seed).standard_normal((draws, n))
    better = np.eye(n, dtype=bool)
    while True:
        left = n * n - better.sum()
        maxima = loop_maxima(z, se, better)
        critical = min(np.quantile(maxima, 0.95, method="higher"), stats.norm.isf(0.05 / left))
        new = [(j, k) for j in range(n) for k in range(n) if not better[j, k]]
        new = [(j, k) for j, k in new if (x[j] - x[k]) / np.sqrt(se[j] ** 2 + se[k] ** 2) > critical]
        if not new:
            break
        for j, k in new:
            better[j, k] = True
    np.fill_diagonal(better, False)
    return (1 + better.sum(axis=0)).tolist(), (n - better.sum(axis=1)).tolist()


def timed(function, *args, repeats: int = REPEATS, **options) -> list[float]:
    """Processor seconds of each of `repeats` runs, the shortest first."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        function(*args, **options)
        seconds.append(time.process_time() - start)
    return sorted(seconds)


def main() -> None:
    small = counties(40)
    ours = rank_sets(small, draws=200).sort_values("district")
    lower, upper = loop_sets(small, 200)
    assert (ours["rank_low"].tolist(), ours["rank_high"].tolist()) == (lower, upper), (
        "loop and shortcut differ"
    )
    print(f"simultaneous sets, {DRAWS} draws; the loop is timed on 3 draws of one step and scaled")
    before = None
    for n in SIZES:
        frame = counties(n)
        ours = timed(rank_sets, frame, draws=DRAWS)
        z = np.random.default_rng(0).standard_normal((3, n))
        loops = timed(
            loop_maxima,
            z,
            frame["se"].to_numpy(),
            np.eye(n, dtype=bool),
            repeats=REPEATS if n < 1000 else 1,
        )
        seconds, slow = ours[len(ours) // 2], loops[len(loops) // 2] * DRAWS / 3
        growth = (
            ""
            if before is None
            else f"; cost grows as units to the {np.log(seconds / before[1]) / np.log(n / before[0]):.1f}"
        )
        before = (n, seconds)
        print(
            f"{n:5d} units: {seconds:6.2f} s ({ours[0]:.2f}–{ours[-1]:.2f}, {REPEATS} runs); loop, first step only:"
            f" {slow:8.1f} s; {slow / seconds:4.0f} times{growth}"
        )
    word = "met" if slow / seconds >= GOAL else "missed"
    print(f"goal at {SIZES[-1]} units, {GOAL} times: {word}")
    tracemalloc.start()
    rank_sets(counties(SIZES[-1]), draws=DRAWS)
    ours_peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    rows = counties(SIZES[-1])
    held = tracemalloc.get_traced_memory()[0]
    loop_maxima(np.zeros((1, len(rows))), rows["se"].to_numpy(), np.eye(len(rows), dtype=bool))
    loop_peak = tracemalloc.get_traced_memory()[1] - held
    print(f"peak memory at {SIZES[-1]} units: {ours_peak / 1e6:.0f} MB; loop {loop_peak / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
