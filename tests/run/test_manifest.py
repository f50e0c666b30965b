import os

import pytest

from perflib.run.job import Job
from perflib.run.manifest import clear, is_current, read_manifest, result_hash, write_manifest


@pytest.fixture
def job(tmp_path):
    found = Job(tmp_path / "n.ipynb", {}, tmp_path / "o.ipynb", products=(tmp_path / "made",))
    found.output.write_text("one")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "table.csv").write_text("a,b")
    return found


def test_without_a_manifest_nothing_is_done(job):
    assert read_manifest(job) is None
    assert not is_current(job, "key")


def test_with_one_it_is_done_for_that_key_only(job):
    write_manifest(job, "key")
    assert is_current(job, "key")
    assert not is_current(job, "other")


@pytest.mark.parametrize("name", ["o.ipynb", "made/table.csv"])
def test_a_file_that_changed_or_went_means_not_done(job, tmp_path, name):
    write_manifest(job, "key")
    (tmp_path / name).write_text("xyz")
    assert not is_current(job, "key")
    (tmp_path / name).unlink()
    assert not is_current(job, "key")


def test_a_copy_with_other_times_is_still_done(job):
    write_manifest(job, "key")
    os.utime(job.output, (1, 1))
    assert is_current(job, "key")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 0}'])
def test_a_damaged_manifest_means_not_done(job, content):
    write_manifest(job, "key")
    job.manifest.write_text(content)
    assert not is_current(job, "key")


def test_clearing_takes_back_the_word_and_the_files(job, tmp_path):
    write_manifest(job, "key")
    clear(job)
    assert read_manifest(job) is None
    assert not job.output.exists()
    assert not (tmp_path / "made").exists()


def test_the_result_hash_follows_bytes_not_times(job):
    write_manifest(job, "key")
    before = result_hash(job)
    os.utime(job.output, (1, 1))
    write_manifest(job, "other")
    assert result_hash(job) == before
    job.output.write_text("two")
    write_manifest(job, "key")
    assert result_hash(job) != before
