"""Notebook 30: money, goals and the year's end add up, and thin data still has a list."""

import pytest

from tests.notebooks.cells import folder_of, project, without_trail, write_notebook


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return write_notebook("30_dual_monitoring", tmp_path_factory.mktemp("sample"), data="sample")


def months(years=(2023,)):
    """Three projects: nothing spent, on pace, half of the pace."""
    rows = zip(("P1", "P2", "P3"), (0, 100_000, 50_000), strict=True)
    return [{"district": "330199", "year": y, "month": m, "project": code, "initial_budget": 1_000_000,
             "adjusted_budget": 1_000_000, "executed": spent * m}
            for code, spent in rows for y in years for m in (5, 6)]  # fmt: skip


def test_the_quadrants_and_what_was_due_add_up(sample):
    names = ("on_track", "money_late", "goals_late", "both_late")
    assert sum(sample.value(f"places.{n}") for n in names) == sample.value("dual.placed")
    assert sum(sample.value(f"due.{n}") for n in ("plan", "profile", "time")) == sample.value("seen.projects")
    assert sum(sample.table("quadrants")["项目数"]) == sample.value("dual.placed")


def test_the_headline_divides_and_the_forecast_lies_in_its_interval(sample):
    budget = sample.value("seen.budget")
    assert sample.value("shares.spent") == pytest.approx(sample.value("seen.executed") / budget, abs=1e-9)
    assert sample.value("shares.value") == pytest.approx(sample.value("seen.value") / budget, abs=1e-9)
    assert sample.value("shares.spent") <= sample.value("shares.low") <= sample.value("shares.value")
    assert sample.value("shares.value") <= sample.value("shares.high")


def test_the_list_goes_with_the_page(sample):
    assert len(sample.table("act")) == sample.value("counts.to_act")
    assert {f.name for f in (sample.folder / "lists").iterdir()} == {"需处理项目清单.xlsx", "绩效运行监控表.xlsx"}
    assert not without_trail(sample)


def test_newest_years_stand_first(sample):
    for table in ("errors", "hindsight"):
        years = sample.table(table)["年度"].tolist()
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
