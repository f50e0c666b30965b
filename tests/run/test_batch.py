"""One batch in which everything that can go wrong does, and what the batch must be after it."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import nbformat
import pytest

from perflib.data.errors import ArgumentError
from perflib.run.batch import Limits, run_batch
from perflib.run.job import Job
from perflib.run.kernels import HOST
from perflib.run.manifest import read_manifest
from perflib.run.summary import write_summary
from tests.run.conftest import leftovers, needs_linux, printed, write_notebook

CELLS = {
    "good": ["print(x + 1)"],
    "raises": ["1 / 0", "print('never')"],
    "dies": ["import os; os._exit(3)", "print('never')"],
    "hangs": ["import time; time.sleep(600)", "print('never')"],
    "hoards": ["b = bytearray(900_000_000); b[::4096] = b'1' * len(b[::4096]); import time; time.sleep(60)"],
    "floods": ["print('y' * 50_000_000)"],
    "secret": ["print(token, 'is', token); raise ValueError(token)"],
    "full": ["raise OSError(28, 'No space left on device')"],
}
STATUS = {
    "good": "done", "raises": "failed", "dies": "died", "hangs": "timed_out", "hoards": "out_of_memory",
    "floods": "done", "secret": "failed", "full": "failed", "unknown": "failed",
}  # fmt: skip
MARK = "perflib-test-" + str(os.getpid())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp(MARK)


@pytest.fixture(scope="module")
def jobs(folder):
    found = [
        Job(write_notebook(folder / f"{name}.ipynb", *cells), {"x": 1}, folder / "out" / f"{name}.ipynb")
        for name, cells in CELLS.items()
        if name != "secret"
    ]
    secret = write_notebook(folder / "secret.ipynb", *CELLS["secret"], parameters='token: str = ""')
    unknown = write_notebook(folder / "unknown.ipynb", "1")
    found.append(Job(secret, {"token": "open sesame"}, folder / "out" / "secret.ipynb"))
    return [*found, Job(unknown, {"y": 1}, folder / "out" / "unknown.ipynb")]


@pytest.fixture(scope="module")
def result(jobs, folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBWARM_MODULES", "json")
        found = run_batch(jobs, folder / "out", workers=2, limits=Limits(12, 700, retries=1))
    write_summary(found, folder / "out", lang="zh")
    return {record.job.title: record for record in found.records} | {"": found}


@pytest.mark.parametrize("name", list(STATUS))
def test_every_job_ends_with_its_true_status(result, name):
    assert result[name].status == STATUS[name], result[name].reason


def test_the_exit_code_says_that_jobs_failed(result):
    assert result[""].exit_code == 4


def test_reasons_name_the_cell_in_both_languages(result):
    assert (
        result["raises"].reason["en"]
        == "An error was raised in code cell 2: ZeroDivisionError: division by zero"
    )
    assert "第 2 个代码单元格" in result["hangs"].reason["zh"]
    assert "12 s" in result["hangs"].reason["en"]
    assert "700 MB" in result["hoards"].reason["en"]
    assert "disk is full" in result["full"].reason["en"]
    assert "no parameter `y`" in result["unknown"].reason["en"]


@pytest.mark.parametrize("name", ["raises", "dies", "hangs"])
def test_a_failed_notebook_says_which_cell_failed_and_which_never_ran(result, folder, name):
    cells = nbformat.read(folder / "out" / f"{name}.ipynb", as_version=4).cells
    marks = [c.metadata.papermill.status for c in cells if c.cell_type == "code"]
    assert marks == ["completed", "completed", "failed", "pending"]


def test_only_deaths_are_tried_again(result):
    assert {name: result[name].attempts for name in ("dies", "raises", "hangs", "hoards")} == {
        "dies": 2, "raises": 1, "hangs": 1, "hoards": 1,
    }  # fmt: skip


def test_only_what_is_done_has_a_manifest(result, jobs):
    assert {job.title for job in jobs if read_manifest(job)} == {"good", "floods"}


def test_good_outputs_are_whole_and_hold_no_mark_of_this_run(result, folder):
    assert printed(folder / "out" / "good.ipynb") == "2\n"
    assert len(printed(folder / "out" / "floods.ipynb")) == 50_000_001
    text = (folder / "out" / "good.ipynb").read_text()
    assert "papermill" not in text
    assert MARK not in text
    assert '"id": "injected-parameters"' in text


def test_a_secret_is_in_no_file(result, folder):
    for path in (folder / "out").rglob("*"):
        if path.is_file() and path.stat().st_size < 10**6:
            assert "open sesame" not in path.read_text("utf-8"), path


@needs_linux
def test_nothing_is_left_behind(result, folder):
    assert leftovers(MARK) == []
    assert [p for p in (folder / "out").rglob("*") if p.suffix == ".part" or "runtime" in p.name] == []


@needs_linux
def test_the_warm_path_was_taken(result):
    assert result["good"].kernel == "warm", result["good"].fallback


def test_the_summary_tells_the_same(result, folder):
    told = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    assert {job["name"]: job["status"] for job in told["jobs"]} == STATUS
    page = (folder / "out" / "summary.html").read_text("utf-8")
    assert "http" not in page
    assert "division by zero" in page


def test_an_unchanged_job_is_not_run_again_and_a_changed_one_is(result, jobs, folder):
    good, flood = jobs[0], jobs[5]
    began = time.monotonic()
    again = run_batch([good, flood], folder / "out")
    assert [r.status for r in again.records] == ["unchanged", "unchanged"]
    assert time.monotonic() - began < 1
    good.output.write_text("spoilt")
    other = Job(flood.notebook, {"x": 2}, flood.output)
    again = run_batch([good, other], folder / "out", warm=False)
    assert [r.status for r in again.records] == ["done", "done"]
    assert printed(good.output) == "2\n"


def test_a_failing_job_does_not_stop_those_that_wait_for_it(tmp_path):
    first = Job(tmp_path / "none.ipynb", {}, tmp_path / "a.ipynb", name="first")
    call = Job(
        Path(__file__), {"output": str(tmp_path / "b")}, tmp_path / "b", after=("first",), call="os:makedirs"
    )
    made = Job(call.notebook, {"name": str(tmp_path / "b")}, call.output, after=call.after, call=call.call)
    assert [r.status for r in run_batch([first, made], tmp_path).records] == ["failed", "done"]


def test_data_that_change_during_the_run_spoil_the_result(tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("1")
    notebook = write_notebook(tmp_path / "n.ipynb", f"open({str(data)!r}, 'a').write('2')")
    job = Job(notebook, {}, tmp_path / "o.ipynb", inputs=(data,))
    record = run_batch([job], tmp_path, warm=False).records[0]
    assert record.status == "failed"
    assert "data.csv changed during the run" in record.reason["en"]
    assert read_manifest(job) is None


def test_what_a_kernel_of_a_killed_run_writes_late_goes_at_the_end(tmp_path):
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    late = tmp_path / ".run" / f"runtime-{HOST}-{killed.pid}"
    job = Job(
        write_notebook(tmp_path / "n.ipynb", f"import os; os.makedirs({str(late)!r})"),
        {},
        tmp_path / "o.ipynb",
    )
    assert run_batch([job], tmp_path, warm=False).exit_code == 0
    assert not late.exists()


def test_an_output_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    job = Job(write_notebook(tmp_path / "n.ipynb", "1"), {}, tmp_path / "file" / "o.ipynb")
    with pytest.raises(ArgumentError, match="can't be written"):
        run_batch([job], tmp_path / "file")


SCRIPT = """
    import sys
    from pathlib import Path
    from perflib.run.batch import run_batch
    from perflib.run.job import Job
    root = Path(sys.argv[1])
    jobs = [Job(root / "n.ipynb", {"x": i}, root / "out" / f"{i}.ipynb") for i in range(4)]
    sys.exit(run_batch(jobs, root / "out", workers=2, warm=sys.argv[2] == "warm").exit_code)
"""


def start(root: Path, kind: str) -> subprocess.Popen:
    script = root / "batch.py"
    script.write_text(textwrap.dedent(SCRIPT))
    return subprocess.Popen([sys.executable, str(script), str(root), kind], stderr=subprocess.DEVNULL)


@needs_linux
@pytest.mark.parametrize("kind", ["warm", "ordinary"])
def test_killed_at_any_moment_the_next_run_makes_it_whole(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("NBWARM_MODULES", "json")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    write_notebook(tmp_path / "n.ipynb", "import time; time.sleep(0.2); print(x)")
    chance = random.Random(7)
    for manifests in (0, 1):
        process = start(tmp_path, kind)
        wait_until(lambda m=manifests: len(list((tmp_path / "out").glob(".run/*.json"))) >= m, 30)
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        process.wait()
    assert start(tmp_path, kind).wait() == 0
    assert [printed(tmp_path / "out" / f"{i}.ipynb") for i in range(4)] == ["0\n", "1\n", "2\n", "3\n"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [".run", *[f"{i}.ipynb" for i in range(4)]]
    assert [p.name for p in (tmp_path / "out" / ".run").iterdir() if "runtime" in p.name] == []
    wait_until(lambda: not leftovers(tmp_path.name))
    assert list(temporary.iterdir()) == []


def wait_until(is_so, seconds: float = 8) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.1)


@needs_linux
def test_an_interrupt_ends_it_cleanly(tmp_path):
    write_notebook(tmp_path / "n.ipynb", "import time; time.sleep(60)")
    process = start(tmp_path, "ordinary")
    wait_until(lambda: leftovers(f"{tmp_path.name}/out/.run"), 20)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    wait_until(lambda: not leftovers(tmp_path.name))
    assert list((tmp_path / "out").glob("*.ipynb")) == []
