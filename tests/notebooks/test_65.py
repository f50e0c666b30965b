"""Notebook 65: no rank is claimed that the data do not allow, also where there is no assessment."""

import pytest


def test_the_sentence_on_tiers_says_what_the_table_says(run_cells):
    names = run_cells("65", lang="en")
    facts, scores = names["page"].facts(), names["study"].scores
    assert facts["judged.departments"].value == len(scores)
    said = names["page"].say("headline").data
    assert ("no clear difference" in said) == (scores["tier"].nunique() < 2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_year_without_assessment_runs_and_draws_nothing(run_cells, lang):
    page = run_cells("65", lang=lang, year=2019)["page"]
    assert not [f for f in page.facts().values() if f.unit == "score" and not f.is_missing]
