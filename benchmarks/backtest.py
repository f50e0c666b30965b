"""How fast a backtest of all units, years and months is, against a plain loop over units; peak memory.

    python benchmarks/backtest.py [folder of the monthly files]

The loop does by hand what `forecast_ladder`, `conformal_intervals` and `forecast_errors` do for all units
at once; both see the same months, and their forecasts must agree. The pooled model has no twin: it
is timed by itself.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from madrid_months import FAMILY, PEERS, UNIT, read_units

from perflib.infer.backtest import backtest
from perflib.infer.conformal import conformal_intervals, size_bands
from perflib.infer.forecast import HIGHEST_RATE, forecast_ladder
from perflib.infer.forecast_panel import cutoff_panel, unit_months

YEARS, MONTHS = range(2019, 2024), range(4, 12)
LEVELS = [["type", "size"], ["type"], []]


def vectorised(sums: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for month in MONTHS:
        panel = cutoff_panel(sums, keys=UNIT, month=month, labels=["type"], lags=1)
        for year in range(2018, 2024):
            rows = panel[panel["year"] == year]
            ladder = forecast_ladder(panel, year=year, month=month, types="type")
            size = size_bands(rows["adjusted_budget"], rows["type"])
            kept = rows[["year", *UNIT, "type", "adjusted_budget", "outturn"]]
            parts.append(kept.assign(month=month, size=size, **ladder))
    tested = pd.concat(parts, ignore_index=True)
    tested = tested.assign(value=tested["combined"], scale=tested["adjusted_budget"])
    spans = [
        conformal_intervals(
            tested[tested["month"] == m], now, levels=LEVELS, confidence=0.8, year=y, smallest=20
        )
        for (y, m), now in tested[tested["year"] >= 2019].groupby(["year", "month"])
    ]
    return tested.join(pd.concat(spans)[["low", "high"]])


def plain_loop(sums: pd.DataFrame, year: int, month: int, only: int) -> pd.DataFrame:
    """The same ladder for the first `only` units of one year and month, one at a time."""
    now = sums[(sums["year"] == year) & (sums["month"] == month)].sort_values(UNIT)
    out = []
    for _, unit in now.head(only).iterrows():
        same = np.logical_and.reduce([sums[k] == unit[k] for k in UNIT])
        before = sums[same & (sums["year"] == year - 1)]
        kind = sums[(sums["type"] == unit["type"]) & (sums["year"] < year)]
        start, end = kind[kind["month"] == month], kind[kind["month"] == 12]
        known = start.merge(
            end[["year", *UNIT, "executed"]], on=["year", *UNIT], how="left", suffixes=("", "_end")
        )
        outturn = known["executed_end"].fillna(0).sum()
        growth = max(outturn / known["executed"].sum(), 1) if known["executed"].sum() > 0 else np.nan
        rate = outturn / known["adjusted_budget"].sum() if known["adjusted_budget"].sum() > 0 else np.nan
        then, ending = before[before["month"] == month], before[before["month"] == 12]
        own = np.nan
        if len(then) and then["adjusted_budget"].iloc[0] > 0:
            own = (ending["executed"].iloc[0] if len(ending) else 0.0) / then["adjusted_budget"].iloc[0]
        own = min(max(own, 0), HIGHEST_RATE)
        spent, budget = unit["executed"], unit["adjusted_budget"]
        out.append(
            {
                **{k: unit[k] for k in UNIT},
                "straight_line": spent * 12 / month,
                "last_year": budget * own,
                "chain_ladder": spent * growth,
                "bornhuetter_ferguson": spent + budget * rate * (1 - 1 / growth),
            }
        )
    return pd.DataFrame(out)


def main(folder: Path) -> None:
    began = time.process_time()
    lines = read_units(folder)
    sums = unit_months(lines, keys=UNIT, labels=["type", "is_district", "family"])
    read = time.process_time() - began
    began = time.process_time()
    tested = vectorised(sums)
    fast = time.process_time() - began
    sample = 60
    began = time.process_time()
    looped = plain_loop(sums, 2021, 6, sample)
    per_unit = (time.process_time() - began) / sample
    both = looped.merge(
        tested[(tested["year"] == 2021) & (tested["month"] == 6)], on=UNIT, suffixes=("_loop", "")
    )
    for name in ("straight_line", "last_year", "chain_ladder", "bornhuetter_ferguson"):
        known = both[f"{name}_loop"].notna()
        assert np.allclose(both.loc[known, f"{name}_loop"], both.loc[known, name]), name
    slow = per_unit * len(tested)
    print(f"read and sum {read:.1f} s; {len(tested)} forecasts")
    print(
        f"ladder and intervals: {fast:.1f} s; plain loop {slow:.0f} s (from {sample} units):"
        f" {slow / fast:.0f} times"
    )
    began = time.process_time()
    one = backtest(
        sums,
        keys=UNIT,
        types="type",
        years=[2023],
        months=[6],
        seed=1,
        family=FAMILY,
        peers=PEERS,
        labels=["is_district"],
    )
    print(f"pooled model, one year and month ({len(one)} units): {time.process_time() - began:.1f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data" / "madrid")
