"""The notebook on ex-ante appraisal: the sample's numbers, thin data, and what one number says everywhere."""

import pytest

from tests.notebooks.cells import folder_of, project, without_trail, write_notebook

NAME = "20_ex_ante"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return write_notebook(NAME, tmp_path_factory.mktemp("sample"), data="sample", lang="zh")


def appraisal(subject: str, **columns) -> dict:
    row = {"district": "330199", "budget_year": 2024, "subject": subject, "name": f"项目{subject}", "decision": "adjust",
           "department": "教育局", "requested": 6_000_000, "approved": 5_000_000, "is_assessed": True,
           "done_on": "2023-09-01"}  # fmt: skip
    return {**row, **columns}


def test_every_fact_has_its_trail(sample):
    assert len(sample.facts) > 15 and not without_trail(sample)


def test_sample_facts_of_2023(sample):
    assert sample.value("total.subjects") == 3
    assert (
        sample.value("total.requested") - sample.value("total.approved")
        == sample.value("total.cut")
        == 9_865_600
    )
    assert sample.value("late.threshold") == 5_000_000


def test_what_is_missing_is_the_same_in_the_headline_by_year_and_in_the_table(sample):
    missing = {
        y: sample.value(f"coverage.{y}.owing") - sample.value(f"coverage.{y}.done") for y in (2023, 2024)
    }
    assert missing == {2023: 1, 2024: 0}
    assert sample.value("late.unappraised") == sum(missing.values()) == len(sample.table("unappraised"))
    assert sample.table("unappraised")["金额（元）"].tolist() == [5_000_000]


def test_doubt_is_counted_above_its_line_and_scores_stay_on_the_scale(sample):
    scores = sample.table("scores")
    assert sample.value("doubt.unsure") == (scores["改判概率"] > 0.1).sum() == 2
    assert scores["区间下限"].ge(0).all() and scores["区间上限"].le(100).all()


def test_no_code_and_no_rule_of_another_place_is_printed(sample):
    assert "调整完善" in sample.page and "郫都" not in sample.page and "滨江" not in sample.page
    assert not any(
        f"| {code} |" in sample.page for code in ("support", "adjust", "refuse", "request", "budget")
    )


def test_an_open_request_and_an_unassessed_one_are_no_cut(tmp_path):
    rows = [appraisal("A"), appraisal("B", approved=None), appraisal("C", is_assessed=False)]
    data = folder_of(tmp_path, projects=[project()], appraisals=rows)
    written = write_notebook(NAME, tmp_path, data=data, lang="en", rules="binjiang-2023")
    assert "No amount is set" not in written.page
    assert written.value("total.cut") == 6_000_000 - 5_000_000
    assert written.value("late.unappraised") == 1
    assert "expert" not in written.page.lower()


def test_a_year_without_appraisals_says_so_and_prints_nothing_else_of_them(tmp_path):
    rows = [appraisal("A", budget_year=2020, done_on="2019-09-01")]
    data = folder_of(tmp_path, projects=[project()], appraisals=rows)
    page = write_notebook(NAME, tmp_path, data=data, lang="en").page
    assert "No amount is set from which an appraisal is required" in page  # by the national rules
    assert "decided no ex-ante appraisal" in page and "Decisions:" not in page


def test_the_public_edition_does_not_deny_what_it_does_not_count(tmp_path):
    page = write_notebook(NAME, tmp_path, data="sample", edition="public", lang="zh").page
    assert "没有作出结论" not in page and "少于5" in page


def test_without_appraisals_the_page_is_one_line(tmp_path):
    written = write_notebook(NAME, tmp_path, data=folder_of(tmp_path, projects=[project()]), lang="zh")
    assert "事前评估" in written.page and not written.facts
