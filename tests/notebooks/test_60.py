"""Notebook 60: what its sentences say of findings and of answers is what its tables say."""

import re


def test_findings_on_what_was_evaluated_have_their_scope_in_the_name(run_cells):
    names = run_cells("60", lang="en")
    facts, mine = names["page"].facts(), names["mine"]
    assert facts["scopes.evaluated.findings"].value == len(mine)
    assert facts["scopes.evaluated.closed"].value + len(names["left"]) == len(mine)
    assert {f.table for id, f in facts.items() if id.startswith("scopes.")} == {"findings"}


def test_a_sentence_prints_nothing_of_answers_that_are_not_there(run_cells):
    names = run_cells("60", lang="en")
    pf, page = names["pf"], names["page"]
    none = pf.questionnaire(names["ratings"][:0])
    talked = pf.tally(names["ratings"], faults=0)
    assert page.say("questionnaire", asked=none.summary, answers=talked).data == ""


def test_the_question_can_be_asked_of_one_group_in_a_cell(run_cells):
    names = run_cells("60", lang="zh")
    own = names["usable"].query("context == 'questionnaire' and stratum == '区人大代表'")
    told = names["page"].say("questionnaire", asked=names["pf"].questionnaire(own).summary).data
    assert re.search(rf"回收{own['rater'].nunique()}份", told)
