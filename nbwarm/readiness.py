"""Clients that know a kernel is ready as soon as it has answered.

jupyter_client goes on listening until a kernel has been silent for 0.2 s. The answer on the shell
channel and one message on the channel of outputs, whichever, prove the same: the kernel takes
requests, and our subscription to its outputs is heard.
"""

import time
from queue import Empty

from jupyter_client import AsyncKernelClient, BlockingKernelClient, KernelClient
from jupyter_client.utils import ensure_async, run_sync

RESEND_SECONDS = 1.0


async def wait_for_ready(client: KernelClient, timeout: float | None = None) -> None:
    """Return once the kernel is ready; RuntimeError when it dies or isn't ready in `timeout` seconds."""
    ends = time.monotonic() + (float("inf") if timeout is None else timeout)
    while True:
        client.kernel_info()
        try:
            answer = await ensure_async(client.shell_channel.get_msg(timeout=RESEND_SECONDS))
            await ensure_async(client.iopub_channel.get_msg(timeout=RESEND_SECONDS))
        except Empty:
            answer = {"msg_type": None}
        if answer["msg_type"] == "kernel_info_reply":
            client._handle_kernel_info_reply(answer)
            return
        if not await client._async_is_alive():
            raise RuntimeError("Kernel died before it was ready")
        if time.monotonic() > ends:
            raise RuntimeError("Kernel was not ready in time")


class PromptClient(BlockingKernelClient):
    """For nbval and other callers that block."""

    wait_for_ready = run_sync(wait_for_ready)


class AsyncPromptClient(AsyncKernelClient):
    """For papermill and nbclient."""

    wait_for_ready = wait_for_ready


PROMPT = {BlockingKernelClient: PromptClient, AsyncKernelClient: AsyncPromptClient}
"""The client to use instead of jupyter_client's own; a client of another make stays as it is."""
