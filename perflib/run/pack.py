"""`perflib pack`: sources checked one after the other and written as one packed folder, whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perflib.data.errors import ArgumentError
from perflib.data.text import say
from perflib.data.whole import told_disk_errors, whole_folder


def pack_sources(sources: list[str], output: Path) -> dict:
    """Check `sources` and write them as packed data at `output`; the stamp's content comes back.

    One source is in memory at a time. Raises DataError for rows that can't be used (rows marked
    secret among them) and ArgumentError for two sources with the same district's year.
    """
    from perflib.data.book import read_book
    from perflib.data.packed import RECORDS
    from perflib.data.packer import Packer

    with new_folder(output) as folder:
        packer = None
        for source in sources:
            book = read_book(source)
            if packer is None:
                names = ("currency", "is_sample", "about", "year_begins")
                packer = Packer(folder, **{name: getattr(book, name) for name in names})
            _check_alike(packer, book, sources[0], source)
            packer.as_of = min(filter(None, (packer.as_of, book.as_of)), default=None)
            for name in book.tables:
                packer.add(name, book.tables[name], source=source)
            packer.add_records(**{name: getattr(book, name) for name in RECORDS})
        return packer.close()


def _check_alike(packer, book, first: str, second: str) -> None:
    """Money in one currency, years and rows that mean the same, and made-up rows never among real ones."""
    if book.currency != packer.currency:
        raise ArgumentError(
            "pack.two_currencies", first=first, second=second, expected=packer.currency, found=book.currency
        )
    if (book.about, book.year_begins) != (packer.about, packer.year_begins):
        raise ArgumentError("pack.two_definitions", first=first, second=second)
    if book.is_sample != packer.is_sample:
        raise ArgumentError("pack.sample_mixed", first=first, second=second)


@contextmanager
def new_folder(output: Path) -> Iterator[Path]:
    """A folder beside `output` that takes its place when all is written, and is removed otherwise."""
    target = output.expanduser().absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ArgumentError("pack.output_exists", path=output)
    with told_disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        for leftover in target.parent.glob(f".{target.name}.*.part"):
            shutil.rmtree(leftover, ignore_errors=True)  # of a packing that was killed
        with whole_folder(target) as folder:
            yield folder


def pack_report(content: dict, output: Path, lang: str) -> str:
    """What was packed, for a person to read."""
    from perflib.data.contract import tables

    rows, files = content["rows"], content["files"]
    counts = {"parts": f"{sum(len(f['parts']) for f in files):,}", "files": f"{len(files):,}"}
    size = sum(f["bytes"] for f in files) / 1e6
    lines = [say("pack.done", lang, path=output, size=f"{size:,.1f}", **counts)]
    for table in (t for t in tables().values() if t.name in rows):
        n = {"read": rows[table.name]["packed"], "merged": 0, "set_aside": 0, **rows[table.name]}
        said = {k: f"{v:,}" for k, v in n.items()}
        lines.append("  " + say("pack.table", lang, table=table.label(lang), **said))
    if content["is_sample"]:
        lines.append(say("pack.is_sample", lang))
    return "\n".join([*lines, say("pack.next", lang, path=output)])
