"""Notebook 30: money, goals and the year's end add up, and thin data still has a list."""

import pytest

from tests.notebooks.cells import folder_of, project, without_trail, write_notebook


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four years of 24 projects, each a little faster than the one before; every fourth is late with its goals."""
    keys = [(y, k) for y in range(2020, 2024) for k in range(24)]
    kinds = {"category": "工程建设", "initial_budget": 240_000, "adjusted_budget": 240_000}
    projects = [project(f"P{k:02d}", year=y, executed=10_000 * k, **kinds) for y, k in keys]
    progress = [{"district": "330199", "year": y, "month": m, "project": f"P{k:02d}", "initial_budget": 240_000,
                 "adjusted_budget": 240_000, "executed": round(10_000 * k * m / 12, 2),
                 "goal_progress": round(m / (12 if m == 12 or k % 4 else 30), 4)}
                for y, k in keys for m in (3, 6, 9, 11, 12)]  # fmt: skip
    folder = tmp_path_factory.mktemp("made")
    data = folder_of(folder, projects=projects, progress=progress)
    return write_notebook("30_dual_monitoring", folder / "out", data=data)


def months(years=(2023,)):
    """Three projects: nothing spent, on pace, half of the pace."""
    rows = zip(("P1", "P2", "P3"), (0, 100_000, 50_000), strict=True)
    return [{"district": "330199", "year": y, "month": m, "project": code, "initial_budget": 1_000_000,
             "adjusted_budget": 1_000_000, "executed": spent * m}
            for code, spent in rows for y in years for m in (5, 6)]  # fmt: skip


def test_the_quadrants_and_what_was_due_add_up(made):
    names = ("on_track", "money_late", "goals_late", "both_late")
    assert sum(made.value(f"places.{n}") for n in names) == made.value("dual.placed")
    due = [made.value(id) for id in ("due.plan", "due.profile", "due.time") if id in made.facts]  # none of 0
    assert 0 not in due and sum(due) == made.value("seen.projects")
    assert sum(made.table("quadrants")["项目数"]) == made.value("dual.placed")


def test_the_headline_divides_and_the_forecast_lies_in_its_interval(made):
    budget = made.value("seen.budget")
    assert made.value("shares.spent") == pytest.approx(made.value("seen.executed") / budget, abs=1e-9)
    assert made.value("shares.value") == pytest.approx(made.value("seen.value") / budget, abs=1e-9)
    assert made.value("shares.spent") <= made.value("shares.low") <= made.value("shares.value")
    assert made.value("shares.value") <= made.value("shares.high")


def test_the_list_goes_with_the_page(made):
    assert len(made.table("act")) == made.value("counts.to_act")
    told = [f.stem.split("-") for f in (made.folder / "lists").iterdir()]
    to_act = {department for purpose, department in told if purpose == "需要处理的项目清单"}
    assert to_act == set(made.table("act")["主管部门"])
    assert sum(purpose == "绩效运行监控表" for purpose, _ in told) == made.table("form")["主管部门"].nunique()
    assert not without_trail(made)


def test_newest_years_stand_first(made):
    for table in ("errors", "hindsight"):
        years = made.table(table)["年度"].tolist()
        assert years == sorted(years, reverse=True)


@pytest.mark.parametrize(("lang", "words"), [("zh", "尚未支出"), ("en", "nothing spent")])
def test_a_first_year_has_a_list_by_the_rules_and_claims_no_chance(tmp_path, lang, words):
    data = folder_of(tmp_path, projects=[project(c) for c in ("P1", "P2", "P3")], progress=months())
    page = write_notebook("30_dual_monitoring", tmp_path / "out", data=data, lang=lang)
    assert page.value("counts.to_act") == page.value("counts.by_rules") == 2
    assert words in page.page
    assert not page.has("kept_word") and not page.has("hindsight")


def test_a_year_without_progress_ends_in_a_sentence(tmp_path):
    data = folder_of(tmp_path, projects=[project("P1")], progress=months(years=(2022,))[:2])
    page = write_notebook("30_dual_monitoring", tmp_path / "out", data=data, lang="en")
    assert "no progress by month" in page.page and not page.facts
