"""The figures of the chapter on the assessment of departments."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.ranked_dots import ranked_dots
from perflib.show.figures.slope import slope


def add_tier_figure(chapter: Chapter, tiered: pd.DataFrame) -> None:
    """Add official scores with intervals, coloured by tier."""
    lang = chapter.lang
    words = {t: say("show_evaluation.tier", lang, tier=int(t)) for t in tiered["tier"].dropna().unique()}
    named = tiered["tier"].map(words).astype(object).fillna(say("show_evaluation.no_tier", lang))
    figure = ranked_dots(tiered.assign(word=named), label="department", value="score", lower="low", upper="high",
                         tier="word", unit="score", **figure_words(chapter, "tiers"))  # fmt: skip
    chapter.add_figure("tiers", figure)


def add_shift_figure(chapter: Chapter, shift: pd.DataFrame) -> None:
    """Add the weight of compliance and effect, last year and this."""
    keys = {"effect": "effect_orientation", "compliance": "compliance"}
    word = shift["orientation"].map(lambda o: say(f"show_evaluation.{keys.get(o, o)}", chapter.lang))
    year = int(chapter.facts["assessed_year"].value)
    figure = slope(shift.assign(word=word), label="word", before="before", after="after", before_label=str(year - 1),
                   after_label=str(year), **figure_words(chapter, "shift"))  # fmt: skip
    chapter.add_figure("shift", figure)
