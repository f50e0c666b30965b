"""The figures of the chapter on trends: lines with breaks, slopes since the base year, the event study."""

import pandas as pd

from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.event_plot import event_plot
from perflib.show.figures.slope import slope
from perflib.show.figures.small_multiples import small_multiples

MOST = 40  # districts that one figure can hold; of more, the ends of the last year and the own one are drawn


def add_line_figure(chapter: Chapter, series: pd.DataFrame, breaks: pd.DataFrame) -> None:
    """Add a panel a district: its rate over the years, cut where the definition broke."""
    every = series["district"].nunique()
    series = series[series["district"].isin(drawn_districts(series, "rate", chapter))]
    names = series.drop_duplicates("district").set_index("district")["district_label"]
    if len(names) < every:
        chapter.facts.add("drawn", len(names), unit="count", table="series", rows=len(series), is_open=True)
    marks = breaks[breaks["district"].isin(names.index)]
    marks = pd.DataFrame({"facet": marks["district"].map(names), "x": marks["year"]})
    figure = small_multiples(series, facet="district_label", x="year", y="rate", segment="segment", marks=marks,
                             **figure_words(chapter, "lines"))  # fmt: skip
    chapter.add_figure("lines", figure)


def drawn_districts(rows: pd.DataFrame, value: str, chapter: Chapter) -> list[str]:
    """The districts that a figure draws: all if they are few, else both ends by their last `value` and the own."""
    last = rows.groupby("district")[value].last().dropna().sort_values(kind="stable")
    if len(rows["district"].unique()) <= MOST:
        return rows["district"].unique().tolist()
    ends = [*last.index[: MOST // 2], *last.index[-MOST // 2 :], chapter.identity["district"]]
    return list(dict.fromkeys(ends))


def add_slope_figure(chapter: Chapter, changes: pd.DataFrame) -> None:
    """Add the base year and the last, the changes that are more than chance and the own district in colour."""
    changes = changes[changes["district"].isin(drawn_districts(changes, "rate_after", chapter))]
    own = changes["district"] == chapter.identity["district"]
    stand_out = changes.loc[own | changes["trend_verdict"].isin(["rose", "fell"]), "district_label"]
    f = chapter.facts
    figure = slope(changes, label="district_label", before="rate_before", after="rate_after",
                   before_label=str(f["base_year"].value), after_label=str(f["last_year"].value),
                   highlight=list(stand_out), **figure_words(chapter, "slopes"))  # fmt: skip
    chapter.add_figure("slopes", figure)


def add_event_figure(chapter: Chapter, study: pd.DataFrame) -> None:
    """Add the effect by years since the start, placebos of the years before it beside them."""
    by_year = study[study["event_time"].notna()]
    points = {c: by_year[c].astype(float) * 100 for c in ("value", "low", "high")}
    figure = event_plot(by_year.assign(**points), time="event_time", value="value", lower="low", upper="high",
                        is_before="is_placebo", **figure_words(chapter, "event"))  # fmt: skip
    chapter.add_figure("event", figure)
