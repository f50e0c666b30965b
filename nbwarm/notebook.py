"""How papermill runs a notebook here: forked kernels, limits for the whole notebook, and statuses that tell the truth.

After a dead kernel or a time-out papermill 2.7 marks every cell completed and the notebook
free of exceptions; here the cell that was running is marked failed and the rest stay pending.
"""

import asyncio
import os
import signal
import tempfile
import time
from contextlib import suppress

import psutil
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import ensure_async
from nbclient.exceptions import CellExecutionError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from traitlets import Any, Bool, Dict, Float, Unicode

PROVISIONER = "nbwarm"
SHORTEST = 0.01
EXIT_POLL = 0.005
KERNEL_POLL = 0.1
OUTPUT_SECONDS = 120
"""How long a cell's outputs may come after its end: nbclient's 4 s are too few on a busy machine."""
RENAMED = ("input_path", "timeout", "startup_timeout", "execution_timeout")


class WarmKernelManager(AsyncKernelManager):
    """Asks for the warm provisioner in its own kernel spec, whatever the default is."""

    helper = Unicode("", help="address of the helper to ask; empty: one of this process's own")

    @property
    def kernel_spec(self):
        spec = AsyncKernelManager.kernel_spec.fget(self)
        if spec is not None:
            config = {"helper": self.helper}
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": config}
        return spec

    async def _async_wait(self, pollinterval: float = EXIT_POLL) -> None:
        while await ensure_async(self.is_alive()):
            await asyncio.sleep(EXIT_POLL)

    async def _async_interrupt_kernel(self) -> None:
        # before a shutdown the interrupt would only hit a kernel that has nothing to do any more
        if not self.shutting_down:
            await super()._async_interrupt_kernel()


class NotebookClient(PapermillNotebookClient):
    """Runs the cells; knows when the notebook must end, and tells of its kernel."""

    warm = Bool(True, help="whether to fork the kernel")
    helper = Unicode("", help="address of the helper to ask; empty: one of this process's own")
    launch = Dict(help="what the kernel is started with: its `env`, `stdout`, `stderr`")
    folder = Unicode("", help="where the connection file goes; empty: where Jupyter puts it")
    time_limit = Float(0.0, help="seconds for all cells together; 0: no limit")
    memory_limit = Float(0.0, help="bytes that the kernel may hold; 0: no limit")
    on_kernel = Any(None, allow_none=True, help="called with the kernel manager once the kernel runs")

    def __init__(self, nb_man, **options):
        super().__init__(nb_man, **options)
        self.record_timing = False
        self.iopub_timeout = OUTPUT_SECONDS

    def create_kernel_manager(self):
        if self.warm:
            self.kernel_manager_class = WarmKernelManager
        manager = super().create_kernel_manager()
        if self.warm:
            manager.helper = self.helper
        if is_private(self.folder):
            handle, manager.connection_file = tempfile.mkstemp(".json", "kernel-", self.folder)
            os.close(handle)
        return manager

    def start_new_kernel_client(self, **options):
        if self.on_kernel:
            self.on_kernel(self.km)
        return super().start_new_kernel_client(**options)

    def execute(self, **options):
        return super().execute(**self.launch, **options)

    def papermill_execute_cells(self):
        if self.time_limit:
            deadline = time.monotonic() + self.time_limit
            self.timeout_func = lambda cell: max(deadline - time.monotonic(), SHORTEST)
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            try:
                self.execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index, exception=error)
                break
            except Exception:
                # a dead kernel or a time-out: nothing polite to say to that kernel any more
                self.nb_man.cell_exception(self.nb.cells[index], cell_index=index)
                self.shutdown_kernel = "immediate"
                raise
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)

    async def _async_poll_kernel_alive(self):
        while True:
            await asyncio.sleep(KERNEL_POLL)
            self._hold_to_memory_limit()
            try:
                await self._async_check_alive()
            except DeadKernelError:
                self.task_poll_for_reply.cancel()
                return

    def _hold_to_memory_limit(self) -> None:
        provisioner = self.km.provisioner
        if self.memory_limit and provisioner and resident_bytes(provisioner.pid) > self.memory_limit:
            self.km.ended_for_memory = True
            kill_group(provisioner.pid)


def is_private(folder: str) -> bool:
    """Whether connection files may lie in `folder`: they hold keys, so nobody else may read them there."""
    return os.path.isdir(folder) and not os.stat(folder).st_mode & 0o077


def resident_bytes(pid: int) -> int:
    """Memory that the process holds now, in bytes; 0 when it is gone."""
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


class NotebookEngine(NBClientEngine):
    """What stands behind the engine "nbwarm"."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, log_output=False, start_timeout=60, keep=None, log=logger, **options
    ):
        """Run the notebook; `keep`, a list, receives it even when it fails, `log` is told why."""
        if keep is not None:
            keep.append(nb_man.nb)
        safe = {k: v for k, v in options.items() if k not in RENAMED}
        client = NotebookClient(
            nb_man,
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=log,
            log_output=log_output,
            **safe,
        )
        return client.execute()
