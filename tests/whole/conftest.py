"""Whole reports, made once a session through the command line, as a user makes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_perflib(*arguments: str, folder: Path, site: Path | None = None) -> subprocess.CompletedProcess:
    """`perflib …` in `folder`, with a clean environment; from the package in `site` if one is given."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PERFLIB", "PYTEST", "COV"))}
    if site:
        environment["PYTHONPATH"] = str(site)
    command = [sys.executable, "-m", "perflib.run.command", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="session")
def make_report(tmp_path_factory):
    """A function that makes the sample's report with some options, once, and gives its folder."""
    made: dict[tuple, Path] = {}

    def make(*options: str) -> Path:
        if options not in made:
            root = tmp_path_factory.mktemp("report")
            done = run_perflib("report", *options, "--output", str(root), folder=root)
            assert done.returncode == 0, done.stdout + done.stderr
            made[options] = next(p for p in root.iterdir() if p.is_dir() and (p / "report.html").is_file())
        return made[options]

    return make


@pytest.fixture(scope="session")
def make_study(tmp_path_factory):
    """A function that makes a comparison study of both samples with some options, once, and gives its folder."""
    made: dict[tuple, Path] = {}
    sources = ("--data", "示例=sample", "--data", "海外=sample-abroad", "--years", "2022..2023")
    districts = ("--districts", "330196,330197,330198,330199,A1,A3,A4,A5")

    def make(*options: str) -> Path:
        if options not in made:
            root = tmp_path_factory.mktemp("study")
            done = run_perflib("compare", *sources, *districts, *options, "--output", str(root), folder=root)
            assert done.returncode == 0, done.stdout + done.stderr
            made[options] = next(p for p in root.iterdir() if p.is_dir() and (p / "report.html").is_file())
        return made[options]

    return make
