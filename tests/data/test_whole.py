import errno
import os

import pytest

from perflib.data.errors import ArgumentError, DataError
from perflib.data.whole import make_folder, remove_leftovers, write_whole


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "a" / "b.txt"
    write_whole(path, "一")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["b.txt"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, code):
    path = tmp_path / "b.txt"
    write_whole(path, "old")

    def full(handle):
        raise OSError(code, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="disk is full") as caught:
        write_whole(path, "new" * 1000)
    assert "磁盘已满" in caught.value.sentence("zh")
    assert [p.name for p in tmp_path.iterdir()] == ["b.txt"]
    assert path.read_text() == "old"


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArgumentError, match="can't be written") as caught:
        make_folder(tmp_path / "file" / "below")
    assert "--output" in str(caught.value)


def test_leftovers_of_a_killed_run_go(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".abc.part").write_text("half")
    (tmp_path / "sub" / "kept.txt").write_text("whole")
    remove_leftovers(tmp_path)
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["kept.txt"]
