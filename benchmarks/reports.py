"""Reports of forty districts: the first run, the same again, and one district's rows changed.

    python benchmarks/reports.py [districts] [--all]

Goals: unchanged reports are found unchanged within 1 s and at least 50 times faster than made;
after a change in one district's rows only that district is run. The districts are made of the
sample's, under codes of their own, with the projects of two years. The chapters that compare districts read the rows of all, so that a change
anywhere runs them again in every report; they take most of the time and are left out unless `--all`.
"""

import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd

from perflib.data.places import shared_folder
from perflib.run.batch import run_batch
from perflib.run.job import Job
from perflib.run.report import Wanted, report_folder, report_jobs
from perflib.run.rows import Reading, read_rows

AGAIN = 5


def write_data(folder: Path, count: int) -> pd.DataFrame:
    """Write a folder of `count` districts, each with the projects of one of the sample's."""
    rows = pd.read_parquet(shared_folder("data") / "sample" / "projects.parquet")
    rows = rows[rows["year"] >= rows["year"].max() - 1]
    sources = sorted(rows["district"].unique())[1:]
    made = [
        rows[rows["district"] == sources[i % len(sources)]].assign(district=f"99{i:04}") for i in range(count)
    ]
    table = pd.concat(made, ignore_index=True)
    folder.mkdir()
    table.to_parquet(folder / "projects.parquet", index=False)
    return table


def without_comparisons(jobs: list[Job], reading: Reading) -> list[Job]:
    """The jobs that don't read the rows of every district."""
    kept = [job for job in jobs if job.rows != reading.all_rows()]
    names = {job.title for job in kept}
    return [replace(job, after=tuple(name for name in job.after if name in names)) for job in kept]


def run(data: str, folder: Path, *, is_whole: bool) -> tuple[float, Counter, list]:
    """(seconds, reports by how they ended, records): all districts, as `perflib report --each district`."""
    wanted = Wanted(data, "zh", "internal", "pandas", "", "", {"status": "draft"})
    began = time.perf_counter()
    reading = read_rows(data, folder / ".run" / "rows.json")
    jobs = []
    for code in reading.districts:
        year = reading.find_year(code, 0)
        jobs += report_jobs(wanted, reading, code, year, report_folder(folder, code, year))
    jobs = jobs if is_whole else without_comparisons(jobs, reading)
    result = run_batch(jobs, folder, workers=2)
    return time.perf_counter() - began, result.counts(), result.records


def shares(records: list) -> str:
    """How the time of the workers divides into cells, kernels and rendering."""
    books = [r for r in records if not r.job.call]
    cells, whole = (sum(getattr(r, name) for r in books) for name in ("cell_seconds", "seconds"))
    render = sum(r.seconds for r in records if r.job.call)
    total = whole + render
    rest = 1 - (cells + render) / total
    return f"cells {cells / total:.0%}, kernels and papermill {rest:.0%}, rendering {render / total:.0%}"


def main() -> int:
    is_whole = "--all" in sys.argv
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    count = numbers[0] if numbers else 40
    with tempfile.TemporaryDirectory() as name:
        data, folder = Path(name) / "data", Path(name) / "reports"
        table = write_data(data, count)
        folder.mkdir()
        first, counts, records = run(str(data), folder, is_whole=is_whole)
        print(f"{count} reports made in {first:.1f} s: {json.dumps(counts)}; {shares(records)}", flush=True)
        again = sorted(run(str(data), folder, is_whole=is_whole)[0] for _ in range(AGAIN))
        middle = statistics.median(again)
        print(
            f"again: {middle:.2f} s ({again[0]:.2f}-{again[-1]:.2f}), {first / middle:.0f} times faster; "
            f"goals 1 s and 50",
            flush=True,
        )
        code = f"99{count // 2:04}"
        table.loc[table.index[table["district"] == code][0], "executed"] += 1
        table.to_parquet(data / "projects.parquet", index=False)
        after, counts, records = run(str(data), folder, is_whole=is_whole)
        ran = {r.job.output.relative_to(folder).parts[0].split("-")[0] for r in records if r.attempts}
        print(
            f"rows of {code} changed: {after:.1f} s, ran again: {', '.join(sorted(ran))}; {json.dumps(counts)}"
        )
    return 0 if (is_whole or ran == {code}) and middle <= 1 and first >= 50 * middle else 1


if __name__ == "__main__":
    sys.exit(main())
