"""A job: one notebook with its parameters, and the key that says whether it must run again."""

from dataclasses import dataclass, field
from pathlib import Path

from perflib.data.digests import hash_file, hash_json
from perflib.data.errors import ArgumentError
from perflib.run.fingerprint import hash_code, hash_packages

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
