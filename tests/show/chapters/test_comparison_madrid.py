"""Madrid's 21 districts through the comparison: what the city published comes out, and nothing absurd.

Figures: City of Madrid, liquidation of the budget, as quoted in ../shared/data/README.md.
"""

import pytest

from perflib.data.book import load_book
from perflib.show.chapters.comparison import comparison_chapter

OPTIONS = {"base": "adjusted", "rules": "binjiang-2023", "lang": "en"}
DISTRICTS = ["Arganzuela", "Barajas", "Carabanchel", "Centro", "Chamartín", "Chamberí", "Ciudad Lineal",
             "Fuencarral-El Pardo", "Hortaleza", "Latina", "Moncloa-Aravaca", "Moratalaz", "Puente de Vallecas", "Retiro",
             "Salamanca", "San Blas-Canillejas", "Tetuán", "Usera", "Vicálvaro", "Villa de Vallecas", "Villaverde"]  # fmt: skip


@pytest.fixture(scope="module")
def lines(shared_data):
    return load_book(f"madrid:{shared_data / 'madrid'}", year=2023, every_year=False)


@pytest.fixture(scope="module")
def investments(shared_data):
    return load_book(f"madrid-investments:{shared_data / 'madrid'}", year=2023, every_year=False)


@pytest.fixture(scope="module")
def of_lines(lines):
    return comparison_chapter(lines, **OPTIONS)


@pytest.fixture(scope="module")
def of_investments(investments):
    return comparison_chapter(investments, **OPTIONS, together="project")


@pytest.mark.parametrize(("made", "first"), [("of_lines", 2011), ("of_investments", 2014)])
def test_the_same_21_names_in_every_year(made, first, request):
    years = request.getfixturevalue(made)._tables["years"]
    assert sorted(years["year"].unique()) == list(range(first, 2024))
    for _, rows in years.groupby("year"):
        assert sorted(rows["district_name"]) == sorted(DISTRICTS)
        assert rows["execution_rate"].between(0.1, 1.0).all()


def test_districts_2021_as_published(lines):
    chapter = comparison_chapter(lines, **OPTIONS, years="2021")
    table = chapter._tables["bases"]
    assert round(100 * chapter.facts["pool_rate"].value, 1) == 90.4
    assert (table["rate_on_adjusted"] > 0.95).sum() == 5
    assert set(chapter._tables["years"]["year"]) == {2021}
    spent = (chapter._tables["extremes"]["executed"]).sum()
    assert 0 < spent < 719e6


def test_719_million_were_spent_in_2021(of_lines, lines):
    from perflib.show.chapters.comparison_scope import comparison_scope

    scope = comparison_scope(lines, base="adjusted", lang="en", last=2021)
    assert round(scope.now["executed"].sum() / 1e6) == 719
    assert round(scope.decisions.query("year == 2021")["executed"].sum() / 1e6) == 719


def test_years_without_published_budgets_are_named(of_investments):
    told = " ".join(of_investments._tables["notes"]["note_text"])
    assert all(f"In {year} there are no rates on this base" in told for year in (2011, 2012, 2013))


def test_what_explains_the_ends_of_investments(of_investments):
    """The lowest of 2023 are single works that did not start; nearly all budgets were made in the year."""
    table, facts = of_investments._tables["extremes"], of_investments.facts
    lowest = table[table["district_name"] == "Retiro"].iloc[0]
    assert "CENTRO DE MAYORES C/ TELLEZ" in lowest["project_name"] and lowest["execution_rate"] == 0
    assert lowest["contribution_points"] == pytest.approx(-19.7, abs=0.05)
    assert facts["created_share"].value > 0.99 and facts["lowest_year"].value == 2017
    assert "was made in the year" in of_investments.say("extremes").data


def test_pooled_credits_are_told_of_lines(of_lines):
    assert of_lines.facts["over_number"].value == pytest.approx(0.226, abs=0.001)
    assert "credits are pooled above the line" in of_lines.say("extremes").data
    assert of_lines.facts["lowest_year"].value == 2019


@pytest.mark.parametrize("made", ["of_lines", "of_investments"])
def test_parts_sum_and_titles_hold(made, request):
    chapter = request.getfixturevalue(made)
    split = chapter._tables["split_all"]
    gap = (split["mix_effect"] + split["rate_effect"] - split["split_difference"]).abs()
    assert gap.max() < 1e-9 and split["imputed_share"].between(0, 1).all()
    rates = chapter._tables["tiers"].set_index("district_name")["execution_rate"]
    level = split[split["categories"] == split["categories"].min()].set_index("district_name")[
        "execution_rate"
    ]
    assert level.to_dict() == pytest.approx(rates.to_dict(), abs=1e-9)
    claimed = chapter._tables["funnel"]["comparison_verdict"].isin(["below", "above"]).sum()
    assert ("No district of the 21" in chapter._figures["dots"].title_text) == (claimed == 0)
