"""The jobs of a report, and one small report from end to end."""

import json
import shutil
from dataclasses import replace

import pytest

from perflib.data.errors import ArgumentError
from perflib.run import suite
from perflib.run.batch import run_batch
from perflib.run.many import run_jobs
from perflib.run.report import Wanted, assemble, report_folder, report_jobs
from perflib.run.rows import Reading
from tests.run.conftest import write_notebook

CELL = """
data: str = "sample"
district: str = ""
year: int = 0
lang: str = "zh"
edition: str = "internal"
output: str = ""
"""
WRITES = (
    "from pathlib import Path; place = Path(output) / 'chapters' / '{name}'; place.mkdir(parents=True)",
    '(place / \'chapter.json\').write_text(\'{{"is_sample": true, "district_name": "X"}}\')',
)


@pytest.fixture
def reading():
    years = {"../x": [2022, 2023], "b": [2023]}
    return Reading(
        "../x",
        {"../x": ["甲", "A"], "b": ["乙", "B"]},
        years,
        {"../x": 2023, "b": 2023},
        {"../x": "1", "b": "2"},
        "c",
    )


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    for name in ("00_start", "10_one", "40_two", "80_all", "90_sum"):
        cells = [line.format(name=name) for line in WRITES]
        write_notebook(folder / f"{name}.ipynb", *(["1 / 0"] if name == "40_two" else cells), parameters=CELL)
    monkeypatch.setattr(suite, "shared_folder", lambda name: folder)
    monkeypatch.setattr("perflib.run.report.input_files", lambda data: ())
    return folder


@pytest.fixture
def wanted():
    return Wanted("sample", "zh", "internal", "pandas", "", "", {"status": "draft"})


def test_one_job_a_chapter_then_the_summary_then_the_report(wanted, reading, notebooks, tmp_path):
    folder = report_folder(tmp_path / "out", "../x", 2023)
    jobs = report_jobs(wanted, reading, "../x", 2023, folder)
    names = [job.title.split("/")[1] for job in jobs]
    assert names == ["10_one", "40_two", "80_all", "90_sum", "report"]
    assert len(jobs[3].after) == 3
    assert len(jobs[4].after) == 4
    assert jobs[4].label == "甲 2023"
    assert jobs[0].parameters["district"] == "../x"
    assert jobs[0].rows == ("1", "c")
    assert jobs[2].rows == reading.all_rows()


@pytest.mark.parametrize("district", ["../x", "<script>", "=1+1", "/etc", "a/../../b"])
def test_a_hostile_district_stays_in_the_folder(tmp_path, district):
    folder = report_folder(tmp_path, district, 2023)
    assert folder.parent == tmp_path
    assert folder.resolve().parent == tmp_path.resolve()
    assert folder.name[0] not in "=.-<"


def test_a_failing_chapter_costs_only_itself(wanted, reading, notebooks, tmp_path, monkeypatch):
    folder = report_folder(tmp_path / "out", "b", 2023)
    jobs = report_jobs(wanted, reading, "b", 2023, folder)[:-1]
    records = run_batch(jobs, tmp_path / "out", warm=False).records
    assert [r.status for r in records] == ["done", "failed", "done", "done"]
    given = {}
    monkeypatch.setattr("perflib.show.report.write_report", lambda folder, **fields: given.update(fields))
    call = report_jobs(wanted, reading, "b", 2023, folder)[-1]
    assemble(**json.loads(json.dumps(call.parameters)))
    assert [path.name for path in given["chapters"]] == ["10_one", "80_all", "90_sum"]
    assert given["notes"] == ["章节 40_two 运行出错，本次未收入报告。"]
    assert given["is_sample"]
    shutil.rmtree(folder)
    with pytest.raises(ArgumentError, match="No chapter was made"):
        assemble(**call.parameters)


def test_each_makes_one_report_a_district_and_year(reading):
    assert reading.find_places("", 0, []) == [("../x", 2023)]
    assert reading.find_places("", 0, ["district"]) == [("../x", 2023), ("b", 2023)]
    assert reading.find_places("", 0, ["district", "year"]) == [
        ("../x", 2022),
        ("../x", 2023),
        ("b", 2023),
    ]
    assert reading.find_places("b", 0, ["year"]) == [("b", 2023)]


def test_a_notebook_of_several_sources_hangs_on_the_rows_and_files_of_each(reading, notebooks, tmp_path):
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file in files:
        file.write_text("x", "utf-8")
    data = {"data": f"Ost={files[0]} | {files[1]}"}
    other = replace(reading, hashes={"b": "3" * 64})
    (job,) = run_jobs(notebooks / "10_one.ipynb", data, [], tmp_path, [reading, other])
    assert job.inputs == tuple(files) and job.rows == (*reading.all_rows(), *other.all_rows())


def test_one_notebook_for_each(reading, notebooks, tmp_path, monkeypatch):
    monkeypatch.setattr("perflib.run.many.input_files", lambda data: ())
    jobs = run_jobs(notebooks / "10_one.ipynb", {"lang": "en"}, ["district"], tmp_path, [reading])
    assert [job.parameters["district"] for job in jobs] == ["../x", "b"]
    assert all(job.output.parent == tmp_path for job in jobs)
    assert {job.parameters["lang"] for job in jobs} == {"en"}
    with pytest.raises(ArgumentError, match="takes district, year; got `month`"):
        run_jobs(notebooks / "10_one.ipynb", {}, ["month"], tmp_path, [reading])
    bare = write_notebook(tmp_path / "bare.ipynb", "1")
    with pytest.raises(ArgumentError, match="has no parameter `district`"):
        run_jobs(bare, {}, ["district"], tmp_path, [reading])


def test_a_notebook_may_say_what_it_reads(notebooks, tmp_path):
    assert suite.rows_read(notebooks / "10_one.ipynb") == "district"
    assert suite.rows_read(notebooks / "80_all.ipynb") == "everything"
    other = write_notebook(tmp_path / "mine.ipynb", "1")
    assert suite.rows_read(other) == "everything"
    content = json.loads(other.read_text())
    content["metadata"]["perflib"] = {"reads": "district"}
    other.write_text(json.dumps(content))
    assert suite.rows_read(other) == "district"
