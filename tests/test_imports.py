"""Imports only point down the house: run > show > infer > measure > data; nbwarm stands apart."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("data", "measure", "infer", "show", "run")
FILES = sorted((ROOT / "perflib").rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """Full names of all that `source` imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def faults(room: str, source: str) -> list[str]:
    """What a file in `room` may not import: rooms above, the package as a whole, tools and tests, nbwarm below run."""
    allowed = ROOMS[: ROOMS.index(room) + 1]
    found = []
    for name in imported(source):
        first, _, rest = name.partition(".")
        is_ours = first == "perflib" and rest.partition(".")[0] in allowed
        is_above = first == "perflib" and not is_ours
        if is_above or first in ("", "tools", "tests") or (first == "nbwarm" and room != "run"):
            found.append(name)
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_one_above_it(room):
    files = [path for path in FILES if path.relative_to(ROOT).parts[1] == room]
    assert files
    wrong = {str(path.relative_to(ROOT)): faults(room, path.read_text("utf-8")) for path in files}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_every_file_is_in_a_room_or_the_public_face():
    outside = [p for p in FILES if p.relative_to(ROOT).parts[1] not in ROOMS]
    assert outside == [Path(ROOT / "perflib" / "__init__.py")]


def test_nbwarm_imports_nothing_of_perflib():
    names = [name for path in (ROOT / "nbwarm").glob("*.py") for name in imported(path.read_text("utf-8"))]
    assert not [name for name in names if name.startswith(("perflib", "tools", "tests", "."))]


def test_tests_use_what_others_may_use():
    """A test of a private name would hold how a thing is done, not what it gives."""
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = [
            f"{n.module}.{a.name}" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names
        ]
        reads = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load)]
        names += [ast.unparse(n) for n in reads if ast.unparse(n.value) not in ("self", "os", "found")]
        found += [f"{path.name}: {name}" for name in names if re.search(r"\._(?!_|repr_)\w+$", name)]
    assert found == []


@pytest.mark.parametrize(
    ("room", "source", "fault"),
    [
        ("data", "def f():\n    from perflib.measure.rates import BASES", "perflib.measure.rates.BASES"),
        ("infer", "import perflib.show.plots", "perflib.show.plots"),
        ("show", "import perflib", "perflib"),
        ("show", "from nbwarm import Helpers", "nbwarm.Helpers"),
        ("run", "from tools.sample import chance", "tools.sample.chance"),
        ("run", "from .batch import run_batch", ".batch.run_batch"),
    ],
)
def test_a_fault_is_found_wherever_it_stands(room, source, fault):
    assert faults(room, source) == [fault]
    assert faults("run", "import perflib.data.book, nbwarm, json") == []
