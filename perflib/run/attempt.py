"""One try at a job, in a thread of the batch or on a cluster: the notebook run, its log, and the answer."""

import asyncio
import contextlib
import json
import os
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jupyter_core.utils import ensure_event_loop

from nbwarm.client import STALE
from perflib.data.errors import PerflibError, Wording
from perflib.data.text import LANGUAGES
from perflib.data.whole import told_disk_errors, write_whole
from perflib.run.job import Job, run_call
from perflib.run.kernels import Host
from perflib.run.notebook import redact, run_notebook, secret_values, shown_parameters

LINES_OF_LOG = 2000
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds for a whole notebook, megabytes for its kernel (0: no limit), and tries after the first."""

    seconds: float = 1800
    megabytes: float = 0
    retries: int = 1


def attempt(job: Job, limits: Limits, host: Host) -> dict:
    """Run `job` on `host` and say what came of it, as the fields of its record. Raises nothing."""
    try:
        with told_disk_errors(job.output), _own_loop(), _logged(job) as log:
            try:
                return _run(job, limits, host, log)
            except (PerflibError, OSError):
                raise
            except Exception as error:
                log.write(traceback.format_exc().encode())
                return failed(
                    PerflibError("run.cell_raised", at="", error=f"{type(error).__name__}: {error}")
                )
    except PerflibError as error:
        return failed(error)
    except OSError as error:
        return failed(PerflibError("run.cell_raised", at="", error=f"{type(error).__name__}: {error}"))


def _run(job: Job, limits: Limits, host: Host, log: BinaryIO) -> dict:
    options = {"host": host, "log": log, "time_limit": limits.seconds}
    options["memory_limit"] = limits.megabytes * MEGABYTE
    if job.call:
        return run_call(job.call, job.parameters, **options)
    helper = host.helper
    outcome = run_notebook(job.notebook, job.output, parameters=job.parameters, **options)
    if outcome.fallback and outcome.fallback.key in STALE:
        host.renew(helper)
    kept = {k: getattr(outcome, k) for k in ("status", "cell", "seconds", "cell_seconds", "kernel")}
    return kept | {"reason": both(outcome.reason), "fallback": both(outcome.fallback)}


@contextlib.contextmanager
def _own_loop() -> Iterator[None]:
    """The event loop that Jupyter makes for this thread, closed in the end."""
    loop = ensure_event_loop()
    try:
        yield
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        asyncio.set_event_loop(None)


def failed(error: PerflibError) -> dict:
    """An answer for a job that could not be run at all."""
    return {"status": "failed", "reason": both(error), "exit_code": error.exit_code}


def both(reason: PerflibError | Wording | None) -> dict | None:
    """The sentence in both languages."""
    return reason and {lang: reason.sentence(lang) for lang in LANGUAGES}


@contextlib.contextmanager
def _logged(job: Job) -> Iterator[BinaryIO]:
    """The job's log, open for what its kernel says; in the end without secrets and noise.

    On a full disk the job goes on without its log, and fails only if its result can't be written.
    """
    job.log.parent.mkdir(parents=True, exist_ok=True)
    job.log.unlink(missing_ok=True)
    with job.log.open("ab", buffering=0) as log:
        shown = json.dumps(shown_parameters(job.parameters), ensure_ascii=False)
        with contextlib.suppress(OSError):
            log.write(f"{job.notebook} {shown}\n".encode())
        yield log
    _clean(job.log, secret_values(job.parameters, dict(os.environ)))


def _clean(log: Path, secrets: list[str]) -> None:
    """Take secrets and noise out of the log."""
    text = log.read_text("utf-8", "replace")
    lines = [line for line in text.splitlines() if "running over TCP without encryption" not in line]
    with contextlib.suppress(PerflibError):
        write_whole(log, redact("\n".join(lines[-LINES_OF_LOG:]) + "\n", secrets))
