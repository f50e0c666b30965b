"""Notebook 40: facts with their trail, filters, and thin data."""

import re

from tests.notebooks.cells import folder_of, project, write_notebook


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


def told(tmp_path, *rows: dict) -> str:
    """What the page says of `rows` in English, without the marks of facts."""
    tmp_path.mkdir()
    data = folder_of(tmp_path, projects=[project(f"P{n}", **row) for n, row in enumerate(rows)])
    page = write_notebook("40_execution_rates", tmp_path / "out", data=data, lang="en").page
    return re.sub(r"\[([^\]]*)\]\{[^}]*\}|<[^>]*>", r"\1", page)


def test_departments_of_too_few_projects_are_not_said_to_be_alike(tmp_path):
    few = [{"department": name} for name in ("教育局", "民政局")]
    made = told(tmp_path / "few", *few)
    assert "Too few projects to tell any department" in made and "clearly differs" not in made
    many = [{"department": name, "executed": 8e5 + 1e4 * n} for name in ("教育局", "民政局") for n in range(12)]
    assert "No department or unit clearly differs" in told(tmp_path / "many", *many)
    assert "with projects enough clearly differs" in told(tmp_path / "both", *many, {"department": "水利局"})


def test_where_nothing_is_left_no_table_of_it_is_told(tmp_path):
    assert "of what is unspent" not in told(tmp_path / "all", *[{"executed": 1e6}] * 40)


def test_a_district_without_a_name_runs_into_no_number(tmp_path):
    page = told(tmp_path / "code", *[{"department": "教育局"}] * 3)
    assert "District 330199" in page


def test_money_sits_in_few_projects_only_where_it_does(tmp_path):
    few, uneven = "sits in few projects", "far from evenly spread"
    three = told(tmp_path / "three", {"executed": 1e5}, {}, {})
    assert few not in three and uneven not in three and "of what is unspent" not in three  # all are listed
    forty = [{"executed": 1e6} for _ in range(39)]
    one = told(tmp_path / "forty", {"initial_budget": 1e9, "adjusted_budget": 1e9, "executed": 1e8}, *forty)
    assert few in one and uneven in one


def test_the_bases_are_said_to_count_other_projects_only_where_they_do(tmp_path):
    blank, other = "do not report their initial budget", "spending differs between them"
    alike = told(tmp_path / "alike", {}, {})
    assert blank not in alike and other not in alike and "initial budget is zero" not in alike
    left = told(tmp_path / "blank", {}, {"initial_budget": None})
    assert blank in left and other in left and "initial budget is zero" not in left
    zero = told(tmp_path / "zero", {}, {"initial_budget": 0})
    assert "but its spending, CNY 900,000 in all" in zero
    assert blank not in zero and other not in zero


def test_the_weighted_rate_says_whose_it_is_where_it_is_not_the_districts(tmp_path):
    whose = "projects with a rate, the weighted rate is"
    other = {"executed": 5e5, "department": "民政局"}  # a department alone has no figure of the gap
    assert whose not in told(tmp_path / "all", {}, other)
    spent_without = told(tmp_path / "some", {}, other, {"initial_budget": 0, "adjusted_budget": 0})
    assert f"Of the 2 {whose}" in spent_without
