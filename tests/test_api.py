"""The public face: few names, loaded when used, each with an example that runs, all of them in docs/api.md."""

import doctest
import importlib
import inspect
import subprocess
import sys

import pytest

import perflib as pf
from tests.conftest import ROOT
from tools.api import FILE, api_markdown

pytestmark = pytest.mark.usefixtures("shelf")


NAMES = [n for n in pf.__all__ if n not in ("BASES", "plot")]


def test_there_are_at_most_sixty_names_and_tab_shows_them():
    assert len(pf.__all__) <= 60
    assert dir(pf) == pf.__all__ == sorted(pf.PUBLIC)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_an_example_that_runs(name):
    found = getattr(pf, name)
    doc = inspect.getdoc(found)
    assert doc and ">>>" in doc, name
    names = dict(
        vars(importlib.import_module(found.__name__ if inspect.ismodule(found) else found.__module__))
    )
    test = doctest.DocTestParser().get_doctest(doc, names, name, None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    told = []
    runner.run(test, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_the_page_of_names_is_made_from_their_docstrings():
    assert FILE.read_text("utf-8") == api_markdown(), "run `python -m tools.api`"


def test_importing_loads_nothing_heavy():
    code = "import sys, perflib; print([m for m in ('pandas', 'numpy', 'matplotlib', 'statsmodels') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_tells_those_there_are():
    with pytest.raises(AttributeError, match=r"perflib has no `rate`; it has .*rates"):
        pf.rate  # noqa: B018
