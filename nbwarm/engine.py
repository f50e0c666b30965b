"""Papermill's way in: the honest engine with forked kernels and without its fixed waits."""

import asyncio

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import ensure_async

from nbwarm.honest import HonestEngine

PROVISIONER = "perflib-warm"
EXIT_POLL = 0.005


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


class WarmEngine(HonestEngine):
    """The engine "perflib-warm"."""

    manager_class = WarmKernelManager
