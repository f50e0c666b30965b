"""Whole reports, made once a session through the command line, as a user makes them."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT


def run_perflib(*arguments: str, folder: Path, site: Path | None = None) -> subprocess.CompletedProcess:
    """`perflib …` in `folder`, with a clean environment; from the package in `site` if one is given."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PERFLIB", "PYTEST", "COV"))}
    if site:
        environment["PYTHONPATH"] = str(site)
    command = [sys.executable, "-m", "perflib.run.command", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="session")
def once(for_all_workers):
    """A function that has a folder filled by whichever worker asks first; the others wait for it and share it."""

    def fill(name: str, make: Callable[[Path], None]) -> Path:
        folder = for_all_workers / name
        with open(f"{folder}.lock", "a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not lock.tell():
                folder.mkdir(exist_ok=True)
                make(folder)
                lock.write("made")
        return folder

    return fill


@pytest.fixture(scope="session")
def site(once):
    """A folder with perflib installed from a wheel, and nothing of the checkout."""

    def install(folder: Path) -> None:
        for arguments in (
            ["wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder), str(ROOT)],
            ["install", "--no-deps", "--no-index", "--quiet", "--target", str(folder / "site"), "--find-links",
             str(folder), "perflib"],
        ):  # fmt: skip
            done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr

    return once("wheel", install) / "site"


@pytest.fixture(scope="session")
def make_report(once, site):
    """A function that makes the sample's report with some options, once, and gives its folder.

    It is made by the wheel in a folder of its own: so the wheel carries notebooks, sample, words and layouts.
    """

    def make(*options: str) -> Path:
        def run(root: Path) -> None:
            done = run_perflib("report", *options, "--output", str(root), folder=root, site=site)
            assert done.returncode == 0, done.stdout + done.stderr

        return made_in(once("".join(("report", *options)), run))

    return make


@pytest.fixture(scope="session")
def run_study(once):
    """A function that runs the study of two small sources in two currencies, with options, into a folder."""

    def write(folder: Path) -> None:
        (folder / "projects.csv").write_text(_small_source(), "utf-8")

    data = once("data", write) / "projects.csv"
    sources = ("--data", f"本地={data}", "--data", "海外=sample-abroad", "--years", "2022..2023")

    def run(root: Path, *options: str) -> str:
        done = run_perflib("compare", *sources, *options, "--output", str(root), folder=root)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    return run


@pytest.fixture(scope="session")
def make_study(once, run_study):
    """A function that makes that study with some options, once, and gives its folder."""

    def make(*options: str) -> Path:
        return made_in(once("".join(("study", *options)), lambda root: run_study(root, *options)))

    return make


def made_in(root: Path) -> Path:
    """The folder of the one report, or study, in `root`."""
    return next(p for p in root.iterdir() if p.is_dir() and (p / "report.html").is_file())


def _small_source() -> str:
    """Three districts, two years, projects of three departments; rates that differ by district and project."""
    lines = ["district,year,project,name,department,category,initial_budget,adjusted_budget,executed"]
    for d, (district, level) in enumerate([("东区", 95), ("西区", 90), ("北区", 70)]):
        for year in (2022, 2023):
            for i in range(15):
                budget, rate = 100 + 37 * ((i * 7 + d) % 11), min(100, level - 12 + (i * 5 + year) % 25)
                lines.append(
                    f"{district},{year},{d}{i:02d},项目{i},局{i % 3},类{i % 2},{budget - i},{budget},{budget * rate / 100:.2f}"
                )
    return "\n".join(lines) + "\n"
