"""How long reading and checking a workbook of 100,000 projects takes, against plain pandas.

Run: python benchmarks/reading.py [rows]. Every figure is the best of three in a process of its own.
Goals: at least 4 times faster than `pandas.read_excel` with openpyxl, and at most 1.5 times
`read_excel(engine="calamine")`, which checks nothing.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HEADERS = (
    "区划代码", "预算年度", "项目代码", "项目名称", "主管部门", "实施单位",
    "年初预算数（万元）", "全年预算数（万元）", "全年执行数（万元）", "公开属性",
)  # fmt: skip
TASKS = {
    "perflib: read and check": "from perflib.data.book import load_book\nload_book({path!r})",
    "pandas, calamine, no checks": "import pandas\npandas.read_excel({path!r}, engine='calamine')",
    "pandas, openpyxl, no checks": "import pandas\npandas.read_excel({path!r}, engine='openpyxl')",
}
TIMED = (
    "import time, pandas, pyarrow, python_calamine, openpyxl\n"
    "start = time.process_time()\n{task}\nprint(time.process_time() - start)"
)


def write_book(path: Path, rows: int) -> None:
    """A workbook with `rows` made-up projects of twenty districts and five years."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("项目")
        sheet.write_row(0, 0, HEADERS)
        for i in range(rows):
            budget = 10 + (i * 7919) % 5000 + 0.25
            words = (
                f"4201{i % 20:02d}",
                2019 + i % 5,
                f"P{i:08d}",
                f"项目{i}",
                f"部门{i % 60}",
                f"单位{i % 400}",
            )
            sheet.write_row(i + 1, 0, (*words, budget, budget * 1.5, budget * 1.25, "公开"))


def seconds(task: str, path: Path, *, times: int = 3) -> float:
    """Processor seconds that `task` takes on `path`, the import of pandas not counted; the best of `times`."""
    kept = {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(path.parent),
    }  # as an installed package is
    code = TIMED.format(task=task.format(path=str(path)))
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ | kept
        )
        for _ in range(times)
    ]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "projects.xlsx"
        write_book(path, rows)
        found = {
            name: seconds(task, path, times=1 if "openpyxl" in name else 3) for name, task in TASKS.items()
        }
    own = found["perflib: read and check"]
    for name, value in found.items():
        print(f"{name:32s} {value:7.2f} s   perflib takes {own / value:5.2f} of it")


if __name__ == "__main__":
    main()
