"""How long the command line takes to answer, measured against `import pandas` in a fresh process.

    python benchmarks/start.py

Goals: `perflib --help` at most 0.5 of the import, `perflib check` of a small file at most 2.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
SMALL = "year,project,name,district,initial_budget,adjusted_budget,executed\n2023,p1,one,a,100,90,80\n"


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, "PERFLIB_LANG": "en"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "projects.csv"
        small.write_text(SMALL)
        python = [sys.executable, "-c"]
        perflib = [sys.executable, "-m", "perflib.run.command"]
        commands = {
            "import pandas": [*python, "import pandas"],
            "perflib --help": [*perflib, "--help"],
            "perflib check": [*perflib, "check", str(small)],
        }
        # side by side in every round, so that the load of the machine falls on all alike
        rounds = [{name: seconds(command) for name, command in commands.items()} for _ in range(ROUNDS)]
    for name, goal in (("perflib --help", 0.5), ("perflib check", 2.0)):
        ratios = sorted(r[name] / r["import pandas"] for r in rounds)
        middle, low, high = statistics.median(ratios), ratios[0], ratios[-1]
        took = statistics.median(r[name] for r in rounds)
        print(f"{name}: {took:.2f} s, {middle:.2f} of `import pandas` ({low:.2f}-{high:.2f}); goal {goal}")


if __name__ == "__main__":
    main()
