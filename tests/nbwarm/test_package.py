"""nbwarm stands by itself: no perflib, words of its own, and modules given to it by name."""

import ast
import subprocess
import sys
import textwrap
import tomllib
from string import Formatter

import pytest

import nbwarm
from nbwarm.preload import code_stamp, wanted_modules, watched_folders
from tests.conftest import ROOT
from tests.run.conftest import needs_linux, write_notebook

PACKAGE = ROOT / "nbwarm"
WITHOUT_PERFLIB = """
    import sys
    sys.modules["perflib"] = None
"""


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(WITHOUT_PERFLIB) + textwrap.dedent(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_every_module_is_imported_without_perflib():
    modules = [f"nbwarm.{path.stem}" for path in PACKAGE.glob("*.py") if path.stem != "__init__"]
    script = (
        "import importlib; [importlib.import_module(name) for name in sys.argv[1:]]; print(len(sys.argv))"
    )
    assert int(run(script, *modules)) == len(modules) + 1


def test_nothing_of_perflib_is_named_in_it():
    for path in PACKAGE.glob("*.py"):
        assert "perflib" not in path.read_text("utf-8"), path


@needs_linux
def test_papermill_runs_on_it_where_perflib_is_not_installed(tmp_path):
    notebook = write_notebook(
        tmp_path / "n.ipynb", "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())"
    )
    script = """
        from papermill import execute_notebook
        made = execute_notebook(sys.argv[1], None, engine_name="nbwarm", progress_bar=False)
        print(made.cells[1].outputs[0].text)
    """
    assert "nbwarm.helper" in run(script, str(notebook))


def test_the_public_names_are_there_and_others_are_told():
    assert dir(nbwarm) == sorted(nbwarm.__all__)
    assert all(getattr(nbwarm, name).__doc__ for name in nbwarm.__all__)
    with pytest.raises(AttributeError, match="`nbwarm` has no attribute `Helper`; it has Helpers"):
        _ = nbwarm.Helper


def test_every_reason_has_both_languages_with_the_same_fields():
    told = tomllib.loads((PACKAGE / "reasons.toml").read_text("utf-8"))
    fields = {
        key: [{f for _, f, _, _ in Formatter().parse(text[x]) if f} for x in ("zh", "en")]
        for key, text in told.items()
    }
    assert [key for key, (zh, en) in fields.items() if zh != en] == []
    used = {node.args[0].value for path in PACKAGE.glob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Reason", "Refused") and isinstance(node.args[0], ast.Constant)}  # fmt: skip
    assert used <= told.keys()


def test_a_star_stands_for_all_modules_of_a_package_and_usual_for_what_is_installed(tmp_path, monkeypatch):
    package = tmp_path / "made_up"
    (package / "inner").mkdir(parents=True)
    for name in ("__init__.py", "one.py", "inner/__init__.py", "inner/two.py"):
        (package / name).write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert wanted_modules("made_up.*") == ("made_up", "made_up.inner", "made_up.inner.two", "made_up.one")
    assert wanted_modules("made_up.inner.*,json") == ("made_up.inner", "made_up.inner.two", "json")
    monkeypatch.setattr("nbwarm.preload.USUAL", ("json", "made_up", "nowhere.at_all"))
    assert wanted_modules("") == wanted_modules("usual") == ("json", "made_up")


def test_what_is_worked_on_is_watched_and_what_is_installed_is_not(tmp_path, monkeypatch):
    package, texts = tmp_path / "made_up", tmp_path / "texts"
    for folder in (package, texts):
        folder.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    watched = watched_folders(("made_up", "json", "pandas", "nowhere"), str(texts))
    assert watched == sorted([package, texts])
    before = code_stamp(watched)
    assert code_stamp(watched) == before
    (texts / "words.toml").write_text("a = 1")
    assert code_stamp(watched) != before
