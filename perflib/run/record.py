"""What became of each job of a batch."""

from dataclasses import dataclass, field

from perflib.run.job import Job
from perflib.run.redact import shown_parameters

UNCHANGED, NOT_RUN, LOST = "unchanged", "not_run", "lost"
GOOD = ("done", UNCHANGED)
WORTH_RETRYING = ("died", LOST)
EXIT_FAILED, EXIT_INTERRUPTED = 4, 130


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
        return {
            "name": self.job.title,
            "notebook": self.job.notebook.name,
            "parameters": shown_parameters(self.job.parameters),
            "output": str(self.job.output),
            "log": str(self.job.log),
            **rest,
        }


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
        found: dict[str, int] = {}
        for record in self.records:
            found[record.status] = found.get(record.status, 0) + 1
        return found
