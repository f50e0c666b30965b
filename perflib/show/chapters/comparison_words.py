"""Names in sentences: few are told, many are counted."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.numbers import format_value

MOST_TOLD = 6  # names that a sentence can carry


def join_names(names: Sequence[str], lang: str) -> str:
    """The names as a sentence lists them: "a, b and c", "a、b和c"; beyond six, how many there are.

    >>> join_names(["Tetuán", "Retiro"], "en"), join_names(["Tetuán", "Retiro", "Usera"], "zh")
    ('Tetuán and Retiro', 'Tetuán、Retiro和Usera')
    """
    told = [str(name) for name in names]
    if len(told) > MOST_TOLD:
        return say("show_comparison.many", lang, count=f"{len(told):,}")
    if len(told) < 2:
        return "".join(told)
    return say(
        "show_comparison.and", lang, first=say("show_report.comma", lang).join(told[:-1]), last=told[-1]
    )


def add_names(chapter: Chapter, id: str, names: pd.Series, *, table: str, rows: int) -> None:
    """Add fact `id`: the names as a sentence lists them, and none where there is none."""
    told = join_names(names.tolist(), chapter.lang)
    chapter.facts.add(id, told or None, unit="text", table=table, rows=rows, reason="none_such")


def told_chance(p: pd.Series, lang: str) -> pd.Series:
    """Probabilities as a table prints them: one too small for its decimals as "<0.1%", never as zero."""
    least = say("show_comparison.under_chance", lang)
    return p.map(
        lambda v: None if pd.isna(v) else least if v < 0.001 else format_value(float(v), "share", lang)
    )
