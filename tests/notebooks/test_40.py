"""Notebook 40: budget, spending and rate of a sentence come from one row, on every base and on thin data."""

import re

import pytest

BASES = ("initial", "adjusted", "received")


@pytest.mark.parametrize("base", BASES)
def test_the_headline_divides(base, run_cells):
    page = run_cells("40", lang="en", base=base)["page"]
    own = {id: f for id, f in page.facts().items() if id.startswith("own.")}
    assert {own[f"own.{c}"].base for c in ("budget", "executed", "rate")} == {base}
    assert own["own.rate"].value == pytest.approx(
        own["own.executed"].value / own["own.budget"].value, abs=1e-11
    )


def test_every_fact_says_how_where_and_of_how_many_rows(run_cells):
    facts = run_cells("40")["page"].facts()
    assert len(facts) > 20
    assert not [
        id
        for id, f in facts.items()
        if not (f.formula_zh and f.formula_en and f.table and f.filter and f.rows)
    ]


def test_a_filter_changed_in_a_cell_moves_table_and_sentence(run_cells):
    names = run_cells("40", lang="en")
    pf, page = names["pf"], names["page"]
    large = names["projects"].query("adjusted_budget > 1e7")
    told = page.say("headline", own=pf.rates(large)).data
    assert f"for {len(large)} projects" in re.sub(r"\\", "", told)
