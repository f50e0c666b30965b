"""Reports of several districts: the first run, the same again, and one district changed.

    python benchmarks/reports.py [districts]

Goals: unchanged reports are found unchanged within 1 s and at least 50 times faster than made;
after a change in one district only that district is run.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from perflib.run.batch import run_batch
from perflib.run.report import Wanted, report_folder, report_jobs
from perflib.run.rows import Reading, read_rows


def run(reading: Reading, wanted_districts: list[str], folder: Path) -> tuple[float, dict, list]:
    """(seconds, counts by status, records) of the reports of all districts in their last year."""
    wanted = Wanted("sample", "zh", "internal", "pandas", "", "", {"status": "draft"})
    began = time.perf_counter()
    jobs = []
    for district in wanted_districts:
        year = reading.find_year(district, 0)
        jobs += report_jobs(wanted, reading, district, year, report_folder(folder, district, year))
    result = run_batch(jobs, folder, workers=2)
    return time.perf_counter() - began, result.counts(), result.records


def shares(records: list) -> str:
    """How the time of the notebooks divides into cells and the rest."""
    books = [r for r in records if not r.job.call]
    cells, whole = (sum(getattr(r, name) for r in books) for name in ("cell_seconds", "seconds"))
    render = sum(r.seconds for r in records if r.job.call)
    total = whole + render
    return f"cells {cells / total:.0%}, kernels and papermill {1 - (cells + render) / total:.0%}, rendering {render / total:.0%}"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reading = read_rows("sample", folder / ".run" / "rows.json")
        districts = reading.districts[: int(sys.argv[1]) if len(sys.argv) > 1 else None]
        first, counts, records = run(reading, districts, folder)
        print(f"{len(districts)} reports made in {first:.1f} s: {json.dumps(counts)}; {shares(records)}")
        again, counts, _ = run(reading, districts, folder)
        print(
            f"again: {again:.2f} s, {first / again:.0f} times faster; goal 1 s and 50: {json.dumps(counts)}"
        )
        changed = districts[0]
        reading.hashes[changed] = "changed"
        after, counts, records = run(reading, districts, folder)
        ran = sorted(r.job.title for r in records if r.attempts)
        print(f"one district changed: {after:.1f} s, ran again: {', '.join(ran)}: {json.dumps(counts)}")


if __name__ == "__main__":
    sys.exit(main())
