"""The map of the comparison: which districts differ from all together, and where they lie."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.errors import DataError
from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope
from perflib.show.chapters.comparison_words import add_names
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.district_map import NAMED, Shade, district_map
from perflib.show.theme import BLUE, ORANGE, PALE, PAPER

# Hatching tells the shades apart where colours can't; in the order of the legend.
LOOKS = {"below": (ORANGE, "////"), "alike": (PALE, ""), "above": (BLUE, "...."), "too_few": (PAPER, "")}


def map_rows(scope: Scope, book: Book, flags: pd.DataFrame) -> pd.DataFrame:
    """One row per district of the judged year: `district_name`, `verdict`, and `outline` (NA where none is given)."""
    now = flags.loc[flags["year"] == scope.year, ["district", "district_name", "verdict", "rate"]]
    given = book.whole("districts").drop_duplicates("district")[["district", "outline"]]
    return now.merge(given, on="district", how="left", validate="one_to_one")


def add_map_facts(chapter: Chapter, scope: Scope, rows: pd.DataFrame, left_out: list) -> None:
    """Add what the map shows: how many districts it draws, of each verdict, and which it lacks."""
    add, count = chapter.facts.add, len(scope.now)
    drawn = rows[rows["outline"].notna()]
    lacking = rows[rows["outline"].isna()] if len(drawn) else rows[:0]
    trail = {"unit": "count", "table": "funnel", "rows": count, "is_open": True}
    add("mapped", len(drawn), **trail)
    add("unmapped", len(lacking), **trail)
    for verdict in LOOKS:
        add(f"mapped_{verdict}", int((drawn["verdict"] == verdict).sum()), **trail)
    add_names(chapter, "unmapped_names", lacking["district_name"], table="funnel", rows=count)
    if len(drawn) > NAMED:
        left_out.append(DataError("compare.too_many_to_name", districts=len(drawn)))


def add_map(chapter: Chapter, scope: Scope, rows: pd.DataFrame) -> None:
    """Add the map, if any district has an outline."""
    if rows["outline"].isna().all():
        return
    shades = {
        verdict: Shade(say(f"show_comparison.{verdict}", chapter.lang), colour, hatch)
        for verdict, (colour, hatch) in LOOKS.items()
    }
    figure = district_map(
        rows, label="district_name", outline="outline", group="verdict", shades=shades,
        highlight=scope.names.get(scope.own), **figure_words(chapter, "map"),
    )  # fmt: skip
    chapter.add_figure("map", figure)
