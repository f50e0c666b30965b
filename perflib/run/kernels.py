"""What the kernels of one batch share on one machine: environment, private folder and warm helper."""

import os
import platform
import threading
from contextlib import suppress
from pathlib import Path

from nbwarm import Helpers
from perflib.data.places import PACKAGE, SHELF, shared_folder
from perflib.data.whole import safe_name

PRELOADED = "usual,perflib.data.*,perflib.measure.*,perflib.infer.*,perflib.show.*"
STEADY = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}  # fmt: skip
"""One thread for each kernel, as many run side by side, and sets in the same order in each."""
HOST = safe_name(platform.node() or "host")
BOOKS = "shelf"  # the folder of the books, below that of the batch


def runtime_folder(memory: Path) -> Path:
    """Where a batch of this process keeps what lasts as long as it does, below the folder that remembers its runs."""
    return memory / f"runtime-{HOST}-{os.getpid()}"


class Host:
    """The place where kernels run, for as long as a batch lasts.

    `folder` is made, for this user alone: the kernels' connection files and the books that they
    share lie there. Hosts of one `name` on one machine share one warm helper. Once closed, nothing
    is written any more by a job that was under way.
    """

    def __init__(self, folder: Path, *, warm: bool = True, name: str = ""):
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shelf = folder / BOOKS
        shelf.mkdir(mode=0o700, exist_ok=True)
        # this process's environment, made steady, with what the helper is to import and to watch
        watched = os.pathsep.join(map(str, (PACKAGE / "text", PACKAGE / "rules", shared_folder("text"))))
        told = {"NBWARM_MODULES": PRELOADED, "NBWARM_WATCH": watched}
        self.environment = STEADY | told | os.environ | {SHELF: str(shelf)}
        self.helpers = Helpers(self.environment, name) if warm else None
        self.helper = self.helpers.address() if warm else ""  # it starts now, before it is asked
        self.is_closed = False
        self._running: set = set()
        self._lock = threading.Lock()

    @property
    def warm(self) -> bool:
        """Whether kernels are forked, where that can be done."""
        return self.helpers is not None

    def renew(self, stale: str) -> None:
        """Ask another helper from now on: packages have changed since `stale` was started."""
        self.helper = self.helpers.address(stale)

    def started(self, manager) -> None:
        """Take note of a kernel that runs; end it at once when nobody waits for it any more."""
        with self._lock:
            self._running.add(manager.provisioner)
        if self.is_closed:
            self.kill()

    def ended(self, manager) -> None:
        """Forget a kernel that has ended."""
        with self._lock:
            self._running.discard(manager.provisioner)

    def kill(self) -> None:
        """Kill every kernel at once: the jobs under way end, and write nothing."""
        from nbwarm.notebook import kill_group

        self.is_closed = True
        with self._lock:
            for provisioner in self._running:
                if provisioner.process is not None and provisioner.process.poll() is None:
                    kill_group(provisioner.pid)

    def close(self) -> None:
        """End what is left of the kernels, and the helper."""
        self.is_closed = True
        if self.helpers:
            with suppress(OSError):
                self.helpers.close()
