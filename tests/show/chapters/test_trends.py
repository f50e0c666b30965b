"""The chapter on trends and reform, on the sample and where the data say little."""

from dataclasses import replace

import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.show.chapters.trends import trends_chapter
from tests.show.chapters.conftest import OPTIONS, project
from tests.show.cut_off import cut_off


@pytest.fixture(scope="module")
def chapter(make_chapter):
    return make_chapter(trends_chapter, "en")


def _years(tiny, districts=("330199",), years=(2021, 2022, 2023), **tables):
    rows = [
        project(f"P{i}", district=d, year=y, executed=700_000 + 20_000 * i + 10_000 * (y - 2021))
        for d in districts for y in years for i in range(9)
    ]  # fmt: skip
    return tiny(projects=rows, **tables)


def test_every_district_and_year_has_its_rate_inside_its_interval(chapter, sample):
    table = chapter._tables["series"]
    rows = sample.table("projects")
    assert len(table) == 12 * 5
    assert ((table["rate_low"] <= table["rate"]) & (table["rate"] <= table["rate_high"])).all()
    one = rows[(rows["district"] == "330190") & (rows["year"] == 2020)]
    shown = table[(table["district_label"] == "Sample Wushan District") & (table["year"] == 2020)].iloc[0]
    assert shown["rate"] == pytest.approx(one["executed"].sum() / one["adjusted_budget"].sum())
    assert shown["projects"] == len(one)


def test_titles_say_what_the_tables_bear_out(chapter):
    series, change = chapter._tables["series"], chapter._tables["change"]
    whole = series.groupby("year")[["executed", "budget"]].sum()
    rate = whole["executed"] / whole["budget"]
    title = chapter._figures["lines"].title_text
    assert f"least in {rate.idxmin()}" in title and f"most in {rate.idxmax()}" in title
    moved = change["trend_verdict"].isin(["rose", "fell"])
    assert ("No district" in chapter._figures["slopes"].title_text) == (not moved.any())
    apart = (change["change_low"] > 0) | (change["change_high"] < 0)
    assert not (moved & ~apart).any(), "nobody is said to have moved whose interval holds zero"
    whole = chapter._tables["study"].iloc[-1]
    found = whole["effect_low"] > 0 or whole["effect_high"] < 0
    assert ("can't be told" in chapter._figures["event"].title_text) == (not found)


def test_a_broken_definition_is_never_subtracted_across(chapter):
    row = chapter._tables["change"].set_index("district_label").loc["Sample High-tech District"]
    assert row["base_year"] == 2021
    assert chapter._tables["breaks"]["year"].tolist() == [2021]
    roles = chapter._tables["roles"].set_index("district_label")["reform_role"]
    assert roles["Sample High-tech District"] == "break" and (roles == "starter").sum() == 6


def test_yearly_series_are_too_short_and_monthly_ones_are_searched(chapter):
    assert chapter.facts["is_long"].value == 0
    table = chapter._tables["points"]
    assert (table["change_month"].str[:4] == "2023").all() and len(table) == 3  # the drifts of the sample
    assert "fewer than the 36" in chapter.say("points").data


def test_no_word_reaches_over_an_edge(make_chapter):
    for lang in ("zh", "en"):
        for figure in make_chapter(trends_chapter, lang)._figures.values():
            assert cut_off(figure) == []


def test_one_district_has_a_series_and_no_comparison(tiny):
    chapter = trends_chapter(_years(tiny), **OPTIONS, lang="zh")
    assert chapter.facts["is_alone"].value == 1
    assert "没有改革的实施日期" in chapter.headline().data and "一并比较" not in chapter.headline().data
    assert "event" not in chapter._figures and "roles" not in chapter._tables


def test_one_year_shows_no_change(tiny):
    chapter = trends_chapter(_years(tiny, years=(2023,)), **OPTIONS, lang="en")
    assert "data of 2023 only" in chapter.headline().data
    assert "slopes" not in chapter._figures
    assert chapter.page()


def test_a_national_reform_is_said_to_have_no_control(tiny):
    names = ("330199", "330198", "330197")
    items = [{"district": d, "year": 2022, "item": "A", "stage": "general", "kind": "reform", "title": "全国改革",
              "date": "2022-01-01"} for d in names]  # fmt: skip
    chapter = trends_chapter(_years(tiny, names, work_items=items), **OPTIONS, lang="zh")
    assert "没有尚未实施的区县可作对照" in chapter.say("reform").data
    assert chapter.facts["reform_effect"].is_missing and "event" not in chapter._figures


def test_three_districts_have_an_effect_without_an_interval(tiny):
    names = ("330199", "330198", "330197")
    items = [{"district": "330199", "year": 2023, "item": "A", "stage": "general", "kind": "reform",
              "title": "试点", "date": "2023-01-01"}]  # fmt: skip
    chapter = trends_chapter(_years(tiny, names, work_items=items), **OPTIONS, lang="en")
    assert chapter.facts["reform_lower"].reason == "too_few_districts"
    assert "too few districts for an interval" in chapter.say("effect").data


@pytest.mark.parametrize("year", [2018, 2023, 2030])
def test_a_base_year_that_is_none(sample, year):
    with pytest.raises(DataError, match=f"no data of {year}.*2019, 2020, 2021, 2022"):
        trends_chapter(sample, **OPTIONS, lang="en", base_year=year)


def test_a_reform_that_nobody_recorded_is_named(sample):
    chapter = trends_chapter(sample, **OPTIONS, lang="en", reform="No such thing")
    assert 'called "No such thing"' in chapter.say("reform").data


def test_a_base_without_data_says_so(tiny):
    chapter = trends_chapter(_years(tiny), base="received", rules=OPTIONS["rules"], lang="en")
    assert "no change is seen" in chapter.headline().data and not chapter._figures


def test_bodies_without_a_kind_take_no_part(sample):
    districts = sample.table("districts")
    known = districts.assign(kind=districts["kind"].where(districts["district"] != "330190"))
    book = replace(sample, tables={**sample.tables, "districts": known})
    assert trends_chapter(book, **OPTIONS, lang="en").facts["districts"].value == "11"


def test_the_public_edition_hides_no_flag(sample):
    chapter = trends_chapter(sample.for_edition("public"), **OPTIONS, lang="zh")
    assert "数量过少" not in chapter.page()


def test_a_district_with_a_project_or_two_is_told_apart_and_stands_at_no_end(tiny):
    codes = [f"3301{i:02d}" for i in range(45)]
    rows = [
        project(f"P{i}", district=d, year=y, executed=500_000 + 30_000 * i)
        for d in codes for y in (2022, 2023) for i in range(9)
    ]  # fmt: skip
    few = [project("P0", district=codes[7], year=y, executed=e) for y, e in ((2022, 900_000), (2023, 0))]
    kept = [row for row in rows if row["district"] != codes[7]]
    chapter = trends_chapter(tiny(projects=kept + few), **OPTIONS, lang="en")
    last = chapter._tables["change"].iloc[-1]
    assert last["change_value"] == -90 and last["trend_verdict"] == "unknown"
    assert last["trend_reason"] == "too_few" and chapter.facts["unknown"].value == last["district_label"]
    assert f">{last['district_label']}<" not in chapter.table("change").to_html()
    assert "Of 45 rows 44 rest on enough projects" in chapter.page()


def test_of_many_districts_a_figure_draws_the_ends():
    from types import SimpleNamespace

    from perflib.show.chapters.trends_figures import MOST, drawn_districts

    rows = pd.DataFrame({"district": [f"d{i:04d}" for i in range(500)], "value": range(500)})
    drawn = drawn_districts(rows, "value", SimpleNamespace(identity={"district": "d0250"}))
    assert len(drawn) == MOST + 1
    assert {"d0000", "d0499", "d0250"} <= set(drawn)
    assert len(drawn_districts(rows.head(MOST), "value", SimpleNamespace(identity={"district": ""}))) == MOST


def test_a_study_narrows_districts_and_years():
    from perflib.data.book import load_book

    book = load_book("sample-abroad", district="all")
    chapter = trends_chapter(
        book, base="adjusted", rules="binjiang-2023", lang="en", districts="A1,A4", years="2022..2023"
    )
    assert (chapter.facts["districts"].value, chapter.facts["years"].value) == ("2", "2")
