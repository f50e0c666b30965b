"""Small notebooks, and one batch in which everything that can go wrong does."""

import os
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def write_notebook(path: Path, *cells: str, parameters: str | None = "x: int = 1") -> Path:
    """A notebook with these code cells below its `parameters` cell."""
    first = [] if parameters is None else [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook = new_notebook(
        cells=[*first, *[new_code_cell(c) for c in cells]], metadata={"kernelspec": KERNEL}
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def outputs(path: Path) -> list:
    """Outputs of all code cells of an executed notebook, one list a cell."""
    return [c.outputs for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def printed(path: Path) -> str:
    """All that the notebook printed."""
    return "".join(o.text for cell in outputs(path) for o in cell if o.output_type == "stream")


def leftovers(mark: str) -> list[str]:
    """Command lines of living processes whose environment or arguments hold `mark`."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status"]):
        command = " ".join(process.info["cmdline"] or [])
        is_marked = any(mark in word for word in (command, *(process.info["environ"] or {}).values()))
        if is_marked and process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid():
            found.append(command)
    return found


needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks kernels: Linux only")
