"""The tables that a chapter works on, with every column of the contract: NA where the source has none."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.book import complete as add_columns
from perflib.measure.subjects import named, policy_names  # noqa: F401 the chapters have them from here
from perflib.measure.tally import collect
from perflib.show.chapters.start import rows_of


def whole_table(book: Book, name: str, *, year: int | None = None) -> pd.DataFrame | None:
    """The rows of table `name` of the book's district (and fiscal year); None where the book has none.

    Columns of the contract that the source does not have are there and NA, so that a chapter can ask.
    """
    if not book.has(name):
        return None
    return complete(collect(rows_of(book, name, year=year)), name)


def complete(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """`rows` with the columns of table `name` that they lack, NA; a kind of subject not told is a project."""
    table = add_columns(rows, name)
    if "subject_kind" in table:
        table["subject_kind"] = table["subject_kind"].fillna("project")
    return table
