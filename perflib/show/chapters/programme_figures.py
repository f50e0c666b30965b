"""The figures of one programme in several districts: what it costs, what was reached, two scores."""

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.heat_table import heat_table
from perflib.show.figures.ranked_dots import ranked_dots
from perflib.show.figures.slope import slope


def add_programme_figures(chapter: Chapter) -> None:
    """Add what the tables hold: relative costs, shares of outputs reached, and the scores of both levels."""
    if (costs := chapter.frame("programme_costs")) is not None:
        words = costs["cost_verdict"].map(lambda v: say(f"show_programme.{v}", chapter.lang))
        figure = ranked_dots(costs.assign(word=words), label="district_label", value="cost_value", lower="cost_low",
                             upper="cost_high", tier="word", unit="ratio", reference=1.0,
                             reference_label=say("show_programme.level_line", chapter.lang),
                             **figure_words(chapter, "programme_costs"))  # fmt: skip
        chapter.add_figure("programme_costs", figure)
    if (outputs := chapter.frame("programme_outputs")) is not None and outputs["reached_share"].notna().any():
        cells = outputs.drop_duplicates(["district_label", "output_name"])
        figure = heat_table(cells, row="district_label", column="output_name", value="reached_share", middle=1.0,
                            **figure_words(chapter, "programme_reached"))  # fmt: skip
        chapter.add_figure("programme_reached", figure)
    sides = chapter.frame("programme_sides")
    if sides is not None and sides[["district_score", "city_score"]].notna().all(axis=1).any():
        ends = {"before_label": "level_district", "after_label": "level_city"}
        figure = slope(sides, label="district_label", before="district_score", after="city_score", unit="score",
                       **{k: say(f"show_programme.{v}", chapter.lang) for k, v in ends.items()},
                       **figure_words(chapter, "programme_scores"))  # fmt: skip
        chapter.add_figure("programme_scores", figure)
