"""The chapter that compares districts: on the sample, at every size, and on what can't be compared."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perflib.data.book import Book
from perflib.data.errors import ArgumentError, DataError
from perflib.show.chapters.comparison import comparison_chapter
from perflib.show.chapters.comparison_scope import choose_districts, choose_years
from perflib.show.chapters.trends import trends_chapter
from tests.show.chapters.conftest import OPTIONS

FIGURES = ["dots", "funnel", "waterfall", "slope", "lines", "heat"]
PROGRAMME = ["programme_costs", "programme_reached", "programme_scores"]  # where districts share a programme


@pytest.fixture(scope="module")
def chapter(make_chapter):
    return make_chapter(comparison_chapter, "en")


def made(districts: int = 6, *, per: int = 12, years=(2022, 2023), seed: int = 0, **columns) -> Book:
    """A book of like districts `c0`, `c1`, …; `columns` replace those of its projects."""
    rng = np.random.default_rng(seed)
    codes = [f"c{i}" for i in range(districts)]
    n = districts * per * len(years)
    budget = np.round(rng.lognormal(12, 1, n), 2)
    frame = pd.DataFrame({"district": np.repeat(codes, per * len(years)), "year": np.tile(np.repeat(years, per), districts),
                          "project": [f"P{i}" for i in range(n)], "name": [f"n{i}" for i in range(n)],
                          "department": np.resize(["a", "b", "c"], n), "class": np.resize(["public", "specific"], n),
                          "initial_budget": budget, "adjusted_budget": budget,
                          "executed": np.round(budget * rng.beta(8, 1, n), 2)})  # fmt: skip
    return Book(tables={"projects": frame.assign(**columns)}, district="c0", year=max(years))


def changed(book: Book, change) -> Book:
    return replace(book, tables={**book.tables, "projects": change(book.tables["projects"].copy())})


def compare(book: Book, lang: str = "en", **options):
    return comparison_chapter(book, **{**OPTIONS, "lang": lang, **options})


def sentences(chapter, table: str) -> str:
    return " ".join(chapter._tables[table]["note_text"])


def test_every_district_is_there_with_both_bases_and_both_means(chapter):
    table = chapter._tables["bases"]
    assert len(table) == chapter.facts["districts"].value == 12
    assert {"rate_on_initial", "mean_on_initial", "rate_on_adjusted", "mean_on_adjusted"} <= set(
        table.columns
    )
    assert table["projects"].sum() == chapter.facts["projects"].value


def test_the_rates_are_those_of_plain_sums(chapter, sample):
    rows = sample.table("projects").query("year == 2023")
    sums = rows.groupby("district")[["executed", "adjusted_budget"]].sum()
    plain = (sums["executed"] / sums["adjusted_budget"]).rename(lambda c: sample.district_name(c, "en"))
    table = chapter._tables["bases"].set_index("district_name")["rate_on_adjusted"]
    assert table.to_dict() == pytest.approx(plain.to_dict(), abs=1e-9)
    assert chapter.facts["pool_rate"].value == pytest.approx(
        sums["executed"].sum() / sums["adjusted_budget"].sum()
    )


def test_no_rank_stands_without_the_ranks_that_the_data_allow(chapter):
    table = chapter._tables["tiers"]
    assert "rank" not in table.columns
    assert (table["rank_low"] <= table["rank_high"]).all()
    order = table["execution_rate"].rank(ascending=False, method="min")
    assert table["rank_low"].le(order).all() and table["rank_high"].ge(order).all()


def test_a_shrunken_rate_lies_between_its_own_and_the_mean(chapter):
    table = chapter._tables["tiers"]
    mean = (
        (table["shrunken"] - (1 - table["shrinkage"]) * table["execution_rate"]) / table["shrinkage"]
    ).iloc[0]
    low, high = np.minimum(table["execution_rate"], mean), np.maximum(table["execution_rate"], mean)
    assert table["shrunken"].between(low - 1e-9, high + 1e-9).all()


def test_mix_and_rates_are_the_difference_at_every_level(chapter):
    table = chapter._tables["split_all"]
    assert table["detail_level"].nunique() == chapter.facts["levels"].value == 3
    assert (table["mix_effect"] + table["rate_effect"]).to_numpy() == pytest.approx(
        table["split_difference"].to_numpy()
    )
    by_level = table.pivot(index="district_name", columns="detail_level", values="split_difference")
    assert by_level.sub(by_level.iloc[:, 0], axis=0).abs().to_numpy().max() < 1e-9


def test_shares_of_variance_add_up(chapter):
    shares = [chapter.facts[f"variance_{level}"].value for level in ("district", "department", "project")]
    assert sum(shares) == pytest.approx(1)


def test_contributions_of_all_projects_add_up_to_the_difference():
    chapter = compare(made(3, per=3))
    table = chapter._tables["extremes"].groupby("district_name")["contribution_points"].sum()
    rates = chapter._tables["tiers"].set_index("district_name")["execution_rate"]
    expected = 100 * (rates - chapter.facts["pool_rate"].value)
    assert table.to_dict() == pytest.approx(expected.reindex(table.index).to_dict(), abs=1e-9)


def test_titles_name_those_that_the_test_flags(chapter):
    flagged = chapter._tables["funnel"].query("comparison_verdict in ('below', 'above')")
    title = chapter._figures["dots"].title_text
    assert len(flagged) == chapter.facts["claimed"].value > 0
    assert all(name in title for name in flagged["district_name"])
    others = set(chapter._tables["funnel"]["district_name"]) - set(flagged["district_name"])
    assert not [name for name in others if name in title]
    rose = chapter._tables["changes"].query("years_verdict == 'rose'")["district_name"]
    assert all(name in chapter._figures["slope"].title_text for name in rose)


def test_like_districts_are_not_told_apart():
    chapter = compare(made(8, seed=3))
    assert chapter.facts["claimed"].value == 0
    assert (
        chapter._figures["dots"].title_text
        == "No district of the 8 can be told apart from all of them together in 2023"
    )
    assert (
        "No comparison of" in chapter._figures["heat"].title_text
        and "no district's change" in chapter._figures["slope"].title_text
    )


def test_a_district_far_below_is_named_in_both_languages():
    def lower(rows):
        rows.loc[rows["district"] == "c4", "executed"] *= 0.5
        return rows

    book = changed(made(8, per=40), lower)
    english, chinese = (compare(book, lang)._figures["dots"].title_text for lang in ("en", "zh"))
    assert (
        english == "In 2023, c4 is below all districts together; the rest (7) can't be told apart from them"
    )
    assert chinese == "2023年，c4低于各区县合计，其余7个分不出高低"


def test_flags_are_one_family(chapter):
    f, funnels = chapter.facts, chapter._tables["flags"]
    assert f["tested"].value == 12 * 5 == len(funnels)
    flagged = funnels["comparison_verdict"].isin(["below", "above"]).sum()
    assert f["flagged"].value == flagged
    assert f["expected_false"].value == pytest.approx(0.05 * flagged)


def test_changes_are_those_of_the_chapter_on_trends():
    def later(rows):
        low = (rows["district"] == "c2") & (rows["year"] == 2023)
        return rows.assign(executed=rows["executed"].where(~low, (rows["executed"] * 0.5).round(2)))

    book = changed(made(8, per=60), later)
    ours, theirs = compare(book), trends_chapter(book, **OPTIONS, lang="en")
    said = ours._tables["changes"].set_index("district_name")["years_verdict"]
    trend = (
        theirs._tables["change"].set_index("district_label")["trend_verdict"].replace("alike", "no_change")
    )
    assert said["c2"] == "fell" and said.sort_index().equals(
        trend.sort_index().rename("years_verdict").rename_axis("district_name")
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_every_figure_and_no_raw_code(make_chapter, lang):
    made_chapter = make_chapter(comparison_chapter, lang)
    page = made_chapter.page()
    assert list(made_chapter._figures) == [*FIGURES[:2], "map", *FIGURES[2:], *PROGRAMME]
    for raw in ("pooled_variance", "coefficient_of_variation", "no_change", "_cluster", "None", "nan"):
        assert raw not in page


def test_peers_are_the_nearest_and_the_difference_is_from_their_mean(chapter):
    peers = chapter._tables["peers"]
    assert len(peers) == chapter.facts["peers"].value == 5
    assert peers["peer_distance"].is_monotonic_increasing
    expected = (
        chapter._tables["tiers"].set_index("district_name").loc["Sample High-tech District", "execution_rate"]
    )
    assert chapter.facts["peer_difference"].value == pytest.approx(
        100 * (expected - peers["execution_rate"].mean())
    )


def test_chosen_districts_and_years(sample):
    chapter = compare(sample, districts="示例梧山区, 330199", years="2021-2022", seed=1)
    assert set(chapter._tables["bases"]["district_name"]) == {
        "Sample Wushan District",
        "Sample High-tech District",
    }
    assert (chapter.facts["compared_year"].value, chapter.facts["years"].value) == (2022, 2)


def test_the_same_seed_gives_the_same_page(sample):
    first, again = (
        compare(sample, districts="330190,330199,330192", years="2022,2023").page() for _ in range(2)
    )
    assert first == again


def test_duckdb_gives_the_same_facts(sample, chapter):
    other = compare(replace(sample, engine="duckdb"))
    assert {k: f.value for k, f in other.facts.items()} == {k: f.value for k, f in chapter.facts.items()}


def test_offices_of_the_city_are_no_districts():
    book = made(3)
    kinds = pd.DataFrame(
        {"district": ["c0", "c1", "c2"], "kind": ["district", "district", None], "parent": "x"}
    )
    assert choose_districts(replace(book, tables={**book.tables, "districts": kinds})) == ["c0", "c1"]


def test_years_in_words():
    book = made(2, years=(2019, 2021, 2022))
    assert choose_years(book, ["c0", "c1"], "2021–2022") == (2021, 2022)
    assert choose_years(book, ["c0", "c1"], "2021..2022") == (2021, 2022)
    assert choose_years(book, ["c0"], [2022, 2019]) == (2019, 2022)
    assert choose_years(book, ["c0"], last=2021) == (2019, 2021)


# What can't be compared, or only with a word beside it.


def test_one_district_makes_no_comparison_and_says_so(tmp_path):
    chapter = compare(made(1), "zh")
    assert chapter.is_missing
    assert "只有一个区县（c0）" in chapter.headline().data
    chapter.write(tmp_path)
    assert "只有一个区县" in (tmp_path / "chapters" / "80_district_comparison" / "page.md").read_text("utf-8")


def test_one_district_asked_for_is_refused():
    with pytest.raises(DataError, match=r"Only one district \(c1\)"):
        compare(made(3), districts="c1")


def test_a_district_with_one_project():
    book = changed(
        made(4), lambda rows: rows[(rows["district"] != "c3") | ~rows.duplicated(["district", "year"])]
    )
    chapter = compare(book)
    assert "In 2023 c3 has one project with a budget" in sentences(chapter, "notes")
    row = chapter._tables["tiers"].set_index("district_name").loc["c3"]
    assert pd.isna(row["assessment_tier"]) and pd.isna(row["rank_low"]) and row["execution_rate"] > 0
    verdicts = chapter._tables["funnel"].set_index("district_name")["comparison_verdict"]
    assert verdicts["c3"] == "too_few" and chapter.facts["unranked"].value == 1


def test_all_rates_equal():
    chapter = compare(changed(made(4), lambda rows: rows.assign(executed=rows["adjusted_budget"])))
    assert "all projects have the same rate" in sentences(chapter, "notes")
    assert "A multilevel model needs" in sentences(chapter, "left_out")
    assert chapter.facts["claimed"].value == 0 and chapter.facts["variance_district"].is_missing
    assert chapter._figures["dots"].title_text.startswith("No district of the 4")


def test_a_kind_that_a_district_lacks():
    book = changed(made(4), lambda rows: rows[(rows["district"] != "c2") | (rows["class"] != "specific")])
    chapter = compare(book)
    assert "In 2023 c2 has no project of `specific`" in sentences(chapter, "notes")
    split = chapter._tables["split_all"].groupby("district_name")["imputed_share"].max()
    assert split["c2"] > 0.2 and split.drop("c2").eq(0).all()
    assert chapter.facts["imputed_most"].value == pytest.approx(split["c2"])


def test_two_districts_with_one_name():
    book = made(3)
    names = pd.DataFrame({"district": ["c0", "c1", "c2"], "name_en": ["Eastside", "Westside", "Eastside"]})
    with pytest.raises(DataError, match="The name `Eastside` stands 2 times"):
        compare(replace(book, tables={**book.tables, "districts": names}))


def test_a_year_without_data_for_one_district():
    book = changed(made(4), lambda rows: rows[(rows["district"] != "c1") | (rows["year"] != 2022)])
    chapter = compare(book)
    assert "c1 has no data of 2022" in sentences(chapter, "notes")
    assert set(chapter._tables["changes"]["district_name"]) == {"c0", "c2", "c3"}
    assert len(chapter._tables["years"].query("year == 2022")) == 3


def test_the_judged_year_without_data_for_one_district():
    book = changed(made(4), lambda rows: rows[(rows["district"] != "c1") | (rows["year"] != 2023)])
    chapter = compare(book)
    assert chapter.facts["districts"].value == 3
    assert "c1 has no data of 2023" in sentences(chapter, "notes")


def test_currencies_are_never_added():
    mixed = changed(
        made(3), lambda rows: rows.assign(currency=np.where(rows["district"] == "c2", "EUR", "CNY"))
    )
    with pytest.raises(DataError, match=r"several currencies \(CNY, EUR\)"):
        compare(mixed)


def test_a_base_that_nobody_reports():
    chapter = compare(made(3), base="received")
    assert chapter.is_missing and "no execution rate on the base" in chapter.headline().data


def test_a_year_without_budgets_is_left_out_and_named():
    def bare(rows):
        rows.loc[rows["year"] == 2022, ["initial_budget", "adjusted_budget"]] = np.nan
        return rows

    chapter = compare(changed(made(3), bare))
    assert "In 2022 there are no rates on this base" in sentences(chapter, "notes")
    assert chapter.facts["years"].value == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"years": "2001"}, "There is no data of 2001. There is: 2022, 2023"),
        ({"years": "last year"}, "can't be `last year`: `last year` is no year"),
        ({"districts": "c0, Atlantis"}, "Atlantis"),
        ({"together": "bureau"}, "`together` must be one of policy, project"),
    ],
)
def test_what_is_asked_for_must_exist(options, message):
    with pytest.raises(ArgumentError, match=message):
        compare(made(3), **options)


def test_projects_of_a_policy_count_as_one():
    rows = made(4)
    book = changed(rows, lambda r: r.assign(policy=r["department"]))
    as_one, by_itself = (
        compare(book, together=t)._tables["funnel"]["decisions"].iloc[0] for t in ("policy", "project")
    )
    assert (as_one, by_itself) == (3, 12)


def test_spending_without_a_credit_counts_in_its_programme():
    def pooled(rows):
        rows["policy"] = rows["district"] + rows["department"]
        rows.loc[
            rows.duplicated(["district", "year", "policy"]) & (rows["class"] == "public"), "adjusted_budget"
        ] = 0.0
        return rows

    book = changed(made(3, per=24), pooled)
    rows = book.tables["projects"].query("year == 2023")
    chapter = compare(book)
    expected = rows["executed"].sum() / rows["adjusted_budget"].sum()
    assert chapter.facts["pool_rate"].value == pytest.approx(expected)
    sums = chapter._tables["split_all"]["execution_rate"].to_numpy()
    by_district = rows.groupby("district")[["executed", "adjusted_budget"]].sum()
    plain = by_district["executed"] / by_district["adjusted_budget"]
    assert set(np.round(sums, 9)) == set(np.round(plain, 9))


# Sizes.


def test_two_districts():
    chapter = compare(made(2))
    assert list(chapter._figures) == FIGURES
    said = sentences(chapter, "left_out")
    assert "A multilevel model needs three" in said and "takes four districts" in said and "No peers" in said
    assert chapter._tables["tiers"]["shrunken"].isna().all()


def test_many_districts_are_drawn_at_both_ends():
    chapter = compare(made(60, per=6, years=(2023,)))
    assert "too many districts to draw (60)" in sentences(chapter, "left_out")
    assert len(chapter._tables["tiers"]) == 60
    assert "40 rows" in chapter._alts["dots"] or "41 rows" in chapter._alts["dots"]


def test_at_the_ends_of_a_long_table_stand_no_districts_with_a_project_or_two():
    def two_projects(rows: pd.DataFrame) -> pd.DataFrame:
        is_small = rows["district"].isin(["c7", "c8"])
        spent = rows["adjusted_budget"].where(rows["district"] == "c7", 0.0)
        rows["executed"] = rows["executed"].where(~is_small, spent)
        return rows[~is_small | (rows.groupby("district").cumcount() < 2)]

    chapter = compare(changed(made(60, per=40, years=(2023,)), two_projects))
    for id in ("bases", "tiers", "funnel", "split"):
        names = chapter._tables[id]["district_name"].tolist()
        ends = {names[0], names[-1]}
        assert ends == {"c7", "c8"}
        shown = chapter.table(id).to_html()
        assert names[1] in shown and names[-2] in shown and not any(f">{name}<" in shown for name in ends)
    assert "Of 60 rows 58 rest on enough projects" in chapter.page()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_district_with_few_projects_has_no_change_and_the_notes_name_it(lang):
    def few(rows: pd.DataFrame) -> pd.DataFrame:
        is_small = (rows["district"] == "c3") & (rows["year"] == 2022)
        return rows[~is_small | (rows.groupby(["district", "year"]).cumcount() < 2)]

    chapter = compare(changed(made(per=40), few), lang)
    assert "c3" not in set(chapter._tables["changes"]["district_name"])
    assert chapter.facts["changed"].value == 5
    told = {"zh": "c3在首年或末年的有效项目不足五个", "en": "in one of the years: c3."}[lang]
    assert told in sentences(chapter, "left_out")


@pytest.mark.parametrize("edition", ["public"])
def test_the_public_edition_has_its_counts_of_districts(sample, edition):
    chapter = compare(sample.for_edition(edition))
    assert chapter.facts["below"].value is not None and chapter.page()


def test_no_change_is_given_across_a_break_of_definition(chapter):
    told = " ".join(chapter._tables["left_out"]["note_text"])
    assert "definition changed in between" in told and "Sample High-tech District" in told
    assert "Sample High-tech District" not in set(chapter._tables["changes"]["district_name"])


@pytest.mark.parametrize(("lang", "singled"), [("en", "this district"), ("zh", "本区")])
def test_a_study_singles_out_no_district(lang, singled):
    book = replace(made(), district="")
    alone = compare(book, lang)
    assert alone.facts["has_peers"].value == 0 and singled not in alone.say("peers").data
    people = pd.DataFrame(
        {"district": [f"c{i}" for i in range(6)], "population": [1e5 * (i + 1) for i in range(6)]}
    )
    chapter = compare(replace(book, tables={**book.tables, "districts": people}), lang)
    assert chapter.facts["has_peers"].value == 1 and chapter.facts["peer_difference"].is_missing
    told = chapter.say("peers").data
    assert singled not in told and told != alone.say("peers").data


def test_the_limits_say_that_ranks_are_rough_where_projects_are_few():
    limits = compare(made()).say("limits").data
    assert "error as normal" in limits and "rough" in limits
    assert ".00 places" not in compare(made()).page()


def test_a_mean_that_one_line_drives_is_told_to_be_that():
    def pooled(rows):
        rows.loc[12, ["adjusted_budget", "executed"]] = [1.0, 5000.0]
        return rows

    told, plain = (compare(book).say("bases").data for book in (changed(made(), pooled), made()))
    assert "small budget of their own" in told and "small budget of their own" not in plain


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "with too few projects nothing is said"), ("zh", "过少，不作判断")]
)
def test_who_has_too_few_projects_is_not_among_the_rest(lang, told):
    def low(rows):
        rows.loc[rows["district"] == "c0", "executed"] *= 0.5  # told apart
        return rows

    def short(rows):
        return low(rows)[(rows["district"] != "c5") | (rows.groupby(["district", "year"]).cumcount() < 2)]

    many, few = (compare(changed(made(per=60), change), lang) for change in (low, short))
    assert many.facts["below"].value == 1 and told not in many._figures["dots"].title_text
    assert few.facts["unranked"].value == 1 and told in few._figures["dots"].title_text
    assert told in few._manifest()["headline"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_districts_that_share_no_programme_have_a_page_all_the_same(lang):
    chapter = compare(made(3), lang)
    assert chapter.facts["prog_name"].is_missing and chapter.page()
    for block in ("programme_costs", "programme_reached", "programme_scores"):
        assert "{" not in chapter.block(block, mode="notebook")


def test_the_page_has_the_funnel_in_short_and_the_list_every_column():
    tables = compare(made())._tables
    short, long = (list(tables[name].columns) for name in ("funnel", "flags"))
    assert len(short) <= 8 and {"execution_rate", "p_adjusted", "comparison_verdict"} <= set(short)
    assert {"predictive_low", "predictive_high", "p_value", "funnel_method", *short} <= set(long)
