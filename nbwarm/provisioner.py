"""Jupyter's way in: a kernel provisioner that forks where it can and starts an ordinary kernel elsewhere."""

import asyncio
import importlib.util
import os
from typing import Any

from jupyter_client.connect import LocalPortCache
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

from nbwarm.client import STALE, ForkedKernel, own_helper, why_not
from nbwarm.preload import frozen_environment
from nbwarm.readiness import PROMPT
from nbwarm.reasons import Reason, Refused

LAUNCHER = "ipykernel_launcher"
EXIT_POLL = 0.005
KILL_SECONDS = 1.0
PORT_NAMES = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")


class WarmProvisioner(LocalProvisioner):
    """Forks kernels from a helper; `fallback` says why one is ordinary instead, else None."""

    helper = Unicode("", config=True, help="address of the helper to ask; empty: one of this process's own")
    fallback: Reason | None = None
    warm = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any):
        self.warm, self.fallback = False, why_not(cmd)
        if self.fallback is None:
            try:
                return await self._fork(cmd, kwargs)
            except Refused as refused:
                self.fallback = refused.reason
        self.log.warning(self.fallback.sentence())
        return await super().launch_kernel(cmd, **kwargs)

    async def _fork(self, cmd: list[str], kwargs: dict):
        environment = dict(kwargs.get("env") or os.environ)
        folder = str(kwargs.get("cwd") or os.getcwd())
        request = {
            "executable": cmd[0],
            "launcher": importlib.util.find_spec(LAUNCHER).origin,
            "arguments": cmd[cmd.index(LAUNCHER) + 1 :],
            "environment": environment,
            "base": frozen_environment(environment),
            "folder": folder,
        }
        streams = tuple(_number(kwargs.get(name), plain) for name, plain in (("stdout", 1), ("stderr", 2)))
        self.process = await asyncio.to_thread(_ask, request, self.helper, streams)
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        self.warm = True
        self.parent.client_factory = PROMPT.get(self.parent.client_factory, self.parent.client_factory)
        self._give_ports_back()
        self._tell_ports(self.process.ports)
        return self.connection_info

    def _tell_ports(self, ports: dict[str, int]) -> None:
        """The kernel has written them to the connection file; the manager would not look there again."""
        self.connection_info.update(ports)
        for name, port in ports.items():
            setattr(self.parent, name, port)

    def _give_ports_back(self) -> None:
        """The kernel chose ports itself, so those that were looked for beforehand are free again."""
        if self.ports_cached:
            for name in PORT_NAMES:
                LocalPortCache.instance().return_port(self.connection_info[name])
            self.ports_cached = False

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and see it end: a manager that finds it alive looks again only after 0.1 s."""
        await super().kill(restart=restart)
        if isinstance(self.process, ForkedKernel):
            await asyncio.to_thread(self.process.wait, KILL_SECONDS)

    async def wait(self) -> int | None:
        if not isinstance(self.process, ForkedKernel):
            return await super().wait()
        while await self.poll() is None:
            await asyncio.sleep(EXIT_POLL)
        code, self.process = self.process.wait(), None
        return code


def _number(stream: Any, plain: int) -> int:
    """The number of an open file; this process's own stream where none is given."""
    return plain if stream is None else stream if isinstance(stream, int) else stream.fileno()


def _ask(request: dict, helper: str, streams: tuple[int, int]) -> ForkedKernel:
    """A forked kernel; from a new helper when our own was of an older state of the packages."""
    address = helper or own_helper(request["environment"])
    try:
        return ForkedKernel(address, request, streams)
    except Refused as refused:
        if refused.reason.key not in STALE or helper:
            raise
    return ForkedKernel(own_helper(request["environment"], stale=address), request, streams)
