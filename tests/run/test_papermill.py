"""Papermill by itself, without perflib's runner: what its users type must work."""

import subprocess
import sys

import pytest
from papermill import inspect_notebook

from tests.conftest import ROOT
from tests.run.conftest import outputs

NOTEBOOK = ROOT / "notebooks" / "en" / "40_execution_rates.ipynb"


@pytest.mark.parametrize("engine", [(), ("--engine", "nbwarm")])
def test_a_notebook_takes_a_district_by_its_code_which_papermill_makes_a_number(tmp_path, engine):
    out = tmp_path / "out.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        str(NOTEBOOK),
        str(out),
        "-p",
        "district",
        "330190",
        *engine,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "district = 330190" in out.read_text("utf-8")
    shown = str(outputs(out))
    assert "Sample New District" in shown or "330190" in shown


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("notebooks/**/*.ipynb")), ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_papermill_understands_every_parameter_of_every_notebook(path, caplog):
    declared = inspect_notebook(str(path))
    assert declared and not caplog.records
