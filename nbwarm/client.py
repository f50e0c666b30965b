"""The other side of the helper: starting it, asking it for a kernel, and the kernel as a process."""

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading

from nbwarm.preload import frozen_environment
from nbwarm.reasons import Reason, Refused, unsupported

START_SECONDS = 60.0
MOST = 2
"""As many helpers as a process starts one after the other, when packages change meanwhile."""
STALE = ("changed_packages", "no_helper")
"""Refusals that a new helper would mend."""
FEW_THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
INLINE = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
NO_BACKGROUND_THREAD = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}


class HelperProcess:
    """The helper as its owner sees it: an address to give to others, and an end.

    The address is a name in the system's memory, not a file: nothing is left when all is killed.
    """

    def __init__(self, environment: dict[str, str] | None = None, address: str = ""):
        base = dict(os.environ if environment is None else environment)
        self.address = address or f"nbwarm-{secrets.token_hex(16)}"
        listener = _bound(self.address)
        listener.listen(64)
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "nbwarm.helper", str(listener.fileno()), str(theirs.fileno())],
            pass_fds=[listener.fileno(), theirs.fileno()],
            env=INLINE | FEW_THREADS | base | NO_BACKGROUND_THREAD,
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        listener.close()
        theirs.close()
        self.line.send(json.dumps(frozen_environment(base)).encode())

    def wait_ready(self, seconds: float = START_SECONDS) -> dict:
        """{"ready": threads, "failed": […]} once the imports are done; {} when it ended before."""
        if not select.select([self.line], [], [], seconds)[0]:
            return {}
        message = self.line.recv(1 << 20)
        return json.loads(message) if message else {}

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End the helper and every kernel that it forked."""
        self.line.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _bound(address: str) -> socket.socket:
    """A socket of this name; OSError when another process has the name."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        listener.bind("\0" + address)
    except OSError:
        listener.close()
        raise
    return listener


class Helpers:
    """The helper of one process, and another in its place when it has become stale.

    One that was replaced still has kernels: it stays until all are closed. Processes that give the same
    `name` share a helper: the first to take the name starts it, and the others ask there.
    """

    def __init__(self, environment: dict[str, str] | None = None, name: str = ""):
        self.environment, self.name = environment, name
        self.made: list[HelperProcess] = []
        self._lock = threading.Lock()

    def address(self, stale: str = "") -> str:
        """Where to ask for a kernel: never at `stale`, unless there were too many; "" where none can be forked."""
        with self._lock:
            newest = self.made[-1].address if self.made else ""
            if unsupported() is None and newest == stale and len(self.made) < MOST:
                with contextlib.suppress(OSError if self.name else ()):  # another process has the name
                    self.made.append(HelperProcess(self.environment, self.name))
            return self.made[-1].address if self.made else self.name

    def close(self) -> None:
        """End all helpers and every kernel of theirs."""
        with self._lock:
            for helper in self.made:
                helper.close()
            self.made.clear()


_own = Helpers()


def own_helper(environment: dict[str, str], stale: str = "") -> str:
    """The address of this process's own helper, which starts with the first kernel and ends with the process."""
    if not _own.made:
        import atexit

        _own.environment = environment
        atexit.register(_own.close)
    return _own.address(stale)


class ForkedKernel:
    """A forked kernel with the interface of `subprocess.Popen` that provisioners need.

    Signals go through a pidfd: it can't come to mean another process. `ports` are the real ones,
    `streams` the files that take what the kernel prints to its standard output and error.
    """

    stdin = stdout = stderr = None

    def __init__(self, address: str, request: dict, streams: tuple[int, int] = (1, 2)):
        self.returncode: int | None = None
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.handle = -1
        try:
            self._ask(address, request, streams)
        except BaseException:
            self._release()
            raise

    def _ask(self, address: str, request: dict, streams: tuple[int, int]) -> None:
        try:
            self.connection.connect("\0" + address)
            socket.send_fds(self.connection, [json.dumps(request).encode()], streams)
        except OSError as error:
            raise Refused("no_helper", reason=error.strerror) from error
        message, handles = self._receive(with_handle=True)
        if "refused" in message:
            key, fields = message["refused"]
            raise Refused(key, **fields)
        self.pid, self.handle = message["pid"], handles[0]
        ready, _ = self._receive()
        if "ready" not in ready:
            raise Refused("died_at_start", code=ready.get("exit"))
        self.ports = ready["ready"]

    def _receive(self, *, with_handle: bool = False) -> tuple[dict, list[int]]:
        if not select.select([self.connection], [], [], START_SECONDS)[0]:
            raise Refused("silent", seconds=f"{START_SECONDS:g}")
        try:
            message, handles, _, _ = socket.recv_fds(self.connection, 1 << 16, int(with_handle))
        except OSError as error:
            raise Refused("no_helper", reason=error.strerror) from error
        if not message:
            raise Refused("no_helper", reason="EOF")
        return json.loads(message), handles

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self.connection], [], [], 0)[0]:
            message = b""
            with contextlib.suppress(OSError):
                message = self.connection.recv(4096)
            self.returncode = json.loads(message)["exit"] if message else -signal.SIGKILL
            self._release()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        if self.returncode is None:
            select.select([self.connection], [], [], timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _release(self) -> None:
        self.connection.close()
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


def why_not(command: list[str]) -> Reason | None:
    """Why this kernel command can't be forked at all, or None."""
    if reason := unsupported():
        return reason
    plain = [part for part in command[1:4] if part != "-Xfrozen_modules=off"]
    if plain[:2] != ["-m", "ipykernel_launcher"]:
        return Reason("other_kernel", command=" ".join(command[:3]))
    return None
