"""Running a notebook's cells in this process, as far as it has something to tell."""

import json

import matplotlib
import pytest

from perflib.run.suite import find_notebook
from perflib.show.page import NothingToTell
from tests.conftest import ROOT


@pytest.fixture
def run_cells(monkeypatch):
    """run_cells("40", lang="en", base="initial"): the names that the notebook's cells leave behind."""
    matplotlib.use("Agg")
    monkeypatch.chdir(ROOT)

    def run(name: str, *, lang: str = "zh", **parameters) -> dict:
        names: dict = {}
        for cell in json.loads(find_notebook(name, lang).read_text("utf-8"))["cells"]:
            if cell["cell_type"] != "code":
                continue
            try:
                exec("".join(cell["source"]), names)  # noqa: S102 - the project's own notebooks
            except NothingToTell:
                return names
            if "parameters" in cell["metadata"].get("tags", []):
                names |= {"output": "", **parameters}
        return names

    return run
