"""A limit on the memory of one kernel, watched from outside."""

import os
import signal
import threading
from contextlib import suppress

POLL = 0.1
MEGABYTE = 1024 * 1024


class MemoryWatch:
    """Kills the process `pid` (and its group) once it holds more than `limit` bytes.

    `exceeded` says afterwards whether it did. A limit of 0 watches nothing.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self.exceeded = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> None:
        if self.limit:
            self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _watch(self, pid: int) -> None:
        while not self._ended.wait(POLL):
            if resident_bytes(pid) > self.limit:
                self.exceeded = True
                kill_group(pid)
                return


def resident_bytes(pid: int) -> int:
    """Memory that the process holds now, in bytes; 0 when it is gone."""
    import psutil

    with suppress(psutil.Error):
        return psutil.Process(pid).memory_info().rss
    return 0


def kill_group(pid: int) -> None:
    """Kill a kernel and what it started; a kernel leads a process group of its own."""
    with suppress(OSError):
        if hasattr(os, "killpg") and os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
