"""Do claims hold what they promise? Worlds of which the truth is known, through the package's own functions.

    python benchmarks/honesty.py [--row WORDS ...] [--large | --worlds N] [--seed 0]

A table: the claim, what is promised, what was found with its standard error, worlds, seconds. Each row runs alone.
Small is for an hour's look, large for print. Worlds as in the second audit: budgets are Pareto with index 1.2, drawn
anew in each world; about half of the projects are executed exactly in full, the others fall short by a beta variate;
the spread of rates by kind of spending is 1.8 to 24.9 points. "Replay" is the sample's district and year with budgets
and traits fixed, rates drawn anew from each project's own parameters. Madrid needs MADRID, its folder.
"""

import argparse
import os
import sys
import time
from functools import cache, partial
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent.parent))
SPREAD = np.array([0.018, 0.06, 0.10, 0.15, 0.249])  # standard deviations of rates within a kind
OFTEN = [0.10, 0.10, 0.30, 0.30, 0.20]
SHORT = SPREAD / 0.2726  # the longest shortfall that gives this spread: half at 0, half beta(1, 1.5) times it
CLAIMED = ["below", "above", "rose", "fell"]


def world(rng, *, districts, n, index=1.2, effect=0.0, shared=0.0, equal=False, uneven=0.0):
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
    frame = {"year": 2023, "district": group, "project": np.arange(size), "kind_of_department": department,
             "category": kind, "budget": budget, "executed": budget * rate, "rate": rate,
             "truth": 1 - often * 0.4 * far}  # fmt: skip
    return pd.DataFrame(frame)


def truth_of(rows, unit):
    sums = rows.assign(_t=rows["budget"] * rows["truth"]).groupby(unit)[["_t", "budget"]].sum()
    return sums["_t"] / sums["budget"]


def any_claim(rng, column="verdict", n=40, groups=30, **kind):
    from perflib.infer.rates import rate_intervals

    rows = world(rng, districts=groups, n=n, **kind)
    return rate_intervals(rows, by=["district"], seed=1)[column].isin(CLAIMED).any()


@cache
def _home():
    """The sample's district, its last year, and each department's expected rate."""
    from tools.sample.budgets import _shortfall, make_budgets
    from tools.sample.roster import make_roster
    from tools.sample.vocabulary import HOME

    rows = make_budgets(HOME, make_roster(HOME)).query("year == 2023 and adjusted > 0").reset_index(drop=True)
    rng = np.random.default_rng(0)
    mean = np.mean([_shortfall(rows, rng) for _ in range(400)], axis=0)
    rows = rows.assign(budget=rows["adjusted"] / 100, truth=1 - mean)
    return rows, truth_of(rows, "department") - np.average(rows["truth"], weights=rows["budget"]), _shortfall


def replay(rng, sign):
    """Claims of departments (those by 3 points and more: 14 of 30), or which of them have the wrong sign."""
    from perflib.infer.rates import rate_intervals

    rows, true, draw = _home()
    rate = 1 - draw(rows, rng)
    found = rate_intervals(rows.assign(rate=rate, executed=rows["budget"] * rate), by=["department"], seed=1)
    side = found["verdict"].map({"below": -1, "above": 1}).fillna(0).to_numpy()
    if not sign:
        return (side != 0).sum()
    return (side * true[found["department"]].to_numpy() < 0).sum(), (side != 0).sum()


@cache
def _madrid():
    columns = ["year", "month", "section", "programme", "final", "obligated"]
    rows = pd.read_parquet(Path(os.environ["MADRID"]) / "monthly_budget_lines.parquet", columns=columns)
    rows = rows[
        rows["month"].eq(12) & rows["section"].between("201", "221") & rows["year"].isin([2017, 2021, 2023])
    ]
    rows = rows.groupby(["year", "section", "programme"], as_index=False)[["final", "obligated"]].sum()
    rows = rows.set_axis(["year", "district", "project", "budget", "executed"], axis=1).query("budget > 0")
    return rows.assign(rate=rows["executed"] / rows["budget"])


def madrid_dealt(rng):
    from perflib.infer.rates import rate_intervals

    rows = _madrid()
    rows = rows[rows["year"] == rng.choice(rows["year"].unique())]
    rows = rows.assign(district=rng.permutation(rows["district"]))
    return rate_intervals(rows, by=["district"], seed=1)["verdict"].isin(CLAIMED).any()


@cache
def _forecasts():
    """June's forecasts of Madrid's district lines, each year from earlier years only, and the years that are told."""
    from madrid_months import FAMILY, PEERS, UNIT, read_units

    from perflib.infer.backtest import backtest

    lines = read_units(Path(os.environ["MADRID"]))
    tested = backtest(lines, keys=UNIT, types="type", years=range(2018, 2024), months=[6], seed=1, family=FAMILY,
                      peers=PEERS, labels=["is_district"], models=2)  # fmt: skip
    tested = tested[tested["is_district"]]
    return tested.assign(scale=tested["adjusted_budget"], department=tested["section"]), cycle(
        range(2019, 2024)
    )


def totals_cover(rng, promised):
    """Of one year's districts (each world another year), those that end within the interval of their total."""
    from perflib.infer.year_end import forecast_totals

    rows, years = _forecasts()
    year = next(years)
    past, now = rows[rows["year"] < year], rows[rows["year"] == year]
    table = forecast_totals(past, now, year=year, by=["department"], cluster="department", groups=["type", "size"],
                            confidence=promised, seed=int(rng.integers(10**6))).set_index("department")  # fmt: skip
    end = now.groupby("department")["outturn"].sum()[table.index]
    return ((table["low"] <= end) & (end <= table["high"])).sum(), len(end)


def wrongly_ruled_out(rng, indicators=4, departments=20, cases=60):
    """Departments alike, all indicators on the same projects: is anybody ruled out of the first place?"""
    from perflib.infer.department_assessment import tier_departments

    share = rng.binomial(cases, 0.8, departments) / cases
    rows = pd.DataFrame({"department": np.arange(departments), "value": share})
    rows = rows.merge(pd.DataFrame({"indicator": [f"i{i}" for i in range(indicators)]}), how="cross")
    weight = 100 / indicators
    rows = rows.assign(district="x", year=2023, weight=weight, max_score=weight, score=weight * rows["value"],
                       base_count=cases)  # fmt: skip
    return (tier_departments(rows, draws=2000)["rank_low"] > 1).any()


def same_verdicts(rng):
    """Share of the sample's 60 district-years with the same verdict under two seeds."""
    import perflib as pf

    seeds = rng.integers(10**6, size=2)
    rows = pf.load("sample").projects
    one, two = (pf.rates(rows, by=["year", "district"], seed=int(s))["verdict"] for s in seeds)
    return (one == two).mean()


def rank_cover(rng, districts, n=100, **kind):
    from perflib.infer.ranks import rank_sets
    from perflib.infer.rates import FEWEST, group_rates

    rows = world(rng, districts=districts, n=n, **kind)
    table = group_rates(rows)
    table = table[table["effective"] >= FEWEST]
    if len(table) < 2:
        return np.nan
    sets = rank_sets(table[["district", "rate", "se"]], value="rate", seed=1).set_index("district")
    true = truth_of(rows, "district")[sets.index]
    best = (true.to_numpy()[None, :] > true.to_numpy()[:, None] + 1e-9).sum(axis=1) + 1
    last = (true.to_numpy()[None, :] >= true.to_numpy()[:, None] - 1e-9).sum(axis=1)
    return bool(((sets["rank_low"] <= best) & (sets["rank_high"] >= last)).all())


def rate_cover(rng, districts=12, n=100, **kind):
    from perflib.infer.rates import group_rates

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


def changed(rows):
    from perflib.infer.district_trend import changes_to, rate_series
    from perflib.measure.rates import decisions

    column = "policy" if "policy" in rows else None
    found = decisions(rows, by=["district", "year"], together=column)
    return changes_to(rate_series(rows, cluster=column or "project"), base_year=2022, year=2023, rows=found)


def false_changes(rng, cover=False, districts=12, n=100, **kind):
    """Whether any district is said to have changed; or how many of their changes lie within the interval, of how many."""
    years = {y: world(rng, districts=districts, n=n, **kind).assign(year=y) for y in (2022, 2023)}
    table = changed(pd.concat(years.values()))
    if not cover:
        return table["verdict"].isin(CLAIMED).any()
    table = table[table["reason"].isna()].set_index("district")
    before, after = (truth_of(rows, "district")[table.index] for rows in years.values())
    return ((table["low"] <= after - before) & (after - before <= table["high"])).sum(), len(table)


def replay_change(rng):
    """The sample's district alone, its year twice with rates of its own each time: does the interval hold 0?"""
    rows, _, draw = _home()
    years = [rows.assign(rate=1 - draw(rows, rng), year=y) for y in (2022, 2023)]
    row = changed(pd.concat(years).assign(district="x", executed=lambda t: t["budget"] * t["rate"])).iloc[0]
    return row["low"] <= 0 <= row["high"]


def gap_cover(rng, districts=12, n=100, **kind):
    """How far the first district lies from the mean of four others."""
    from perflib.infer.comparison import gap
    from perflib.infer.rates import group_rates

    rows = world(rng, districts=districts, n=n, **kind)
    row, true = gap(group_rates(rows), 0, range(1, 5)).iloc[0], truth_of(rows, "district").to_numpy()
    return row["low"] <= true[0] - true[1:5].mean() <= row["high"]


def false_panel(rng, districts=12, n=60):
    from perflib.infer.over_years import over_years

    rows = pd.concat([world(rng, districts=districts, n=n).assign(year=y) for y in range(2019, 2024)])
    table = over_years(rows.rename(columns={"budget": "adjusted_budget"}).drop(columns="rate"))
    return table["verdict"].isin(CLAIMED).any()


def remembering(rng, length, memory):
    x = rng.normal(size=length) * np.sqrt(1 - memory**2)
    x[0] = rng.normal()
    for t in range(1, length):
        x[t] += memory * x[t - 1]
    return x


def level_changed(rng, memory):
    from perflib.infer.readings import change_points

    return len(change_points(remembering(rng, 60, memory), draws=10)) > 0


def chart_signals(rng, memory):
    from perflib.infer.readings import control_chart

    chart = control_chart(remembering(rng, 36, memory), baseline=24)
    return chart[["is_outside", "is_shift"]].any(axis=None)


@cache
def _coefficient():
    """The logit of the mean rate on a district's x, over the districts' own effects."""
    x, weight = np.polynomial.hermite_e.hermegauss(40)
    own, often = x * 0.5, weight / weight.sum()
    mean = (0.4 + 0.6 / (1 + np.exp(-(2 + 0.4 * x[:, None] + own)))) @ often
    design, beta = np.column_stack([np.ones(40), x]), np.zeros(2)
    for _ in range(50):
        fitted = 1 / (1 + np.exp(-design @ beta))
        gram = (design * (often * fitted * (1 - fitted))[:, None]).T @ design
        beta = beta + np.linalg.solve(gram, design.T @ (often * (mean - fitted)))
    return beta[1]


def logit_cover(rng, weight=None, g=12, n=60):
    from perflib.infer.fractional import fractional_logit

    x, own = np.repeat(rng.standard_normal(g), n), np.repeat(0.5 * rng.standard_normal(g), n)
    p = 1 / (1 + np.exp(-(2.0 + 0.4 * x + own)))
    rate = np.where(rng.random(g * n) < 0.4, 1.0, rng.beta(4 * p, 4 * (1 - p)))
    rows = pd.DataFrame({"district": np.repeat(np.arange(g), n), "x": x, "rate": rate,
                         "budget": rng.pareto(1.2, g * n) + 1})  # fmt: skip
    row = fractional_logit(rows, covariates=["x"], weight=weight).iloc[0]
    return abs(row["coefficient"] - _coefficient()) <= stats.t.isf(0.025, g - 2) * row["coefficient_error"]


def bunching_agrees(rng):
    """A shift of 3 % of scores to the mark: does the test (5 %, one side) say what its interval does?"""
    from perflib.infer.heaping import bunching

    x = np.clip(100 - rng.gamma(3, 4, 900), 0, 100).round(1)
    movable = np.flatnonzero((x >= 88) & (x < 90))[:27]
    x[movable] = 90.0
    row = bunching(pd.Series(x), thresholds=[90]).iloc[0]
    return (row["p"] < 0.05) != (row["low"] > 0)


def listed_in_vain(rng, n=90):
    """Of the projects that April's to November's lists ever hold, those that spend four fifths and more; how many those are.

    Budgets paid late to a degree of their own, and three years before that went the same way.
    """
    from perflib.infer.monitoring import FAILING_FROM
    from perflib.infer.outlook import is_failing, make_outlook

    month = np.arange(1, 13)
    paid = [month_shares(world(rng, districts=1, n=n).assign(year=y), rng, month) for y in range(2020, 2024)]
    progress, found = pd.concat(paid), []
    for cutoff in range(4, 12):
        now = make_outlook(progress, year=2023, month=cutoff).now
        found.append(now[now["p_failing"] >= FAILING_FROM])
    first = pd.concat(found).drop_duplicates("project")
    return (~is_failing(first["outturn"], first["adjusted_budget"])).sum(), len(first)


def month_shares(rows, rng, month):
    late = np.exp(0.35 * rng.standard_normal(len(rows)) + 0.2)
    part = ((month / 12) ** late[:, None]).ravel()
    rows = rows.loc[rows.index.repeat(12)].assign(
        month=np.tile(month, len(rows)), type=lambda t: t["category"].astype(str)
    )
    rows = rows.assign(executed=(rows["executed"] * part).round(2), adjusted_budget=rows["budget"])
    blank = dict.fromkeys(["committed", "authorised", "goal_progress", "planned_share"], np.nan)
    return rows.assign(project=rows["project"].astype(str), initial_budget=rows["budget"], **blank)


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


same = {"equal": True}
CLAIMS = {  # claim: promised, function, worlds small and large
    "departments, equal spread: any false claim": ("≤ 7 %", partial(any_claim, **same), 100, 1000),
    "departments, unequal spread: any false claim": ("≤ 7 %", partial(any_claim, uneven=1.6, **same), 100, 1000),
    "departments, like for like: any false claim": ("≤ 7 %", partial(any_claim, column="verdict_alike"), 100, 1000),
    "replay of the sample's year: departments claimed": ("≥ 2", partial(replay, sign=False), 60, 500),
    "replay of the sample's year: claims of wrong sign": ("≤ 5 %", partial(replay, sign=True), 60, 500),
    **{f"districts, n = {n:,}, {g}: any false claim": ("≤ 7 %", partial(any_claim, groups=g, n=n, **same), *worlds)
       for n, g, worlds in ((100, 12, (200, 2000)), (100, 21, (200, 2000)), (100, 100, (60, 600)),
                            (1000, 12, (60, 600)), (1000, 21, (40, 600)), (1000, 100, (20, 200)))},
    "Madrid's programmes dealt among districts: any claim": ("≤ 7 %", madrid_dealt, 100, 1000),
    **{f"totals of Madrid's districts, {p:.0%}": (f"{p:.0%}".replace("%", " %"), partial(totals_cover, promised=p), 5, 5)
       for p in (0.8, 0.95)},
    "no district changed: any false claim": ("≤ 7 %", false_changes, 100, 1000),
    "changes, 12 districts": ("95 %", partial(false_changes, cover=True), 60, 300),
    "changes, 12 districts, shared shortfall": ("95 %", partial(false_changes, cover=True, shared=0.22), 60, 300),
    "change of the sample's district alone, replayed": ("95 %", replay_change, 60, 400),
    "gap of a district to four others": ("95 %", gap_cover, 200, 2000),
    "over the years, districts alike: any false claim": ("≤ 7 %", false_panel, 60, 600),
    **{f"level changed, autocorrelation {m}": ("≤ 7 %", partial(level_changed, memory=m), 200, 2000)
       for m in (0.0, 0.3, 0.5, 0.7)},
    **{f"lists of April to November, {n} projects: in vain": ("≤ 50 %", partial(listed_in_vain, n=n), *worlds)
       for n, worlds in ((90, (10, 200)), (300, (1, 20)))},
    **{f"chart of a year signals, autocorrelation {m}": ("≤ 7 %", partial(chart_signals, memory=m), 200, 2000)
       for m in (0.0, 0.5)},
    "rates, 12 districts": ("95 %", rate_cover, 100, 1000),
    "rank sets, all at once, 12 districts": ("95 %", partial(rank_cover, districts=12, **same), 200, 2000),
    "rank sets, all at once, 21 districts": ("95 %", partial(rank_cover, districts=21, **same), 200, 2000),
    "rank sets, 21 districts that differ": ("95 %", partial(rank_cover, districts=21, effect=0.4), 200, 2000),
    **{f"decomposition, {name}": ("95 %", partial(split_cover, part=part), 60, 600)
       for name, part in (("difference", "difference"), ("mix", "mix_effect"), ("rate", "rate_effect"))},
    "decomposition, rate, shared shortfall": ("95 %", partial(split_cover, part="rate_effect", shared=0.22), 60, 600),
    "tiers, indicators on the same projects: any ruled out": ("≤ 7 %", wrongly_ruled_out, 100, 1000),
    "logit, district covariate": ("95 %", logit_cover, 100, 2000),
    "logit, district covariate, weighted": ("95 %", partial(logit_cover, weight="budget"), 100, 2000),
    **{f"inflation, {word}, n = {n}": ("95 %", partial(inflation_cover, n=n, skewed=word == "skewed"), 300, 3000)
       for word in ("normal", "skewed") for n in (10, 20, 40, 80)},
    "bunching: test and interval disagree": ("0 %", bunching_agrees, 100, 1000),
    "same verdicts with two seeds, 60 of the sample": ("≥ 97 %", same_verdicts, 2, 20),
}  # fmt: skip


def measured(name: str, worlds: int, seed: int) -> dict:
    """The share (or number) found, over all worlds, with the standard error of a ratio."""
    claim = CLAIMS[name][1]
    rng, start = np.random.default_rng([seed, *name.encode()]), time.perf_counter()
    found = [claim(rng) for _ in range(worlds)]
    pairs = np.array([f if isinstance(f, tuple) else (float(f), 1.0) for f in found])
    pairs = pairs[~np.isnan(pairs[:, 0])]
    value = pairs[:, 0].sum() / max(pairs[:, 1].sum(), 1e-300)
    error = np.sqrt(((pairs[:, 0] - value * pairs[:, 1]) ** 2).sum()) / max(pairs[:, 1].sum(), 1e-300)
    return {"value": value, "se": error, "worlds": len(pairs), "seconds": time.perf_counter() - start}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--row", nargs="*", default=[], help="words that the rows to be measured contain")
    parser.add_argument("--large", action="store_true", help="enough worlds for print (hours)")
    parser.add_argument("--worlds", type=int, help="so many worlds for each row")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for name, (promised, _, small, large) in CLAIMS.items():
        if given.row and not any(word in name for word in given.row):
            continue
        if "Madrid" in name and "MADRID" not in os.environ:
            print(f"{name:<58}{promised:>8}   (left out: MADRID names no folder)")
            continue
        row = measured(name, given.worlds or (large if given.large else small), given.seed)
        unit = 100 if "%" in promised else 1
        print(f"{name:<58}{promised:>8}{unit * row['value']:>8.1f} ± {unit * row['se']:.1f}"
              f"{row['worlds']:>6}{row['seconds']:>7.0f} s", flush=True)  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
