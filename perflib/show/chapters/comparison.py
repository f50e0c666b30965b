"""The chapter that compares districts: how they differ, why, and how sure that is."""

from collections.abc import Sequence

from perflib.data.book import Book
from perflib.data.errors import DataError, PerflibError
from perflib.data.rules import load_rules
from perflib.data.text import say
from perflib.measure.calendar import judged_year
from perflib.measure.reform import definition_breaks
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_extremes import add_extremes
from perflib.show.chapters.comparison_figures import MOST, add_dots, add_funnel
from perflib.show.chapters.comparison_flags import add_flags
from perflib.show.chapters.comparison_map import add_map, add_map_facts, map_rows
from perflib.show.chapters.comparison_model import add_logit, add_multilevel
from perflib.show.chapters.comparison_notes import add_notes
from perflib.show.chapters.comparison_peers import add_peers
from perflib.show.chapters.comparison_rates import add_rates
from perflib.show.chapters.comparison_scope import Scope, comparison_scope
from perflib.show.chapters.comparison_split import add_split
from perflib.show.chapters.comparison_tiers import add_tiers
from perflib.show.chapters.comparison_year_figures import add_heat, add_lines, add_slope, add_waterfall
from perflib.show.chapters.comparison_years import add_years, changes_of
from perflib.show.chapters.name_list import join_names
from perflib.show.chapters.programme import add_programme
from perflib.show.chapters.start import MissingChapter, start_chapter, uncovered_chapter

NAME = "80_district_comparison"
# What the data lacks makes no report fail; what would be compared wrongly does.
UNCOVERED = ("compare.one_district", "compare.no_rates", "compare.no_year_of_two")


def comparison_chapter(
    book: Book,
    *,
    base: str,
    rules: str,
    lang: str,
    districts: str | Sequence[str] = (),
    years: str | Sequence[int] = (),
    together: str = "policy",
    seed: int = 0,
    programme: str = "",
) -> Chapter | MissingChapter:
    """Facts, tables and figures that set the `districts` of the book beside each other, over the `years`.

    `districts`: codes or names, in a list or with commas; none: the book's district and its sisters. `years`:
    numbers, or text like "2019..2023"; none: all up to the year that the rules judge. The latest is compared
    in detail. `together`: whether projects of a policy count as one ("policy") or each by itself
    ("project"). A book of one district, or without budgets on this base, gives a chapter that only says so.
    Raises DataError where the comparison would be wrong (two districts of one name, two currencies) and
    ArgumentError for an unknown district or year.
    """
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang)
    if chapter.is_missing:
        return chapter
    last = judged_year(load_rules(rules), "execution", book.year) or book.year
    try:
        scope = comparison_scope(
            book, base=base, lang=lang, last=last, districts=districts, years=years, together=together
        )
    except DataError as error:
        if error.key not in UNCOVERED or districts or years:
            raise
        return uncovered_chapter(NAME, book, error, lang=lang)
    words = {"base_word": say(f"show_bases.{base}", lang), "own_name": scope.names.get(scope.own, "")}
    chapter.tell(**words)
    _fill(chapter, scope, book, seed, programme)
    return chapter


def _fill(chapter: Chapter, scope: Scope, book: Book, seed: int, programme: str) -> None:
    left_out: list[PerflibError] = []
    estimates = add_rates(chapter, scope)
    breaks = definition_breaks(book.table("work_items") if book.has("work_items") else None)
    changes, unjudged = changes_of(scope, breaks)
    for kind, names in unjudged.items():
        if told := join_names(names, chapter.lang):
            left_out.append(DataError(f"compare.change_{kind}", districts=told))
    flags = add_flags(chapter, scope, seed=seed)
    if (flags["method"] == "pooled_variance").all():
        left_out.append(DataError("compare.too_many_to_shuffle", districts=len(scope.names)))
    places = map_rows(scope, book, flags)
    add_map_facts(chapter, scope, places, left_out)
    tiers = add_tiers(chapter, scope, estimates, left_out, seed=seed)
    kinds = add_split(chapter, scope, tiers.loc[tiers["is_ranked"], "district"])
    add_multilevel(chapter, scope, left_out)
    add_logit(chapter, scope, book, left_out)
    add_years(chapter, scope, estimates, changes)
    add_peers(chapter, scope, book, tiers, left_out)
    add_extremes(chapter, scope, tiers)
    if len(scope.names) > MOST:
        left_out.append(DataError("compare.too_many_to_draw", districts=len(scope.names)))
    add_notes(chapter, scope, left_out)
    add_dots(chapter, scope, tiers)
    add_funnel(chapter, scope, flags)
    add_map(chapter, scope, places)
    add_waterfall(chapter, scope, kinds)
    add_slope(chapter, scope, changes)
    add_lines(chapter, scope, estimates)
    add_heat(chapter, scope, estimates)
    add_programme(chapter, book, names=scope.names, year=scope.year, programme=programme)
    chapter.key_facts("districts", "pool_rate", "own_rate", "flagged")
