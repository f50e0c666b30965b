"""Notebook 60: what its sentences say of findings and of answers is what its tables say."""

import re

import pytest

from tests.notebooks.cells import folder_of, project, write_notebook


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


def _review(kind: str) -> dict:
    return {"district": "330199", "year": 2023, "subject_kind": "project", "subject": "P1", "kind": kind,
            "evaluator": "财政局", "round": 1, "status": "accepted", "score": 85}  # fmt: skip


def test_a_page_without_a_key_evaluation_or_an_answer_ends_in_its_sentence(tmp_path, run_cells):
    data = folder_of(tmp_path, projects=[project()], evaluations=[_review("self")])
    assert "ranked" not in run_cells("60", data=data)


@pytest.mark.parametrize("kind", ["finance", "department"])
def test_one_key_evaluation_has_no_ranks_no_questionnaire_and_is_no_none(tmp_path, kind):
    data = folder_of(tmp_path, projects=[project()], evaluations=[_review(kind)])
    made = write_notebook("60_key_evaluation", tmp_path, data=data, lang="en")
    assert not [id for id in ("judgements", "scale") if made.has(id)]
    assert "questionnaire" not in made.page and "in the list" not in made.page
    assert not re.search(r"\b0\b", re.sub(r"\d\.\d+|\S+=\S+", "", made.page))
