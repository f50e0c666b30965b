"""The notebook tests run on warm kernels, say so, compare figures, and leave nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from perflib.run.batch import run_batch
from perflib.run.job import Job
from tests.conftest import ROOT
from tests.run.conftest import leftovers, needs_linux, write_notebook

pytestmark = needs_linux
FIGURE = "import matplotlib.pyplot as plt; plt.plot([1, 3, x]); plt.title('x')"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A notebook with a figure, stored with its outputs."""
    folder = tmp_path_factory.mktemp("nbval")
    source = write_notebook(folder / "source.ipynb", FIGURE, "print(x)")
    job = Job(source, {}, folder / "n.ipynb")
    assert run_batch([job], folder, workers=1, warm=False).records[0].status == "done"
    source.unlink()
    return job.output


def nbval(notebook: Path, *options: str, **environment: str) -> subprocess.CompletedProcess:
    """`pytest --nbval` with the project's conftest, as `make test` runs it."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "--nbval"]
    around = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "JUPYTER", "COV"))}
    temporary = notebook.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    own = {"PERFLIB_MARK": notebook.parent.name, "TMPDIR": str(temporary)}
    around |= {"NBWARM_MODULES": "json", **own, **environment}
    return subprocess.run(
        [*command, *options, str(notebook)], cwd=ROOT, env=around, capture_output=True, text=True
    )


def test_on_warm_kernels_in_two_processes_and_nothing_is_left(notebook):
    done = nbval(notebook, "-n", "1")
    assert done.returncode == 0, done.stdout
    assert "notebooks on a kernel that was warm: 1\n" in done.stdout
    assert leftovers(notebook.parent.name) == []
    assert not list((notebook.parent / "temporary").glob("nbwarm-*"))


def test_a_figure_that_differs_fails(notebook, tmp_path):
    stored = nbformat.read(notebook, as_version=4)
    figure = next(o for o in stored.cells[1].outputs if "image/png" in o.get("data", {}))
    figure.data["image/png"] = figure.data["image/png"].replace("A", "B", 1)
    nbformat.write(stored, tmp_path / "n.ipynb")
    done = nbval(tmp_path / "n.ipynb")
    assert done.returncode == 1
    assert "image/png" in done.stdout


def test_ordinary_kernels_where_none_can_be_forked_and_it_is_said(notebook, tmp_path):
    (tmp_path / "threaded.py").write_text(
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )
    done = nbval(notebook, NBWARM_MODULES="threaded", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "kernel that was ordinary: the helper has 2 threads (threaded)" in done.stdout
