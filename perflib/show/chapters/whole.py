"""The tables that a chapter works on, with every column of the contract: NA where the source has none."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.book import complete as add_columns
from perflib.measure.frame import collect
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


def named(rows: pd.DataFrame, projects: pd.DataFrame, *, key: str = "subject") -> pd.DataFrame:
    """`rows` with `subject_name` and `department` of the project; a policy's name, or the key itself, where it is none."""
    about = projects[["project", "name", "department"]].drop_duplicates("project")
    about = about.rename(columns={"project": key, "name": "subject_name"})
    table = rows.drop(columns=["department", "subject_name"], errors="ignore").merge(
        about, on=key, how="left"
    )
    called = table["subject_name"].fillna(table[key].map(policy_names(projects)).astype("str"))
    return table.assign(subject_name=called.fillna(table[key]))


def policy_names(projects: pd.DataFrame) -> pd.Series:
    """What to call each policy: itself, if it is words; of a bare code, the unit that all its projects share.

    A code such as 001201-17102 says nothing to a reader, the name of the programme that it stands for does.
    """
    rows = projects[["policy", "unit"]].dropna(subset=["policy"]).drop_duplicates()
    alone = rows[~rows.duplicated("policy", keep=False)]
    is_code = ~alone["policy"].astype("str").str.contains(r"[^\W\d_]", regex=True)
    units = alone[is_code].dropna().set_index("policy")["unit"].astype("str")
    policies = rows["policy"].drop_duplicates().astype("str")
    called = policies.map(units).astype("str").fillna(policies)
    return pd.Series(called.to_numpy(), index=policies.to_numpy(), dtype="str")
