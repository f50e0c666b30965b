"""Papermill's engine with one limit for the whole notebook and statuses that tell the truth.

After a dead kernel or a time-out papermill 2.7 marks every cell completed and the notebook
free of exceptions; here the cell that was running is marked failed and the rest stay pending.
"""

import asyncio
import os
import tempfile
import time

from nbclient.exceptions import CellExecutionError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from traitlets import Any, Float

from perflib.run.pool import RUNTIME

SHORTEST = 0.01
DEAD_KERNEL_POLL = 0.1
OUTPUT_SECONDS = 120
"""How long a cell's outputs may come after its end: nbclient's 4 s are too few on a busy machine."""
RENAMED = ("input_path", "timeout", "startup_timeout", "execution_timeout")


class HonestClient(PapermillNotebookClient):
    """Runs the cells; knows when the notebook must end, and tells of its kernel."""

    time_limit = Float(0.0, help="seconds for all cells together; 0: no limit")
    on_kernel = Any(None, allow_none=True, help="called with the kernel manager once the kernel runs")

    def __init__(self, nb_man, **options):
        super().__init__(nb_man, **options)
        self.record_timing = False
        self.iopub_timeout = OUTPUT_SECONDS

    def create_kernel_manager(self):
        manager = super().create_kernel_manager()
        if folder := connection_folder():
            handle, manager.connection_file = tempfile.mkstemp(".json", "kernel-", folder)
            os.close(handle)
        return manager

    def start_new_kernel_client(self, **options):
        self.tell_kernel()
        return super().start_new_kernel_client(**options)

    def tell_kernel(self) -> None:
        if self.on_kernel:
            self.on_kernel(self.km)

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
            await asyncio.sleep(DEAD_KERNEL_POLL)
            try:
                await self._async_check_alive()
            except DeadKernelError:
                self.task_poll_for_reply.cancel()
                return


def connection_folder() -> str:
    """The batch's folder for its kernels' connection files, which goes with the batch; "" for Jupyter's choice.

    The files hold keys: a folder that others can read (a disk without permissions) isn't taken.
    """
    folder = os.environ.get(RUNTIME, "")
    is_private = os.path.isdir(folder) and not os.stat(folder).st_mode & 0o077
    return folder if is_private else ""


class HonestEngine(NBClientEngine):
    """The engine that perflib's runner uses with ordinary kernels."""

    client_class = HonestClient
    manager_class = None

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, log_output=False, start_timeout=60, keep=None, **options
    ):
        """Run the notebook; `keep`, a list, receives it even when it fails."""
        if keep is not None:
            keep.append(nb_man.nb)
        if cls.manager_class is not None:
            options["kernel_manager_class"] = cls.manager_class
        safe = {k: v for k, v in options.items() if k not in RENAMED}
        client = cls.client_class(
            nb_man,
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            **safe,
        )
        return client.execute()
