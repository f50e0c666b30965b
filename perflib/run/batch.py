"""Running many jobs: side by side, each once, one failing job costing only itself."""

import contextlib
import os
import shutil
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from perflib.data.errors import DataError, PerflibError
from perflib.data.inputs import stamp
from perflib.data.whole import make_folder, remove_leftovers
from perflib.run.attempt import Limits, attempt, both, failed
from perflib.run.job import Job, check_jobs, job_key
from perflib.run.kernels import HOST, Host, runtime_folder
from perflib.run.manifest import (
    LOST,
    NOT_RUN,
    UNCHANGED,
    WORTH_RETRYING,
    Record,
    Result,
    check_page,
    clear,
    is_current,
    result_hash,
    write_manifest,
)
from perflib.run.progress import Silent

POLL = 0.2


class Threads:
    """Threads of this process that run jobs, each in a kernel; a cluster has the same two methods."""

    def __init__(self, size: int, folder: Path, *, warm: bool):
        from nbwarm.lean import import_papermill

        self.size = size
        self.host = Host(folder, warm=warm)
        import_papermill()  # while the helper does its imports
        self.pool = ThreadPoolExecutor(size, "job")

    def submit(self, job: Job, limits: Limits) -> Future:
        """Run `job`; the future gives the fields of its record."""
        return self.pool.submit(attempt, job, limits, self.host)

    def close(self, *, at_once: bool = False) -> None:
        """End the kernels, those of running jobs too when it must be `at_once`, and the threads."""
        if at_once:
            self.host.kill()
        self.pool.shutdown(cancel_futures=True)
        self.host.close()


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
        from perflib.run.cluster import Cluster

        batch.pool = Cluster(on, warm=warm)
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
        self.runtime = runtime_folder(folder / ".run")
        self.workers = workers
        self.pool: Threads | None = None
        self.running: dict[Future, Job] = {}

    def run(self) -> Result:
        began = time.monotonic()
        interrupted = False
        self.progress.start(len(self.jobs))
        with _sigterm_as_interrupt():
            try:
                self._prepare()
                while self.waiting or self.running:
                    if not self._start_ready():
                        self._hear()
            except KeyboardInterrupt:
                interrupted = True
            finally:
                self._close(at_once=interrupted)
        for job in self.jobs:
            if job.title not in self.records:
                self.records[job.title] = Record(job, NOT_RUN, both(PerflibError("run.not_run")))
        records = [self.records[job.title] for job in self.jobs]
        return Result(records, interrupted, time.monotonic() - began)

    def _prepare(self) -> None:
        for folder in {job.output.parent for job in self.jobs}:
            if folder.is_dir():
                remove_leftovers(folder)
        self._clear_dead()

    def _clear_dead(self) -> None:
        for leftover in self.folder.glob(f".run/runtime-{HOST}-*"):
            if not _is_alive(int(leftover.name.rpartition("-")[2])):
                shutil.rmtree(leftover, ignore_errors=True)

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
        if len(self.running) >= self._pool().size:
            return False
        self.waiting.remove(job)
        self._give(job)
        return True

    def _key(self, job: Job) -> str:
        if job.title not in self.keys:
            made = {name: result_hash(self.by_name[name]) for name in job.after}
            self.keys[job.title] = job_key(job, after=made)
        return self.keys[job.title]

    def _pool(self) -> Threads:
        if self.pool is None:
            self.pool = Threads(self.workers, self.runtime, warm=self.warm)
        return self.pool

    def _give(self, job: Job) -> None:
        try:
            clear(job)
        except PerflibError as error:
            self._end(Record(job, **failed(error)))
            return
        self.attempts[job.title] = self.attempts.get(job.title, 0) + 1
        self.progress.running(job.title)
        self.running[self.pool.submit(job, self.limits)] = job

    def _hear(self) -> None:
        """Take the answers that are there, or notice after a while that there are none."""
        ended, _ = wait(self.running, timeout=POLL, return_when=FIRST_COMPLETED)
        for future in ended:
            self._judge(self.running.pop(future), _answer(future))
        if not ended:
            self.progress.tick()
        if not self.running:
            time.sleep(POLL)  # a cluster without workers: they may come back

    def _judge(self, job: Job, answer: dict) -> None:
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
            check_page(record.job)
            write_manifest(record.job, self.keys[record.job.title], kernel=record.kernel)
        except PerflibError as error:
            return Record(record.job, **failed(error))
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
        shutil.rmtree(self.runtime, ignore_errors=True)
        self._clear_dead()  # a kernel that outlived its killed run by a second may have written there again
        self.progress.stop()


def _answer(future: Future) -> dict:
    """What the future gives; "lost" when the place where the job ran is gone."""
    try:
        return future.result()
    except Exception:
        return {"status": LOST, "reason": both(PerflibError("run.lost"))}


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
