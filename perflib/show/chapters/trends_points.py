"""Change points: found where a series is long enough, refused where it isn't."""

from perflib.data.book import Book
from perflib.infer.readings import CHANGES, KEYS, level_changes, monthly_readings
from perflib.infer.trend import SHORTEST
from perflib.show.chapter import Chapter
from perflib.show.chapters.name_list import join_names
from perflib.show.chapters.whole import whole_table


def add_points(chapter: Chapter, book: Book, *, years: list[int]) -> None:
    """What the district's monthly readings say, and that a yearly rate is too short a series for it."""
    add = chapter.facts.add
    add("shortest", str(SHORTEST), unit="text", table="rules", rows=0)
    add("is_long", float(len(years) >= SHORTEST), unit="ratio", table="series", rows=len(years))
    readings = monthly_readings(whole_table(book, "indicators"))
    found = level_changes(readings)
    names = readings.drop_duplicates(KEYS)["series_name"] if len(readings) else []
    if len(found):
        chapter.add_table("points", found[CHANGES])
    rows = len(readings)
    number = str(len(names)) if len(names) else None
    add("monthly_series", number, unit="text", table="indicators", rows=rows, reason="no_long_series")
    changed = found["series_name"] if len(found) else []
    moved = join_names(changed, chapter.lang, many="show_names.many_series")
    add("moved_series", moved, unit="text", table="points", rows=rows, reason="nobody")
