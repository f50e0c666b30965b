"""Which files on disk stand behind `--data`, and a cheap sign that one of them changed."""

import os
from pathlib import Path

from perflib.data.places import shared_folder

SAMPLE, SAMPLE_ABROAD = "sample", "sample-abroad"
SAMPLES = (SAMPLE, SAMPLE_ABROAD)


def split_data(data: str) -> tuple[str, Path | None]:
    """(mapping, path) of "sample", "path" or "mapping:path"; a drive letter is no mapping.

    >>> split_data("sample")
    ('', None)
    >>> split_data("madrid:data")[0], split_data("C:/maps/city.toml:data")[0]
    ('madrid', 'C:/maps/city.toml')
    """
    if data in SAMPLES:
        return "", None
    head, colon, rest = data.partition(".toml:")
    if colon:
        return f"{head}.toml", Path(rest).expanduser()
    head, colon, rest = data.partition(":")
    if colon and len(head) > 1 and not os.path.exists(data):
        return head, Path(rest).expanduser()
    return "", Path(data).expanduser()


def input_files(data: str) -> tuple[Path, ...]:
    """The files behind `data`, sorted; none for a path that isn't there (reading it will say so)."""
    mapping, path = split_data(data)
    place = shared_folder("data") if path is None else path.resolve()
    files = [place] if os.path.isfile(place) else [p for p in place.rglob("*") if p.is_file()]
    if mapping.endswith(".toml"):
        files.append(Path(mapping).expanduser().resolve())
    return tuple(sorted(p for p in files if not p.name.startswith((".", "~$"))))


def stamp(path: Path) -> list[int]:
    """Size and time of change: a cheap sign that a file may have changed."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
