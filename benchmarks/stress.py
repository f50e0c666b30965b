"""Five hundred notebooks of which some go wrong in every way there is; then a batch killed at random moments.

    python benchmarks/stress.py [notebooks] [kills]

Goals: every good notebook is done and identical to the same one alone on an ordinary kernel, every
bad one is reported with its reason, and neither processes, sockets nor temporary files are left.
After kills with SIGKILL the restarted batch gives what an undisturbed one gives.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from perflib.run.batch import Limits, run_batch
from perflib.run.job import Job
from tests.run.conftest import leftovers

BAD = {
    "raises": ("failed", "ZeroDivisionError", "1 / 0"),
    "hangs": ("timed_out", "may take", "import time; time.sleep(600)"),
    "hoards": (
        "out_of_memory",
        "MB",
        "b = bytearray(900_000_000); b[::4096] = b'1' * len(b[::4096]); import time; time.sleep(60)",
    ),
    "dies": ("died", "kernel died", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
}
GOOD = "import pandas as pd; print(pd.Series(range(x)).sum() / 7)"
FLOODS = "print('y' * 50_000_000)"
LIMITS = Limits(seconds=10, megabytes=700, retries=1)
SEED = 7
KINDS = ("good",) * 14 + ("raises", "raises", "dies", "hoards", "hangs", "floods")
"""What the notebooks are, by lot: seven tenths are good."""
SCRIPT = """
import sys
from pathlib import Path
from perflib.run.batch import run_batch
from perflib.run.job import Job
root, count = Path(sys.argv[1]), int(sys.argv[2])
jobs = [Job(root / "good.ipynb", {"x": i}, root / "out" / f"{i}.ipynb") for i in range(count)]
sys.exit(run_batch(jobs, root / "out", workers=2).exit_code)
"""


def write(path: Path, cell: str) -> Path:
    first = new_code_cell("x: int = 1", metadata={"tags": ["parameters"]}, id="a")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [first, new_code_cell(cell, id="b")]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def kinds(count: int, floods: int) -> list[str]:
    """The kind of each notebook, by lot; at most `floods` write 50 MB, the rest of those are good."""
    drawn = random.Random(SEED).choices(KINDS, k=count)
    flooding = [place for place, kind in enumerate(drawn) if kind == "floods"]
    for place in flooding[floods:]:
        drawn[place] = "good"
    return drawn


def sockets() -> list[str]:
    """Sockets that this process still holds open; those of other processes end with them."""
    found = []
    for end in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found += [name for name in [os.readlink(end)] if name.startswith("socket:")]
    return found


def traces(folder: Path, temporary: Path) -> dict[str, list]:
    """What a batch left: processes, sockets, temporary files."""
    parts = [str(p) for p in folder.rglob("*") if p.suffix == ".part" or "runtime-" in p.name]
    return {
        "processes": leftovers(folder.name),
        "sockets": sockets(),
        "temporary files": parts + [p.name for p in temporary.iterdir()],
    }


def troubled(folder: Path, temporary: Path, count: int) -> bool:
    """Run the notebooks, of which some go wrong; say what came of them; whether all is as it must be."""
    cells = {"good": GOOD, "floods": FLOODS} | {name: cell for name, (_, _, cell) in BAD.items()}
    books = {name: write(folder / f"{name}.ipynb", cell) for name, cell in cells.items()}
    out = folder / "out"
    drawn = kinds(count, floods=5)
    jobs = [Job(books[k], {"x": i}, out / f"{i:03}-{k}.ipynb") for i, k in enumerate(drawn, 1)]
    began = time.monotonic()
    records = run_batch(jobs, out, workers=2, limits=LIMITS).records
    took = time.monotonic() - began
    wrong = []
    for record, kind in zip(records, drawn, strict=True):
        status, reason = BAD[kind][:2] if kind in BAD else ("done", "")
        if record.status != status or reason not in (record.reason or {"en": ""})["en"]:
            wrong.append((record.job.title, record.status, record.reason))
    alone = [j for j, kind in zip(jobs, drawn, strict=True) if kind == "good"][:20]
    again = [Job(j.notebook, j.parameters, folder / "alone" / j.output.name) for j in alone]
    run_batch(again, folder / "alone", workers=2, warm=False)
    same = sum(a.output.read_bytes() == b.output.read_bytes() for a, b in zip(alone, again, strict=True))
    sums = sum(
        f"{i * (i - 1) // 2 / 7}" in job.output.read_text("utf-8")
        for i, (job, kind) in enumerate(zip(jobs, drawn, strict=True), 1)
        if kind == "good"
    )
    good = drawn.count("good")
    left = traces(folder, temporary)
    print(f"{count} notebooks in {took:.0f} s: {json.dumps(dict(Counter(r.status for r in records)))}")
    print(f"told with another status or reason than their own: {wrong or 'none'}")
    print(
        f"good ones with the right result: {sums} of {good}; the bytes of an ordinary kernel: {same} of {len(alone)}"
    )
    print(f"left behind: {json.dumps(left)}", flush=True)
    return not wrong and sums == good and same == len(alone) and not any(left.values())


def killed(folder: Path, temporary: Path, kills: int, count: int = 24) -> bool:
    """Kill the batch at random moments until it has ended; whether all is as after an undisturbed run."""
    write(folder / "good.ipynb", "import time; time.sleep(0.1)\n" + GOOD)
    chance = random.Random(SEED)
    command = [sys.executable, "-c", SCRIPT, str(folder), str(count)]
    hit = 0
    for _ in range(kills):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 6))
        hit += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        made = sorted((folder / "out").glob("*.ipynb"))
        if made and chance.random() < 0.5:  # so that the next round has something to do
            chance.choice(made).unlink()
    assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    undisturbed = folder / "undisturbed"
    undisturbed.mkdir()
    write(undisturbed / "good.ipynb", "import time; time.sleep(0.1)\n" + GOOD)
    command[3] = str(undisturbed)
    assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    one, other = (
        {p.name: p.read_bytes() for p in (root / "out").glob("*.ipynb")} for root in (folder, undisturbed)
    )
    time.sleep(1)
    left = traces(folder, temporary)
    print(
        f"{hit} of {kills} kills hit a running batch; results as undisturbed: {one == other and len(one) == count}"
    )
    print(f"left behind: {json.dumps(left)}")
    return one == other and len(one) == count and not any(left.values())


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory(prefix="perflib-stress-") as name:
        temporary = Path(name) / "temporary"
        temporary.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
        good = []
        for part in ("one", "two"):
            folder = Path(name) / f"{Path(name).name}-{part}"
            folder.mkdir()
            os.environ["PERFLIB_MARK"] = folder.name
            good.append(
                troubled(folder, temporary, count) if part == "one" else killed(folder, temporary, kills)
            )
        tempfile.tempdir = None
    print("all goals met" if all(good) else "goals missed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
