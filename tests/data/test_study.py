"""Several sources in one study: side by side, each with its currency, never added up."""

import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.study import load_study
from perflib.measure.money import sum_amounts
from perflib.measure.rates import execution_rates

MAPPING = """
about_zh = "一行一个项目"
about_en = "one row a project"
currency = "EUR"
unit = "EUR"
year_begins = {begins}
[[file]]
table = "projects"
pattern = "lines.csv"
fields = {{ district = "d", year = "y", project = "p", budget = "b", spent = "s" }}
[file.columns]
district = "{{district}}"
year = "{{year}}"
project = "{{project}}"
name = "{{project}}"
department = "X"
adjusted_budget = "{{budget}}"
executed = "{{spent}}"
"""


@pytest.fixture
def two(tmp_path):
    """Texts of two sources: a standard file in yuan, and a mapped one in euro with a district of the same code."""
    rows = {"district": ["01", "01", "02"], "year": 2023, "project": ["a", "b", "c"], "name": ["甲", "乙", "丙"],
            "department": "局", "adjusted_budget": [100.0, 50.0, 80.0], "executed": [90.0, 50.0, 40.0]}  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "projects.csv", index=False)
    lines = "d,y,p,b,s\n01,2023,q,10,5\n01,2022,q,10,9\n"
    (tmp_path / "lines.csv").write_text(lines, "utf-8")
    (tmp_path / "eur.toml").write_text(MAPPING.format(begins=4), "utf-8")
    return f"甲市={tmp_path / 'projects.csv'} | Eur={tmp_path / 'eur.toml'}:{tmp_path}"


def test_sources_stand_side_by_side(two):
    study = load_study(two)
    assert study.years == (2023,)
    assert study.currencies == ["CNY", "EUR"]
    assert [m.book.year_begins for m in study.members] == [1, 4]
    assert study.members[1].book.about["en"] == "one row a project"
    rows = study.projects
    assert rows["place"].tolist() == ["甲市:01", "甲市:01", "甲市:02", "Eur:01"]
    assert rows["place_name"].tolist()[-1] == "01（Eur）"
    assert rows["currency"].tolist() == ["CNY"] * 3 + ["EUR"]


def test_rates_stand_beside_each_other_but_money_is_never_added(two):
    rows = load_study(two, lang="en").projects
    rates = execution_rates(rows, by=["place"], bases=["adjusted"]).set_index("place")["rate"]
    assert rates.to_dict() == {"Eur:01": 0.5, "甲市:01": 140 / 150, "甲市:02": 0.5}
    for add in (lambda: sum_amounts(rows, ["executed"]), lambda: execution_rates(rows, by=["year"])):
        with pytest.raises(DataError) as error:
            add()
        assert "金额含有多种货币（CNY, EUR），不能相加" in error.value.sentence("zh")
        assert "several currencies (CNY, EUR) and can't be added" in error.value.sentence("en")
    assert sum_amounts(rows, ["executed"], by=["currency"])["executed"].tolist() == [180.0, 5.0]


def test_only_what_was_chosen_is_there(two):
    study = load_study(two, districts="甲市:02,Eur:01", years="2022..2023")
    assert study.years == (2022, 2023)
    assert study.projects["project"].tolist() == ["c", "q", "q"]
    assert study.book.sha256 != load_study(two, years="2023").book.sha256
    assert study.sources["projects"].tolist() == [1, 2] and study.coverage["projects"].tolist() == [1, 2]
    alone = load_study(two, districts="甲市:01,甲市:02")
    assert len(alone.members) == 1
    assert alone.projects["place_name"].unique().tolist() == ["01", "02"]


def test_a_month_that_is_none_is_refused(two, tmp_path):
    (tmp_path / "eur.toml").write_text(MAPPING.format(begins=13), "utf-8")
    with pytest.raises(DataError, match="year_begins: `13`"):
        load_study(two)


def test_a_book_of_all_districts_singles_nobody_out(two):
    spec = two.partition(" | ")[0].partition("=")[2]
    assert load_book(spec).district == "01"
    book = load_book(spec, district="all")
    assert (book.district, book.year, book.districts) == ("", 2023, ["01", "02"])
    assert book.only(["02"], [2023]).districts == ["02"]
    assert book.only().sha256 == book.sha256


def test_years_and_districts_may_be_numbers_or_lists():
    text = load_study("sample", years="2022,2023", districts="330190,330199")
    for years, districts in (([2022, 2023], [330190, "330199"]), ((2022, 2023), ["330190", 330199])):
        study = load_study("sample", years=years, districts=districts)
        assert (study.years, len(study.coverage)) == (text.years, len(text.coverage))
    with pytest.raises(DataError):
        load_study("sample", years=2023, districts=330199)  # one district is compared with none
