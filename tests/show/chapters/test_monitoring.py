"""The chapter on dual monitoring: what it tells, what it must not look at, and data with gaps."""

import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.errors import ArgumentError
from perflib.infer.outlook import chosen_month, make_outlook
from perflib.show.chapters.monitoring import monitoring_chapter

OPTIONS = {"base": "adjusted", "rules": "binjiang-2023"}
YEARS = (2020, 2021, 2022, 2023)


def months(*, years=YEARS, projects=30, goals=True, until=12):
    """Even-handed projects: project k spends k/projects of its budget by December, evenly."""
    rows = [
        {"district": "330199", "year": y, "month": m, "project": f"P{k:02d}", "initial_budget": 1000.0,
         "adjusted_budget": 1000.0, "executed": round(1000 * (k + 1) / projects * m / 12, 2),
         **({"goal_progress": round(m / 12, 4)} if goals else {})}
        for y in years for m in range(1, until + 1) for k in range(projects)
    ]  # fmt: skip
    return rows


def projects(years=YEARS, count=30):
    return [
        {"district": "330199", "year": y, "project": f"P{k:02d}", "name": f"项目{k:02d}", "department": "教育局",
         "category": "工程建设", "initial_budget": 1000.0, "adjusted_budget": 1000.0,
         "executed": round(1000 * (k + 1) / count, 2)}
        for y in years for k in range(count)
    ]  # fmt: skip


@pytest.fixture
def book(tmp_path):
    def make(**tables):
        for name, rows in tables.items():
            pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
        return load_book(str(tmp_path))

    return make


def frame(**options):
    return pd.DataFrame(months(**options)).assign(type="a", planned_share=float("nan"))


def test_sample_tells_money_goals_and_the_year_end(make_chapter):
    facts = make_chapter(monitoring_chapter).facts
    assert facts["month"].value == 6
    parts = ("on_track", "money_late", "goals_late", "both_late")
    assert sum(facts[p].value for p in parts) == facts["placed"].value
    assert (
        facts["by_plan"].value + facts["by_profile"].value + facts["by_time"].value == facts["projects"].value
    )
    assert facts["forecast_lower"].value <= facts["forecast"].value <= facts["forecast_upper"].value
    actions = sum(facts[f"do_{a}"].value for a in ("continue", "reallocate", "cut", "stop"))
    assert actions == facts["projects"].value


def test_what_is_said_to_be_better_is_better_in_the_table(make_chapter):
    chapter = make_chapter(monitoring_chapter)
    errors = chapter._tables["errors"]
    assert (chapter.facts["is_better_always"].value == "yes") == (
        errors["ours_error"] < errors["straight_error"]
    ).all()
    assert chapter.facts["ours_error"].value < chapter.facts["straight_error"].value


def test_the_list_is_sorted_by_money_at_risk(make_chapter):
    act = make_chapter(monitoring_chapter)._tables["act"]
    assert act["money_at_risk"].is_monotonic_decreasing
    assert (act["p_failing"] >= 0.5).all()
    assert act["action_reason"].notna().all()
    assert act["rank"].tolist() == list(range(1, len(act) + 1))


def test_own_rules_have_no_line_and_the_comparison_set_has_its_line(make_chapter):
    lines = make_chapter(monitoring_chapter)._tables["lines"]
    assert lines["line_reason"].tolist()[0] == "no_line"
    assert lines["line_share"].tolist()[1] == 0.4


def test_workbooks_go_with_the_chapter(make_chapter):
    assert set(make_chapter(monitoring_chapter)._workbooks) == {"需处理项目清单", "绩效运行监控表"}


def test_both_languages_count_alike(make_chapter):
    zh, en = (make_chapter(monitoring_chapter, lang).facts for lang in ("zh", "en"))
    assert {k: f.value for k, f in zh.items()} == {k: f.value for k, f in en.items()}


def test_nothing_after_the_cutoff_is_looked_at():
    whole = frame()
    later = (whole["year"] == 2023) & (whole["month"] > 6)
    spoilt = whole.assign(
        executed=whole["executed"].where(~later, 0.0), goal_progress=whole["goal_progress"].where(~later, 0.1)
    )
    one, other = (make_outlook(f, year=2023, month=6).now for f in (whole, spoilt))
    seen = ["project", "value", "low", "high", "p_failing"]
    pd.testing.assert_frame_equal(one[seen], other[seen])
    cut = make_outlook(whole[~later], year=2023, month=6).now
    pd.testing.assert_frame_equal(one[seen], cut[seen])


def test_a_steady_world_is_forecast_to_the_cent_by_type_and_unit():
    now = make_outlook(frame(), year=2023, month=6).now.set_index("project")
    # Last year's own rate, the chain ladder, and 1/2 of the kind's rate (465/900) on top of what is spent.
    k = 15
    spent, end, kind = 1000 * k / 30 / 2, 1000 * k / 30, sum(range(1, 31)) / 900
    expected = (end + spent * 2 + spent + 1000 * kind / 2) / 3
    assert now.loc["P14", "value"] == pytest.approx(expected, abs=0.02)


def test_a_first_year_is_a_straight_line_without_interval(book):
    chapter = monitoring_chapter(
        book(projects=projects((2023,)), progress=months(years=(2023,))), **OPTIONS, lang="zh"
    )
    assert chapter.facts["method"].value == "straight_line"
    assert chapter.facts["forecast_lower"].reason == "no_history"
    assert chapter.facts["forecast"].value == pytest.approx(1000 * sum(range(1, 31)) / 30, abs=1)
    assert "不给区间" in chapter.page()


def test_without_goals_the_money_part_stands_alone(book):
    chapter = monitoring_chapter(
        book(projects=projects(), progress=months(goals=False)), **OPTIONS, lang="en"
    )
    assert chapter.facts["placed"].value == 0
    assert "quadrants" not in chapter._figures
    assert "no goal progress" in chapter.page()
    assert chapter.facts["to_act"].value > 0


def test_a_month_without_data_is_told_with_those_there_are():
    some = frame(until=5)
    with pytest.raises(ArgumentError, match="1, 2, 3, 4, 5"):
        chosen_month(some, year=2023, month=6)
    assert chosen_month(some, year=2023, month=0) == 5
    assert chosen_month(frame(), year=2023, month=0) == 11
    for month in (12, 13, -1):
        with pytest.raises(ArgumentError, match="1 to 11"):
            chosen_month(some, year=2023, month=month)


def test_without_progress_the_chapter_is_missing(book):
    assert monitoring_chapter(book(projects=projects()), **OPTIONS, lang="zh").is_missing


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "2023年没有各月执行进度"), ("en", "no progress by month of 2023")]
)
def test_a_district_without_progress_of_the_year_gets_a_page_that_says_so(book, lang, words):
    elsewhere = frame().assign(district="another")
    for progress in (elsewhere, frame().query("year < 2023")):
        chapter = monitoring_chapter(book(projects=projects(), progress=progress), **OPTIONS, lang=lang)
        assert chapter.is_missing and words in chapter.headline().data
