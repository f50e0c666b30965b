"""The bundle for an office without network: what it holds, and that it installs on Linux from its own files alone.

A wheel of a few lines stands for perflib and its packages, so that the test is short; `make bundle` takes the real ones.
The launcher for Windows is only read here: nothing of it was run on Windows.
"""

import base64
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.bundle import LOCK, MINOR, ROOT, SUMS, reduced, write_bundle

CODE = "import other\ndef main():\n    print('here', other.__name__)\n"


def wheel_of(folder: Path, name: str, code: str, more: str = "") -> Path:
    """A wheel of one module."""
    info = f"{name}-1.0.dist-info"
    files = {f"{name}.py": code, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}  # fmt: skip
    files |= {f"{info}/entry_points.txt": more} if more else {}
    marks = {
        n: base64.urlsafe_b64encode(hashlib.sha256(t.encode()).digest()).decode().rstrip("=")
        for n, t in files.items()
    }
    record = "".join(f"{n},sha256={mark},{len(files[n].encode())}\n" for n, mark in marks.items())
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for n, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(n, text)
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    place = tmp_path_factory.mktemp("bundle")
    own = wheel_of(place, "perflib", CODE, "[console_scripts]\nperflib = perflib:main\n")
    other = wheel_of(place, "other", "")
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    lock = f"# a lock\nother==1.0 \\\n    --hash=sha256:{digest}\nwin==2.0 ; os_name == 'nt' \\\n    --hash=sha256:ff\n"
    write_bundle(
        place / "out", own, lock=lock, fetch=lambda asked, system, wheels: shutil.copy(other, wheels)
    )
    return place / "out"


def test_each_system_has_its_lock_wheels_launcher_and_hashes(bundle):
    for system, launcher in (("linux", "perflib.sh"), ("windows", "perflib.bat")):
        names = {
            f.relative_to(bundle / system).as_posix() for f in (bundle / system).rglob("*") if f.is_file()
        }
        wheels = {f"wheels/{name}-1.0-py3-none-any.whl" for name in ("perflib", "other")}
        assert {LOCK, SUMS, launcher} | wheels <= names
        lock = (bundle / system / LOCK).read_text("utf-8")
        assert (
            ("win==2.0" in lock) == (system == "windows") and "perflib==1.0" in lock and "os_name" not in lock
        )
        sums = (bundle / system / SUMS).read_text("utf-8").split()[1::2]
        assert set(sums) == names - {SUMS}
    bat = (bundle / "windows" / "perflib.bat").read_bytes()
    assert bat.isascii() and b"--no-index" in bat and b"--require-hashes" in bat and b"\r\n" in bat


def test_the_locks_of_this_house_name_every_package_once_for_each_system():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for system, own in (("linux", "ptyprocess"), ("windows", "pywinpty")):
        heads = [line.partition("==")[0] for line in reduced(lock, system).splitlines() if "==" in line]
        assert len(heads) == len(set(heads)) and own in heads and "zhplot" in heads
        assert not {"ptyprocess", "pywinpty"} <= set(heads)


@pytest.mark.skipif(sys.platform != "linux", reason="the launcher for Linux")
def test_on_linux_it_installs_without_an_index_and_refuses_what_was_altered(bundle, tmp_path):
    place = Path(shutil.copytree(bundle / "linux", tmp_path / "usb"))
    around = {
        "PATH": "/usr/bin:/bin",
        "PERFLIB_PYTHON": sys.executable,
        "PIP_INDEX_URL": "http://127.0.0.1:9",
    }
    command = ["sh", str(place / "perflib.sh")]
    wheel = place / "wheels" / "other-1.0-py3-none-any.whl"
    good = wheel.read_bytes()
    wheel.write_bytes(good + b"\0")
    done = subprocess.run(command, env=around, capture_output=True, text=True)
    assert done.returncode == 5 and "被改动" in done.stderr and not (place / ".venv").exists()
    wheel.write_bytes(good)
    done = subprocess.run(command, env=around, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "here other\n"), done.stderr
    assert MINOR in (place / "perflib.sh").read_text("utf-8")
