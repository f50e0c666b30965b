"""Whether every notebook copes with any optional column of any table absent or blank, one at a time.

Run: python benchmarks/blank_columns.py [table | table.column …]. What is named is swept alone, so that a sweep can be
gone on with, or be shared out.
A run reads small data with one column spoilt and runs the cells of each notebook that looks at its table; where a
blank column reads as an absent one does, of these only the page that tells of the files.
Goal: no failure; a sentence to the user (DataError) is told and is none.
"""

import sys
import tempfile
import traceback
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from perflib.data.book import Book, load_book
from perflib.data.contract import tables
from perflib.data.errors import PerflibError
from perflib.data.shelf import private_shelf
from perflib.run.suite import suite
from tests.notebooks.cells import run_cells

DISTRICTS, YEARS = ("330190", "330199"), (2021, 2022, 2023)
PROJECTS = 12  # of each district
FILES = ("10",)
STUDIES = ("00", "78", "80", "85")  # 00 runs nothing; a study wants districts side by side


def write_small(folder: Path) -> None:
    """The sample's last years in two districts, a few projects each, as a CSV file for each table."""
    book = load_book("sample").only(DISTRICTS, YEARS)
    kept = book.tables["projects"].drop_duplicates(["district", "project"]).groupby("district").head(PROJECTS)
    for name, frame in book.tables.items():
        column = next((c for c in ("project", "subject") if c in frame), "")
        is_of = frame[column].isin(kept["project"]) if column else True
        if "subject_kind" in frame:
            is_of |= frame["subject_kind"] != "project"
        (frame[is_of] if column else frame).to_csv(folder / f"{name}.csv", index=False)


def runs(only: list[str]) -> list[tuple[str, str, str]]:
    """(table, column, "absent" or "blank") of each run."""
    return [
        (t.name, c.name, way)
        for t in tables().values()
        for c in t.columns
        if not c.is_filled and (not only or {t.name, f"{t.name}.{c.name}"} & set(only))
        for way in ("absent", "blank")
    ]


def notebooks_of(folder: Path) -> dict[str, list[str]]:
    """The notebooks that look at each table."""
    seen: dict[str, set[str]] = defaultdict(set)
    whole = Book.whole
    for path in suite("zh"):

        def note(book: Book, name: str, at: str = path.stem[:2]):
            seen[name].add(at)
            return whole(book, name)

        Book.whole = note
        try:
            tell(path.stem[:2], folder)
        finally:
            Book.whole = whole
    return {name: sorted(at) for name, at in seen.items()}


def tell(notebook: str, folder: Path) -> str:
    """ "" if the notebook's cells ran, "sentence: …" or "failure: …"."""
    with tempfile.TemporaryDirectory() as output, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            run_cells(notebook, data=str(folder), output=output)
        except PerflibError as error:
            return f"sentence: {error}"
        except Exception:
            return f"failure: {traceback.format_exc(limit=-3)}"
    return ""


def sweep(work: Path, only: list[str]) -> Iterator[tuple[tuple[str, str, str], dict[str, str]]]:
    """(table, column, way) of each run, and what each notebook told in it."""
    import pandas as pd

    write_small(work)
    of_table, absent = notebooks_of(work), None
    for table, column, way in runs(only):
        path = work / f"{table}.csv"
        text = path.read_text("utf-8")
        frame = pd.read_csv(path, dtype=str)
        if column in frame:
            (frame.drop(columns=column) if way == "absent" else frame.assign(**{column: ""})).to_csv(
                path, index=False
            )
        try:
            held = held_in(work)
            is_same = way == "blank" and absent is not None and same(held, absent)
            absent = held
            looked = of_table.get(table, [])
            yield (table, column, way), {at: tell(at, work) for at in looked if not is_same or at in FILES}
        finally:
            path.write_text(text, "utf-8")


def held_in(folder: Path) -> dict | None:
    """The checked tables of `folder`; None where it is refused."""
    try:
        return dict(load_book(str(folder)).tables)
    except PerflibError:
        return None


def same(one: dict | None, other: dict | None) -> bool:
    """Whether two readings are the same to every page that does not tell of the files themselves."""
    return (
        one is not None
        and other is not None
        and one.keys() == other.keys()
        and all(frame.equals(other[name]) for name, frame in one.items())
    )


def main() -> None:
    import matplotlib

    matplotlib.use("Agg")
    private_shelf()  # the notebooks of a run share the book, as those of a report do
    count, said = 0, []
    with tempfile.TemporaryDirectory() as work:
        for run, told in sweep(Path(work), sys.argv[1:]):
            count, said = count + 1, [*said, *told.values()]
            print(*run, *[f"{at} {words}" for at, words in told.items() if words] or "-", flush=True)
    bad, ended = (sum(words.startswith(kind) for words in said) for kind in ("failure", "sentence"))
    print(f"{count} runs, {len(said)} notebooks run, {bad} failures, {ended} ended in a sentence")


if __name__ == "__main__":
    main()
