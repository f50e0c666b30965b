"""Whether every notebook copes with any optional column of any table absent or blank, one at a time.

Run: python benchmarks/blank_columns.py [share] [seed]. `share` of all runs are made, the others left out.
A run reads small data with one column spoilt and runs the cells of each notebook that looks at its table.
Goal: no failure; a sentence to the user (DataError) is told and is none.
"""

import random
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
from perflib.run.suite import suite
from tests.notebooks.cells import run_cells

DISTRICTS, YEARS = ("330190", "330199"), (2021, 2022, 2023)
PROJECTS = 12  # of each district
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


def runs(share: float, seed: int) -> list[tuple[str, str, str]]:
    """(table, column, "absent" or "blank") of each run."""
    found = [
        (t.name, c.name, way)
        for t in tables().values()
        for c in t.columns
        if not c.is_filled
        for way in ("absent", "blank")
    ]
    return sorted(random.Random(seed).sample(found, round(share * len(found))))


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


def sweep(share: float, seed: int, work: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """(table, column, way, notebook, what it told) of each notebook in each run."""
    import pandas as pd

    write_small(work)
    of_table = notebooks_of(work)
    for table, column, way in runs(share, seed):
        path = work / f"{table}.csv"
        text = path.read_text("utf-8")
        frame = pd.read_csv(path, dtype=str)
        if column in frame:
            (frame.drop(columns=column) if way == "absent" else frame.assign(**{column: ""})).to_csv(
                path, index=False
            )
        try:
            for notebook in of_table.get(table, []):
                yield table, column, way, notebook, tell(notebook, work)
        finally:
            path.write_text(text, "utf-8")


def main() -> None:
    import matplotlib

    matplotlib.use("Agg")
    share, seed = float(([*sys.argv, "1"])[1]), int(([*sys.argv, "", "1"])[2] or 1)
    count, bad, told = 0, 0, 0
    with tempfile.TemporaryDirectory() as work:
        for *what, said in sweep(share, seed, Path(work)):
            count, bad, told = count + 1, bad + said.startswith("failure"), told + said.startswith("sentence")
            if said:
                print(" ".join(what), said, flush=True)
    print(
        f"{len(runs(share, seed))} columns, {count} notebooks run, {bad} failures, {told} ended in a sentence"
    )


if __name__ == "__main__":
    main()
