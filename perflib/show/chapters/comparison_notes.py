"""What a reader must be told beside the comparison, and what was left out and why."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.errors import PerflibError
from perflib.data.text import say
from perflib.infer.comparability import comparison_notes, say_note
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope
from perflib.show.chapters.comparison_split import detail_levels, function_names

IN_PAGE, MOST_NAMED = 30, 5


def _few(names: list[str], lang: str) -> str:
    listed = say("show_report.comma", lang).join(names[:MOST_NAMED])
    return (
        listed if len(names) <= MOST_NAMED else say("compare.note_more", lang, names=listed, count=len(names))
    )


def add_notes(chapter: Chapter, scope: Scope, left_out: Sequence[PerflibError]) -> None:
    """Add the notes on data, and the reasons of parts that were left out, each in a sentence."""
    levels = list(detail_levels(scope.now, chapter.lang).values())
    found = [comparison_notes(scope.rates)]
    if levels:
        notes = comparison_notes(scope.now, by=levels[min(1, len(levels) - 1)])
        gone = notes[notes["note"] == "category_missing"]
        named = function_names(scope.now)
        gone = gone.assign(detail=gone["detail"].map(lambda d: named.get(d, d)))
        keys = ["note", "unit", "year"]
        found.append(gone.groupby(keys, as_index=False)["detail"].agg(lambda d: _few(list(d), chapter.lang)))
    found.append(pd.DataFrame({"note": "year_bare", "year": list(scope.bare_years)}))
    notes = pd.concat(found, ignore_index=True)
    told = notes.assign(unit=notes["unit"].map(scope.names).fillna(notes["unit"]))
    sentences = [say_note(row, chapter.lang) for row in told.to_dict("records")]
    table = pd.DataFrame({"year": told["year"], "district_name": told["unit"], "note_text": sentences})
    chapter.add_table("notes", table, is_in_page=len(table) <= IN_PAGE)
    reasons = pd.DataFrame({"note_text": [error.sentence(chapter.lang) for error in left_out]})
    chapter.add_table("left_out", reasons)
    add, rows = chapter.facts.add, len(scope.rates)
    add("notes", len(table), unit="count", table="notes", rows=rows, is_open=True)
    add("left_out", len(reasons), unit="count", table="left_out", rows=rows, is_open=True)
    counts = notes["note"].value_counts()
    for note in ("one_project", "equal_rates", "category_missing", "year_missing", "year_bare"):
        add(f"note_{note}", int(counts.get(note, 0)), unit="count", table="notes", rows=rows, is_open=True)
