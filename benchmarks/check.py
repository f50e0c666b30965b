"""How long `perflib check` of a small workbook takes in a fresh process, against `import pandas`.

Run: python benchmarks/check.py. Goal: at most twice the import. Processor seconds, best of five.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from reading import write_book


def seconds(command: list[str], *, times: int = 5) -> float:
    """Processor seconds of a fresh process, the best of `times`."""
    found = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "projects.xlsx"
        write_book(path, 50)
        load = f"from perflib.data.book import load_book; load_book({str(path)!r})"
        tasks = {
            "import pandas": ["-c", "import pandas"],
            "load_book, 50 rows": ["-c", load],
            "perflib check, 50 rows": ["-m", "perflib.run.command", "check", str(path)],
        }
        found = {name: seconds([sys.executable, *task]) for name, task in tasks.items()}
    for name, value in found.items():
        print(f"{name:24s} {value:6.2f} s   {value / found['import pandas']:5.2f} imports of pandas")


if __name__ == "__main__":
    main()
