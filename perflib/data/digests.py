"""SHA-256 of what is read and written: bytes, files, and plain content."""

import hashlib
import json
from pathlib import Path


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
