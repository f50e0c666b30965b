"""What every result depends on: the code, and what lies beside it in a checkout."""

import pytest

from perflib.run import job as fingerprint


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package with one file of each kind, and what pages say beside it."""
    package = tmp_path / "perflib"
    for name in ("perflib/a.py", "perflib/share/data/x.toml", "text/40.toml", "reports/templates/page.jinja"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    monkeypatch.setattr(fingerprint, "shared_folder", lambda name: tmp_path / name)
    return tmp_path


def digest() -> str:
    return fingerprint.hash_code.__wrapped__()


@pytest.mark.parametrize("name", ["perflib/a.py", "text/40.toml", "reports/templates/page.jinja"])
def test_it_follows_code_words_and_layouts(house, name):
    before = digest()
    (house / name).write_text("2")
    assert digest() != before
    (house / name).write_text("1")
    assert digest() == before
    (house / name).rename((house / name).with_stem("other"))
    assert digest() != before


def test_it_does_not_follow_data(house):
    before = digest()
    (house / "perflib/share/data/x.toml").write_text("2")
    (house / "perflib/a.pyc").write_text("2")
    assert digest() == before
