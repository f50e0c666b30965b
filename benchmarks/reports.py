"""Reports of forty districts: the first run, the same again, and one district's rows changed.

    python benchmarks/reports.py [districts]

Goals: unchanged reports are found unchanged within 1 s and at least 50 times faster than made;
after a change in one district's rows only that district is run. The districts are made of the
sample's, under codes of their own, with the projects of two years.
"""

import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd

from perflib.data.places import shared_folder
from perflib.run.batch import run_batch
from perflib.run.report import Wanted, report_folder, report_jobs
from perflib.run.rows import read_rows

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


def run(data: str, folder: Path) -> tuple[float, Counter, list]:
    """(seconds, reports by how they ended, records): all districts, as `perflib report --each district`."""
    wanted = Wanted(data, "zh", "internal", "pandas", "", "", {"status": "draft"})
    began = time.perf_counter()
    reading = read_rows(data, folder / ".run" / "rows.json")
    jobs = []
    for code in reading.districts:
        year = reading.find_year(code, 0)
        jobs += report_jobs(wanted, reading, code, year, report_folder(folder, code, year))
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
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as name:
        data, folder = Path(name) / "data", Path(name) / "reports"
        table = write_data(data, count)
        folder.mkdir()
        first, counts, records = run(str(data), folder)
        print(f"{count} reports made in {first:.1f} s: {json.dumps(counts)}; {shares(records)}", flush=True)
        again = sorted(run(str(data), folder)[0] for _ in range(AGAIN))
        middle = statistics.median(again)
        print(
            f"again: {middle:.2f} s ({again[0]:.2f}-{again[-1]:.2f}), {first / middle:.0f} times faster; "
            f"goals 1 s and 50",
            flush=True,
        )
        code = f"99{count // 2:04}"
        table.loc[table.index[table["district"] == code][0], "executed"] += 1
        table.to_parquet(data / "projects.parquet", index=False)
        after, counts, records = run(str(data), folder)
        ran = {r.job.output.relative_to(folder).parts[0].split("-")[0] for r in records if r.attempts}
        print(
            f"rows of {code} changed: {after:.1f} s, ran again: {', '.join(sorted(ran))}; {json.dumps(counts)}"
        )
    return 0 if ran == {code} and middle <= 1 and first >= 50 * middle else 1


if __name__ == "__main__":
    sys.exit(main())
