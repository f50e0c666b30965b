"""The same batch on a Dask cluster: its workers take the place of the local ones.

Every host needs perflib and the same file system. Each Dask worker runs its jobs in a process of
its own, as a local batch does, and all workers of a host share one warm helper.
"""

import asyncio
import os
import queue
import tempfile
import threading
from contextlib import suppress

from perflib.data.errors import ArgumentError, MissingTool
from perflib.data.shelf import SHELF
from perflib.run.pool import RUNTIME, Hand, worker_environment

SCHEME = "dask://"
CONNECT_SECONDS = 5


class RemoteHand:
    """One place on the cluster that can run one job at a time."""

    def __init__(self, client, answers: queue.Queue):
        self.client, self.answers = client, answers
        self.busy: str | None = None
        self.since = 0.0
        self.kernel = 0
        self.future = None

    def give(self, request: dict) -> None:
        import time

        self.busy, self.since = request["id"], time.monotonic()
        self.future = self.client.submit(run_here, request, pure=False, retries=0)
        self.future.add_done_callback(self._done)

    def _done(self, future) -> None:
        # cancelled: the batch gave this job up; error: the Dask worker died with it
        if future is self.future and not future.cancelled():
            answer = future.result() if future.status == "finished" else None
            self.answers.put((self, answer))

    def kill(self) -> None:
        self.close()

    def close(self) -> None:
        if self.future is not None:
            with suppress(Exception):
                self.future.cancel(force=True)
            self.future = None


class ClusterPool:
    """The places of a Dask cluster, with the interface of `pool.Pool`."""

    def __init__(self, address: str):
        self.client = connect(address)
        self.answers: queue.Queue = queue.Queue()
        self.hands: list[RemoteHand] = []

    @property
    def size(self) -> int:
        return sum(self.client.nthreads().values())

    def free(self) -> RemoteHand | None:
        for hand in self.hands:
            if hand.busy is None:
                return hand
        if len(self.hands) >= self.size:
            return None
        self.hands.append(RemoteHand(self.client, self.answers))
        return self.hands[-1]

    def drop(self, hand: RemoteHand) -> None:
        if hand in self.hands:
            self.hands.remove(hand)
            hand.close()

    def close(self, *, at_once: bool = False) -> None:
        for hand in self.hands:
            hand.close()
        self.hands.clear()
        with suppress(Exception):
            self.client.run(end_here)
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


_local = threading.local()
_hands: list[Hand] = []
_helpers: list = []
_folders: dict[str, tempfile.TemporaryDirectory] = {}
_lock = threading.Lock()


def run_here(request: dict) -> dict:
    """On a Dask worker: the answer to `request`, from a process that this thread keeps."""
    answers, hand = _own_hand()
    hand.give({**request, "helper": _shared_helper() if request["engine"] == "perflib-warm" else ""})
    while True:
        _, message = answers.get()
        if message is None:
            _local.hand = None
            return _lost(request)
        if "status" in message:
            return message


def _lost(request: dict) -> dict:
    from perflib.data.errors import PerflibError
    from perflib.run.record import LOST
    from perflib.run.worker import both

    return {"id": request["id"], "status": LOST, "reason": both(PerflibError("run.lost"))}


def _own_hand() -> tuple[queue.Queue, Hand]:
    if getattr(_local, "hand", None) is None:
        answers: queue.Queue = queue.Queue()
        hand = Hand(answers, worker_environment({SHELF: _folder("shelf"), RUNTIME: _folder("kernels")}))
        _local.hand = (answers, hand)
        _hands.append(hand)
    return _local.hand


def _folder(name: str) -> str:
    """A private folder of this Dask worker: for the books that its processes checked, or for its kernels' files."""
    with _lock:
        if name not in _folders:
            _folders[name] = tempfile.TemporaryDirectory(prefix=f"perflib-{name}-")
        return _folders[name].name


def _shared_helper() -> str:
    """Address of the host's helper: the first to take the name starts it, the others ask it."""
    from nbwarm.client import HelperProcess
    from nbwarm.refusal import unsupported
    from perflib.run.fingerprint import hash_code

    if unsupported():
        return ""
    address = f"perflib-warm-host-{os.getuid()}-{hash_code()[:16]}"
    with _lock:
        if not any(helper.is_alive for helper in _helpers):
            with suppress(OSError):
                _helpers.append(HelperProcess(worker_environment({}), address=address))
    return address


def end_here() -> None:
    """On a Dask worker: end what it started for the batch."""
    with _lock:
        for one in (*_hands, *_helpers):
            one.close()
        _hands.clear()
        _helpers.clear()
        for folder in _folders.values():
            folder.cleanup()
        _folders.clear()
    _local.hand = None
