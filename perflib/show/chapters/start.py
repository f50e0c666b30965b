"""How every chapter begins: whose it is, which year it judges, and whether its tables are there."""

from collections.abc import Sequence

import narwhals as nw
from IPython.display import Markdown
from narwhals.typing import IntoFrame

from perflib.data.book import Book
from perflib.data.errors import PerflibError
from perflib.data.rules import load_rules
from perflib.show.chapter import Chapter, missing_chapter


class MissingChapter:
    """Stands for a chapter whose tables are missing, or that has another `reason`: it says so, and shows nothing else."""

    is_missing = True

    def __init__(self, name: str, tables: Sequence[str], *, reason: PerflibError | None = None, **identity):
        self.name, self.tables = name, tuple(tables)
        self._identity = {**identity, "line": reason.sentence(identity["lang"])} if reason else identity

    def headline(self) -> Markdown:
        """The one line that names the missing tables, or the reason."""
        return missing_chapter(self.name, self.tables, **self._identity)

    def say(self, block: str) -> Markdown:
        return Markdown("")

    table = figure = say

    def write(self, output: str) -> None:
        """Write the one-line page, so that the report lists the chapter as not covered."""
        missing_chapter(self.name, self.tables, output=output, **self._identity)


def start_chapter(
    name: str, book: Book, *, base: str, rules: str, lang: str, needs: Sequence[str] = ("projects",)
) -> Chapter | MissingChapter:
    """The empty chapter `name` of the book's district and year; a `MissingChapter` if a table it `needs` is missing.

    `rules` names a rule set or a file of one; it is read here so that a faulty one stops every chapter alike.
    """
    identity = _identity(book, lang)
    if missing := [table for table in needs if not book.has(table)]:
        return MissingChapter(name, missing, **identity)
    chapter = Chapter(
        name,
        **identity,
        currency=book.currency,
        input_sha256=book.select(book.district).sha256,
        base=base,
        rules=load_rules(rules).id,
    )
    return chapter


def uncovered_chapter(name: str, book: Book, reason: PerflibError, *, lang: str) -> MissingChapter:
    """Chapter `name` that can't be made of this book for `reason`, and says so."""
    return MissingChapter(name, (), reason=reason, **_identity(book, lang))


def _identity(book: Book, lang: str) -> dict:
    return {
        "district": book.district,
        "district_name": book.district_name(book.district, lang),
        "year": book.year,
        "lang": lang,
        "is_sample": book.is_sample,
        "edition": book.edition,
    }


def rows_of(book: Book, table: str, *, year: int | None = None) -> IntoFrame:
    """The rows of `table` of the book's district (and of one fiscal year), in the book's engine."""
    rows = nw.from_native(book.frame(table)).filter(nw.col("district") == book.district)
    if year is not None:
        rows = rows.filter(nw.col("year") == year)
    return rows.to_native()
