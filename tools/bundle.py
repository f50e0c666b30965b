"""Everything that an office without network installs from: `python -m tools.bundle [FOLDER]`, or `make bundle`.

For Linux and Windows a folder each: the wheels of the lock (fonts are in one of them) and of perflib, the lock reduced to
that system with every hash, and a launcher. The launcher makes an environment beside itself the first time, from the
wheels alone and only if every hash is right, and then passes its arguments to `perflib`. The office needs Python of the
minor version with which the bundle was made, no older. The Windows part is made from the index's wheels for Windows, and has not
been run on Windows.
"""

import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from packaging.markers import Marker

from perflib.data.whole import hash_file

ROOT = Path(__file__).resolve().parents[1]
FULL = platform.python_version()
MINOR = FULL.rpartition(".")[0]
SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
}  # fmt: skip
TAGS = {
    "linux": [f"manylinux_2_{n}_x86_64" for n in range(28, 4, -1)] + ["manylinux2014_x86_64"],
    "windows": ["win_amd64"],
}
LOCK, SUMS = "bundle.lock", "SHA256SUMS"
_SH = """#!/bin/sh
# The first time: an environment from wheels/, without network, each file checked by its hash. Then: perflib.
here=$(cd "$(dirname "$0")" && pwd)
python=${PERFLIB_PYTHON:-python@MINOR@}
if [ ! -x "$here/.venv/bin/perflib" ]; then
  "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (@PAIR@))' || { echo "需要 Python @MINOR@。Python @MINOR@ is needed." >&2; exit 5; }
  "$python" -m venv "$here/.venv" && "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check \\
    --no-index --find-links "$here/wheels" --require-hashes -r "$here/bundle.lock" || {
    rm -rf "$here/.venv"; echo "安装未完成：文件缺失或被改动。Not installed: a file is missing or was altered." >&2; exit 5; }
fi
exec "$here/.venv/bin/perflib" "$@"
"""
_BAT = """@echo off
rem The first time: an environment from wheels\\, without network, each file checked by its hash. Then: perflib.
setlocal
set "here=%~dp0"
if exist "%here%.venv\\Scripts\\perflib.exe" goto run
py -@MINOR@ -m venv "%here%.venv" || goto failed
"%here%.venv\\Scripts\\python.exe" -m pip install --quiet --disable-pip-version-check --no-index --find-links "%here%wheels" --require-hashes -r "%here%bundle.lock" || goto failed
:run
"%here%.venv\\Scripts\\perflib.exe" %*
exit /b %errorlevel%
:failed
rmdir /s /q "%here%.venv" 2>nul
echo Not installed: Python @MINOR@ is needed, and no file may be missing or altered.
exit /b 5
"""


def reduced(lock: str, system: str) -> str:
    """The lines of `lock` that hold on `system`, without their markers; hashes stay.

    >>> print(reduced("a==1 ; os_name == 'nt' \\\\\\n    --hash=sha256:1\\nb==2 \\\\\\n    --hash=sha256:2\\n", "linux"))
    b==2 \\
        --hash=sha256:2
    """
    where = {**SYSTEMS[system], "python_version": MINOR, "python_full_version": FULL}
    where |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    kept = []
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        head, _, hashes = entry.partition("\n")
        name, _, marker = head.removesuffix("\\").partition(" ; ")
        if not head.startswith("#") and (not marker or Marker(marker.strip()).evaluate(where)):
            kept.append(f"{name.strip()} \\\n{hashes}")
    return "\n".join(kept)


def download(lock: Path, system: str, wheels: Path) -> None:
    """The wheels of `lock` for `system`, from the index that pip uses; each checked by its hash."""
    tags = [word for tag in TAGS[system] for word in ("--platform", tag)]
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", *tags,
                    "--python-version", FULL, "--require-hashes", "-r", str(lock), "-d", str(wheels)], check=True)  # fmt: skip


def write_bundle(
    out: Path, wheel: Path, *, lock: str, systems: Sequence[str] = tuple(SYSTEMS), fetch=download
) -> None:
    """A folder for each of `systems` in `out`: wheels, lock, launcher and the hashes of all."""
    for system in systems:
        folder = out / system
        (folder / "wheels").mkdir(parents=True, exist_ok=True)
        words = reduced(lock, system) + "\n"
        with tempfile.TemporaryDirectory() as place:
            asked = Path(place) / LOCK
            asked.write_text(words, "utf-8")
            fetch(asked, system, folder / "wheels")
        (folder / "wheels" / wheel.name).write_bytes(wheel.read_bytes())
        name, version = wheel.name.split("-")[:2]
        words += f"{name}=={version} \\\n    --hash=sha256:{hash_file(wheel)}\n"
        (folder / LOCK).write_text(words, "utf-8", newline="\n")
        launcher = folder / ("perflib.bat" if system == "windows" else "perflib.sh")
        text = (
            (_BAT if system == "windows" else _SH)
            .replace("@MINOR@", MINOR)
            .replace("@PAIR@", MINOR.replace(".", ", "))
        )
        launcher.write_text(text, "utf-8", newline="\r\n" if system == "windows" else "\n")
        launcher.chmod(0o755)
        files = sorted(
            f for f in folder.rglob("*") if f.is_file() and f.name != SUMS and ".venv" not in f.parts
        )
        sums = [f"{hash_file(f)}  {f.relative_to(folder).as_posix()}\n" for f in files]
        (folder / SUMS).write_text("".join(sums), "utf-8", newline="\n")


def main(out: Path) -> None:
    """Build perflib's wheel and the bundle in `out`."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", place,
                        str(ROOT)], check=True)  # fmt: skip
        wheel = next(Path(place).glob("perflib-*.whl"))
        write_bundle(out, wheel, lock=(ROOT / "requirements.lock").read_text("utf-8"))
    print(f"{out}: {', '.join(SYSTEMS)} · Python {MINOR} · made on {platform.system()}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist/bundle"))
