"""Notebook 75: what follows for the budget, with the same number of findings as the notebook on audits."""

import io

import openpyxl

from perflib.show.outgoing import department_lists


def test_the_actions_are_those_of_the_table_and_the_findings_those_of_notebook_70(run_cells):
    here, audits = run_cells("75", lang="en"), run_cells("70", lang="en")
    facts, others = here["page"].facts(), audits["page"].facts()
    told = [f"actions.{n}.projects" for n in ("priority", "keep", "compress", "cancel")]
    counts = [facts[id].value for id in told if id in facts]  # that none is cancelled is not told
    assert len(counts) == 3 and sum(counts) == facts["plan.evaluated"].value
    shared = {id for id in facts if id.startswith("scopes.")} & set(others)
    assert "scopes.all.findings" in shared
    assert all(
        facts[id].value == others[id].value and facts[id].label_en == others[id].label_en for id in shared
    )


def test_another_rule_can_be_tried_in_a_cell(run_cells):
    names = run_cells("75", lang="en")
    pf, rule = names["pf"], {**names["rule"]["consequences"], "excellent": "keep"}
    other = pf.consequences.propose(names["projects"], names["decided"].assign(year=2023), consequences=rule)
    table = pf.consequences.by_action(other).set_index("consequence")
    assert table.loc["priority", "projects"] == 0 < table.loc["keep", "projects"]


def test_the_proposal_has_a_row_for_each_project(run_cells):
    names = run_cells("75")
    made = department_lists(names["book"], {"proposal": names["form"]})
    sheets = [openpyxl.load_workbook(io.BytesIO(content)).worksheets[0] for content in made.values()]
    heads = 4  # title, how to fill in, a blank, the heads
    assert sum(sheet.max_row - heads for sheet in sheets) == len(names["projects"])
    assert len(made) == names["projects"]["department"].nunique(dropna=False)
