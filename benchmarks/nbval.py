"""The notebook tests as `make test` runs them, against the same tests with ordinary kernels.

    python benchmarks/nbval.py [rounds]

Goal: at least 2 times. Both sides run every notebook of the suite with pytest, nbval and two
workers, start-up included; ours forks its kernels, reads and checks the sample once, and makes each
forecast once for both languages.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ORDINARY = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "local-provisioner"}
GOAL = 2


def run(environment: dict[str, str]) -> tuple[float, float, str]:
    """(time on the clock, time of the processors, the line that says which kernels ran)."""
    workers = ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", *workers, "-q", "--nbval", "notebooks"]
    began, used = time.perf_counter(), processor_seconds()
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    told = [line for line in done.stdout.splitlines() if line.startswith("notebooks on a kernel")]
    return time.perf_counter() - began, processor_seconds() - used, "; ".join(told)


def processor_seconds() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    ratios = []
    for _ in range(rounds):
        warm, ordinary = run({}), run(ORDINARY)
        ratios.append([theirs / ours for theirs, ours in zip(ordinary[:2], warm[:2], strict=True)])
        for wall, used, told in (warm, ordinary):
            print(f"{wall:.1f} s, {used:.1f} s of processor; {told}", flush=True)
    wall, used = (sorted(column) for column in zip(*ratios, strict=True))
    print(
        f"nbval on warm kernels against ordinary ones: {statistics.median(wall):.1f} times "
        f"({wall[0]:.1f}-{wall[-1]:.1f}); goal {GOAL}; by processor time {statistics.median(used):.1f} "
        f"({used[0]:.1f}-{used[-1]:.1f})"
    )


if __name__ == "__main__":
    main()
