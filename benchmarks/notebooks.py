"""Forty short notebooks: perflib's warm batch against papermill in a loop and in a pool of two.

    python benchmarks/notebooks.py [notebooks] [rounds]

Start-up is included on every side. Goals: 8 times the loop, 5 times the pool. The work of a cell
is at most 0.2 s: imports of the stack, a fit and a figure.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

CELLS = (
    "import numpy as np, pandas as pd, matplotlib.pyplot as plt, seaborn, statsmodels.api as sm",
    "frame = pd.DataFrame({'x': np.arange(50.0)}); frame['y'] = frame.x * x + np.sin(frame.x)",
    "print(sm.OLS(frame.y, sm.add_constant(frame.x)).fit().params.round(6).to_dict())",
    "plt.plot(frame.x, frame.y);",
)
LOOP = """
import sys, papermill
for i in map(int, sys.argv[3:]):
    papermill.execute_notebook(sys.argv[1], f"{sys.argv[2]}/{i}.ipynb", {"x": i}, progress_bar=False, start_timeout=600)
"""
WARM = """
import sys
from pathlib import Path
from perflib.run.batch import run_batch
from perflib.run.job import Job
out = Path(sys.argv[2])
jobs = [Job(Path(sys.argv[1]), {"x": int(i)}, out / f"{i}.ipynb") for i in sys.argv[3:]]
result = run_batch(jobs, out, workers=2)
assert all(r.status == "done" and r.kernel == "warm" for r in result.records), result.counts()
"""


def start(script: str, notebook: Path, out: Path, numbers: list[int]) -> subprocess.Popen:
    out.mkdir(exist_ok=True)
    arguments = [sys.executable, "-c", script, str(notebook), str(out), *map(str, numbers)]
    return subprocess.Popen(arguments, stderr=subprocess.DEVNULL)


def seconds(*scripts: tuple) -> tuple[float, float]:
    """(time on the clock, time of the processors, which a busy machine changes less)."""
    began, used = time.perf_counter(), processor_seconds()
    running = [start(*script) for script in scripts]
    assert all([process.wait() == 0 for process in running])
    return time.perf_counter() - began, processor_seconds() - used


def processor_seconds() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def outputs(path: Path) -> list:
    """What the notebook shows: texts and figures."""
    cells = nbformat.read(path, as_version=4).cells
    return [(o.get("text"), o.get("data")) for c in cells if c.cell_type == "code" for o in c.outputs]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    numbers = list(range(1, count + 1))
    ratios: dict[str, list] = {"loop": [], "pool of 2": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook = folder / "n.ipynb"
        first = new_code_cell("x: int = 1", metadata={"tags": ["parameters"]})
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        cells = [first, *map(new_code_cell, CELLS)]
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), notebook)
        for turn in range(rounds):
            warm = seconds((WARM, notebook, folder / f"warm{turn}", numbers))
            half = count // 2
            pool = seconds(
                (LOOP, notebook, folder / "pool", numbers[:half]),
                (LOOP, notebook, folder / "pool", numbers[half:]),
            )
            loop = seconds((LOOP, notebook, folder / "loop", numbers))
            for name, other in (("loop", loop), ("pool of 2", pool)):
                ratios[name].append([theirs / ours for theirs, ours in zip(other, warm, strict=True)])
            told = {"warm": warm, "pool of 2": pool, "loop": loop}
            print(
                {name: f"{wall:.1f} s, {used:.1f} s of processor" for name, (wall, used) in told.items()},
                flush=True,
            )
        same = sum(
            outputs(folder / "warm0" / f"{i}.ipynb") == outputs(folder / "loop" / f"{i}.ipynb")
            for i in numbers
        )
    for name, goal in (("loop", 8), ("pool of 2", 5)):
        wall, used = (sorted(column) for column in zip(*ratios[name], strict=True))
        middle, processor = statistics.median(wall), statistics.median(used)
        print(
            f"against papermill in a {name}: {middle:.1f} times ({wall[0]:.1f}-{wall[-1]:.1f}); goal {goal}; "
            f"by processor time {processor:.1f} ({used[0]:.1f}-{used[-1]:.1f})"
        )
    print(f"outputs identical, figures included: {same} of {count}")


if __name__ == "__main__":
    main()
