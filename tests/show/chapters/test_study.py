"""What a study compares, and what may be said across its sources: rates, each with its own source's error."""

import json

import numpy as np
import pandas as pd
import pytest

from perflib.data.study import load_study
from perflib.infer.group_rates import group_rates
from perflib.measure.rates import project_rates
from perflib.show.chapters.study import NAME, first_day, study_chapter
from perflib.show.chapters.study_figures import MOST, _ends
from perflib.show.chapters.study_rates import source_rates

CHOSEN = {"districts": "330197,330198,330199,A1,A4,A5", "years": "2022..2023"}


@pytest.fixture(scope="module")
def study():
    return load_study("示例=sample | 海外=sample-abroad", **CHOSEN)


@pytest.fixture(scope="module")
def rates(study):
    return project_rates(study.projects("en"), base="adjusted")


def test_the_error_of_a_rate_is_that_of_its_own_source(rates):
    table = source_rates(rates).set_index("place")
    for source in ("示例", "海外"):
        own = rates[(rates["source"] == source) & (rates["year"] == 2023)]
        alone = group_rates(own, by=["place"]).set_index("place")
        together = table.loc[alone.index]
        np.testing.assert_allclose(together["se"], alone["se"])
        np.testing.assert_allclose(together["rate"], alone["rate"])


def test_another_unit_of_money_changes_nothing(rates):
    changed = rates.copy()
    is_abroad = changed["source"] == "海外"
    for column in ("executed", "budget"):
        changed.loc[is_abroad, column] *= 7.8
    columns = ["place", "rate", "low", "high", "tier", "rank_low", "rank_high"]
    pd.testing.assert_frame_equal(source_rates(changed)[columns], source_rates(rates)[columns])


def test_one_district_stands_beside_another_source_with_its_own_error(rates):
    one = rates[(rates["source"] == "海外") | (rates["place"] == "示例:330199")]
    row = source_rates(one).set_index("place").loc["示例:330199"]
    own = one[(one["place"] == "示例:330199") & (one["year"] == 2023)]
    assert row["se"] == pytest.approx(group_rates(own, by=["place"], variance="own")["se"].iloc[0])
    assert row["rank_low"] >= 1


def test_no_common_year_is_no_comparison(rates):
    apart = rates[rates["year"] == rates["source"].map({"示例": 2022, "海外": 2023})]
    assert source_rates(apart).empty


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_source_declares_currency_base_and_definition(study, lang, tmp_path):
    chapter = study_chapter(study, base="initial", rules="binjiang-2023", lang=lang)
    chapter.write(tmp_path)
    page = (tmp_path / "chapters" / NAME / "page.md").read_text("utf-8")
    words = {"zh": ("人民币", "欧元", "年初预算", "标准表", "4月1日", "金额不跨来源相加"),
             "en": ("Chinese Yuan", "Euro", "initial budget", "standard tables", "1 April", "never added")}  # fmt: skip
    for word in words[lang]:
        assert word in page
    figure = json.loads((tmp_path / "chapters" / NAME / "chapter.json").read_text("utf-8"))["figures"][0]
    assert "EUR" not in figure["title"]
    assert all(word in figure["caption"] for word in words[lang][:3])
    assert not [f.id for f in chapter.facts.values() if f.unit == "money"]


def test_the_title_says_what_the_ranks_say(study, rates):
    chapter = study_chapter(study, base="adjusted", rules="binjiang-2023", lang="en")
    table = source_rates(rates)
    told = sum(len(table) - u for u in table["rank_high"])
    assert chapter.facts["told_pairs"].value == told > 0
    assert chapter.facts["pairs"].value == 6 * 5 / 2
    title = chapter.phrase("title_side_by_side")
    tiers = table["tier"].nunique()
    assert (f"fall into {tiers} tiers" if tiers > 1 else f"of 15 pairs, {told} can be told apart") in title


def test_one_source_has_nothing_side_by_side():
    study = load_study("sample-abroad", years="2023")
    chapter = study_chapter(study, base="adjusted", rules="binjiang-2023", lang="en")
    assert "common_year" not in chapter.facts
    assert "side by side" not in chapter.page()
    assert "from sample-abroad (Euro)" in chapter.block("headline", mode="plain")


def test_a_missing_year_is_counted_and_noted(tmp_path):
    lines = ["district,year,project,name,department,adjusted_budget,executed"]
    for district, years in (("01", (2022, 2023)), ("02", (2022, 2023)), ("03", (2023,))):
        lines += [f"{district},{y},{district}{i},p{i},d,{100 + i},{90 + i}" for y in years for i in range(3)]
    (tmp_path / "projects.csv").write_text("\n".join(lines), "utf-8")
    study = load_study(str(tmp_path), years="2022,2023")
    chapter = study_chapter(study, base="adjusted", rules="binjiang-2023", lang="en")
    assert (chapter.facts["district_years"].value, chapter.facts["missing_district_years"].value) == (5, 1)
    assert "03 has no data of 2022, and is left out of that year" in chapter.page()


def test_of_many_districts_the_ends_are_shown_and_every_source():
    n = 500
    table = pd.DataFrame(
        {"place": [f"p{i}" for i in range(n)], "rate": np.linspace(1, 0.5, n), "source": "A"}
    )
    table.loc[250, "source"] = "B"
    shown = _ends(table)
    assert len(shown) == MOST + 1
    assert set(shown["source"]) == {"A", "B"}
    assert shown["rate"].is_monotonic_decreasing


def test_first_day_of_a_fiscal_year():
    assert (first_day(4, "en"), first_day(4, "zh")) == ("1 April", "4月1日")
