"""Every trap of forking a kernel, sprung on purpose."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jupyter_client.connect import write_connection_file

from nbwarm import preload
from nbwarm.client import ForkedKernel, HelperProcess, why_not
from nbwarm.preload import frozen_environment
from nbwarm.reasons import Refused
from perflib.run.batch import run_batch
from perflib.run.job import Job
from tests.run.conftest import leftovers, needs_linux, outputs, printed, write_notebook

pytestmark = needs_linux


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A folder of packages of our own, so that one can change."""
    return tmp_path_factory.mktemp("x-packages")


@pytest.fixture(scope="module")
def environment(packages):
    path = [str(packages), *filter(None, [os.environ.get("PYTHONPATH")])]
    traps = {"NBWARM_MODULES": "pyarrow,statsmodels.api"}
    return {**os.environ, **traps, "PYTHONPATH": os.pathsep.join(path)}


@pytest.fixture(scope="module")
def started(environment):
    """A helper that has done its imports, and what it said then."""
    found = HelperProcess(environment)
    yield found, found.wait_ready()
    found.close()


@pytest.fixture(scope="module")
def helper(started):
    return started[0]


def request(folder, environment, **changes) -> dict:
    file, _ = write_connection_file(str(folder / "kernel.json"), key=b"k")
    return {
        "executable": sys.executable,
        "launcher": "launcher.py",
        "arguments": ["-f", file],
        "environment": environment,
        "base": frozen_environment(environment),
        "folder": str(folder),
        **changes,
    }


def is_gone(pid: int) -> bool:
    for _ in range(60):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_one_thread_although_polars_and_pyarrow_are_installed(started):
    import polars  # noqa: F401  (statsmodels imports it where it is installed)

    assert started[1] == {"ready": 1, "failed": []}


def test_a_kernel_has_ports_of_its_own_although_all_were_given_the_same(helper, environment, tmp_path):
    wanted = request(tmp_path, environment)
    wants = []
    for number in range(6):  # a kernel writes its file anew, so that each needs its own
        file = shutil.copy(wanted["arguments"][1], tmp_path / f"kernel_{number}.json")
        wants.append({**wanted, "arguments": ["-f", str(file)]})
    with ThreadPoolExecutor(6) as pool:
        kernels = list(pool.map(lambda one: ForkedKernel(helper.address, one), wants))
    ports = [port for kernel in kernels for port in kernel.ports.values()]
    for kernel in kernels:
        kernel.kill()
        assert kernel.wait(5) == -signal.SIGKILL
    assert len(set(ports)) == len(ports) == 30


@pytest.mark.parametrize(
    ("changes", "key", "named"),
    [
        ({"executable": "/usr/bin/other-python"}, "other_interpreter", "/usr/bin/other-python"),
        ({"base": {"OPENBLAS_NUM_THREADS": "7"}}, "other_environment", "OPENBLAS_NUM_THREADS"),
    ],
)
def test_a_mismatch_is_refused_with_its_reason(helper, environment, tmp_path, changes, key, named):
    with pytest.raises(Refused) as caught:
        ForkedKernel(helper.address, request(tmp_path, environment, **changes))
    assert caught.value.reason.key == key
    for lang in ("zh", "en"):
        assert named in caught.value.reason.sentence(lang)


def test_a_kernel_dies_with_the_process_that_asked_for_it(helper, environment, tmp_path):
    (tmp_path / "request.json").write_text(json.dumps(request(tmp_path, environment)))
    script = """
        import json, sys, time
        from nbwarm.client import ForkedKernel
        kernel = ForkedKernel(sys.argv[1], json.load(open(sys.argv[2])))
        print(kernel.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), helper.address, str(tmp_path / "request.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.kill()
    assert is_gone(pid)


def test_helper_and_kernels_die_with_their_owner(environment, tmp_path):
    (tmp_path / "request.json").write_text(json.dumps(request(tmp_path, environment)))
    script = """
        import json, sys, time
        from nbwarm.client import ForkedKernel, HelperProcess
        wanted = json.load(open(sys.argv[1]))
        helper = HelperProcess({**wanted["environment"], "NBWARM_MODULES": "json"})
        kernel = ForkedKernel(helper.address, wanted)
        print(helper.process.pid, kernel.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "request.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        pids = [int(word) for word in owner.stdout.readline().split()]
        owner.kill()
    assert len(pids) == 2
    assert all(is_gone(pid) for pid in pids)


def test_changed_packages_are_noticed(helper, environment, packages, tmp_path):
    """Last of those that use the helper: it is of no use any more."""
    (packages / "new.dist-info").mkdir()
    with pytest.raises(Refused) as caught:
        ForkedKernel(helper.address, request(tmp_path, environment))
    assert caught.value.reason.key == "changed_packages"


def test_no_helper_is_a_reason_and_not_a_crash(environment, tmp_path):
    with pytest.raises(Refused, match="no_helper"):
        ForkedKernel("nbwarm-nobody", request(tmp_path, environment))


def test_another_user_is_not_served(monkeypatch):
    import socket

    from nbwarm.helper import is_same_user

    one, other = socket.socketpair()
    assert is_same_user(one)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert not is_same_user(one)
    one.close()
    other.close()


@pytest.mark.parametrize("command", [["python", "-m", "other_kernel"], ["R", "--slave"]])
def test_other_kernels_stay_ordinary(command):
    assert why_not(command).key == "other_kernel"
    assert why_not([sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher"]) is None


def test_elsewhere_than_on_linux_it_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert "win32" in why_not([sys.executable, "-m", "ipykernel_launcher"]).sentence("zh")


@pytest.mark.parametrize(
    ("version", "threads", "found"),
    [
        ("0.3.30", "4", "numpy 0.3.30"),
        ("0.3.31.188.0", "4", ""),
        ("0.3.30", "1", ""),
        ("0.3.9", "2", "numpy 0.3.9"),
    ],
)
def test_an_openblas_that_can_hang_is_refused(monkeypatch, version, threads, found):
    import numpy

    config = {"Build Dependencies": {"blas": {"name": "scipy-openblas", "version": version}}}
    monkeypatch.setattr(numpy.__config__, "CONFIG", config)
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    assert preload.old_openblas() == found


CELLS = {
    "figure": [
        "import matplotlib.pyplot as plt",
        "plt.plot([1, 3, x]); plt.title('x')",
        "import seaborn; seaborn.barplot(x=['a', 'b'], y=[1, 2]);",
        "import pandas as pd; pd.DataFrame({'a': [x, None]})",
    ],
    "random": ["import numpy, random; print(numpy.random.rand(), random.random())"],
    "other": ["import numpy, random; print(numpy.random.rand(), random.random())"],
    "leak": [
        "import sys, os; print(sys.argv[0], sys.argv[1], len(sys.argv), os.getcwd(), sys.path, __name__)",
        "print(sorted(k for k in os.environ if k.startswith(('MPL', 'JE_', 'OMP', 'PERFLIB', 'PYTHON'))))",
        "print(os.getsid(0) == os.getpid(), sys.stdin.isatty(), 'polars' in sys.modules)",
    ],
    "polars": ["import polars as pl; print(pl.DataFrame({'a': [1, 2]}).select(pl.col('a').sum()).item())"],
    "linear": [
        "import numpy as np, scipy.linalg as la; a = np.eye(600) * 2",
        "print(la.solve(a, np.ones(600)).sum(), (a @ a).trace())",
        "import pyarrow as pa, pyarrow.compute as pc; print(pc.sum(pa.chunked_array([[1], [2]])).as_py())",
        "import duckdb; print(duckdb.sql('select sum(range) from range(1000000)').fetchall())",
        "import statsmodels.api as sm; sm.OLS([1.0, 2, 4], sm.add_constant([1.0, 2, 3])).fit().params",
    ],
}
SAME = ("figure", "leak", "linear")


def jobs_of(folder, names, into: str) -> list[Job]:
    return [
        Job(write_notebook(folder / f"{n}.ipynb", *CELLS[n]), {"x": 2}, folder / into / f"{n}.ipynb")
        for n in names
    ]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """Notebooks forked from a helper in which the inline backend was loaded before the fork."""
    folder = tmp_path_factory.mktemp("warm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBWARM_MODULES", "matplotlib_inline.backend_inline,usual")
        result = run_batch(jobs_of(folder, CELLS, "out"), folder / "out", workers=2)
        run_batch(jobs_of(folder, SAME, "ordinary"), folder / "ordinary", workers=2, warm=False)
    return folder / "out", {r.job.title: r for r in result.records}


@pytest.mark.parametrize("name", list(CELLS))
def test_the_warm_path_was_taken(batch, name):
    record = batch[1][name]
    assert (record.status, record.kernel, record.fallback) == ("done", "warm", None), record.reason


def test_figures_do_not_vanish(batch):
    shown = [
        o for cell in outputs(batch[0] / "figure.ipynb") for o in cell if "image/png" in o.get("data", {})
    ]
    assert len(shown) == 2


def test_every_child_draws_its_own_random_numbers(batch):
    drawn = [printed(batch[0] / f"{name}.ipynb").split() for name in ("random", "other")]
    assert drawn[0][0] != drawn[1][0]
    assert drawn[0][1] != drawn[1][1]


@pytest.mark.parametrize("name", SAME)
def test_a_warm_kernel_cannot_be_told_from_an_ordinary_one(batch, name):
    """Figures, arguments, paths, environment, linear algebra: the same bytes."""
    ordinary = batch[0].parent / "ordinary" / f"{name}.ipynb"
    assert printed(batch[0] / f"{name}.ipynb") == printed(ordinary)
    assert (batch[0] / f"{name}.ipynb").read_bytes() == ordinary.read_bytes()


def test_polars_and_linear_algebra_work_in_a_child(batch):
    assert printed(batch[0] / "polars.ipynb") == "3\n"
    assert printed(batch[0] / "linear.ipynb").startswith("300.0 2400.0\n3\n[(")


@pytest.mark.parametrize(
    ("module", "source", "key"),
    [
        (
            "threaded",
            "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
            "threads (threaded)",
        ),
        ("socketed", "import zmq; zmq.Context.instance()", "open sockets"),
    ],
)
def test_an_unsafe_helper_means_an_ordinary_kernel_and_says_so(tmp_path, monkeypatch, module, source, key):
    (tmp_path / f"{module}.py").write_text(source)
    path = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    monkeypatch.setenv("NBWARM_MODULES", f"{module},usual")
    job = Job(write_notebook(tmp_path / "n.ipynb", "print(x)"), {}, tmp_path / "o.ipynb")
    record = run_batch([job], tmp_path, workers=1).records[0]
    assert (record.status, record.kernel) == ("done", "ordinary")
    assert key in record.fallback["en"]
    assert "普通内核" in record.fallback["zh"]


def test_plain_papermill_and_nbclient_take_the_warm_path_without_a_change_of_code(tmp_path):
    write_notebook(tmp_path / "n.ipynb", "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())")
    script = """
        import sys, nbformat
        from nbclient import NotebookClient
        from papermill import execute_notebook
        notebook = nbformat.read(sys.argv[1], as_version=4)
        print(NotebookClient(notebook).execute().cells[1].outputs[0].text)
        made = execute_notebook(sys.argv[1], None, engine_name="nbwarm", progress_bar=False)
        print(made.cells[1].outputs[0].text)
    """
    environment = {
        **os.environ,
        "JUPYTER_DEFAULT_PROVISIONER_NAME": "nbwarm",
        "PERFLIB_MARK": tmp_path.name,
    }
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "n.ipynb")]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.count("nbwarm.helper") == 2
    assert leftovers(tmp_path.name) == []


def test_a_kernel_that_was_killed_is_seen_dead_at_once(tmp_path):
    script = """
        import asyncio
        from jupyter_client.manager import KernelManager
        manager = KernelManager()
        manager.start_kernel()
        assert manager.provisioner.warm
        asyncio.run(manager.provisioner.kill())
        print(asyncio.run(manager.provisioner.poll()))
        manager.cleanup_resources()
    """
    own = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "nbwarm", "NBWARM_MODULES": "json",
           "PERFLIB_MARK": tmp_path.name}  # fmt: skip
    command = [sys.executable, "-c", textwrap.dedent(script)]
    said = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=True).stdout
    assert int(said) == -signal.SIGKILL
    assert leftovers(tmp_path.name) == []
