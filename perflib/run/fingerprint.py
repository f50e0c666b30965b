"""What every result depends on, as hashes: the package's own code, and the installed packages."""

import hashlib
import sys
from functools import cache
from pathlib import Path

from perflib.data.digests import hash_file, hash_json
from perflib.data.places import PACKAGE, shared_folder

CODE = {".py", ".toml", ".lua", ".typ", ".md", ".html", ".jinja", ".css", ".js"}
SAID = ("text", "reports/templates")
"""Folders beside the code, or in the wheel's share, that a result depends on as well."""


@cache
def hash_code() -> str:
    """SHA-256 over perflib's own files (code, rules, what pages say, layouts), names included."""
    total = hashlib.sha256()
    for name, folder in {"": PACKAGE, **{name: shared_folder(name) for name in SAID}}.items():
        files = (p for p in folder.rglob("*") if p.suffix in CODE and p.is_file())
        for place, path in sorted((p.relative_to(folder).as_posix(), p) for p in files):
            if name or not place.startswith("share/"):
                total.update(f"{name}/{place}\0{hash_file(path)}\n".encode())
    return total.hexdigest()


@cache
def hash_packages() -> str:
    """SHA-256 over Python's version and the name and version of every installed package."""
    places = sorted({p for p in sys.path if p and Path(p).is_dir()})
    found = {d.name for place in places for d in Path(place).glob("*.dist-info")}
    return hash_json([sys.version, sys.platform, sorted(found)])
