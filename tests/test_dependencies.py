"""pyproject, the three locks and environment.yml name the same packages."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-spark.lock")


def locked(name: str) -> dict[str, list[str]]:
    """Versions of each package in a lock (several where platforms differ)."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if pinned := re.match(r"([a-z0-9._-]+)==([^ ;\\]+)", line):
            found.setdefault(canonicalize_name(pinned[1]), []).append(pinned[2])
    return found


def declared(name: str) -> list[Requirement]:
    project = PYPROJECT["project"]
    extra = {
        "requirements.lock": [],
        "requirements-test.lock": PYPROJECT["dependency-groups"]["test"],
        "requirements-spark.lock": project["optional-dependencies"]["spark"],
    }[name]
    build = PYPROJECT["build-system"]["requires"]
    return [Requirement(text) for text in [*project["dependencies"], *extra, *build]]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_a_version_that_pyproject_allows(name):
    versions = locked(name)
    for requirement in declared(name):
        pinned = versions.get(canonicalize_name(requirement.name), [])
        assert pinned, f"{name} lacks {requirement.name}: run `make lock`"
        assert all(v in requirement.specifier for v in pinned), f"{name}: {requirement} against {pinned}"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_hashes_and_names_no_host(name):
    text = (ROOT / name).read_text("utf-8")
    pins = len(re.findall(r"(?m)^[a-z0-9._-]+==", text))
    assert pins > 80
    assert len(re.findall(r"(?m)^[a-z0-9._-]+==.*\\\n    --hash=sha256:", text)) == pins
    assert "://" not in text


@pytest.mark.parametrize("other", LOCKS[1:])
def test_locks_agree_on_what_they_share(other):
    runtime = locked("requirements.lock")
    shared = {k: v for k, v in locked(other).items() if k in runtime}
    assert shared == runtime


def test_environment_installs_the_lock():
    text = (ROOT / "environment.yml").read_text("utf-8")
    assert re.findall(r"(?m)^\s+- (?!pip:)(.+)$", text) == [
        "conda-forge",
        "nodefaults",
        "python=3.12",
        "pip",
        "-r requirements.lock",
    ]
    assert "pip install --no-deps --no-build-isolation -e ." in text
