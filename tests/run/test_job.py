from dataclasses import replace

import pytest

from perflib.data.errors import ArgumentError
from perflib.run.job import Job, check_jobs, job_key
from tests.run.conftest import write_notebook


@pytest.fixture
def job(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "x")
    return Job(notebook, {"x": 1, "output": "a"}, tmp_path / "out.ipynb", rows=("r1", "r2"), after=("first",))


def test_the_key_is_steady_and_ignores_where_results_go(job, tmp_path):
    moved = replace(
        job, parameters={"output": "b", "x": 1}, output=tmp_path / "other.ipynb", rows=("r2", "r1")
    )
    assert job_key(job) == job_key(moved)


@pytest.mark.parametrize(
    "change",
    [{"parameters": {"x": 2}}, {"rows": ("r1",)}, {"call": "a:b"}],
    ids=["parameters", "rows", "call"],
)
def test_the_key_follows_what_counts(job, change):
    assert job_key(job) != job_key(replace(job, **change))


def test_the_key_follows_the_notebook(job):
    before = job_key(job)
    write_notebook(job.notebook, "x + 1")
    assert job_key(job) != before


def test_the_key_follows_what_earlier_jobs_made(job):
    assert job_key(job, after={"first": "1"}) != job_key(job, after={"first": "2"})


def test_the_key_follows_code_and_packages(job, monkeypatch):
    before = job_key(job)
    monkeypatch.setattr("perflib.run.job.hash_code", lambda: "other")
    changed = job_key(job)
    monkeypatch.setattr("perflib.run.job.hash_packages", lambda: "other")
    assert len({before, changed, job_key(job)}) == 3


def test_two_jobs_for_one_output_are_refused(tmp_path):
    jobs = [Job(tmp_path / "n.ipynb", {}, tmp_path / "o.ipynb", name=name) for name in ("one", "two")]
    with pytest.raises(ArgumentError, match=r"`one` and `two`") as caught:
        check_jobs(jobs)
    assert "o.ipynb" in caught.value.sentence("zh")
