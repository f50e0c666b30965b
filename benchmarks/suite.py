"""Forty of the suite's own notebooks against the work of their cells, and every one against papermill's.

    python benchmarks/suite.py [rounds] [--same]

Goals: the batch takes at most 1.4 times the sum of the cells' own work divided by two cores (the
limit), start-up included; the outputs of every notebook of the suite, figures included, are those
of papermill with its ordinary kernel. `--same` looks at the outputs only.
"""

import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat

from perflib.data.text import LANGUAGES
from perflib.run.batch import Limits, run_batch
from perflib.run.job import Job
from perflib.run.suite import suite

COUNT, WORKERS, SHORTEST, GOAL = 40, 2, 1.0, 1.4


def books() -> list[Path]:
    return [notebook for lang in LANGUAGES for notebook in suite(lang)]


def forty(folder: Path, chosen: list[Path]) -> list[Job]:
    """`COUNT` jobs of the chosen notebooks, in turn; each is run anew."""
    return [
        Job(
            chosen[i % len(chosen)],
            {},
            folder / f"{i:02}.ipynb",
            name=f"{i:02}-{chosen[i % len(chosen)].stem}",
        )
        for i in range(COUNT)
    ]


def run(jobs: list[Job], folder: Path) -> tuple[float, list]:
    began = time.perf_counter()
    result = run_batch(jobs, folder, workers=WORKERS, limits=Limits(600))
    took = time.perf_counter() - began
    bad = [
        (r.job.title, r.status, r.kernel, r.reason or r.fallback)
        for r in result.records
        if r.kernel != "warm"
    ]
    assert not bad and all(r.is_good for r in result.records), bad or result.counts()
    return took, result.records


def shown(cells: list) -> list:
    """What a notebook shows: its texts, tables and figures."""
    code = [
        c for c in cells if c.cell_type == "code" and "injected-parameters" not in c.metadata.get("tags", [])
    ]
    return [[(o.get("text"), o.get("data")) for o in c.outputs] for c in code]


def theirs(book: Path) -> list:
    """What papermill's own engine with an ordinary kernel makes of the notebook."""
    from papermill import execute_notebook

    return shown(execute_notebook(str(book), None, progress_bar=False, cwd=str(book.parent)).cells)


def compared(folder: Path) -> tuple[list, list[str]]:
    """(records of every notebook of the suite, those whose outputs are not papermill's)."""
    jobs = [
        Job(book, {}, folder / book.parent.name / book.name, name=f"{book.parent.name}-{book.stem}")
        for book in books()
    ]
    _, records = run(jobs, folder)
    with ProcessPoolExecutor(WORKERS) as pool:
        ordinary = pool.map(theirs, [record.job.notebook for record in records])
        found = [
            record.job.title
            for record, other in zip(records, ordinary, strict=True)
            if shown(nbformat.read(record.job.output, as_version=4).cells) != other
        ]
    print(
        f"outputs identical to papermill's, figures included: {len(records) - len(found)} of {len(records)}; "
        f"others: {', '.join(found) or 'none'}",
        flush=True,
    )
    return records, found


def main() -> int:
    rounds = next((int(word) for word in sys.argv[1:] if word.isdecimal()), 2)
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        records, found = compared(Path(name) / "same")
        if "--same" in sys.argv:
            return len(found)
        chosen = [r.job.notebook for r in records if r.cell_seconds >= SHORTEST]
        print(f"{len(chosen)} of the suite's notebooks have {SHORTEST:g} s of work or more", flush=True)
        for turn in range(rounds):
            folder = Path(name) / str(turn)
            took, records = run(forty(folder, chosen), folder)
            limit = sum(r.cell_seconds for r in records) / WORKERS
            ratios.append(took / limit)
            print(
                f"{COUNT} notebooks in {took:.1f} s; their cells' work on {WORKERS} cores {limit:.1f} s",
                flush=True,
            )
    ratios.sort()
    middle = statistics.median(ratios)
    print(f"batch against the limit: {middle:.2f} times ({ratios[0]:.2f}-{ratios[-1]:.2f}); goal {GOAL}")
    return 0 if middle <= GOAL and not found else 1


if __name__ == "__main__":
    sys.exit(main())
