"""Do claims hold what they promise? Worlds of which the truth is known, through the package's own functions.

    python benchmarks/honesty.py [NAME ...] [--worlds 200] [--seed 0]

A table: the claim, what is promised, what was found, with its standard error. Worlds as in the second audit: budgets
are Pareto with index 1.2 (2.5: mild), drawn anew in each world; about half of the projects are executed exactly in
full, the others fall short by a beta variate; the spread of rates by kind of spending is 1.8 to 24.9 points.
"""

import argparse
import sys
import time

import numpy as np
import pandas as pd

SPREAD = np.array([0.018, 0.06, 0.10, 0.15, 0.249])  # standard deviations of rates within a kind
OFTEN = [0.10, 0.10, 0.30, 0.30, 0.20]
SHORT = SPREAD / 0.2726  # the longest shortfall that gives this spread: half at 0, half beta(1, 1.5) times it


def world(rng, *, districts, n, index=1.2, effect=0.0, shared=0.0, equal=False, uneven=0.0, unit="district"):
    """Projects with `truth`: what each was expected to spend as a share of its budget.

    `effect`: log standard deviation of the districts' shortfalls; `shared`: of departments' within a district.
    `equal`: kinds don't differ. `uneven`: districts' projects fall short more rarely and further by this factor,
    or the reverse, with the same mean.
    """
    size = districts * n
    group, kind = np.repeat(np.arange(districts), n), rng.choice(5, size, p=OFTEN)
    if equal:
        kind[:] = 2
    department = rng.integers(12, size=size)
    more = np.exp(effect * rng.standard_normal(districts))[group] if effect else np.ones(size)
    if shared:
        more = more * np.exp(shared * rng.standard_normal((districts, 12)))[group, department]
    wide = np.array([1 / uneven, 1.0, uneven])[group % 3] if uneven else 1.0
    mean = 0.5 * 0.4 * SHORT[kind] * more
    far = np.minimum(SHORT[kind] * wide * more, 0.98)
    often = np.minimum(mean / (0.4 * far), 1.0)
    rate = np.where(rng.random(size) < often, 1 - far * rng.beta(1, 1.5, size), 1.0)
    budget = (rng.pareto(index, size) + 1) * 1e5
    frame = {"year": 2023, unit: group, "project": np.arange(size), "kind_of_department": department,
             "category": kind, "budget": budget, "executed": budget * rate, "rate": rate,
             "truth": 1 - often * 0.4 * far}  # fmt: skip
    return pd.DataFrame(frame)


def truth_of(rows, unit):
    sums = rows.assign(_t=rows["budget"] * rows["truth"]).groupby(unit)[["_t", "budget"]].sum()
    return sums["_t"] / sums["budget"]


def false_departments(rng, **kind):
    from perflib.infer.rate import rate_intervals

    rows = world(rng, districts=30, n=40, unit="department", **kind)
    return rate_intervals(rows, by=["department"], seed=1)["verdict"].isin(["below", "above"]).any()


def false_districts(rng, districts, n, **kind):
    from perflib.infer.rate import rate_intervals

    rows = world(rng, districts=districts, n=n, equal=True, **kind)
    return rate_intervals(rows, by=["district"], seed=1)["verdict"].isin(["below", "above"]).any()


def false_alike(rng, **kind):
    from perflib.infer.rate import rate_intervals

    rows = world(rng, districts=30, n=40, unit="department", **kind)
    return rate_intervals(rows, by=["department"], seed=1)["verdict_alike"].isin(["below", "above"]).any()


def rank_cover(rng, districts, n=100, **kind):
    from perflib.infer.group_rates import group_rates
    from perflib.infer.ranks import rank_sets
    from perflib.infer.rate import FEWEST

    rows = world(rng, districts=districts, n=n, **kind)
    table = group_rates(rows)
    table = table[table["effective"] >= FEWEST]
    if len(table) < 2:
        return np.nan
    sets = rank_sets(table[["district", "rate", "se"]], value="rate", named=[], seed=1).set_index("district")
    true = truth_of(rows, "district")[sets.index]
    best = (true.to_numpy()[None, :] > true.to_numpy()[:, None] + 1e-9).sum(axis=1) + 1
    last = (true.to_numpy()[None, :] >= true.to_numpy()[:, None] - 1e-9).sum(axis=1)
    return bool(((sets["rank_low"] <= best) & (sets["rank_high"] >= last)).all())


def rate_cover(rng, districts=12, n=100, **kind):
    from perflib.infer.group_rates import group_rates

    rows = world(rng, districts=districts, n=n, **kind)
    table = group_rates(rows).set_index("district")
    true = truth_of(rows, "district")
    return ((table["low"] <= true) & (true <= table["high"]))[table["effective"] >= 5].mean()


def split_cover(rng, part="rate_effect", **kind):
    from perflib.infer.decomposition import decompose_rates

    rows = world(rng, districts=12, n=100, **kind).assign(department=lambda t: t["kind_of_department"])
    table = decompose_rates(rows, by=["category"], cluster="department")
    true = decompose_rates(rows.assign(executed=rows["budget"] * rows["truth"]), by=["category"])
    return ((table[f"{part}_low"] <= true[part]) & (true[part] <= table[f"{part}_high"])).mean()


def false_changes(rng, districts=12, n=100, **kind):
    from perflib.infer.district_trend import changes_to, rate_series
    from perflib.measure.decisions import decisions

    rows = pd.concat([world(rng, districts=districts, n=n, **kind).assign(year=y) for y in (2022, 2023)])
    found = decisions(rows, by=["district", "year"])
    table = changes_to(rate_series(rows), base_year=2022, year=2023, rows=found, seed=1)
    return table["verdict"].isin(["rose", "fell"]).any()


def logit_cover(rng, weight=None):
    from perflib.infer.fractional import fractional_logit

    g, n = 12, 60
    x = rng.standard_normal(g)
    both = np.repeat(x, n), np.repeat(0.5 * rng.standard_normal(g), n)
    p = 1 / (1 + np.exp(-(2.0 + 0.4 * both[0] + both[1])))
    rate = np.where(rng.random(g * n) < 0.4, 1.0, rng.beta(4 * p, 4 * (1 - p)))
    rows = pd.DataFrame({"district": np.repeat(np.arange(g), n), "x": both[0], "rate": rate,
                         "budget": rng.pareto(1.2, g * n) + 1})  # fmt: skip
    row = fractional_logit(rows, covariates=["x"], weight=weight).iloc[0]
    return row, rows


def inflation_cover(rng, n, skewed):
    from perflib.infer.inflation import estimate_inflation

    size = 800
    if skewed:
        d = np.where(rng.random(size) < 0.45, 0.0, rng.gamma(1.0, 6.0, size))
    else:
        d = rng.normal(3.5, 4.0, size)
    weight = rng.uniform(0.5, 2.0, size)
    p = np.minimum(1, n * weight / weight.sum())
    keys = np.cumsum(p)
    drawn = np.searchsorted(keys, rng.random() + np.arange(n))
    order = rng.permutation(size)
    frame = pd.DataFrame({"self_score": 95.0, "check_score": np.nan, "inclusion_probability": p})
    chosen = np.unique(drawn[drawn < size])
    frame.loc[chosen, "check_score"] = 95.0 - d[order][chosen]
    got = estimate_inflation(frame)
    return got["low"] <= d.mean() <= got["high"]


CLAIMS = {
    "departments identical, equal spread: any claim": ("≤ 7 %", lambda r: false_departments(r, equal=True)),
    "departments identical, unequal spread: any claim": (
        "≤ 7 %",
        lambda r: false_departments(r, equal=True, uneven=1.6),
    ),
    "departments, kinds at random, like for like: any claim": ("≤ 7 %", lambda r: false_alike(r)),
    "districts identical, n = 100, 12: any claim": ("≤ 7 %", lambda r: false_districts(r, 12, 100)),
    "districts identical, n = 100, 21: any claim": ("≤ 7 %", lambda r: false_districts(r, 21, 100)),
    "districts identical, n = 100, 100: any claim": ("≤ 7 %", lambda r: false_districts(r, 100, 100)),
    "districts identical, n = 1,000, 12: any claim": ("≤ 7 %", lambda r: false_districts(r, 12, 1000)),
    "districts identical, n = 1,000, 21: any claim": ("≤ 7 %", lambda r: false_districts(r, 21, 1000)),
    "districts identical, n = 1,000, 100: any claim": ("≤ 7 %", lambda r: false_districts(r, 100, 1000)),
    "no district changed: any claim": ("≤ 7 %", lambda r: false_changes(r)),
    "rates, 12 districts": ("95 %", lambda r: rate_cover(r)),
    "rank sets, all at once, 12 districts": ("95 %", lambda r: rank_cover(r, 12, equal=True)),
    "rank sets, all at once, 21 districts": ("95 %", lambda r: rank_cover(r, 21, equal=True)),
    "rank sets, 21 districts that differ": ("95 %", lambda r: rank_cover(r, 21, effect=0.4)),
    "decomposition, difference": ("95 %", lambda r: split_cover(r, "difference")),
    "decomposition, mix": ("95 %", lambda r: split_cover(r, "mix_effect")),
    "decomposition, rate": ("95 %", lambda r: split_cover(r, "rate_effect")),
    "decomposition, rate, shared shortfall 0.22": (
        "95 %",
        lambda r: split_cover(r, "rate_effect", shared=0.22),
    ),
    **{
        f"inflation, {word} differences, n = {n}": (
            "95 %",
            lambda r, n=n, skewed=skewed: inflation_cover(r, n, skewed),
        )
        for word, skewed in (("normal", False), ("skewed", True))
        for n in (10, 20, 40, 80)
    },
}


def measure(name: str, worlds: int, seed: int) -> dict:
    promised, claim = CLAIMS[name]
    rng, start = np.random.default_rng([seed, len(name)]), time.perf_counter()
    found = np.array([float(claim(rng)) for _ in range(worlds)])
    found = found[~np.isnan(found)]
    error = found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.nan
    return {"claim": name, "promised": promised, "measured": 100 * found.mean(), "se": 100 * error,
            "worlds": len(found), "seconds": time.perf_counter() - start}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="words that the claims to be measured contain")
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for name in CLAIMS:
        if not given.names or any(word in name for word in given.names):
            row = measure(name, given.worlds, given.seed)
            print(f"{row['claim']:<58}{row['promised']:>8}{row['measured']:>8.1f} ± {row['se']:.1f}"
                  f"{row['worlds']:>6}{row['seconds']:>8.0f} s", flush=True)  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
