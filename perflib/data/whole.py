"""Writing files and folders so that a reader sees the old one or the new one, never half of one; their names and hashes."""

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from perflib.data.errors import ArgumentError, DataError

LONGEST = 60
EDGES = "-._ "
RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")
FULL = {errno.ENOSPC, errno.EDQUOT}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR}


@contextmanager
def told_disk_errors(path: Path):
    """Turn what the disk refuses into a sentence that names the place and the remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DataError("run.disk_full", path=path) from error
        if error.errno in FORBIDDEN:
            raise ArgumentError("run.cannot_write", path=path, reason=error.strerror) from error
        raise


def write_whole(path: Path, content: bytes | str) -> None:
    """Put `content` at `path` in one step; on any failure the old file stays and nothing else is left."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    with told_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A new file to write into, which takes the place of `path` when the block ends without an error."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `target` when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part"))
    made.chmod(0o755)
    try:
        yield made
        _swap(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _swap(made: Path, target: Path) -> None:
    old = made.with_name(f"{made.name}.old")
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put `files`, by name, into the folder at `folder`, which holds nothing else then."""
    with whole_folder(folder) as made:
        for name, content in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_bytes(content)


def write_json(path: Path, content) -> None:
    """Put `content` at `path` as JSON with sorted keys, in one step."""
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def read_json(path: Path):
    """What the file at `path` holds as JSON; None where there is none, or something else."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def make_folder(path: Path) -> Path:
    """`path`, made if need be and tried by writing into it."""
    with told_disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        handle, probe = tempfile.mkstemp(dir=path, prefix=".", suffix=".part")
        os.close(handle)
        os.unlink(probe)
    return path


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files and folders that a killed run left in `folder` and below."""
    for path in folder.rglob(".*.part"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def safe_name(text: str) -> str:
    """`text` as one part of a path: letters and digits of any script, `-`, `_`, commas, inner dots, single spaces.

    A name that had to be changed carries a short hash, so that two names never share a file.

    >>> safe_name("城东区-2023")
    '城东区-2023'
    >>> safe_name("../etc")
    'etc-f7f9121f'
    """
    normal = unicodedata.normalize("NFC", str(text))
    kept = re.sub(r"[^\w. ,，、（）-]+|  +", "-", normal)
    kept = re.sub(r"\.{2,}", "-", kept).strip(EDGES)[:LONGEST].rstrip(EDGES)
    if kept and kept == text and not RESERVED.match(kept.split(".")[0]):
        return kept
    mark = sha256(str(text).encode("utf-8", "surrogatepass"))[:8]
    return f"{kept}-{mark}" if kept and not RESERVED.match(kept) else f"x-{mark}"


def sha256(content: bytes) -> str:
    """Digest of these bytes."""
    return hashlib.sha256(content).hexdigest()


def hash_file(path: Path) -> str:
    """Digest of the file's bytes, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_json(content) -> str:
    """Digest of `content` as canonical JSON: the order of keys doesn't matter."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return sha256(text.encode("utf-8", "surrogatepass"))
