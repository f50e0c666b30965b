"""The figures of the chapter on key evaluations."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.heat_table import heat_table


def add_dimensions_figure(chapter: Chapter, gaps: pd.DataFrame) -> None:
    """Add points above or below the peers' mean, by subject and dimension."""
    word = gaps["evaluation_dimension"].map(lambda d: say(f"show_evaluation.{d}", chapter.lang))
    figure = heat_table(gaps.assign(word=word), row="subject_name", column="word", value="peer_gap", unit="score", middle=0.0,
                        **figure_words(chapter, "dimensions"))  # fmt: skip
    chapter.add_figure("dimensions", figure)


def add_rank_figure(chapter: Chapter, chances: pd.DataFrame) -> None:
    """Add the probability of each rank under other weights; what never happens is left blank."""
    seen = chances.assign(probability=chances["probability"].where(chances["probability"] >= 0.005))
    figure = heat_table(
        seen, row="unit", column="rank", value="probability", unit="share", **figure_words(chapter, "ranks")
    )
    chapter.add_figure("ranks", figure)
