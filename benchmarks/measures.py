"""Ten million projects to the measures of every district and year: perflib against pandas and against plain SQL.

    python benchmarks/measures.py [FOLDER …]

FOLDER is packed data; without one, ten million rows of the simulated country are made, and removed afterwards.
The sides: `execution_rates` on DuckDB over the packed files; pandas reading only the columns needed; DuckDB with
SQL written by hand that has the same exact sums in whole cents. All give the same table, which is checked first.
Each side is a process of its own that has imported everything; they take turns, five rounds, one at a time.
Told are the median, the smallest and the largest of the rounds, elapsed and of the processor (on a busy machine
the second is the steadier), and each side's peak of memory. Opening the folder and holding every file to its hash
is done once, before, and told apart: neither pandas nor SQL does it. Above 30 million rows perflib runs alone.
Goals: 4 times as fast as pandas with a quarter of its memory; at most 1.15 times SQL; with several folders, less
than 2 GB and time in proportion to the rows.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

ROUNDS = 5
MOST_FOR_OTHERS = 30_000_000
BY = ["district", "year"]
NEEDED = [*BY, "initial_budget", "adjusted_budget", "executed"]
SHOWN = ["projects", "counted", "defined", "budget", "executed", "rate", "mean_rate",
         "executed_without_budget", "no_budget", "adjusted_to_zero", "spent_without_budget", "negative_budget",
         "not_reported"]  # fmt: skip
SQL = """
WITH parts AS (
  SELECT district, year, executed, adjusted_budget,
    CAST(floor(coalesce(executed, 0) * 100 + 0.5) AS BIGINT) AS over,
    CAST(floor(coalesce(adjusted_budget, 0) * 100 + 0.5) AS BIGINT) AS under,
    CASE WHEN executed IS NULL OR adjusted_budget IS NULL THEN 'not_reported'
         WHEN adjusted_budget < 0 THEN 'negative_budget' WHEN adjusted_budget > 0 THEN 'defined'
         WHEN executed <> 0 THEN 'spent_without_budget' WHEN initial_budget > 0 THEN 'adjusted_to_zero'
         ELSE 'no_budget' END AS kind
  FROM read_parquet({files})),
rated AS (SELECT *, CASE WHEN kind = 'defined' THEN executed / adjusted_budget ELSE 0.0 END AS rate FROM parts)
SELECT district, year, count(*) AS projects,
  count(*) FILTER (kind <> 'not_reported') AS counted, count(*) FILTER (kind = 'defined') AS defined,
  sum(over) FILTER (kind <> 'not_reported') AS over, sum(under) FILTER (kind <> 'not_reported') AS under,
  sum(over) FILTER (kind = 'defined') AS over_defined, sum(under) FILTER (kind = 'defined') AS under_defined,
  sum(over) FILTER (kind = 'spent_without_budget') AS unbudgeted,
  sum(CAST(floor(rate) AS BIGINT)) AS whole,
  sum(CAST(floor((rate - floor(rate)) * 100000000000 + 0.5) AS BIGINT)) AS steps,
  count(*) FILTER (kind = 'no_budget') AS no_budget,
  count(*) FILTER (kind = 'adjusted_to_zero') AS adjusted_to_zero,
  count(*) FILTER (kind = 'spent_without_budget') AS spent_without_budget,
  count(*) FILTER (kind = 'negative_budget') AS negative_budget,
  count(*) FILTER (kind = 'not_reported') AS not_reported
FROM rated GROUP BY district, year ORDER BY district, year
"""


def perflib_side(folder: str):
    from perflib.data.book import load_book
    from perflib.measure.rates import execution_rates

    start = time.perf_counter()
    projects = load_book(folder, engine="duckdb").frame("projects")
    print(json.dumps(time.perf_counter() - start), flush=True)
    return lambda: execution_rates(projects, by=BY, bases=["adjusted"])[[*BY, *SHOWN]]


def files_of(folder: str) -> list[str]:
    return [str(p) for p in sorted(Path(folder).glob("projects/*/*.parquet"))]


def sql_side(folder: str):
    import duckdb

    query = SQL.format(files=files_of(folder))
    print(0, flush=True)
    return lambda: finished(duckdb.sql(query).df())


def pandas_side(folder: str):
    import numpy as np
    import pandas as pd

    files = files_of(folder)
    print(0, flush=True)

    def measure():
        frame = pd.concat([pd.read_parquet(f, columns=NEEDED) for f in files], ignore_index=True)
        over, under = frame["executed"], frame["adjusted_budget"]
        known = over.notna() & under.notna()
        defined, zero = known & (under > 0), known & (under == 0)
        rate = (over / under).where(defined, 0.0)
        cents = [np.floor(c.fillna(0) * 100 + 0.5).astype("int64") for c in (over, under)]
        without = zero & (over != 0)
        parts = {
            "projects": 1, "counted": known, "defined": defined, "over": cents[0] * known, "under": cents[1] * known,
            "unbudgeted": cents[0] * without, "whole": np.floor(rate).astype("int64"),
            "steps": np.floor((rate - np.floor(rate)) * 1e11 + 0.5).astype("int64"),
            "no_budget": zero & ~without & ~(frame["initial_budget"] > 0),
            "adjusted_to_zero": zero & ~without & (frame["initial_budget"] > 0),
            "spent_without_budget": without, "negative_budget": known & (under < 0), "not_reported": ~known,
        }  # fmt: skip
        whole = pd.DataFrame({"district": frame["district"], "year": frame["year"], **parts})
        return finished(whole.groupby(BY, as_index=False).sum())

    return measure


def finished(sums):
    """Rates and amounts out of the sums; the same few lines for SQL and pandas."""
    n = sums["defined"].where(sums["defined"] > 0)
    return sums.assign(
        executed=sums["over"] / 100,
        budget=sums["under"] / 100,
        rate=sums["over"] / sums["under"].where(sums["under"] > 0),
        mean_rate=sums["whole"] / n + sums["steps"] / 1e11 / n,
        executed_without_budget=sums["unbudgeted"].fillna(0) / 100,
    )[[*BY, *SHOWN]]


SIDES = {"perflib": perflib_side, "sql": sql_side, "pandas": pandas_side}


def serve(side: str, folder: str) -> None:
    """Measure whenever a line comes in; with a path on it, write the table there."""
    import duckdb
    import pandas  # noqa: F401 - imports are not what is timed
    import pyarrow.parquet  # noqa: F401

    duckdb.sql("SELECT 1").fetchall()
    measure = SIDES[side](folder)
    for line in sys.stdin:
        start = time.perf_counter(), time.process_time()
        table = measure()
        spent = time.perf_counter() - start[0], time.process_time() - start[1]
        if path := line.strip():
            table.to_pickle(path)
        print(json.dumps([*spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), flush=True)


class Side:
    """A process that measures when it is told to."""

    def __init__(self, name: str, folder: str):
        command = [sys.executable, __file__, "--side", name, folder]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.opening = float(self.process.stdout.readline())
        self.rounds: list[tuple[float, float]] = []
        self.peak = 0.0

    def measure(self, path: str = "", *, count: bool = True) -> None:
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        elapsed, processor, self.peak = json.loads(self.process.stdout.readline())
        if count:
            self.rounds.append((elapsed, processor))

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()

    def median(self, kind: int) -> float:
        return statistics.median(r[kind] for r in self.rounds)

    def spread(self, kind: int) -> str:
        times = [r[kind] for r in self.rounds]
        return f"{statistics.median(times):6.2f} s ({min(times):.2f}–{max(times):.2f})"


def compare(folder: str) -> tuple[int, float, float, float]:
    """Rows of `folder`, perflib's medians of elapsed and processor time, and its peak of memory."""
    import pandas as pd

    rows = json.loads((Path(folder) / "perflib-pack.json").read_text("utf-8"))["rows"]["projects"]["packed"]
    names = list(SIDES) if rows <= MOST_FOR_OTHERS else ["perflib"]
    sides = {name: Side(name, folder) for name in names}
    print(f"\n{rows:,} projects; opened and held to its hashes in {sides['perflib'].opening:.1f} s")
    with tempfile.TemporaryDirectory() as place:
        for name, side in sides.items():
            side.measure(f"{place}/{name}", count=False)
        tables = {name: pd.read_pickle(f"{place}/{name}") for name in names}
    for name in names[1:]:
        pd.testing.assert_frame_equal(
            tables["perflib"], tables[name], check_dtype=False, rtol=1e-12, obj=f"perflib and {name}"
        )
    for _ in range(ROUNDS):
        for side in sides.values():
            side.measure()
    for side in sides.values():
        side.close()
    own = sides["perflib"]
    for name, side in sides.items():
        print(f"{name:8} elapsed {side.spread(0)}   processor {side.spread(1)}   peak {side.peak:6,.0f} MB")
    goals = {
        "sql": "perflib takes at most 1.15",
        "pandas": "at least 4 times as fast, a quarter of the memory",
    }
    for name in names[1:]:
        ratios = [[a[k] / b[k] for a, b in zip(own.rounds, sides[name].rounds, strict=True)] for k in (0, 1)]
        told = []
        for kind, found in zip(("elapsed", "processor"), ratios, strict=True):
            found = [1 / r for r in found] if name == "pandas" else found
            told.append(f"{kind} {statistics.median(found):.2f} ({min(found):.2f}–{max(found):.2f})")
        word = "pandas / perflib" if name == "pandas" else "perflib / SQL"
        memory = f", memory {own.peak / sides[name].peak:.2f}"
        print(f"{word}: {', '.join(told)}{memory}   goal: {goals[name]}")
    return rows, own.median(0), own.median(1), own.peak


def main() -> None:
    if sys.argv[1:2] == ["--side"]:
        serve(*sys.argv[2:4])
        return
    if not sys.argv[1:]:
        from tools.country import Country, pack_country

        with tempfile.TemporaryDirectory() as place:
            pack_country(Country(10_000_000), Path(place))
            compare(place)
        return
    found = [compare(folder) for folder in sys.argv[1:]]
    for (rows, elapsed, processor, _), (more, longer, busier, peak) in pairwise(found):
        times = more / rows
        print(
            f"\n{times:.1f} times the rows: {longer / elapsed:.1f} times the time elapsed, "
            f"{busier / processor:.1f} times the processor's; peak {peak:,.0f} MB"
            "   goal: in proportion, below 2,000 MB"
        )


if __name__ == "__main__":
    main()
