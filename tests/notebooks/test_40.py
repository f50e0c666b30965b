"""Notebook 40: facts with their trail, filters, and thin data."""

import re


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
