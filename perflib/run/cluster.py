"""The same batch on a Dask cluster: its workers take the place of this machine's threads.

Every host needs perflib and the same file system. Each Dask worker runs its jobs as a local batch
does, in a thread over papermill, and all workers of a host share one warm helper.
"""

import asyncio
import os
import tempfile
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from perflib.data.errors import ArgumentError, MissingTool
from perflib.run.attempt import Limits, attempt
from perflib.run.job import Job
from perflib.run.kernels import Host

SCHEME = "dask://"
CONNECT_SECONDS = 5


class Cluster:
    """The places of a Dask cluster, with the two methods of `batch.Threads`."""

    def __init__(self, address: str, *, warm: bool):
        self.client = connect(address)
        self.pool = self.client.get_executor(pure=False, retries=0)
        self.warm = warm

    @property
    def size(self) -> int:
        """How many jobs can run side by side now."""
        return sum(self.client.nthreads().values())

    def submit(self, job: Job, limits: Limits) -> Future:
        """Run `job`; the future gives the fields of its record."""
        return self.pool.submit(run_here, job, limits, warm=self.warm)

    def close(self, *, at_once: bool = False) -> None:
        """End what the workers started for this batch; the workers stay."""
        with suppress(Exception):
            self.client.run(end_here, at_once)
        with suppress(Exception):
            self.pool.shutdown(wait=False)
        self.client.close()


def connect(address: str):
    """A client of the scheduler at "dask://host:port"; errors within seconds when none answers."""
    if not address.startswith(SCHEME) or ":" not in address.removeprefix(SCHEME):
        raise ArgumentError("run.bad_address", given=address)
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingTool("run.no_distributed") from error
    place = address.removeprefix(SCHEME)
    try:
        asyncio.run(_greet(place))
        client = Client(f"tcp://{place}", timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, MemoryError) as error:
        raise ArgumentError("run.no_scheduler", address=place, seconds=CONNECT_SECONDS) from error
    if not client.nthreads():
        client.close()
        raise ArgumentError("run.no_cluster_workers", address=place)
    return client


async def _greet(place: str) -> None:
    """Shake hands with the scheduler, so that no client is half made where none is.

    Of another server (a web page, a proxy) the first bytes are taken for a length: MemoryError.
    """
    from distributed.comm.core import connect as connect_once

    comm = await connect_once(f"tcp://{place}", timeout=CONNECT_SECONDS)
    await comm.close()


_hosts: list[tuple[Host, tempfile.TemporaryDirectory]] = []
_lock = threading.Lock()


def run_here(job: Job, limits: Limits, *, warm: bool) -> dict:
    """On a Dask worker: what came of `job`."""
    from nbwarm.lean import import_papermill
    from perflib.run.job import hash_code

    with _lock:
        import_papermill()
        if not _hosts:
            folder = tempfile.TemporaryDirectory(prefix="perflib-kernels-")
            name = f"nbwarm-{os.getuid() if hasattr(os, 'getuid') else ''}-{hash_code()[:16]}"
            _hosts.append((Host(Path(folder.name), warm=warm, name=name), folder))
    return attempt(job, limits, _hosts[0][0])


def end_here(at_once: bool) -> None:
    """On a Dask worker: end what it started for the batch."""
    with _lock:
        for host, folder in _hosts:
            if at_once:
                host.kill()
            host.close()
            folder.cleanup()
        _hosts.clear()
