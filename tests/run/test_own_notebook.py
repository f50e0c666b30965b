"""A notebook of the user's own in the report: its job, its chapter's name, and what keeps it out."""

import json

import pytest

from perflib.data.errors import ArgumentError
from perflib.run import suite
from perflib.run.batch import run_batch
from perflib.run.report import OWN, Wanted, assemble, chapter_name, report_jobs
from perflib.run.rows import Reading
from tests.run.conftest import write_notebook

CELL = """
data = "sample"
district = ""
year = 0
lang = "zh"
edition = "internal"
output = ""
"""
WRITES = """
import json
from pathlib import Path
told = {"district": district, "year": year, "edition": edition, "lang": lang, "is_sample": True} | OTHER
place = Path(output) / "chapters" / "any"
place.mkdir(parents=True)
_ = (place / "chapter.json").write_text(json.dumps(told))
"""


@pytest.fixture
def reading():
    return Reading("b", {"b": ["乙", "B"]}, {"b": [2023]}, {"b": 2023}, {"b": "2"}, "c")


@pytest.fixture
def jobs_with(tmp_path, monkeypatch, reading):
    """The jobs of a report with these notebooks; the suite has one."""
    folder = tmp_path / "suite"
    write_notebook(folder / "40_one.ipynb", WRITES.replace("OTHER", "{}"), parameters=CELL)
    monkeypatch.setattr(suite, "shared_folder", lambda name: folder)
    monkeypatch.setattr("perflib.run.report.input_files", lambda data: ())

    def jobs(*own, edition: str = "internal"):
        wanted = Wanted("sample", "zh", edition, "pandas", "", "", {"status": "draft"}, tuple(map(str, own)))
        return report_jobs(wanted, reading, "b", 2023, tmp_path / "out" / "b-2023")

    return jobs


def mine(folder, other: str = "{}", name: str = "45_mine"):
    return write_notebook(folder / f"{name}.ipynb", WRITES.replace("OTHER", other), parameters=CELL)


def test_it_is_a_job_among_the_others_with_a_folder_of_its_own(jobs_with, tmp_path):
    jobs = jobs_with(mine(tmp_path))
    assert [job.title for job in jobs] == ["b-2023/40_one", "b-2023/45_mine", "b-2023/report"]
    assert jobs[1].parameters["output"] == str(tmp_path / "out" / "b-2023" / OWN / "45_mine")
    assert jobs[1].parameters["district"] == "b"
    assert jobs[2].after == ("b-2023/40_one", "b-2023/45_mine")
    assert jobs[2].parameters["own"] == ["45_mine"]


def test_data_beside_it_is_read_by_it(jobs_with, tmp_path):
    path = mine(tmp_path / "own")
    before = jobs_with(path)[1].rows
    (tmp_path / "own" / "population.csv").write_text("district,population")
    assert jobs_with(path)[1].rows[: len(before)] == before
    assert len(jobs_with(path)[1].rows) == len(before) + 1


def test_one_that_does_not_take_what_a_report_sets_is_refused(jobs_with, tmp_path):
    path = write_notebook(tmp_path / "x.ipynb", "1", parameters='data = "sample"\nlang = "zh"')
    with pytest.raises(ArgumentError, match=r"lacks district, year, edition, output\.") as caught:
        jobs_with(path)
    assert "缺少 district, year, edition, output" in caught.value.sentence("zh")
    with pytest.raises(ArgumentError, match="There is no notebook"):
        jobs_with(tmp_path / "none.ipynb")
    with pytest.raises(ArgumentError, match="There is no notebook"):
        jobs_with(tmp_path / "x.py")


def test_it_is_a_chapter_named_by_its_file_and_one_without_a_page_is_not(jobs_with, tmp_path, monkeypatch):
    bare = write_notebook(tmp_path / "bare.ipynb", "1", parameters=CELL)
    other = mine(tmp_path, '{"district": "another"}', name="other")
    jobs = jobs_with(mine(tmp_path), bare, other)
    records = run_batch(jobs[:-1], tmp_path / "out", warm=False).records
    assert [r.status for r in records] == ["done", "done", "failed", "failed"]
    assert "bare.ipynb must write one page and wrote 0" in records[2].reason["en"]
    assert "district 为 another，应为 b" in records[3].reason["zh"]
    given = {}
    monkeypatch.setattr("perflib.show.report.write_report", lambda folder, **fields: given.update(fields))
    folder = tmp_path / "out" / "b-2023"
    monkeypatch.setattr(
        "perflib.run.report.CHAPTERS", "own/45_mine/chapters"
    )  # the suite's own is another matter
    assemble(**json.loads(json.dumps(jobs[-1].parameters)) | {"chapters": []})
    place = folder / OWN / "45_mine" / "chapters" / "any"
    assert given["chapters"] == [place]
    assert given["names"] == {str(place): "45_mine"}
    assert given["notes"] == ["章节 bare 运行出错，本次未收入报告。", "章节 other 运行出错，本次未收入报告。"]


def test_what_an_earlier_report_took_in_is_gone_from_a_later_one(jobs_with, tmp_path, monkeypatch):
    jobs = jobs_with(mine(tmp_path), mine(tmp_path, name="46_kept"))
    run_batch(jobs[:-1], tmp_path / "out", warm=False)
    monkeypatch.setattr("perflib.show.report.write_report", lambda folder, **fields: None)
    assemble(**jobs[-1].parameters | {"own": ["46_kept"], "chapters": []})
    left = [p.name for p in (tmp_path / "out" / "b-2023").rglob("*") if "45_mine" in p.name]
    assert left == []
    assert (tmp_path / "out" / "b-2023" / "notebooks" / "46_kept.ipynb").is_file()


def test_one_named_as_a_notebook_of_the_suite_is_refused(jobs_with, tmp_path):
    with pytest.raises(ArgumentError, match="Two jobs would write"):
        run_batch(jobs_with(mine(tmp_path, name="40_one")), tmp_path / "out")


@pytest.mark.parametrize(("stem", "name"), [("45_mine", "45_mine"), ("45 我的（新）", "45-我的-新")])
def test_the_name_can_stand_in_an_anchor(stem, name):
    assert chapter_name(stem) == name
