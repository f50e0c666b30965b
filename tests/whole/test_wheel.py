"""The wheel carries notebooks, sample and templates, and makes a report in any folder."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.whole.conftest import run_perflib


@pytest.fixture(scope="module")
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


def test_wheel_makes_a_report_elsewhere(site, tmp_path):
    done = run_perflib("report", "--lang", "en", folder=tmp_path, site=site)
    assert done.returncode == 0, done.stdout + done.stderr
    made = tmp_path / "reports" / "330199-2023"
    assert {f.name for f in made.glob("report.*")} == {
        "report.html",
        "report.pdf",
        "report.docx",
        "report.xlsx",
    }


def test_wheel_is_what_ran(site, tmp_path):
    code = "import perflib; from perflib.data.places import shared_folder as f; print(perflib.__file__, f('data'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.count(str(site)) == 2
