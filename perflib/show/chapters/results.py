"""What the evaluations mean for next year's budget, for the chapters that tell of it."""

import datetime as dt

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules
from perflib.measure.calendar import judged_year
from perflib.measure.consequences import ACTIONS, decided, propose
from perflib.measure.findings import known

__all__ = ["ACTIONS", "consequences_of", "year_end"]


def consequences_of(book: Book, rules: Rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each project of the work year with what the rule says of it, and the evaluation that decides of each subject."""
    judged = judged_year(rules, "self_evaluation", book.year)
    found = decided(book.rows("evaluations", year=judged), rules)
    table = propose(
        book.rows("projects", year=book.year), found.assign(year=book.year), consequences=rules["consequences"],
        adjustments=book.rows("adjustments", year=book.year),
        findings=known(book.rows("findings"), book.rows("projects"), year=book.year),
    )  # fmt: skip
    return table, found


def year_end(year: int) -> dt.date:
    """The day on which the year's work is counted up."""
    return dt.date(year, 12, 31)
