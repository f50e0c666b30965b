"""The worker processes of a batch: started when needed, replaced when they die, never left behind."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

from perflib.run.memory import kill_group

RUNTIME = "JUPYTER_RUNTIME_DIR"
"""The variable that names the folder of the kernels' connection files."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def worker_environment(extra: dict[str, str], base: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of workers and kernels: one thread each, and the same hash seed in each."""
    around = dict(os.environ if base is None else base)
    steady = {name: "1" for name in ONE_THREAD} | {"PYTHONHASHSEED": "0"}
    quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return steady | quiet | around | extra


class Hand:
    """One worker process and what it is busy with (`busy`: the request's id, or None)."""

    def __init__(self, answers: queue.Queue, environment: dict[str, str]):
        self.busy: str | None = None
        self.since = 0.0
        self.kernel = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "perflib.run.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._listen, args=(answers,), daemon=True)
        self._reader.start()

    def _listen(self, answers: queue.Queue) -> None:
        with suppress(OSError, ValueError):
            for line in self.process.stdout:
                answers.put((self, json.loads(line)))
        answers.put((self, None))

    def give(self, request: dict) -> None:
        self.busy, self.since, self.kernel = request["id"], time.monotonic(), 0
        with suppress(OSError):  # a worker that just died is noticed by its reader
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()

    def kill(self) -> None:
        """End the worker and its kernel at once."""
        if self.kernel and self.process.poll() is None:
            kill_group(self.kernel)
        with suppress(OSError):
            self.process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        self.close()

    def close(self) -> None:
        """Break the line, which ends the worker, and wait until it is gone."""
        with suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(timeout=5)
        self.process.stdout.close()


class Pool:
    """Up to `size` workers; `answers` yields (hand, message), with None for a worker that ended."""

    def __init__(self, size: int, environment: dict[str, str]):
        self.size = size
        self.environment = environment
        self.answers: queue.Queue = queue.Queue()
        self.hands: list[Hand] = []

    def free(self) -> Hand | None:
        """A worker with nothing to do, started if there may be one more; None when all are busy."""
        for hand in self.hands:
            if hand.busy is None:
                return hand
        if len(self.hands) >= self.size:
            return None
        self.hands.append(Hand(self.answers, self.environment))
        return self.hands[-1]

    def drop(self, hand: Hand) -> None:
        if hand in self.hands:
            self.hands.remove(hand)
            hand.kill()

    def close(self, *, at_once: bool = False) -> None:
        for hand in self.hands:
            hand.kill() if at_once else hand.close()
        self.hands.clear()
