"""What may not be compared is refused, and what must be said is listed, in both languages."""

import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.comparability import (
    NOTES,
    check_comparable,
    check_one_currency,
    comparison_notes,
    say_note,
)

RATES = pd.DataFrame(
    {
        "district": ["a", "a", "b", "b", "a", "a", "c"],
        "year": [2021, 2021, 2021, 2021, 2022, 2022, 2021],
        "category": ["x", "y", "x", "x", "x", "y", "y"],
        "budget": [10.0, 20.0, 10.0, 5.0, 4.0, 6.0, 3.0],
        "rate": [0.5, 0.6, 0.9, 0.8, 0.7, 0.7, 0.2],
    }
)


def notes(**options):
    table = comparison_notes(RATES, **options)
    return {kind: part[["unit", "year", "detail"]].values.tolist() for kind, part in table.groupby("note")}


def test_notes():
    found = notes(by=["category"])
    assert [n[:2] for n in found["one_project"]] == [["c", 2021]]
    assert [n[:2] for n in found["year_missing"]] == [["b", 2022], ["c", 2022]]
    assert found["category_missing"] == [["b", 2021, "y"], ["c", 2021, "x"]]
    assert [n[1] for n in found["equal_rates"]] == [2022]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_note_has_its_sentence(lang):
    table = comparison_notes(RATES, by=["category"])
    assert set(table["note"]) == set(NOTES)
    for note in table.to_dict("records"):
        sentence = say_note(note, lang)
        assert str(note["year"]) in sentence and "nan" not in sentence and "{" not in sentence


def test_two_currencies_are_never_added():
    mixed = RATES.assign(currency=["CNY"] * 4 + ["EUR"] * 3)
    with pytest.raises(DataError, match=r"several currencies \(CNY, EUR\)") as error:
        check_comparable(mixed)
    assert "多种货币（CNY, EUR）" in error.value.sentence("zh")
    check_one_currency(mixed[mixed["currency"] == "CNY"])


def test_one_district():
    with pytest.raises(DataError, match=r"Only one district \(a\)"):
        check_comparable(RATES[RATES["district"] == "a"])


def test_two_districts_with_one_name():
    districts = pd.DataFrame({"district": ["a", "b", "c"], "name_zh": ["鼓楼区", "鼓楼区", "滨江区"]})
    with pytest.raises(DataError, match="`鼓楼区` stands 2 times"):
        check_comparable(RATES, districts=districts)


def test_what_may_be_compared_is_let_through():
    districts = pd.DataFrame({"district": ["a", "b", "c"], "name_zh": ["甲", "乙", "丙"]})
    assert check_comparable(RATES, districts=districts) is None
