"""Papermill's way in: the honest engine with forked kernels and without its fixed waits."""

import asyncio
import time

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import ensure_async
from nbclient.util import run_hook, run_sync

from perflib.run.engine import HonestClient, HonestEngine

PROVISIONER = "perflib-warm"
EXIT_POLL = 0.005
RESEND_SECONDS = 1.0


class WarmKernelManager(AsyncKernelManager):
    """Asks for the warm provisioner in its own kernel spec, whatever the default is."""

    @property
    def kernel_spec(self):
        spec = AsyncKernelManager.kernel_spec.fget(self)
        if spec is not None:
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": {}}
        return spec

    async def _async_wait(self, pollinterval: float = EXIT_POLL) -> None:
        while await ensure_async(self.is_alive()):
            await asyncio.sleep(EXIT_POLL)

    async def _async_interrupt_kernel(self) -> None:
        # before a shutdown the interrupt would only hit a kernel that has nothing to do any more
        if not self.shutting_down:
            await super()._async_interrupt_kernel()


class WarmClient(HonestClient):
    """Knows that the kernel is ready without waiting for silence."""

    async def async_start_new_kernel_client(self):
        self.tell_kernel()
        try:
            self.kc = self.km.client()
            self.kc.start_channels(hb=False)
            await Readiness(self.kc, self.km, self.startup_timeout).wait()
        except Exception:
            await self._async_cleanup_kernel()
            raise
        self.kc.allow_stdin = False
        await run_hook(self.on_notebook_start, notebook=self.nb)
        return self.kc

    start_new_kernel_client = run_sync(async_start_new_kernel_client)


class Readiness:
    """Ready: the kernel answered on its shell channel, and our subscription to its outputs is heard.

    jupyter_client drains the outputs for 0.2 s instead; ipykernel 7 says `iopub_welcome`, and the
    status of our own request proves the same.
    """

    def __init__(self, client, manager, seconds: float):
        self.client, self.manager = client, manager
        self.ends = time.monotonic() + seconds
        self.has_info = self.has_outputs = False

    async def wait(self) -> None:
        """Return once ready; RuntimeError when the kernel dies or stays silent."""
        channels = {"shell": self.client.shell_channel, "outputs": self.client.iopub_channel}
        waiting: dict[str, asyncio.Future] = {}
        self._request()
        try:
            while not (self.has_info and self.has_outputs):
                for name in channels.keys() - waiting.keys():
                    waiting[name] = self._next(channels[name])
                done, _ = await asyncio.wait(
                    waiting.values(), timeout=RESEND_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for name in [name for name, future in waiting.items() if future in done]:
                    self._heard(waiting.pop(name).result())
                if not done:
                    await self._check()
        finally:
            await _cancel(*waiting.values())

    @staticmethod
    def _next(channel) -> asyncio.Future:
        return asyncio.ensure_future(ensure_async(channel.get_msg(timeout=None)))

    def _request(self) -> None:
        self.client.kernel_info()

    def _heard(self, message: dict) -> None:
        if message["msg_type"] == "kernel_info_reply":
            self.client._handle_kernel_info_reply(message)
            self.has_info = True
        self.has_outputs |= message["msg_type"] in ("iopub_welcome", "status")

    async def _check(self) -> None:
        if not await ensure_async(self.manager.is_alive()):
            raise RuntimeError("Kernel died before it was ready")
        if time.monotonic() > self.ends:
            raise RuntimeError("Kernel was not ready in time")
        self._request()


async def _cancel(*waiting: asyncio.Future) -> None:
    for future in waiting:
        future.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


class WarmEngine(HonestEngine):
    """The engine "perflib-warm"."""

    client_class = WarmClient
    manager_class = WarmKernelManager
