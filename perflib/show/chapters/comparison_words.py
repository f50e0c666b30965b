"""Facts of the comparison that are words: names, and chances too small to print."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.name_list import join_names
from perflib.show.numbers import format_value


def add_names(chapter: Chapter, id: str, names: pd.Series, *, table: str, rows: int) -> None:
    """Add fact `id`: the names as a sentence lists them, and none where there is none."""
    told = join_names(names.tolist(), chapter.lang)
    chapter.facts.add(id, told, unit="text", table=table, rows=rows, reason="none_such")


def told_chance(p: pd.Series, lang: str) -> pd.Series:
    """Probabilities as a table prints them: one too small for its decimals as "<0.1%", never as zero."""
    least = say("show_comparison.under_chance", lang)
    return p.map(
        lambda v: None if pd.isna(v) else least if v < 0.001 else format_value(float(v), "share", lang)
    )
