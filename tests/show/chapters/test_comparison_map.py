"""The map of the comparison: its title is true, it draws what has an outline, and says what it lacks."""

from dataclasses import replace

import pandas as pd
import pytest

from perflib.data.outline import read_outline
from perflib.show.chapters.comparison import comparison_chapter
from tests.show.chapters.test_comparison import FIGURES, changed, compare, made, sentences
from tests.show.cut_off import cut_off


def placed(book, *lacking: str):
    """The book with squares side by side as the outlines of its districts, but for those `lacking`."""
    codes = book.districts
    squares = [f"POLYGON (({i} 40, {i + 1} 40, {i + 1} 41, {i} 41))" for i in range(len(codes))]
    rows = pd.DataFrame({"district": codes, "outline": [read_outline(s)[0] for s in squares]})
    rows["outline"] = rows["outline"].mask(rows["district"].isin(lacking)).astype("str")
    return replace(book, tables={**book.tables, "districts": rows})


def lowered(districts: int = 8, *codes: str):
    def lower(rows):
        rows.loc[rows["district"].isin(codes), "executed"] *= 0.5
        return rows

    return changed(made(districts, per=40), lower)


def told(chapter) -> set[str]:
    return {t.get_text().replace("\n", " ") for t in chapter._figures["map"].axes[0].texts} - {""}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_has_a_map_whose_title_counts_what_it_shows(make_chapter, lang):
    chapter = make_chapter(comparison_chapter, lang)
    chart, f = chapter._figures["map"], chapter.facts
    funnel = chapter._tables["funnel"]
    counts = funnel["comparison_verdict"].value_counts()
    assert f["mapped"].value == len(funnel) == 12 and f["unmapped"].value == 0
    for verdict in ("below", "above", "alike"):
        assert f[f"mapped_{verdict}"].value == counts.get(verdict, 0)
    below, above = (f[f"mapped_{v}"].value for v in ("below", "above"))
    assert below + above  # else the title says something else
    if lang == "en":
        parts = [
            f"{n} {'is' if n == 1 else 'are'} {side}" for n, side in ((below, "below"), (above, "above")) if n
        ]
        said = f"Of the districts on the map (12), {' and '.join(parts)} all districts together in 2023"
    else:
        parts = [f"{n}个{side}各区县合计" for n, side in ((below, "低于"), (above, "高于")) if n]
        said = f"2023年，地图上的12个区县中，{'，'.join(parts)}"
    assert chart.title_text == said
    assert told(chapter) == set(funnel["district_name"]) and cut_off(chart) == []
    assert all(name in chart.alt_text for name in funnel["district_name"])
    assert chapter._alts["map"] == chart.alt_text and "figures/map.png" in chapter.page()
    assert any(
        words in [t.get_text() for t in chart.figure.texts]
        for words in ("示例数据，非真实数据", "Sample data, not real")
    )


def test_several_below_are_counted_in_the_plural():
    chapter = compare(placed(lowered(8, "c4", "c5")))
    counts = chapter._tables["funnel"]["comparison_verdict"].value_counts()
    assert counts.to_dict() == {"below": 2, "above": 5, "alike": 1}
    assert chapter._figures["map"].title_text == (
        "Of the districts on the map (8), 2 are below and 5 are above all districts together in 2023"
    )


def test_like_districts_are_not_told_apart_on_the_map():
    chapter = compare(placed(made(8, seed=3)))
    assert chapter._figures["map"].title_text == (
        "No district on the map can be told apart from all districts together in 2023"
    )


def test_districts_without_an_outline_are_named_and_the_rest_is_drawn():
    chapter = compare(placed(lowered(8, "c4"), "c4", "c6"))
    chart = chapter._figures["map"]
    assert told(chapter) == {"c0", "c1", "c2", "c3", "c5", "c7"} and chapter.facts["mapped"].value == 6
    assert "c4 and c6" in chart.subtitle_text and "not on the map: c4 and c6" in chapter.block(
        "map", mode="notebook"
    )
    # The one that is below is not on the map: the title must not say that it is.
    assert chart.title_text.startswith("No district on the map")
    assert chapter.facts["below"].value == 1 and chapter.facts["mapped_below"].value == 0
    assert (
        "没有边界：c4和c6"
        in compare(placed(lowered(8, "c4"), "c4", "c6"), "zh")._figures["map"].subtitle_text
    )


@pytest.mark.parametrize(
    "book", [made(3), placed(made(3), "c0", "c1", "c2")], ids=["no_table", "none_filled"]
)
def test_without_outlines_there_is_no_map_and_no_word_of_it(book):
    chapter = compare(book)
    assert list(chapter._figures) == FIGURES
    assert chapter.block("map", mode="notebook").strip() == "" and "figures/map" not in chapter.page()
    assert chapter.facts["mapped"].value == 0 and chapter.facts["unmapped"].value == 0
    assert "map" not in sentences(chapter, "left_out")


def test_two_districts_make_a_map():
    assert told(compare(placed(made(2)))) == {"c0", "c1"}


def test_many_districts_have_no_names_and_the_notes_say_why():
    chapter = compare(placed(made(60, per=6, years=(2023,))))
    assert told(chapter) == set() and chapter.facts["mapped"].value == 60
    assert "The map has too many districts (60) to name them" in sentences(chapter, "left_out")
