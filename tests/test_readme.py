"""What the README promises runs: its Python, and every command as it stands there."""

import re
import shlex

import matplotlib
import pytest

from tests.conftest import ROOT
from tests.test_many_reports import read

README = (ROOT / "README.md").read_text("utf-8")
OFFICER = (ROOT / "docs" / "officer.md").read_text("utf-8")
COMPARE = (ROOT / "docs" / "compare.md").read_text("utf-8")
PAGES = README + OFFICER + COMPARE
COMMANDS = [*re.findall(r"(?m)^(perflib [a-z][^#\n]*)", PAGES), *re.findall(r"`(perflib [a-z][^`]+)`", PAGES)]


def test_it_is_short():
    assert README.count("\n") <= 150


def test_its_python_runs(tmp_path, monkeypatch):
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    exec(code, {})
    assert (tmp_path / "departments.png").stat().st_size > 10_000


@pytest.mark.parametrize("line", sorted(set(COMMANDS)))
def test_every_command_can_be_read(line):
    words = shlex.split(line)[1:]
    assert len(words) == 1 or read(words) is not None


def test_every_link_leads_somewhere():
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
