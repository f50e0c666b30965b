"""What the tests share: where the project and its neighbour `shared` lie."""

import gc
import os
import shutil
import subprocess
from pathlib import Path

import hypothesis
import pytest

from perflib.data.shelf import SHELF

# To look for garbage among thousands of tests and what they import, time and again, took a tenth of the time.
gc.set_threshold(50_000, 20, 20)

# The same examples on every run: a build must not fail by the luck of a draw. `--hypothesis-seed` draws others.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole reports first: they take longest, and at the end the other workers would wait for them."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/whole/"))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def _shared_folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs ../shared/{name}, which is not beside this checkout")
    return folder


def through_libreoffice(file: Path, other: str) -> None:
    """`file` saved by LibreOffice as `other` ("ods", "odt") and from that in its own format again, in its place."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    for kind, source in ((other, file), (file.suffix[1:], file.with_suffix(f".{other}"))):
        source.with_suffix(f".{kind}").unlink(missing_ok=True)
        command = ["soffice", "--headless", "--convert-to", kind, "--outdir", str(file.parent), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="session")
def for_all_workers(tmp_path_factory) -> Path:
    """A folder of this session that all its workers see."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="module")
def shelf(for_all_workers):
    """The sample is read once a session, not in each test; what other data is read is kept as well."""
    folder = for_all_workers / "shelf"
    folder.mkdir(mode=0o700, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SHELF, str(folder))
        # else results of small data would push out the sample's
        patch.setattr("perflib.data.shelf.RESULTS_KEPT", 10_000)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data, for development and CI only."""
    return _shared_folder("data")


@pytest.fixture(scope="session")
def oracles() -> Path:
    """Published numbers, for development and CI only."""
    return _shared_folder("oracles")
