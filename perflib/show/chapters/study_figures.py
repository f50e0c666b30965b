"""Table and figure of the districts of several sources, side by side in rates."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.ranked_dots import ranked_dots

MOST = 40  # districts that one figure can name; of more, the ends are shown


def add_rates(chapter: Chapter, table: pd.DataFrame) -> pd.DataFrame:
    """Add the table of rates and its facts; the table comes back."""
    add, rows = chapter.facts.add, len(table)
    year = int(table["year"].iloc[0]) if rows else None
    add("common_year", year, unit="year", table="side_by_side", rows=rows, reason="none_such")
    tiers = table["tier"].dropna() if rows else pd.Series(dtype="Int64")
    add("tiers", int(tiers.nunique()), unit="count", table="side_by_side", rows=rows, is_open=True)
    ranked = int(table["is_ranked"].sum()) if rows else 0
    add("ranked", ranked, unit="count", table="side_by_side", rows=rows, is_open=True)
    told = int((ranked - table["rank_high"].dropna()).sum()) if rows else 0
    pairs = ranked * (ranked - 1) // 2
    add("pairs", pairs, unit="count", table="side_by_side", rows=rows, is_open=True)
    add("told_pairs", told, unit="count", table="side_by_side", rows=rows, is_open=True)
    add("unranked", rows - ranked, unit="count", table="side_by_side", rows=rows, is_open=True)
    if rows:
        names = {"rate": "execution_rate", "low": "rate_low", "high": "rate_high", "tier": "assessment_tier",
                 "currency": "currency_code"}  # fmt: skip
        columns = ["place_name", "currency_code", "projects", "effective", "execution_rate", "rate_low",
                   "rate_high", "mean_rate", "assessment_tier", "rank_low", "rank_high"]  # fmt: skip
        chapter.add_table(
            "side_by_side", table.rename(columns=names), columns=columns, is_in_page=rows <= MOST
        )
    return table


def add_dots(chapter: Chapter, table: pd.DataFrame) -> None:
    """Add the districts in order of their rates, with intervals, coloured by source."""
    if table.empty:
        return
    words = {
        source: say("study.of_currency", chapter.lang, name=source, currency=currency)
        for source, currency in table[["source", "currency"]].drop_duplicates().itertuples(index=False)
    }
    figure = ranked_dots(
        _ends(table).assign(word=table["source"].map(words)), label="place_name", value="rate", lower="low",
        upper="high", tier="word", **figure_words(chapter, "side_by_side"),
    )  # fmt: skip
    chapter.add_figure("side_by_side", figure)


def _ends(table: pd.DataFrame) -> pd.DataFrame:
    """All rows if they are few; else both ends, and every district of a source that would not be seen."""
    if len(table) <= MOST:
        return table
    shown = pd.concat([table.head(MOST // 2), table.tail(MOST // 2)])
    unseen = table[~table["source"].isin(shown["source"])]
    return pd.concat([shown, unseen.groupby("source").head(2)]).sort_values("rate", ascending=False)
