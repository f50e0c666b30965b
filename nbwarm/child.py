"""What a forked child does to become a kernel that can't be told from an ordinary one."""

import ctypes
import gc
import json
import os
import random
import signal
import socket
import sys
import traceback

PR_SET_PDEATHSIG = 1
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


def become_kernel(request: dict, streams: list[int], connection: socket.socket):
    """Leave everything of the helper behind, start the kernel, tell its ports. Never returns."""
    try:
        _own_process(request, streams)
        _own_state(request)
        _serve(request, connection)
    except SystemExit as error:
        os._exit(error.code if isinstance(error.code, int) else 0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _own_process(request: dict, streams: list[int]) -> None:
    """A session, signals, a death with the helper's, standard streams and a folder of its own."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != request["helper"]:
        os._exit(1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    for target, stream in enumerate(streams, 1):
        os.dup2(stream, target)
    for end in (nothing, *streams):
        if end > 2:
            os.close(end)
    os.chdir(request["folder"])


def _own_state(request: dict) -> None:
    """An environment, arguments and random numbers of its own."""
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[:] = [request["launcher"], *request["arguments"]]
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()  # a fork copies the state, so that every child would draw the same numbers
    gc.enable()


def _serve(request: dict, connection: socket.socket) -> None:
    from ipykernel.kernelapp import IPKernelApp

    class WarmKernelApp(IPKernelApp):
        """Binds to ports that the system gives it now: nobody can have taken them in between."""

        name = IPKernelApp.name

        def load_connection_info(self, info):
            super().load_connection_info({**info, **dict.fromkeys(PORTS, 0)})

    IPKernelApp.clear_instance()
    app = WarmKernelApp.instance(parent_handle=os.getppid())
    app.initialize(request["arguments"])
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is not None:
        inline._enable_matplotlib_integration()  # done at import, when there was no shell yet
    pandas = sys.modules.get("pandas")
    if pandas is not None:  # imported when there was no shell yet, it took itself to be in a terminal
        pandas.set_option("display.max_columns", 20)
    connection.send(json.dumps({"ready": {name: getattr(app, name) for name in PORTS}}).encode())
    connection.close()
    app.start()
