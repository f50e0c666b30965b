"""The same batch on a Dask cluster on this machine, with worker processes of its own."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from perflib.data.errors import ArgumentError, MissingTool
from perflib.run.batch import run_batch
from perflib.run.cluster import connect
from perflib.run.job import Job
from tests.run.conftest import leftovers, needs_linux, printed, write_notebook

dask = pytest.importorskip("dask", reason="needs the extra `cluster`")
distributed = pytest.importorskip("distributed", reason="needs the extra `cluster`")


def test_an_address_that_does_not_answer_fails_within_seconds():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(ArgumentError, match=f"answered at 127.0.0.1:{port}") as caught:
        connect(f"dask://127.0.0.1:{port}")
    assert time.monotonic() - began < 15
    assert "没有应答" in caught.value.sentence("zh")


def test_another_server_at_the_address_is_told_from_a_scheduler():
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer_as_a_web_server, args=(server,), daemon=True).start()
        port = server.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(ArgumentError, match=f"No Dask scheduler answered at 127.0.0.1:{port}"):
            connect(f"dask://127.0.0.1:{port}")
    assert time.monotonic() - began < 15


def _answer_as_a_web_server(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            with server.accept()[0] as caller:
                caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 40)


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "dask://host", "spark://host:1"])
def test_an_address_of_another_form_is_refused(address):
    with pytest.raises(ArgumentError, match="dask://host:port"):
        connect(address)


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingTool, match=r"perflib\[cluster\]"):
        connect("dask://127.0.0.1:1")


@needs_linux
@pytest.mark.filterwarnings("ignore")
def test_a_batch_on_a_cluster_is_the_same_batch(tmp_path, monkeypatch):
    monkeypatch.setenv("NBWARM_MODULES", "json")
    monkeypatch.setenv("PERFLIB_MARK", tmp_path.name)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    notebook = write_notebook(
        tmp_path / "n.ipynb",
        "import os; from ipykernel import get_connection_file",
        "folders = os.environ['PERFLIB_SHELF'], os.path.dirname(get_connection_file())",
        "print(1 / x, *(oct(os.stat(folder).st_mode)[-3:] for folder in folders))",
    )
    jobs = [Job(notebook, {"x": i}, tmp_path / "out" / f"{i}.ipynb") for i in range(4)]
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    # A nanny leaves these in its parent's environment, where they would keep later kernels from being forked.
    for name in ("PYTHONHASHSEED", *dask.config.get("distributed.nanny.pre-spawn-environ")):
        monkeypatch.setenv(name, "1")
    with distributed.LocalCluster(**options) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        result = run_batch(jobs, tmp_path / "out", on=address)
        again = run_batch(jobs[1:], tmp_path / "out", on=address)
    assert [r.status for r in result.records] == ["failed", "done", "done", "done"]
    assert [r.kernel for r in result.records] == ["warm"] * 4
    assert [r.status for r in again.records] == ["unchanged"] * 3
    assert printed(jobs[2].output) == "0.5 700 700\n"
    assert list(temporary.glob("perflib-*")) == []
    assert [line for line in leftovers(tmp_path.name) if "perflib" in line or "ipykernel" in line] == []
