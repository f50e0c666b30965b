"""Running a notebook's cells in this process, as far as it has something to tell."""

import matplotlib
import pytest

from tests.conftest import ROOT
from tests.notebooks import cells


@pytest.fixture(scope="module", autouse=True)
def _kept(shelf):
    """A notebook's book and its slow results are made once for all tests."""


@pytest.fixture
def run_cells(monkeypatch):
    """run_cells("40", lang="en", base="initial"): the names that the notebook's cells leave behind."""
    matplotlib.use("Agg")
    monkeypatch.chdir(ROOT)
    return cells.run_cells
