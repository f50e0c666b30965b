"""A client that waits for a warm kernel: no longer than it must, and not for a kernel that never comes."""

import asyncio
import os
import subprocess
import sys
import textwrap
from queue import Empty
from types import SimpleNamespace

import pytest

from nbwarm.readiness import wait_for_ready
from tests.run.conftest import leftovers, needs_linux

REPLY = {"msg_type": "kernel_info_reply"}
WELCOME = {"msg_type": "iopub_welcome"}


def client(shell: list, outputs: list, *, is_alive: bool = True) -> SimpleNamespace:
    """A client whose channels hold these messages; None is a second of silence."""

    def channel(messages: list) -> SimpleNamespace:
        left = iter(messages)

        def get_msg(timeout: float) -> dict:
            message = next(left)  # one message more than is needed would raise StopIteration
            if message is None:
                raise Empty
            return message

        return SimpleNamespace(get_msg=get_msg)

    async def alive() -> bool:
        return is_alive

    found = SimpleNamespace(asked=0, handled=[], _async_is_alive=alive)
    found.kernel_info = lambda: setattr(found, "asked", found.asked + 1)
    found._handle_kernel_info_reply = found.handled.append
    found.shell_channel, found.iopub_channel = channel(shell), channel(outputs)
    return found


@pytest.mark.parametrize(
    ("shell", "outputs", "asked"),
    [
        ([REPLY], [WELCOME], 1),
        ([None, REPLY], [WELCOME], 2),
        ([REPLY, REPLY], [None, WELCOME], 2),
        ([{"msg_type": "other"}, REPLY], [WELCOME, WELCOME], 2),
    ],
)
def test_an_answer_and_one_output_are_enough_and_both_are_needed(shell, outputs, asked):
    waiting = client(shell, outputs)
    asyncio.run(wait_for_ready(waiting))
    assert (waiting.asked, waiting.handled) == (asked, [REPLY])


def test_a_kernel_that_dies_is_not_waited_for():
    with pytest.raises(RuntimeError, match="died"):
        asyncio.run(wait_for_ready(client([None], [], is_alive=False), timeout=60))


def test_a_kernel_that_stays_silent_is_given_up():
    with pytest.raises(RuntimeError, match="not ready"):
        asyncio.run(wait_for_ready(client([None], []), timeout=0))


@needs_linux
def test_warm_kernels_have_it_ordinary_ones_and_other_clients_keep_their_own(tmp_path):
    script = """
        from jupyter_client import BlockingKernelClient
        from jupyter_client.manager import KernelManager

        class Other(BlockingKernelClient):
            pass

        for name, wanted in (("nbwarm", None), ("nbwarm", Other), ("local-provisioner", None)):
            manager = KernelManager()
            manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": name}
            if wanted:
                manager.client_factory = wanted
            manager.start_kernel()
            client = manager.client()
            client.start_channels()
            client.wait_for_ready(timeout=60)
            said = []
            client.execute_interactive("print('heard')", output_hook=said.append)
            heard = [m["content"]["text"] for m in said if m["msg_type"] == "stream"]
            print(type(client).__name__, *heard, end="")
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    """
    own = {"NBWARM_MODULES": "json", "PERFLIB_MARK": tmp_path.name}
    command = [sys.executable, "-c", textwrap.dedent(script)]
    said = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["PromptClient heard", "Other heard", "BlockingKernelClient heard"]
    assert leftovers(tmp_path.name) == []
