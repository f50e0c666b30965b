"""What the tests share: where the project and its neighbour `shared` lie."""

from pathlib import Path

import hypothesis
import pytest

from perflib.data.shelf import SHELF

# The same examples on every run: a build must not fail by the luck of a draw. `--hypothesis-seed` draws others.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def _shared_folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs ../shared/{name}, which is not beside this checkout")
    return folder


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """The sample is read once, not in each test."""
    folder = tmp_path_factory.mktemp("shelf")
    folder.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SHELF, str(folder))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data, for development and CI only."""
    return _shared_folder("data")


@pytest.fixture(scope="session")
def oracles() -> Path:
    """Published numbers, for development and CI only."""
    return _shared_folder("oracles")
