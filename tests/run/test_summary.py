import json
from pathlib import Path

import pytest

from perflib.data.text import LANGUAGES, has_text
from perflib.run import manifest as records
from perflib.run.job import Job
from perflib.run.manifest import Record, Result
from perflib.run.progress import Estimate, Lines
from perflib.run.summary import summary_page, write_summary

JOB = Job(
    Path("n.ipynb"), {"district": "<script>", "token": "sesame"}, Path("out/=<b>.ipynb"), name="<script>x"
)
STATUSES = ("done", "failed", "timed_out", "died", "out_of_memory", "unchanged", "not_run", "lost")


def result(*statuses: str, **fields) -> Result:
    reason = {"zh": "坏了 <i>", "en": "broken <i>"}
    found = [Record(JOB, s, None if s in records.GOOD else reason, seconds=2.0, attempts=1) for s in statuses]
    return Result(found, **fields)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_its_word(status):
    assert has_text(f"run.status_{status}")


@pytest.mark.parametrize(
    ("statuses", "code"),
    [(["done", "unchanged"], 0), (["done", "failed"], 4), (["lost", "died"], 4), ([], 0)],
)
def test_exit_codes(statuses, code):
    assert result(*statuses).exit_code == code
    assert result(*statuses, is_interrupted=True).exit_code == 130


def test_jobs_that_all_fail_alike_keep_their_own_code():
    assert Result([Record(JOB, "failed", exit_code=2)]).exit_code == 2
    assert Result([Record(JOB, "failed", exit_code=2), Record(JOB, "failed", exit_code=3)]).exit_code == 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_escapes_and_asks_nothing_of_others(lang, tmp_path):
    page = summary_page(result("done", "failed"), tmp_path, lang=lang)
    assert "<script>" not in page
    assert "<i>" not in page
    assert "http" not in page
    assert ("坏了" if lang == "zh" else "broken") in page


def test_the_file_tells_the_same_without_secrets(tmp_path):
    write_summary(result("done", "failed"), tmp_path, lang="en", shard="2/3")
    text = (tmp_path / "summary-2-of-3.json").read_text("utf-8")
    assert json.loads(text)["counts"] == {"done": 1, "failed": 1}
    assert "sesame" not in text


def test_the_estimate_counts_only_what_ran():
    estimate = Estimate(4, workers=2)
    assert estimate.left() is None
    estimate.add(Record(JOB, "unchanged"))
    assert estimate.left() is None
    estimate.add(Record(JOB, "done", seconds=6.0, attempts=1))
    assert estimate.left() == (4 - 2) * 6.0 / 1 / 2


def test_a_line_for_each_job_with_the_time_left(tmp_path):
    with (tmp_path / "log").open("w+", encoding="utf-8") as file:
        lines = Lines("zh", 1, file)
        lines.start(2)
        for record in result("done", "failed").records:
            lines.ended(record)
        file.seek(0)
        said = file.read().splitlines()
    assert said[0] == "[1/2] <script>x  完成  2.0 s  约剩 0:02"
    assert said[2].strip() == "坏了 <i>"


def test_failed_jobs_come_first_with_a_link_to_their_log(tmp_path):
    bad = Job(Path("n.ipynb"), {}, tmp_path / "a b" / "1.ipynb", name="bad")
    good = Job(Path("n.ipynb"), {}, tmp_path / "2.ipynb", name="good")
    reason = {"zh": "坏了", "en": "broken"}
    records = [
        Record(good, "done", attempts=1),
        Record(bad, "failed", reason, attempts=1),
        Record(bad, "not_run", reason),
    ]
    page = summary_page(Result(records), tmp_path, lang="en")
    assert page.index(">bad<") < page.index(">good<")
    assert page.count('<a href="a%20b/.run/1.ipynb.log">1.ipynb.log</a>') == 1


def report(folder: Path, code: str, *statuses: str) -> list[Record]:
    """The records of a report of two chapters, each with its status; the last is the report itself."""
    jobs = [Job(Path("n.ipynb"), {}, folder / code / f"{n}.ipynb", name=f"{code}/{n}") for n in (1, 2)]
    after = tuple(job.title for job in jobs)
    output = folder / code / "report.html"
    last = Job(Path("r.py"), {}, output, name=f"{code}/report", after=after, call="a:b", label=f"区{code}")
    return [Record(job, status, attempts=1) for job, status in zip([*jobs, last], statuses, strict=True)]


def test_several_reports_are_a_line_each_with_a_link_and_trouble_comes_first(tmp_path):
    good = report(tmp_path, "a", "unchanged", "done", "done")
    half = report(tmp_path, "b", "done", "failed", "done")
    none = report(tmp_path, "c", "failed", "failed", "failed")
    page = summary_page(Result([*good, *half, *none]), tmp_path, lang="zh")
    assert '<a href="a/report.html">区a</a>' in page
    assert '<a href="b/report.html">区b</a>' in page
    assert '<a href="c/report.html"' not in page
    assert page.index("区b") < page.index("区c") < page.index("区a")
    assert '<summary class="bad">完成 2、出错 1</summary>' in page
    assert '<summary class="good">完成 2、无变化 1</summary>' in page
    told = page[page.index("区b") : page.index("区c")]
    assert told.count(">1<") == told.count(">2<") == 1
    assert '<a href="b/report.html">report</a>' in told


def test_a_single_report_is_told_job_by_job(tmp_path):
    page = summary_page(Result(report(tmp_path, "a", "done", "done", "done")), tmp_path, lang="en")
    assert "<details" not in page
    assert '<a href="a/report.html">a/report</a>' in page
