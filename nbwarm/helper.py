"""The helper: imports everything once, then forks a kernel for each request.

It has one thread, no zmq context and no event loop, and refuses to fork otherwise. Each request
comes over a connection of its own, which stays open while the kernel lives: when the asking
process goes, the connection breaks and the kernel is killed. When the process that started the
helper goes, its line breaks and the helper kills all kernels and goes too.
"""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import sys

from nbwarm import preload

REQUEST_BYTES = 1 << 20


class Helper:
    """The listening socket, the line to the owner, and the kernels alive."""

    def __init__(self, listener: socket.socket, line: socket.socket, base: dict[str, str]):
        self.listener, self.line, self.base = listener, line, base
        self.kernels: dict[int, socket.socket] = {}
        self.pids: dict[int, int] = {}
        self.modules = preload.wanted_modules(os.environ.get("NBWARM_MODULES", ""))
        self.watched = preload.watched_folders(self.modules, os.environ.get("NBWARM_WATCH", ""))
        self.stamp = preload.code_stamp(self.watched)
        self.failed: list[str] = []
        self.poll = select.epoll()
        self.woken, self.wake = os.pipe()

    def prepare(self) -> None:
        """Import everything, then listen for requests, ended children and the owner's end."""
        self.failed = preload.import_all(self.modules)
        sys.path[:] = [p for p in sys.path if p not in ("", os.getcwd())]
        for end in (self.woken, self.wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self.wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for end in (self.listener, self.line, self.woken):
            self.poll.register(end, select.EPOLLIN)

    def serve(self) -> None:
        """Answer until the owner is gone."""
        while True:
            for end, _ in self.poll.poll():
                if end == self.line.fileno():
                    self._go()
                elif end == self.woken:
                    self._reap()
                elif end == self.listener.fileno():
                    self._accept()
                elif end in self.pids:
                    self._abandoned(end)

    def _go(self) -> None:
        for pid in self.kernels:
            _kill(pid)
        os._exit(0)

    def _reap(self) -> None:
        """Tell of every child that ended."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.woken, 4096)
        while self.kernels:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self.kernels.pop(pid, None)
            if connection is not None:
                self.poll.unregister(connection)
                del self.pids[connection.fileno()]
                _send(connection, {"exit": os.waitstatus_to_exitcode(status)})
                connection.close()

    def _abandoned(self, end: int) -> None:
        """The process that asked for this kernel is gone: so goes the kernel."""
        pid = self.pids[end]
        if not self.kernels[pid].recv(1):
            _kill(pid)
            self.poll.modify(end, 0)

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        connection.settimeout(5)
        try:
            message, streams, _, _ = socket.recv_fds(connection, REQUEST_BYTES, 2)
            request = json.loads(message) if message else None
        except (OSError, ValueError):
            request, streams = None, []
        connection.settimeout(None)
        if request is None or not is_same_user(connection):
            connection.close()
        elif refusal := self.refusal(request):
            _send(connection, {"refused": refusal})
            connection.close()
        else:
            self._fork(request, streams, connection)
        for stream in streams:
            os.close(stream)

    def refusal(self, request: dict) -> list | None:
        """[key, fields] of the reason why this request can't have a warm kernel."""
        if request["executable"] != sys.executable:
            return ["other_interpreter", {"wanted": request["executable"], "mine": sys.executable}]
        mine, theirs = self.base, request["base"]
        changed = sorted(k for k in mine.keys() | theirs.keys() if mine.get(k) != theirs.get(k))
        if changed:
            return ["other_environment", {"names": ", ".join(changed)}]
        if preload.code_stamp(self.watched) != self.stamp:
            return ["changed_packages", {}]
        if preload.threads() > 1:
            return ["threads", {"count": preload.threads(), "culprit": (self.failed or ["?"])[-1]}]
        if preload.open_sockets_of_zmq():
            return ["sockets", {}]
        if found := preload.old_openblas():
            return ["old_openblas", {"found": found}]
        return None

    def _fork(self, request: dict, streams: list[int], connection: socket.socket) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        helper, pid = os.getpid(), os.fork()
        if pid == 0:
            from nbwarm.child import become_kernel

            self._let_go()
            become_kernel(request | {"helper": helper}, streams, connection)
        handle = os.pidfd_open(pid)
        try:
            socket.send_fds(connection, [json.dumps({"pid": pid}).encode()], [handle])
        except OSError:
            _kill(pid)
        finally:
            os.close(handle)
        self.kernels[pid] = connection
        self.pids[connection.fileno()] = pid
        self.poll.register(connection, select.EPOLLIN | select.EPOLLRDHUP)

    def _let_go(self) -> None:
        """In the child: close all that belongs to the helper."""
        signal.set_wakeup_fd(-1)
        self.poll.close()
        self.listener.close()
        self.line.close()
        os.close(self.woken)
        os.close(self.wake)
        for other in self.kernels.values():
            other.close()


def is_same_user(connection: socket.socket) -> bool:
    """Whether the other end belongs to this user: a socket without a file has no other guard."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", found)[1] == os.getuid()


def _send(connection: socket.socket, content: dict) -> None:
    with contextlib.suppress(OSError):
        connection.send(json.dumps(content).encode(), socket.MSG_DONTWAIT)


def _kill(pid: int) -> None:
    """Kill a child and its group; it can't be another's number, for only `_reap` frees it."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)


def main() -> None:
    listener = socket.socket(fileno=int(sys.argv[1]))
    line = socket.socket(fileno=int(sys.argv[2]))
    base = json.loads(line.recv(REQUEST_BYTES))
    helper = Helper(listener, line, base)
    helper.prepare()
    _send(line, {"ready": preload.threads(), "failed": helper.failed})
    helper.serve()


if __name__ == "__main__":
    main()
