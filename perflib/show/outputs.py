"""Outputs that are there whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder to write into, which takes the place of `target` when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
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


def write_whole(file: Path, content: bytes | str) -> None:
    """Write `content` to `file` in one step (UTF-8, no translation of line ends)."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(data)
    os.replace(part, file)


def safe_name(name: str) -> str:
    """`name` as a file name: no folders, no leading dot, nothing that a shell or Windows minds.

    >>> safe_name("../a<script>b"), safe_name("鄠邑区"), safe_name("..")
    ('_a_script_b', '鄠邑区', '_')
    """
    kept = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name.strip())
    while "__" in kept:
        kept = kept.replace("__", "_")
    return kept.strip(". ").removeprefix("_.") or "_"
