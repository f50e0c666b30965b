"""Checked books that the processes of one run share: the first reads and checks, the others take."""

import hashlib
import json
import os
import pickle
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from perflib.data.inputs import input_files, stamp

SHELF = "PERFLIB_SHELF"
"""The variable that names the folder; whoever starts the run makes it, private, and removes it."""


def shared_book(data: str, year: int, make: Callable[[], Any]) -> Any:
    """The book that another process of this run made of the very same files, or `make()`.

    A book is never taken from an earlier run, nor from a folder that anybody else could write to.
    What can't be kept (a full disk) is made again by the next process.
    """
    folder = os.environ.get(SHELF, "")
    if not folder or not _is_private(Path(folder)):
        return make()
    before = _key(data, year)
    if not before:
        return make()
    place = Path(folder) / f"{before}.book"
    with suppress(OSError, EOFError, pickle.UnpicklingError), place.open("rb") as file:
        return pickle.load(file)
    book = make()
    if _key(data, year) == before:  # else the files changed while they were read
        with suppress(OSError):
            _keep(book, place)
    return book


def _key(data: str, year: int) -> str:
    """A name for what the files hold now; "" where none are found, so that nothing could be told apart."""
    files = input_files(data)
    if not files:
        return ""
    content = [data, year, os.getcwd(), [[str(path), *stamp(path)] for path in files]]
    return hashlib.sha256(json.dumps(content).encode("utf-8", "surrogatepass")).hexdigest()


def _is_private(folder: Path) -> bool:
    """Whether the folder is ours alone: a pickle from anybody else could run their code."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return hasattr(os, "getuid") and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _keep(book: Any, place: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=place.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            pickle.dump(book, file, protocol=5)
        os.replace(temporary, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
