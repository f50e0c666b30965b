"""The figures of the comparison's first half: ranked dots and the funnel."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.funnel import funnel
from perflib.show.figures.ranked_dots import ranked_dots

MOST = 40  # districts that one figure can name; of more, the ends are shown


def add_dots(chapter: Chapter, scope: Scope, tiers: pd.DataFrame) -> None:
    """Add the districts in order, with intervals, coloured by tier."""
    rows = shown_rows(tiers, scope.own)
    words = {
        t: say("show_comparison.tier", chapter.lang, tier=int(t)) for t in rows["tier"].dropna().unique()
    }
    none = say("show_comparison.no_tier", chapter.lang)
    figure = ranked_dots(
        rows.assign(word=rows["tier"].map(words).astype(object).fillna(none)), label="district_name", value="rate",
        lower="low", upper="high", tier="word", reference=chapter.facts["pool_rate"].value,
        reference_label=chapter.phrase("reference_dots"), highlight=scope.names.get(scope.own),
        **figure_words(chapter, "dots"),
    )  # fmt: skip
    chapter.add_figure("dots", figure)


def add_funnel(chapter: Chapter, scope: Scope, flags: pd.DataFrame) -> None:
    """Add the rates against the effective number of projects, with the limits of chance."""
    now = flags[flags["year"] == scope.year]
    figure = funnel(
        now, label="district_name", size="effective", value="rate", centre=float(now["centre"].iloc[0]),
        lower="low", upper="high", outer_lower="low_outer", outer_upper="high_outer",
        has_own_limits=True, size_label=chapter.phrase("size_funnel"), **figure_words(chapter, "funnel"),
    )  # fmt: skip
    chapter.add_figure("funnel", figure)


def shown_rows(rows: pd.DataFrame, own: str, *, value: str = "rate", most: int = MOST) -> pd.DataFrame:
    """All rows if they are few; else those of both ends by `value`, and the own district's."""
    if len(rows) <= most:
        return rows
    order = rows.sort_values([value, "district_name"])
    return pd.concat(
        [order.head(most // 2), order[order["district"] == own], order.tail(most // 2)]
    ).drop_duplicates("district")
