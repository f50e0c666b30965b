"""Whole reports, made once a session through the command line, as a user makes them."""

import os
import subprocess
import sys
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
def site(tmp_path_factory):
    """A folder with perflib installed from a wheel, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    for arguments in (
        ["wheel", "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder), str(ROOT)],
        ["install", "--no-deps", "--no-index", "--quiet", "--target", str(folder / "site"), "--find-links",
         str(folder), "perflib"],
    ):  # fmt: skip
        done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture(scope="session")
def make_report(tmp_path_factory, site):
    """A function that makes the sample's report with some options, once, and gives its folder.

    It is made by the wheel in a folder of its own: so the wheel carries notebooks, sample, words and layouts.
    """
    made: dict[tuple, Path] = {}

    def make(*options: str) -> Path:
        if options not in made:
            root = tmp_path_factory.mktemp("report")
            done = run_perflib("report", *options, "--output", str(root), folder=root, site=site)
            assert done.returncode == 0, done.stdout + done.stderr
            made[options] = next(p for p in root.iterdir() if p.is_dir() and (p / "report.html").is_file())
        return made[options]

    return make


@pytest.fixture(scope="session")
def run_study(tmp_path_factory):
    """A function that runs the study of two small sources in two currencies, with options, into a folder."""
    data = tmp_path_factory.mktemp("data") / "projects.csv"
    data.write_text(_small_source(), "utf-8")
    sources = ("--data", f"本地={data}", "--data", "海外=sample-abroad", "--years", "2022..2023")

    def run(root: Path, *options: str) -> str:
        done = run_perflib("compare", *sources, *options, "--output", str(root), folder=root)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    return run


@pytest.fixture(scope="session")
def make_study(tmp_path_factory, run_study):
    """A function that makes that study with some options, once, and gives its folder."""
    made: dict[tuple, Path] = {}

    def make(*options: str) -> Path:
        if options not in made:
            root = tmp_path_factory.mktemp("study")
            run_study(root, *options)
            made[options] = next(p for p in root.iterdir() if p.is_dir() and (p / "report.html").is_file())
        return made[options]

    return make


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
