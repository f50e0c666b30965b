import pytest

from perflib.run.notebook import run_notebook
from tests.run.conftest import outputs, write_notebook

LATE = """
import sys, time
sys.stdout.flush_timeout = sys.stderr.flush_timeout = 0.1
get_ipython().kernel.iopub_thread.io_loop.add_callback(time.sleep, 6)
time.sleep(0.2)
display("late")
"""
"""The thread that sends outputs sleeps, as on a busy machine; the reply doesn't wait for it."""


@pytest.mark.parametrize("limit", [0, 60])
def test_outputs_that_never_come_are_not_told_with_the_limit_of_the_notebook(tmp_path, monkeypatch, limit):
    monkeypatch.setattr("nbwarm.notebook.OUTPUT_SECONDS", 1)
    notebook = write_notebook(tmp_path / "n.ipynb", LATE)
    outcome = run_notebook(notebook, tmp_path / "o.ipynb", time_limit=limit)
    assert outcome.status == "timed_out" and outcome.reason.key == "run.outputs_late"
    assert outcome.reason.fields["seconds"] == "1"


def test_outputs_that_come_late_are_no_time_out(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", LATE)
    outcome = run_notebook(notebook, tmp_path / "o.ipynb")
    assert outcome.status == "done", outcome.reason
    shown = [o.data["text/plain"] for o in outputs(tmp_path / "o.ipynb")[-1] if "data" in o]
    assert shown == ["'late'"]
