"""A disk that is really full: a file system of one megabyte, mounted for this test alone."""

import json
import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from tests.conftest import ROOT
from tests.run.conftest import needs_linux, write_notebook

pytestmark = needs_linux
SCRIPT = """
    import json, sys
    from pathlib import Path
    from perflib.data.errors import PerflibError
    from perflib.run.batch import run_batch
    from perflib.run.job import Job
    from perflib.run.summary import write_summary
    root, small = Path(sys.argv[1]), Path(sys.argv[1]) / "small"
    def run(*sizes):
        jobs = [Job(root / "n.ipynb", {"x": size}, small / f"{size}.ipynb", name=str(size)) for size in sizes]
        result = run_batch(jobs, small, workers=1)
        return result, {r.job.title: [r.status, (r.reason or {"en": ""})["en"]] for r in result.records}
    told = run(10, 5_000_000)[1]
    files = sorted(str(p.relative_to(small)) for p in small.rglob("*") if p.is_file())
    try:
        (small / "filler").write_bytes(b"x" * 2_000_000)
    except OSError:
        pass
    result, later = run(20)
    try:
        write_summary(result, small, lang="en")
    except PerflibError as error:
        told["summary"] = error.sentence("zh")
    print(json.dumps({**told, **later, "files": files, "end": sorted(p.name for p in small.glob("*"))}))
"""
MOUNT = 'mount -t tmpfs -o size=1m none "$1/small" && exec "$2" "$1/script.py" "$1"'


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What a batch said on a small disk: one notebook fits, one doesn't, the last finds it full."""
    folder = tmp_path_factory.mktemp("full")
    alone = [shutil.which("unshare") or "unshare", "--user", "--map-root-user", "--mount"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*alone, "mount", "-t", "tmpfs", "none", str(folder)]).returncode
    ):
        pytest.skip("needs leave to mount a small file system in a name space of its own")
    (folder / "small").mkdir()
    (folder / "script.py").write_text(textwrap.dedent(SCRIPT))
    write_notebook(folder / "n.ipynb", "print('y' * x)")
    command = [*alone, "sh", "-c", MOUNT, "sh", str(folder), sys.executable]
    environment = {**os.environ, "NBWARM_MODULES": "json"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_what_fits_is_done_and_what_does_not_is_told(told):
    assert told["10"] == ["done", ""]
    assert told["5000000"][0] == "failed"
    assert "The disk is full" in told["5000000"][1]
    assert "5000000.ipynb" in told["5000000"][1]


def test_no_half_written_file_is_left(told):
    assert told["files"] == [
        ".run/10.ipynb.json", ".run/10.ipynb.log", ".run/5000000.ipynb.log", "10.ipynb",
    ]  # fmt: skip
    assert told["end"] == [".run", "10.ipynb", "filler"]


def test_a_disk_full_from_the_start_is_told_too(told):
    assert told["20"][0] == "failed"
    assert "The disk is full" in told["20"][1]
    assert "磁盘已满" in told["summary"]
