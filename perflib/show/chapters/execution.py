"""The chapter on execution rates: how much of the budget was executed, by whom, on which base."""

import narwhals as nw
import numpy as np
import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.measure.balance import balance_rates
from perflib.measure.bridge import bridge_rates, group_contributions
from perflib.measure.calendar import judged_year
from perflib.measure.frame import collect
from perflib.measure.pefa import head_deviations, pefa_years
from perflib.measure.rates import BASES, execution_rates, project_rates
from perflib.show.chapter import Chapter
from perflib.show.chapters.start import MissingChapter, rows_of, start_chapter
from perflib.show.figures.bridge_waterfall import bridge_waterfall
from perflib.show.figures.budget_flow import budget_flow
from perflib.show.figures.ranked_dots import ranked_dots
from perflib.show.figures.rates_histogram import rates_histogram

NAME = "40_execution_rates"
LISTED = 10  # projects in the list of unspent money
FLOW = ("initial_budget", "adjusted_budget", "executed", "carried_over", "lapsed")


def execution_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables and figures on the execution of the book's district in the year that the rules judge.

    `base` ("initial", "adjusted", "received") is the base of the rates by project and department.
    """
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang)
    if not chapter.is_missing:
        add_execution(chapter, book, load_rules(rules), base)
    return chapter


def add_execution(chapter: Chapter, book: Book, rules: Rules, base: str) -> None:
    """Add to `chapter` all that it says of execution."""
    projects = rows_of(book, "projects", year=judged_year(rules, "execution", book.year))
    rated = project_rates(projects, base=base)
    _add_totals(chapter, projects, base)
    _add_balance(chapter, projects)
    _add_spread(chapter, rated, rules)
    _add_bridge(chapter, rated)
    _add_groups(chapter, projects, base)
    _add_pefa(chapter, book)
    _add_lists(chapter, rated)
    _add_figures(chapter, rated)
