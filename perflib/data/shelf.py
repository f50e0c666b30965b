"""What the processes of one run share: the first reads or computes it, the others take."""

import atexit
import hashlib
import json
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from perflib.data.inputs import input_files, stamp
from perflib.data.places import SHELF
from perflib.data.whole import hash_json, whole_file

RESULTS_KEPT = 16
"""The newest results of a name; more than these would fill a disk in a run over thousands of districts."""


def private_shelf() -> None:
    """See to it that this process and its children have a shelf; one made here goes when the process ends."""
    if not os.environ.get(SHELF):
        folder = tempfile.TemporaryDirectory(prefix="perflib-")  # its mode is 700
        os.environ[SHELF] = folder.name
        atexit.register(folder.cleanup)


@contextmanager
def shelf_in(folder: Path) -> Iterator[None]:
    """Keep on the shelf `folder` what is read meanwhile; it goes with its parent when this process ends."""
    before = {SHELF: os.environ[SHELF]} if SHELF in os.environ else {}
    atexit.register(_take_away, folder.parent, [place for place in folder.parents if not place.exists()])
    with suppress(OSError):  # a place that can't be written costs only the sharing
        for place in (folder.parent, folder):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[SHELF] = str(folder)
    try:
        yield
    finally:
        del os.environ[SHELF]
        os.environ.update(before)


def _take_away(folder: Path, made: list[Path]) -> None:
    """Remove `folder`, and of the folders `made` on the way to it those in which nothing lies."""
    shutil.rmtree(folder, ignore_errors=True)
    for place in made:
        with suppress(OSError):
            place.rmdir()


def shared_book(data: str, year: int, make: Callable[[], Any], *, given: tuple = ()) -> Any:
    """The book that another process of this run made of the very same files, or `make()`.

    A book is never taken from an earlier run, nor from a folder that anybody else could write to.
    What can't be kept (a full disk) is made again by the next process. A book that rests on what the user gave
    (`given`, see `load_book`) is kept for the same alone.
    """
    return _shared(lambda: _key(data, year), "book", make, given=given)


def shared_result(name: str, rows: pd.DataFrame, options: dict[str, Any], make: Callable[[], Any]) -> Any:
    """What another process of this run computed under `name` from the very same rows and options, or `make()`.

    For results that take seconds and that several notebooks need, as those of one district in two languages.
    """
    return _shared(cache(lambda: frame_digest(name, rows, options)), f"{name}.result", make)


def _shared(key: Callable[[], str], kind: str, make: Callable[[], Any], *, given: tuple = ()) -> Any:
    folder = os.environ.get(SHELF, "")
    if not folder or not _is_private(Path(folder)):
        return make()
    before = key()
    if not before:
        return make()
    plain = Path(folder) / f"{before}.{kind}"
    own = plain.with_name(f"{before}-{hash_json(list(given))}.{kind}") if any(given) else plain
    for place in dict.fromkeys((plain, own)):
        with suppress(OSError, EOFError, pickle.UnpicklingError), place.open("rb") as file:
            return pickle.load(file)
    made = make()
    place = own if any(given) and made.rests_on_given else plain
    if key() == before:  # else what it was made of changed meanwhile
        with suppress(OSError):
            with whole_file(place) as file:
                pickle.dump(made, file, protocol=5)
            _thin(place.parent, kind)
    return made


def frame_digest(name: str, rows: pd.DataFrame, options: dict[str, Any]) -> str:
    """A digest of the name, the options and every cell of `rows`."""
    about = [name, options, rows.columns.tolist(), rows.dtypes.astype("str").tolist()]
    digest = hashlib.sha256(json.dumps(about, default=str).encode())
    digest.update(pd.util.hash_pandas_object(rows).to_numpy().tobytes())
    return digest.hexdigest()


def _key(data: str, year: int) -> str:
    """A name for what the files hold now; "" where none are found, so that nothing could be told apart."""
    files = input_files(data)
    if not files:
        return ""
    content = [data, year, [[str(path), *stamp(path)] for path in files]]
    return hash_json(content)


def _is_private(folder: Path) -> bool:
    """Whether the folder is ours alone: a pickle from anybody else could run their code."""
    try:
        found = folder.stat()
    except OSError:
        return False
    return hasattr(os, "getuid") and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _thin(folder: Path, kind: str) -> None:
    if kind == "book":
        return
    found = sorted(folder.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime_ns)
    for path in found[:-RESULTS_KEPT]:
        path.unlink(missing_ok=True)
