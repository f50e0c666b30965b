"""What a leader's report says of books that differ from the sample is true, or is not said."""

import re

import pytest

from tests.notebooks.cells import folder_of, indicator, project, write_notebook

HALF = {"year": 2023, "project": "P1"}
NUMBER = r"CNY ([\d,.]+)( million)?"
SELF = {"district": "330199", "year": 2023, "subject_kind": "project", "kind": "self", "evaluator": "单位",
        "round": 1, "status": "accepted", "score": 95}  # fmt: skip


@pytest.fixture
def said(tmp_path):
    """said(lang="en", base="initial", projects=[…]): the leader's page of these tables."""

    def made(lang="en", base="adjusted", **tables):
        data = folder_of(tmp_path, **tables)
        page = write_notebook("90_annual_summary", tmp_path, data=data, lang=lang, base=base).page
        return re.sub(r"\[([^\]]*)\]\{\.fact[^}]*\}", r"\1", page)

    return made


def test_what_is_left_is_left_of_the_budget_that_the_sentence_names(said):
    rows = [project("P1", initial_budget=1_000_000, adjusted_budget=600_000, executed=400_000), project("P2")]
    assert "CNY 700,000 of the initial budget was not" in said(base="initial", projects=rows)
    assert "CNY 300,000 of the adjusted budget was not" in said(projects=rows)


def test_money_above_the_budget_is_not_called_unspent(said):
    page = said(lang="zh", projects=[project("P1", executed=1_500_000), project("P2", executed=1_200_000)])
    assert "比全年预算多70万元" in page and not re.search("未执行[−-]", page)


def test_two_years_alike_are_not_called_higher(said):
    page = said(projects=[project(executed=1_000_000, year=y) for y in (2022, 2023)])
    assert "higher" not in page and "▲" not in page


def test_a_department_alone_is_not_counted_among_departments(said):
    page = said(projects=[project("P1", executed=500_000), project("P2")])
    assert "departments below" not in page and "Departments below" not in page


@pytest.mark.parametrize(("extra", "is_told"), [(0, False), (1, True)])
def test_the_commonest_fault_has_no_equal(said, extra, is_told):
    rows = [indicator("Z1", level1="满意度", level2="服务对象满意度", weight=90)]
    rows += [indicator(f"Z{n}", subject="P2", weight=90) for n in range(extra)]
    page = said(projects=[project("P1"), project("P2")], indicators=rows)
    assert "Return faulty targets" in page and ("The commonest is" in page) == is_told


def test_december_is_told_only_where_november_is_known(said):
    quarters = [{"district": "330199", "year": 2023, "month": m, "project": "P1", "adjusted_budget": 1_000_000,
                 "executed": m * 75_000} for m in (3, 6, 9, 12)]  # fmt: skip
    assert "last month" not in said(projects=[project()], progress=quarters)


def test_nothing_is_counted_as_zero_that_there_is_none_of(said):
    scored = [{**SELF, "subject": f"P{n}"} for n in (1, 2)]
    page = said(projects=[project("P1"), project("P2")], evaluations=scored)
    assert "priority" in page and "CNY 0" not in page and "the 0 projects" not in page


def test_a_heading_of_decisions_stands_over_some(said):
    assert "Decisions asked" not in said(projects=[project("P1", executed=950_000), project("P2")])
    page = said(projects=[project("P1", executed=500_000), project("P2")])
    assert "**Decisions asked of you**\n\n#. Ask" in page  # a list begins after a blank line


def test_the_public_edition_draws_and_names_no_department_of_few_projects(tmp_path):
    many = [project(f"P{n}", executed=n * 100_000) for n in range(8)]
    few = [project(f"Q{n}", department=f"{d}局", executed=1) for n, d in enumerate("甲乙丙丙")]
    data = folder_of(tmp_path, projects=many + few)
    for name in ("40_execution_rates", "90_annual_summary"):
        page = write_notebook(name, tmp_path, data=data, lang="zh", edition="public").page
        figures = " ".join(line for line in page.splitlines() if line.startswith("!["))
        assert not re.search("[甲乙丙]局", figures) and "不予公开）（" not in page, name
        assert not re.search(r"\n(\| [^|]* \|( — \|)+\n?)+\n: ", page), name  # nor a table of names alone


def test_an_only_department_has_no_figure_no_interval_and_no_share_of_itself(tmp_path):
    data = folder_of(tmp_path, projects=[project("P1", executed=500_000), project("P2")])
    made = write_notebook("40_execution_rates", tmp_path, data=data, lang="zh")
    assert not made.has("departments") and "#fig-40-execution-rates-departments" not in made.page
    assert not [w for w in ("结构偏离", "图中横线", "上图各段", "上表所列", "不适用") if w in made.page]


def test_what_should_have_come_in_is_not_counted_where_nobody_knows(tmp_path):
    data = folder_of(tmp_path, projects=[project()], evaluations=[{**SELF, "subject": "P1"}])
    made = write_notebook("50_self_evaluation", tmp_path, data=data, lang="en")
    assert not {"Self-evaluations expected", "Came in", "Missing"} & set(made.table("statuses").columns)
    assert "Of 0 projects" not in made.page and "0 cannot" not in made.page


def test_a_round_that_takes_every_project_draws_none_at_random(tmp_path):
    scores = [{**SELF, "subject": "P1"}, {**SELF, "subject": "P1", "kind": "spot_check", "evaluator": "财政局"}]
    data = folder_of(tmp_path, projects=[project()], evaluations=scores)
    page = write_notebook("55_spot_checks", tmp_path, data=data, lang="en").page
    assert "with certainty" in page and "at random" not in page and "n/a" not in page


def test_marks_without_an_error_have_no_difference_and_kinds_nobody_named_no_table(tmp_path):
    marks = [{"district": "330199", "year": 2023, "department": f"{d}局", "indicator": "执行", "weight": 100,
              "max_score": 100, "score": s} for d, s in (("甲", 99), ("乙", 60), ("丙", 30))]  # fmt: skip
    months = [{"district": "330199", "year": y, "month": m, "project": "P1", "adjusted_budget": 1_000_000,
               "executed": m * 75_000} for y in (2022, 2023) for m in range(1, 13)]  # fmt: skip
    data = folder_of(tmp_path, projects=[project(), project(year=2022)], assessment=marks, progress=months)
    assert "no clear difference" not in write_notebook("65_department_assessment", tmp_path, data=data, lang="en").page
    assert not write_notebook("30_dual_monitoring", tmp_path, data=data, lang="en").has("rush")


def test_findings_that_do_not_recur_are_not_said_to(tmp_path):
    rows = [project(f"P{n}", year=y) for n in range(6) for y in (2021, 2022, 2023)]
    found = [{"district": "330199", "finding": "F1", "year": 2022, "subject": "P1", "source": "audit", "type": "资金闲置",
              "severity": "minor", "amount": 100, "found_on": "2023-03-01"}]  # fmt: skip
    data = folder_of(tmp_path, projects=rows, findings=found)
    page = write_notebook("70_audit_linkage", tmp_path, data=data, lang="en").page
    assert not [words for words in ("recur:", "year after year", "material or grave") if words in page]


def test_a_district_of_too_few_projects_is_not_judged_against_all(tmp_path, said):
    rows = [project(f"P{n}", district=d, executed=700_000 + 9_000 * n) for d in ("甲区", "乙区") for n in range(2)]
    page = said(projects=rows)
    assert "too few projects to judge" in page and "within what chance explains" not in page
    assert "no clear difference" not in page
    eighty = write_notebook("80_district_comparison", tmp_path, data=str(tmp_path), lang="en").page
    assert "comparisons of a district" not in eighty
