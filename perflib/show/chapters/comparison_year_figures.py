"""The figures over the years and of the split: waterfall, slope, small lines, heat table, dispersion."""

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_figures import shown_rows
from perflib.show.chapters.comparison_scope import Scope
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.bridge_waterfall import bridge_waterfall
from perflib.show.figures.heat_table import heat_table
from perflib.show.figures.slope import slope
from perflib.show.figures.small_multiples import small_multiples

MOST_LINES, MOST_SLOPES, MOST_YEARS = 24, 24, 15


def add_waterfall(chapter: Chapter, scope: Scope, kinds: pd.DataFrame | None) -> None:
    """Add the way from all together to the own district, by mix and rate of each kind."""
    if kinds is None or not scope.own:
        return
    own = kinds[kinds["district"] == scope.own]
    parts = [
        own.assign(step=own["kind"].map(lambda k, p=part: say(f"show_comparison.{p}_of", chapter.lang, kind=k)),
                   contribution=own[part])
        for part in ("mix_effect", "rate_effect")
    ]  # fmt: skip
    start = float((own["pool_share"] * own["pool_rate"]).sum())
    figure = bridge_waterfall(
        pd.concat(parts), label="step", contribution="contribution", start=start,
        end=float((own["share"] * own["rate"]).sum()), start_label=chapter.phrase("start_waterfall"),
        end_label=scope.names[scope.own], **figure_words(chapter, "waterfall"),
    )  # fmt: skip
    chapter.add_figure("waterfall", figure)


def add_slope(chapter: Chapter, scope: Scope, changes: pd.DataFrame) -> None:
    """Add each district's rate in the first and in the judged year."""
    if changes.empty:
        return
    rows = shown_rows(changes, scope.own, value="value", most=MOST_SLOPES)
    told = set(rows.loc[rows["verdict"] != "no_change", "district_name"])
    figure = slope(rows, label="district_name", before="before", after="after", highlight=told,
                   before_label=str(int(rows["first_year"].iloc[0])), after_label=str(scope.year),
                   **figure_words(chapter, "slope"))  # fmt: skip
    chapter.add_figure("slope", figure)


def add_lines(chapter: Chapter, scope: Scope, estimates: pd.DataFrame) -> None:
    """Add a small line chart for each district."""
    now = estimates[estimates["year"] == scope.year]
    chosen = shown_rows(now, scope.own, most=MOST_LINES)["district"]
    rows = estimates[estimates["district"].isin(chosen)].sort_values(["district", "year"])
    if rows["year"].nunique() < 2:
        return
    figure = small_multiples(
        rows, facet="district_name", x="year", y="rate", **figure_words(chapter, "lines")
    )
    chapter.add_figure("lines", figure)


def add_heat(chapter: Chapter, scope: Scope, estimates: pd.DataFrame) -> None:
    """Add rates by district and year, the highest of the judged year on top."""
    now = estimates[estimates["year"] == scope.year]
    order = shown_rows(now, scope.own).sort_values(["rate", "district_name"], ascending=[False, True])[
        "district_name"
    ]
    years = list(scope.years[-MOST_YEARS:])
    rows = estimates[estimates["district_name"].isin(order) & estimates["year"].isin(years)]
    if len(years) < 2:
        return
    grid = pd.MultiIndex.from_product([order, years], names=["district_name", "year"])
    cells = rows.set_index(["district_name", "year"])["rate"].reindex(grid).reset_index()
    middle = float(rows["executed"].sum() / rows["budget"].sum())
    figure = heat_table(cells, row="district_name", column="year", value="rate", middle=middle,
                        **figure_words(chapter, "heat"))  # fmt: skip
    chapter.add_figure("heat", figure)
