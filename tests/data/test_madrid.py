"""Madrid's files as published, thirteen years of them, give the figures that the city published.

Figures: City of Madrid, liquidation of the budget, as quoted in ../shared/data/README.md.
"""

import pandas as pd
import pytest

from perflib.data.amounts import to_cents
from perflib.data.book import load_book

YEARS = range(2011, 2024)


@pytest.fixture(scope="module")
def lines(shared_data):
    return load_book(f"madrid:{shared_data / 'madrid'}", year=2023, every_year=False)


@pytest.fixture(scope="module")
def investments(shared_data):
    return load_book(f"madrid-investments:{shared_data / 'madrid'}", year=2023, every_year=False)


def totals(frame: pd.DataFrame) -> tuple[float, float, float]:
    """Budget and spending in millions, and the rate in per cent, as a yearbook prints them."""
    budget, spent = (to_cents(frame[c].to_numpy()).sum() / 100 for c in ("adjusted_budget", "executed"))
    return round(budget / 1e6), round(spent / 1e6), round(100 * spent / budget, 1)


def of_year(book, year: int) -> pd.DataFrame:
    return book.table("projects").query("year == @year")


@pytest.mark.parametrize(("year", "rate"), [(2016, 90.7), (2019, 81.8), (2021, 89.6), (2023, 92.3)])
def test_rate_of_the_city(lines, year, rate):
    assert totals(of_year(lines, year))[2] == rate


def test_amounts_of_the_city(lines):
    assert totals(of_year(lines, 2021))[1] == 4958
    assert totals(of_year(lines, 2023)) == (5774, 5326, 92.3)


def test_districts_2021(lines):
    rows = of_year(lines, 2021)
    rows = rows[rows["district"].between("201", "221")]
    assert rows["district"].nunique() == 21
    assert totals(rows)[1:] == (719, 90.4)
    sums = rows.groupby("district")[["adjusted_budget", "executed"]].sum()
    assert (sums["executed"] / sums["adjusted_budget"] > 0.95).sum() == 5


def test_investments_2017(investments):
    rows = of_year(investments, 2017)
    assert totals(rows)[1:] == (231, 33.7)
    assert int(rows["adjusted_budget"].sum() / 1e6) == 686  # 686.7, which the city prints as 686


# Cents by which the published files themselves differ (investments less chapter 6).
APART = {(2018, "adjusted_budget"): -5, (2019, "adjusted_budget"): -2, (2022, "executed"): 1}


@pytest.mark.parametrize("year", range(2014, 2024))
@pytest.mark.parametrize("column", ["initial_budget", "adjusted_budget", "executed"])
def test_investments_are_chapter_6_to_the_cent(lines, investments, year, column):
    chapter = of_year(lines, year)
    chapter = chapter[chapter["project"].str.split("-").str[2].str.startswith("6")]
    own = to_cents(of_year(investments, year)[column].to_numpy()).sum()
    assert own - to_cents(chapter[column].to_numpy()).sum() == APART.get((year, column), 0)


@pytest.mark.parametrize("scope", ["lines", "investments"])
def test_every_row_and_every_cent_of_thirteen_years_is_accounted_for(scope, request):
    book = request.getfixturevalue(scope)
    sums = book.reconciliation
    assert (sums["rows_read"] == sums["rows_kept"] + sums["rows_merged"] + sums["rows_set_aside"]).all()
    years = sums.loc[sums["table"] == "projects", "file"].str[:4].astype(int).tolist()
    assert years == list(YEARS)
    for name in (c.removesuffix("_read") for c in sums.columns if c.endswith("_read") and c != "rows_read"):
        apart = sums[f"{name}_read"] - sums[f"{name}_kept"] - sums[f"{name}_set_aside"]
        assert (apart.dropna() == 0).all(), name


@pytest.mark.parametrize("year", YEARS)
def test_rows_of_the_file_are_the_rows_read(lines, shared_data, year):
    """The naive twin: count the lines of the file, and add up the column by hand."""
    path = shared_data / "madrid" / str(year) / "ejecucion_gastos.csv"
    text = path.read_text("latin-1").splitlines()
    rows = [line.split(";") for line in text if line.split(";")[0].isdigit()]
    read = lines.reconciliation.set_index("file").loc[f"{year}/ejecucion_gastos.csv"]
    assert read["rows_read"] == len(rows)
    comma = year >= 2017
    cents = sum(round(float(r[-1].replace(",", ".") if comma else r[-1]) * 100) for r in rows)
    assert read["executed_read"] == cents


def test_transfers_inside_the_group_are_listed_not_dropped(lines):
    aside = lines.set_aside.query("table == 'projects'")
    assert set(aside["reason"]) == {"financial", "internal_transfer"}
    by_file = aside[aside["reason"] == "internal_transfer"].groupby("file")["executed"].sum() / 1e6
    assert round(by_file["2021/ejecucion_gastos.csv"]) == round(5303.9 - 4958.2)
    assert round(by_file["2023/ejecucion_gastos.csv"]) == round(5718.9 - 5326.2)


def test_names_come_out_whole(lines, investments):
    assert (
        lines.district_name("205", "en") == "Chamartín"
        and lines.district_name("220", "zh") == "San Blas-Canillejas"
    )
    text = "".join(lines.table("projects")["name"].unique()) + "".join(
        lines.table("indicators")["name"].unique()
    )
    assert not any(mark in text for mark in ("Ã", "\ufffd", "\x81"))
    assert "ñ" in text.lower()


def test_repairs_are_counted(lines, investments):
    counted = lines.repairs.groupby("kind")["count"].sum()
    assert counted["repeated_key"] >= 497 + 498 + 574 and counted["decimal_comma"] > 50_000
    assert counted["code_padded"] > 8_000 and counted["renamed"] > 20
    assert counted["encoding"] == 13 and counted["double_encoded"] == 7
    other = investments.repairs.groupby("kind")["count"].sum()
    assert other["spelling"] > 3_000 and other["thousands"] > 20_000


def test_indicators_hang_on_programmes_of_sections(lines):
    keys = lines.table("projects")[["district", "year", "policy"]].drop_duplicates()
    rows = lines.table("indicators").query("year == 2023")
    joined = rows.merge(
        keys, left_on=["district", "year", "subject"], right_on=["district", "year", "policy"]
    )
    assert 0.98 <= len(joined) / len(rows) <= 1
    unknown = lines.warnings.query("rule == 'unknown_policy'")
    assert len(unknown) == len(rows) - len(joined)


def test_months_of_the_year_asked_and_the_one_before(lines):
    months = lines.table("progress")
    assert sorted(months["year"].unique()) == [2022, 2023]
    last = months.query("year == 2023 and month == 12")
    year = of_year(lines, 2023)
    assert abs(last["executed"].sum() - year["executed"].sum()) < 1e4


def test_sections_that_changed_their_name(lines):
    renamed = lines.table("lineage")
    assert ("VIVIENDA", "POLÍTICAS DE VIVIENDA", 2023) in set(
        zip(renamed["from"], renamed["to"], renamed["year"], strict=True)
    )


def test_district_by_its_spanish_name_and_year_in_words(lines, shared_data):
    from perflib.data.book import resolve_district

    assert resolve_district(lines, "chamartín") == "205" and lines.district == "201"


def test_names_of_sections_come_from_the_budget_lines(investments):
    rows = investments.table("projects").query("year >= 2014")
    assert rows[["department", "unit"]].notna().all().all()
    assert "OBRAS Y EQUIPAMIENTOS" in set(rows["department"])
