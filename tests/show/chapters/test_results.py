import io

import openpyxl
import pytest

from perflib.data.proposal import read_proposal
from perflib.show.chapters.results import consequences_of, results_chapter, year_end

from .conftest import OPTIONS, project

EVALUATION = {"district": "330199", "year": 2022, "subject_kind": "project", "kind": "self", "evaluator": "unit",
              "round": 1, "status": "accepted"}  # fmt: skip


def evaluation(subject: str, score: float, **columns) -> dict:
    return {**EVALUATION, "subject": subject, "score": score, **columns}


def test_the_sample_says_what_follows(make_chapter):
    facts = make_chapter(results_chapter).facts
    actions = [facts[n].value for n in ("priority", "keep", "compress", "cancel")]
    assert sum(actions) == facts["evaluated"].value
    assert facts["evaluated"].value + facts["not_evaluated"].value == facts["projects"].value
    assert facts["closed"].value + facts["overdue"].value <= facts["findings"].value


def test_kinds_of_cuts_are_apart_and_as_published(make_chapter):
    facts = make_chapter(results_chapter).facts
    assert facts["cut_ex_ante"].value == 9_865_600.00
    assert facts["cut_mid_year"].value == 23_640_000.00
    table = make_chapter(results_chapter)._tables["kinds"]
    assert table["cut_kind"].is_unique
    assert len(table) == 5


def test_the_proposal_table_reads_back_unchanged(make_chapter, tmp_path):
    chapter = make_chapter(results_chapter)
    path = tmp_path / "proposal.xlsx"
    path.write_bytes(next(iter(chapter._workbooks.values())))
    assert read_proposal(path).empty
    sheet = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]
    assert sheet.max_row == 3 + chapter.facts["projects"].value


@pytest.mark.parametrize(
    ("score", "action"),
    [(90, "priority"), (89.99, "keep"), (80, "keep"), (79.99, "compress"), (59, "compress")],
)
def test_the_rule_decides_by_the_unrounded_score(tiny, score, action):
    book = tiny(projects=[project(), project(year=2022)], evaluations=[evaluation("P1", score)])
    table, _ = consequences_of(book, _rules())
    assert table["consequence"].tolist() == [action]


def test_a_returned_evaluation_does_not_count_and_an_outside_one_counts_first(tiny):
    rows = [
        evaluation("P1", 95),
        evaluation("P1", 70, kind="spot_check"),
        evaluation("P2", 95, status="returned"),
    ]
    book = tiny(projects=[project("P1"), project("P2")], evaluations=rows)
    table, _ = consequences_of(book, _rules())
    assert table["consequence"].fillna("—").tolist() == ["compress", "—"]


def test_an_overdue_finding_lowers_and_a_cut_above_the_budget_is_listed(tiny):
    finding = {"district": "330199", "finding": "W1", "year": 2022, "subject_kind": "project", "subject": "P1",
               "source": "audit", "type": "资金闲置", "severity": "material", "status": "open",
               "found_on": "2023-03-01", "due_on": "2023-05-01", "amount": 100}  # fmt: skip
    cut = {"district": "330199", "year": 2023, "adjustment": "A1", "project": "P1", "basis": "budget",
           "stage": "mid_year", "amount": -2_000_000}  # fmt: skip
    book = tiny(
        projects=[project()], evaluations=[evaluation("P1", 95)], findings=[finding], adjustments=[cut]
    )
    facts = results_chapter(book, lang="en", **OPTIONS).facts
    assert (facts["lowered"].value, facts["compress"].value, facts["overdue"].value) == (1, 1, 1)
    assert facts["cut_faults"].value == 1


def test_without_findings_or_adjustments_it_says_so(tiny):
    book = tiny(projects=[project()], evaluations=[evaluation("P1", 95)])
    chapter = results_chapter(book, lang="zh", **OPTIONS)
    assert chapter.facts["overdue"].is_missing
    assert "没有问题清单" in chapter.page()


def test_without_evaluations_the_chapter_is_missing(tiny):
    assert results_chapter(tiny(projects=[project()]), lang="zh", **OPTIONS).is_missing


def test_the_public_edition_has_no_list_of_names_and_no_proposal(sample):
    from dataclasses import replace

    chapter = results_chapter(replace(sample.for_edition("public"), edition="public"), lang="zh", **OPTIONS)
    assert not chapter._workbooks
    assert not {"to_cut", "overdue", "to_take_back"} & set(chapter._tables)


def test_the_year_is_counted_up_on_its_last_day():
    assert year_end(2023).isoformat() == "2023-12-31"


def _rules():
    from perflib.data.rules import load_rules

    return load_rules("binjiang-2023")
