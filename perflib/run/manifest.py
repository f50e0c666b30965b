"""Manifests: the one proof that a job is done, written last and removed first."""

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from perflib.data.errors import DataError
from perflib.data.inputs import stamp
from perflib.data.whole import hash_file, hash_json, read_json, told_disk_errors, write_json
from perflib.run.job import PAGES, Job
from perflib.run.notebook import shown_parameters

UNCHANGED, NOT_RUN, LOST = "unchanged", "not_run", "lost"
GOOD = ("done", UNCHANGED)
WORTH_RETRYING = ("died", LOST)
EXIT_FAILED, EXIT_INTERRUPTED = 4, 130
VERSION = 1


def read_manifest(job: Job) -> dict | None:
    """What the manifest says, or None: the job is not done."""
    found = read_json(job.manifest)
    return found if isinstance(found, dict) and found.get("version") == VERSION else None


def is_current(job: Job, key: str) -> bool:
    """Whether the job was done with this very key and its files are still what it wrote."""
    manifest = read_manifest(job)
    if manifest is None or manifest["key"] != key:
        return False
    return all(_is_same(job.output.parent / name, *known) for name, known in manifest["files"].items())


def _is_same(path: Path, known_stamp: list[int], known_hash: str) -> bool:
    try:
        found = stamp(path)
    except OSError:
        return False
    return found == known_stamp or (found[0] == known_stamp[0] and hash_file(path) == known_hash)


def result_hash(job: Job) -> str:
    """SHA-256 of what the job made (names and bytes); of nothing, when it is not done."""
    manifest = read_manifest(job)
    files = manifest["files"] if manifest else {}
    return hash_json({name: known[1] for name, known in files.items()})


def write_manifest(job: Job, key: str, *, kernel: str = "") -> None:
    """Declare the job done: its key, and stamp and hash of every file that it wrote."""
    files = {}
    for path in made_files(job):
        name = Path(os.path.relpath(path, job.output.parent)).as_posix()
        files[name] = [stamp(path), hash_file(path)]
    write_json(job.manifest, {"version": VERSION, "key": key, "files": files, "kernel": kernel})


def made_files(job: Job) -> list[Path]:
    """The job's output and every file in its products, sorted."""
    found = [job.output] if job.output.is_file() else []
    for product in job.products:
        found += [p for p in product.rglob("*") if p.is_file()] if product.is_dir() else [product]
    return sorted({p for p in found if p.is_file()})


def check_page(job: Job) -> None:
    """Raise DataError unless a job that is to be a chapter wrote one page, on what it was asked for."""
    if job.pages is None:
        return
    found = list(job.pages.glob(PAGES))
    if len(found) != 1:
        raise DataError("run.not_one_page", notebook=job.notebook.name, count=len(found))
    told = json.loads(found[0].read_text("utf-8"))
    for name in ("district", "year", "edition", "lang"):
        found, expected = told.get(name), job.parameters.get(name)
        if found != expected:
            about = {"notebook": job.notebook.name, "name": name}
            raise DataError("run.other_page", **about, found=found, expected=expected)


def clear(job: Job) -> None:
    """Take back the word "done", then remove what an earlier run of the job left."""
    with told_disk_errors(job.manifest):
        job.manifest.parent.mkdir(parents=True, exist_ok=True)
        job.manifest.unlink(missing_ok=True)
        job.output.unlink(missing_ok=True)
        for product in job.products:
            if product.is_dir():
                shutil.rmtree(product)
            else:
                product.unlink(missing_ok=True)


@dataclass
class Record:
    """One job's end: its status, the reason in both languages, and how it was run."""

    job: Job
    status: str
    reason: dict[str, str] | None = None
    cell: int | None = None
    seconds: float = 0.0
    cell_seconds: float = 0.0
    attempts: int = 0
    kernel: str = ""
    fallback: dict[str, str] | None = None
    exit_code: int = EXIT_FAILED

    @property
    def is_good(self) -> bool:
        return self.status in GOOD

    def as_json(self) -> dict:
        names = ("status", "reason", "cell", "seconds", "cell_seconds", "attempts", "kernel", "fallback")
        rest = {name: getattr(self, name) for name in names}
        told = {"name": self.job.title, "notebook": self.job.notebook.name}
        told["parameters"] = shown_parameters(self.job.parameters)
        return {**told, "output": str(self.job.output), "log": str(self.job.log), **rest}


@dataclass
class Result:
    """A whole batch: one record a job, in the jobs' order; whether it was stopped; how long it took."""

    records: list[Record] = field(default_factory=list)
    is_interrupted: bool = False
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0: all good; 130: stopped; the job's own code when all failed alike; else 4."""
        if self.is_interrupted:
            return EXIT_INTERRUPTED
        codes = {r.exit_code for r in self.records if not r.is_good}
        return 0 if not codes else codes.pop() if len(codes) == 1 else EXIT_FAILED

    def counts(self) -> dict[str, int]:
        """How many jobs ended with each status."""
        return Counter(record.status for record in self.records)
