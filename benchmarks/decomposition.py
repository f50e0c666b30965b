"""How fast resampled decompositions are, against a plain loop over draws and districts; peak memory; growth.

    python benchmarks/decomposition.py

The loop draws departments one by one and adds dictionaries; it is timed (processor time) on a few draws and scaled up. Without
resampling both must give the same numbers.
"""

import random
import time
import tracemalloc

import numpy as np
import pandas as pd

from perflib.infer.decomposition import decompose_rates

DRAWS = 2000
SIZES = (2, 21, 100, 400)
REPEATS = 5
GOAL, GOAL_AT = 30, 21
OPTIONS = {"by": ["category"], "cluster": "department"}


def projects(districts: int, seed: int = 1) -> pd.DataFrame:
    """Districts with 40 departments of 8 projects in 12 categories."""
    rng = np.random.default_rng(seed)
    n = districts * 40 * 8
    budget = np.exp(rng.normal(0, 1, n))
    return pd.DataFrame(
        {
            "district": np.repeat(np.arange(districts), 320),
            "department": np.tile(np.repeat(np.arange(40), 8), districts),
            "category": rng.integers(0, 12, n),
            "budget": budget,
            "executed": budget * rng.beta(6, 2, n),
        }
    )


def cells(frame: pd.DataFrame) -> dict:
    """district → list of departments, each category → (numerator, denominator)."""
    sums = frame.groupby(["district", "department", "category"])[["executed", "budget"]].sum()
    nested: dict = {}
    for (district, department, category), (over, under) in zip(sums.index, sums.to_numpy(), strict=True):
        nested.setdefault(district, {}).setdefault(department, {})[category] = (over, under)
    return {d: list(v.values()) for d, v in nested.items()}


def add(departments: list) -> dict:
    total: dict = {}
    for department in departments:
        for category, (over, under) in department.items():
            a, b = total.get(category, (0.0, 0.0))
            total[category] = (a + over, b + under)
    return total


def split(mine: dict, pool: dict) -> tuple[float, float]:
    """Mix and rate of one district against the pool, category by category."""
    whole, everything = sum(b for _, b in mine.values()), sum(b for _, b in pool.values())
    mix = rate = 0.0
    for category, (over, under) in pool.items():
        w, r = under / everything, over / under
        a, b = mine.get(category, (0.0, 0.0))
        v, q = b / whole, a / b if b else r
        mix += (v - w) * (q + r) / 2
        rate += (q - r) * (v + w) / 2
    return mix, rate


def loop_draw(nested: dict, rng: random.Random | None) -> list[tuple[float, float]]:
    sums = [add(rng.choices(v, k=len(v)) if rng else v) for v in nested.values()]
    pool = add(sums)
    return [split(mine, pool) for mine in sums]


def main() -> None:
    frame = projects(21)
    ours = decompose_rates(frame, by=["category"])[["mix_effect", "rate_effect"]].to_numpy()
    assert np.allclose(ours, loop_draw(cells(frame), None)), "loop and arrays differ"
    print(f"{DRAWS} draws of departments, 12 categories; the loop is timed on 20 draws and scaled")
    before = None
    for n in SIZES:
        frame = projects(n)
        runs = sorted(clocked(lambda f: decompose_rates(f, **OPTIONS), frame) for _ in range(REPEATS))
        nested, rng = cells(frame), random.Random(1)
        slow = clocked(lambda c, rng=rng: [loop_draw(c, rng) for _ in range(20)], nested) * DRAWS / 20
        seconds = runs[REPEATS // 2]
        growth = (
            "" if before is None else f"; cost grows as districts to the {grown(before, (n, seconds)):.1f}"
        )
        before = (n, seconds)
        print(
            f"{n:4d} districts: {seconds:6.2f} s ({runs[0]:.2f}–{runs[-1]:.2f}, {REPEATS} runs); loop {slow:7.1f} s;"
            f" {slow / seconds:4.0f} times{growth}"
        )
        if n == GOAL_AT:
            print(f"goal at {n} districts, {GOAL} times: {'met' if slow / seconds >= GOAL else 'missed'}")
    tracemalloc.start()
    frame = projects(GOAL_AT)
    tracemalloc.reset_peak()
    held = tracemalloc.get_traced_memory()[0]
    decompose_rates(frame, **OPTIONS)
    ours_peak = tracemalloc.get_traced_memory()[1] - held
    nested = cells(frame)
    tracemalloc.reset_peak()
    held = tracemalloc.get_traced_memory()[0]
    loop_draw(nested, random.Random(1))
    loop_peak = tracemalloc.get_traced_memory()[1] - held
    print(
        f"peak memory at {GOAL_AT} districts: {ours_peak / 1e6:.0f} MB; loop, one draw: {loop_peak / 1e6:.1f} MB"
    )


def clocked(function, argument) -> float:
    """Processor seconds of one call."""
    start = time.process_time()
    function(argument)
    return time.process_time() - start


def grown(before: tuple[int, float], now: tuple[int, float]) -> float:
    """The power of the size with which the time grew."""
    return float(np.log(now[1] / before[1]) / np.log(now[0] / before[0]))


if __name__ == "__main__":
    main()
