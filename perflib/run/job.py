"""A job: one notebook with its parameters, and the key that says whether it must run again."""

import hashlib
import importlib
import json
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from perflib.data.errors import ArgumentError, PerflibError
from perflib.data.places import PACKAGE, shared_folder
from perflib.data.whole import hash_file, hash_json

CODE = {".py", ".toml", ".lua", ".typ", ".md", ".html", ".jinja", ".css", ".js"}
SAID = ("text", "reports/templates")
"""Folders beside the code, or in the wheel's share, that a result depends on as well."""
ANSWER = "application/vnd.perflib.answer+json"
PAGES = "chapters/*/chapter.json"
"""Where the pages that a notebook wrote are found below its output."""
PLACES = ("output",)
"""Parameters that only say where results go: moving a folder is no reason to run again."""


@dataclass(frozen=True)
class Job:
    """One notebook to run, or one function to call when others are done.

    Attributes
    ----------
    notebook : the notebook's path (for a call: the file that the result depends on)
    parameters : checked against the notebook's `parameters` cell
    output : where the executed notebook (for a call: its main file) goes
    products : files or folders that belong to the job: emptied before it runs, hashed after
    rows : hashes of the checked rows or partition files that it reads
    inputs : files whose change during the run makes the result worthless
    after : names of jobs that must have ended before
    call : "module:function" run in a worker with `parameters` in place of a notebook
    label : what readers call the result
    pages : a folder in which the notebook must write one page (`chapters/<name>`): without it the job has failed
    """

    notebook: Path
    parameters: dict = field(default_factory=dict)
    output: Path = Path("output.ipynb")
    name: str = ""
    products: tuple[Path, ...] = ()
    rows: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    after: tuple[str, ...] = ()
    call: str = ""
    label: str = ""
    pages: Path | None = None

    @property
    def title(self) -> str:
        return self.name or self.output.stem

    @property
    def manifest(self) -> Path:
        return self.output.parent / ".run" / f"{self.output.name}.json"

    @property
    def log(self) -> Path:
        return self.output.parent / ".run" / f"{self.output.name}.log"


def job_key(job: Job, *, after: dict[str, str] | None = None) -> str:
    """SHA-256 of all that the job's result depends on.

    `after` maps the jobs it waits for to what they made. The place of the output is left out.
    """
    parameters = {k: v for k, v in job.parameters.items() if k not in PLACES}
    return hash_json(
        {
            "notebook": hash_file(job.notebook) if job.notebook.is_file() else "",
            "parameters": parameters,
            "call": job.call,
            "code": hash_code(),
            "packages": hash_packages(),
            "rows": sorted(job.rows),
            "after": {name: (after or {}).get(name, "") for name in job.after},
        }
    )


def check_jobs(jobs: list[Job]) -> None:
    """Refuse a list in which two jobs write the same file, or one waits for a job that isn't there."""
    seen: dict[Path, Job] = {}
    for job in jobs:
        for path in (job.output.resolve(), *(p.resolve() for p in job.products)):
            if path in seen:
                raise ArgumentError("run.same_output", path=path, first=seen[path].title, second=job.title)
            seen[path] = job
    titles = [job.title for job in jobs]
    assert len(set(titles)) == len(titles), "two jobs of one name"
    assert all(name in titles for job in jobs for name in job.after), "a job waits for one that isn't there"


@cache
def hash_code() -> str:
    """SHA-256 over perflib's own files (code, rules, what pages say, layouts), names included."""
    total = hashlib.sha256()
    for name, folder in {"": PACKAGE, **{name: shared_folder(name) for name in SAID}}.items():
        files = (p for p in folder.rglob("*") if p.suffix in CODE and p.is_file())
        for place, path in sorted((p.relative_to(folder).as_posix(), p) for p in files):
            if name or not place.startswith("share/"):
                total.update(f"{name}/{place}\0{hash_file(path)}\n".encode())
    return total.hexdigest()


@cache
def hash_packages() -> str:
    """SHA-256 over Python's version and the name and version of every installed package."""
    places = sorted({p for p in sys.path if p and Path(p).is_dir()})
    found = {d.name for place in places for d in Path(place).glob("*.dist-info")}
    return hash_json([sys.version, sys.platform, sorted(found)])


def run_call(call: str, parameters: dict, **options) -> dict:
    """What came of "module:function" with `parameters`, as the fields of a job's record."""
    from nbformat.v4 import new_code_cell, new_notebook

    from perflib.run.attempt import both
    from perflib.run.notebook import DONE, execute, judge

    cell = f"from perflib.run.job import answer\nanswer({call!r}, {json.dumps(parameters)!r})"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    source = new_notebook(cells=[new_code_cell(cell)], metadata={"kernelspec": kernel})
    run = execute(source, {}, folder=Path.cwd(), **options)
    outputs = run.executed.cells[-1].get("outputs", [])
    told = [o.data[ANSWER] for o in outputs if ANSWER in o.get("data", {})]
    status, reason, _ = judge(run, [])
    answer = told[0] if told else {"status": status, "reason": both(reason)}
    return answer | ({"seconds": run.seconds} if answer["status"] == DONE else {})


def answer(call: str, parameters: str) -> None:
    """In the kernel: call "module:function" with the JSON `parameters`, and tell a fault of the user's."""
    from IPython.display import display

    from perflib.run.attempt import failed

    module, _, function = call.partition(":")
    try:
        getattr(importlib.import_module(module), function)(**json.loads(parameters))
    except PerflibError as error:
        display({ANSWER: failed(error)}, raw=True)
