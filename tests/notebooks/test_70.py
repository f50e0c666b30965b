"""Notebook 70: numbers of findings with their scope, leads for internal use only."""


def test_numbers_of_findings_are_those_of_the_table(run_cells):
    names = run_cells("70", lang="en")
    facts, kinds = names["page"].facts(), names["kinds"]
    assert facts["scopes.all.findings"].value == kinds["n_findings"].sum() == len(names["found"])
    assert facts["kinds.recurring"].value == (kinds["n_years"] > 1).sum()
    assert facts["risk.leads_key"].value + facts["risk.leads_check"].value == facts["risk.leads"].value


def test_a_filter_changed_in_a_cell_moves_the_sentence(run_cells):
    names = run_cells("70", lang="en")
    pf, rule, page = names["pf"], names["rule"], names["page"]
    by_audit = names["found"].query("source == 'audit'")
    told = page.say("headline", scopes=pf.findings.by_scope(by_audit, rule, year=2023)).data
    assert f"made {len(by_audit)} findings" in told


def test_the_public_edition_has_no_risk(run_cells):
    names = run_cells("70", edition="public")
    assert names["study"].projects.empty
    assert not [id for id, f in names["page"].facts().items() if id.startswith("risk.") and f.value]
