"""A worker process: takes jobs as lines of JSON, runs one at a time, answers in lines of JSON.

When the line to the batch breaks (the batch was killed), the worker kills its kernel,
removes the file that says how to reach it, and goes.
"""

import contextlib
import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from pathlib import Path

from nbwarm.lean import import_papermill
from perflib.data.errors import PerflibError, Wording
from perflib.data.text import LANGUAGES
from perflib.run.atomic import told_disk_errors, write_atomically
from perflib.run.memory import MemoryWatch, kill_group
from perflib.run.redact import redact, secret_values, shown_parameters

LINES_OF_LOG = 2000
ADDRESS = "PERFLIB_WARM_HELPER"
STALE = ("run_warm.changed_packages", "run_warm.no_helper")
"""Reasons for an ordinary kernel that a new helper would mend."""


class Worker:
    """One worker: where requests come from, where answers go, and the kernel it has now."""

    def __init__(self, requests, answers):
        self.answers = answers
        self.kernel = 0
        self.connection_file = ""
        self.waiting: queue.Queue = queue.Queue()
        threading.Thread(target=self._listen, args=(requests,), daemon=True).start()

    def _listen(self, requests) -> None:
        for line in requests:
            self.waiting.put(json.loads(line))
        if self.kernel:
            kill_group(self.kernel)
            with contextlib.suppress(OSError):
                os.unlink(self.connection_file)
        os._exit(0)

    def answer(self, **content) -> None:
        self.answers.write(json.dumps(content).encode() + b"\n")
        self.answers.flush()

    def work(self) -> None:
        """Answer requests until the line breaks."""
        self.answer(ready=os.getpid())
        while True:
            request = self.waiting.get()
            with _logged(request):
                result = self._run(request)
            self.answer(id=request["id"], **result)

    def _run(self, request: dict) -> dict:
        try:
            run = _call if request["call"] else self._notebook
            with told_disk_errors(Path(request["output"])):
                return run(request)
        except PerflibError as error:
            return failed(error)
        except Exception as error:
            with contextlib.suppress(OSError):
                traceback.print_exc()
            return failed(PerflibError("run.cell_raised", at="", error=f"{type(error).__name__}: {error}"))
        finally:
            self.kernel = 0

    def _notebook(self, request: dict) -> dict:
        import_papermill()
        from perflib.run.notebook import DIED, OUT_OF_MEMORY, run_notebook

        os.environ[ADDRESS] = request["helper"]
        watch = MemoryWatch(request["memory_limit"])

        def on_kernel(manager):
            self.connection_file = manager.connection_file
            self.kernel = manager.provisioner.pid
            self.answer(id=request["id"], kernel_pid=self.kernel)
            watch.start(self.kernel)

        outcome = run_notebook(
            Path(request["notebook"]),
            Path(request["output"]),
            parameters=request["parameters"],
            engine=request["engine"],
            time_limit=request["time_limit"],
            on_kernel=on_kernel,
        )
        watch.stop()
        status, reason = outcome.status, outcome.reason
        if watch.exceeded and status == DIED:
            megabytes = f"{request['memory_limit'] / 2**20:,.0f}"
            status, reason = OUT_OF_MEMORY, PerflibError("run.out_of_memory", megabytes=megabytes)
        told = {"reason": both(reason), "fallback": both(outcome.fallback)}
        if outcome.fallback and outcome.fallback.key in STALE:
            told["helper"] = request["helper"]
        kept = {k: getattr(outcome, k) for k in ("cell", "seconds", "cell_seconds", "kernel")}
        return {"status": status, **told, **kept}


def _call(request: dict) -> dict:
    """Call "module:function" with the job's parameters."""
    began = time.monotonic()
    module, _, function = request["call"].partition(":")
    getattr(importlib.import_module(module), function)(**request["parameters"])
    return {"status": "done", "reason": None, "seconds": time.monotonic() - began}


def failed(error: PerflibError) -> dict:
    """An answer for a job that could not be run at all."""
    return {"status": "failed", "reason": both(error), "exit_code": error.exit_code}


def both(reason: PerflibError | Wording | None) -> dict | None:
    """The sentence in both languages."""
    return reason and {lang: reason.sentence(lang) for lang in LANGUAGES}


@contextlib.contextmanager
def _logged(request: dict):
    """While a job runs, all that this process and its kernel say goes to the job's log.

    On a full disk the job goes on without its log, and fails only if its result can't be written.
    """
    log = Path(request["log"])
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        os.dup2(file.fileno(), 1)
        shown = shown_parameters(request["parameters"])
        with contextlib.suppress(OSError):
            print(
                f"{request['notebook']} {json.dumps(shown, ensure_ascii=False)}", file=sys.stderr, flush=True
            )
        try:
            yield
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError):
                    stream.flush()
            os.dup2(saved, 2)
            os.dup2(saved, 1)
            os.close(saved)
    _clean(log, secret_values(request["parameters"], dict(os.environ)))


def _clean(log: Path, secrets: list[str]) -> None:
    """Take secrets and noise out of the log."""
    text = log.read_text("utf-8", "replace")
    lines = [line for line in text.splitlines() if "running over TCP without encryption" not in line]
    with contextlib.suppress(PerflibError):
        write_atomically(log, redact("\n".join(lines[-LINES_OF_LOG:]) + "\n", secrets))


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    Worker(requests, answers).work()


if __name__ == "__main__":
    main()
