"""The chapter that compares districts, on the sample."""

import pytest

from perflib.show.chapters.comparison import comparison_chapter


@pytest.fixture(scope="module")
def chapter(make_chapter):
    return make_chapter(comparison_chapter, "en")


def test_every_district_is_there_with_both_bases_and_both_means(chapter):
    table = chapter._tables["bases"]
    assert len(table) == chapter.facts["districts"].value == 12
    assert {"rate_on_initial", "mean_on_initial", "rate_on_adjusted", "mean_on_adjusted"} <= set(
        table.columns
    )
    assert table["projects"].sum() == chapter.facts["projects"].value


def test_no_rank_stands_without_the_ranks_that_the_data_allow(chapter):
    table = chapter._tables["tiers"]
    assert "rank" not in table.columns
    assert (table["rank_lower"] <= table["rank_upper"]).all()
