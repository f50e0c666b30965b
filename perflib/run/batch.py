"""Running many jobs: side by side, each once, one failing job costing only itself."""

import contextlib
import os
import platform
import queue
import shutil
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from perflib.data.errors import DataError, PerflibError
from perflib.data.inputs import stamp
from perflib.data.shelf import SHELF
from perflib.data.text import LANGUAGES
from perflib.run.atomic import make_folder, remove_leftovers
from perflib.run.job import Job, check_jobs, job_key
from perflib.run.manifest import clear, is_current, result_hash, write_manifest
from perflib.run.memory import MEGABYTE
from perflib.run.names import safe_name
from perflib.run.notebook import ORDINARY, TIMED_OUT, WARM
from perflib.run.pool import RUNTIME, Hand, Pool, worker_environment
from perflib.run.progress import Silent
from perflib.run.record import LOST, NOT_RUN, UNCHANGED, WORTH_RETRYING, Record, Result

HOST = safe_name(platform.node() or "host")
POLL = 0.2
GRACE = 30.0
"""Seconds beyond the time limit after which a worker that doesn't answer is killed."""


HELPERS = 2
"""As many helpers as a batch may start, when packages change during it."""


@dataclass(frozen=True)
class Limits:
    """Seconds for a whole notebook, megabytes for its kernel (0: no limit), and tries after the first."""

    seconds: float = 1800
    megabytes: float = 0
    retries: int = 1


def run_batch(
    jobs: list[Job],
    folder: Path,
    *,
    workers: int = 2,
    limits: Limits | None = None,
    warm: bool = True,
    again: bool = False,
    on: str = "",
    progress=None,
) -> Result:
    """Run every job that is not done yet, `workers` at a time; one record a job.

    `folder` holds what belongs to the run as a whole. A job whose manifest has the same key and
    whose files are untouched is left alone, unless `again`. `on` ("dask://host:port") names a
    cluster that runs the jobs in place of local workers. Never raises for a job that fails;
    ArgumentError when two jobs have one output or the folder can't be written. Ctrl-C and
    SIGTERM end it cleanly: what is done stays done.
    """
    check_jobs(jobs)
    make_folder(folder)
    batch = Batch(jobs, folder, workers, limits or Limits(), warm, again, progress or Silent())
    if on:
        from perflib.run.cluster import ClusterPool

        batch.pool = ClusterPool(on)
    return batch.run()


class Batch:
    """The state of one run: who waits, who runs, who has ended."""

    def __init__(self, jobs, folder, workers, limits, warm, again, progress):
        self.jobs: list[Job] = jobs
        self.folder, self.limits, self.again, self.progress = folder, limits, again, progress
        self.warm = warm
        self.records: dict[str, Record] = {}
        self.waiting = list(jobs)
        self.keys: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self.by_name = {job.title: job for job in jobs}
        self.stamps = {path: stamp(path) for job in jobs for path in job.inputs if path.exists()}
        self.runtime = folder / ".run" / f"runtime-{HOST}-{os.getpid()}"
        self.workers = workers
        self.pool: Pool | None = None
        self.helpers: list = []

    def run(self) -> Result:
        began = time.monotonic()
        interrupted = False
        self.progress.start(len(self.jobs))
        with _sigterm_as_interrupt():
            try:
                self._prepare()
                self._loop()
            except KeyboardInterrupt:
                interrupted = True
            finally:
                self._close(at_once=interrupted)
        for job in self.jobs:
            if job.title not in self.records:
                self.records[job.title] = Record(job, NOT_RUN, _both(PerflibError("run.not_run")))
        records = [self.records[job.title] for job in self.jobs]
        return Result(records, interrupted, time.monotonic() - began)

    def _prepare(self) -> None:
        for folder in {job.output.parent for job in self.jobs}:
            if folder.is_dir():
                remove_leftovers(folder)
        for leftover in self.folder.glob(f".run/runtime-{HOST}-*"):
            if not _is_alive(int(leftover.name.rpartition("-")[2])):
                shutil.rmtree(leftover, ignore_errors=True)

    def _loop(self) -> None:
        while self.waiting or self._busy():
            if not self._start_ready():
                self._hear()

    def _busy(self) -> list[Hand]:
        return [h for h in self.pool.hands if h.busy] if self.pool else []

    def _start_ready(self) -> bool:
        """Start (or pass over) one job that waits for nothing; False when none can be started now."""
        job = next((j for j in self.waiting if all(name in self.records for name in j.after)), None)
        if job is None:
            return False
        key = self._key(job)
        if not self.again and is_current(job, key):
            self.waiting.remove(job)
            self._end(Record(job, UNCHANGED))
            return True
        hand = self._pool().free()
        if hand is None:
            return False
        self.waiting.remove(job)
        self._give(hand, job)
        return True

    def _key(self, job: Job) -> str:
        if job.title not in self.keys:
            made = {name: result_hash(self.by_name[name]) for name in job.after}
            self.keys[job.title] = job_key(job, after=made)
        return self.keys[job.title]

    def _pool(self) -> Pool:
        if self.pool is None:
            shelf = self.runtime / "shelf"
            self.runtime.parent.mkdir(parents=True, exist_ok=True)
            self.runtime.mkdir(mode=0o700, exist_ok=True)
            shelf.mkdir(mode=0o700)
            places = {RUNTIME: str(self.runtime), SHELF: str(shelf)}
            self.environment = worker_environment(places)
            self._start_helper()
            self.pool = Pool(self.workers, self.environment)
        return self.pool

    def _start_helper(self) -> None:
        """One helper for all workers; where there is none, each kernel is an ordinary one."""
        from nbwarm.client import HelperProcess
        from nbwarm.refusal import unsupported

        if self.warm and unsupported() is None and len(self.helpers) < HELPERS:
            self.helpers.append(HelperProcess(self.environment))

    def _give(self, hand: Hand, job: Job) -> None:
        try:
            clear(job)
        except PerflibError as error:
            self._end(Record(job, "failed", _both(error), exit_code=error.exit_code))
            return
        self.attempts[job.title] = self.attempts.get(job.title, 0) + 1
        self.progress.running(job.title)
        hand.give(
            {
                "id": job.title,
                "notebook": str(job.notebook),
                "parameters": job.parameters,
                "output": str(job.output),
                "log": str(job.log),
                "call": job.call,
                "helper": self.helpers[-1].address if self.helpers else "",
                "engine": WARM if self.warm else ORDINARY,
                "time_limit": self.limits.seconds,
                "memory_limit": int(self.limits.megabytes * MEGABYTE),
            }
        )

    def _hear(self) -> None:
        """Take one answer, or notice after a while that a worker is silent for too long."""
        try:
            hand, message = self.pool.answers.get(timeout=POLL)
        except queue.Empty:
            self.progress.tick()
            self._kill_the_silent()
            return
        if message is None:
            self._lost(hand)
        elif "kernel_pid" in message:
            hand.kernel = message["kernel_pid"]
        elif "status" in message:
            job, hand.busy = self.by_name[message.pop("id")], None
            self._judge(job, message)

    def _kill_the_silent(self) -> None:
        allowed = self.limits.seconds + GRACE
        for hand in self._busy() if self.limits.seconds else []:
            if time.monotonic() - hand.since > allowed:
                job, hand.busy = self.by_name[hand.busy], None
                self.pool.drop(hand)
                reason = PerflibError("run.timed_out", seconds=f"{self.limits.seconds:g}", at="")
                self._judge(job, {"status": TIMED_OUT, "reason": _both(reason)})

    def _lost(self, hand: Hand) -> None:
        """A worker ended by itself: its job is lost, the others go on."""
        name, hand.busy = hand.busy, None
        self.pool.drop(hand)
        if name:
            self._judge(self.by_name[name], {"status": LOST, "reason": _both(PerflibError("run.lost"))})

    def _judge(self, job: Job, answer: dict) -> None:
        if answer.pop("helper", "") == (self.helpers[-1].address if self.helpers else None):
            self._start_helper()  # the packages changed under the old one, which still has kernels
        if answer["status"] in WORTH_RETRYING and self.attempts[job.title] <= self.limits.retries:
            self.waiting.insert(0, job)
            return
        record = Record(job, attempts=self.attempts[job.title], **answer)
        if record.is_good:
            record = self._manifested(record)
        self._end(record)

    def _manifested(self, record: Record) -> Record:
        """The record, once its manifest is written; a failed one if the inputs changed meanwhile."""
        try:
            self._refuse_changed(record.job)
            write_manifest(record.job, self.keys[record.job.title], kernel=record.kernel)
        except PerflibError as error:
            return Record(record.job, "failed", _both(error), exit_code=error.exit_code)
        return record

    def _refuse_changed(self, job: Job) -> None:
        for path in job.inputs:
            now = stamp(path) if path.exists() else None
            if now != self.stamps.get(path):
                raise DataError("run.data_changed", path=path)

    def _end(self, record: Record) -> None:
        self.records[record.job.title] = record
        self.progress.ended(record)

    def _close(self, *, at_once: bool) -> None:
        if self.pool:
            self.pool.close(at_once=at_once)
        for helper in self.helpers:
            helper.close()
        shutil.rmtree(self.runtime, ignore_errors=True)
        self.progress.stop()


def _both(error: PerflibError) -> dict[str, str]:
    return {lang: error.sentence(lang) for lang in LANGUAGES}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


@contextlib.contextmanager
def _sigterm_as_interrupt():
    """Let a polite kill end the batch as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(signum, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
