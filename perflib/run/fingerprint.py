"""What every result depends on, as hashes: the package's own code, and the installed packages."""

import hashlib
import sys
from functools import cache
from pathlib import Path

from perflib.data.digests import hash_file, hash_json
from perflib.data.places import PACKAGE

CODE = {".py", ".toml", ".lua", ".typ", ".md", ".html", ".css", ".js"}


@cache
def hash_code() -> str:
    """SHA-256 over perflib's own files (code, texts, rules, templates), names included."""
    total = hashlib.sha256()
    for path in sorted(p for p in PACKAGE.rglob("*") if p.suffix in CODE and p.is_file()):
        if "share" in path.relative_to(PACKAGE).parts[:1]:
            continue
        total.update(f"{path.relative_to(PACKAGE).as_posix()}\0{hash_file(path)}\n".encode())
    return total.hexdigest()


@cache
def hash_packages() -> str:
    """SHA-256 over Python's version and the name and version of every installed package."""
    places = sorted({p for p in sys.path if p and Path(p).is_dir()})
    found = {d.name for place in places for d in Path(place).glob("*.dist-info")}
    return hash_json([sys.version, sys.platform, sorted(found)])
