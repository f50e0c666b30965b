"""What a user may write for sources, districts and years, and what each slip is answered with."""

import pytest

from perflib.data.choice import (
    Place,
    choose_places,
    choose_years,
    join_sources,
    parse_sources,
    parse_years,
)
from perflib.data.errors import ArgumentError, DataError
from perflib.data.text import spans

PLACES = [
    Place("A", "1", ("东区", "East"), "district", (2021, 2022)),
    Place("A", "2", ("西区", "West"), "district", (2022, 2023)),
    Place("A", "9", ("本级", "Offices"), "", (2021, 2022)),
    Place("B", "x", ("东区", "East"), "", (2022,)),
]


def codes(chosen):
    return [f"{p.source}:{p.code}" for p in chosen]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("", ()),
        ("2023", (2023,)),
        ("2019..2021", (2019, 2020, 2021)),
        ("2019-2020，2023", (2019, 2020, 2023)),
        ("2023, 2021, 2021", (2021, 2023)),
        ("2019至2020", (2019, 2020)),
    ],
)
def test_years(text, years):
    assert parse_years(text) == years


@pytest.mark.parametrize(
    "text", ["23", "2023..2019", "2019...2021", "soon", "2019,,2021", "20190", "3023", ","]
)
def test_malformed_years_are_told_with_the_right_way(text):
    with pytest.raises(ArgumentError) as error:
        parse_years(text)
    for lang, words in (("zh", ("年度写法有误", "2019..2023")), ("en", ("`years` can't be", "2019..2023"))):
        sentence = error.value.sentence(lang)
        assert text in sentence and all(word in sentence for word in words)


def test_spans():
    assert spans([2019, 2020, 2023], "zh") == "2019–2020、2023"
    assert spans([2023], "en") == "2023"


def test_sources_are_named_by_the_user_or_by_their_file(tmp_path):
    assert parse_sources(["sample"]) == {"sample": "sample"}
    odd = tmp_path / "a=b.xlsx"
    odd.touch()
    assert parse_sources([str(odd)]) == {"a=b": str(odd)}
    both = parse_sources(["滨江=b.xlsx", "madrid:folder"])
    assert both == {"滨江": "b.xlsx", "madrid": "madrid:folder"}
    assert parse_sources([join_sources(both)]) == both
    assert join_sources({"b": "b.xlsx"}) == "b.xlsx"
    assert join_sources({"x": "b.xlsx"}) == "x=b.xlsx"


@pytest.mark.parametrize(
    ("texts", "zh", "en"),
    [
        (["sample", "sample"], "两个数据来源都叫“sample”", "Two sources are called `sample`"),
        (["a.csv | "], "有一项为空", "A source is empty"),
    ],
)
def test_sources_that_cannot_be_told_apart(texts, zh, en):
    with pytest.raises(ArgumentError) as error:
        parse_sources(texts)
    assert zh in error.value.sentence("zh")
    assert en in error.value.sentence("en")


def test_all_leaves_out_what_is_no_district():
    assert codes(choose_places(PLACES)) == ["A:1", "A:2", "B:x"]
    assert codes(choose_places(PLACES, "9, West")) == ["A:9", "A:2"]
    assert codes(choose_places(PLACES, "b:东区，A:东区,2,2")) == ["B:x", "A:1", "A:2"]


def test_unknown_district_says_which_are_there():
    with pytest.raises(ArgumentError) as error:
        choose_places(PLACES, "1,Wst")
    assert "没有区县“Wst”。现有：1 东区, 2 西区, 9 本级, x 东区" in error.value.sentence("zh")
    assert "There is no district `Wst`" in error.value.sentence("en")
    assert "Did you mean `West`?" in error.value.sentence("en")


def test_of_many_districts_a_message_lists_some():
    many = [Place("A", f"{i:04d}", (f"县{i}",), "", (2023,)) for i in range(500)]
    with pytest.raises(ArgumentError) as error:
        choose_places(many, "1,nowhere")
    assert len(error.value.sentence("zh")) < 700
    assert "… (500)" in error.value.sentence("zh")


def test_a_name_that_two_sources_share_must_be_made_plain():
    with pytest.raises(ArgumentError) as error:
        choose_places(PLACES, "东区,2")
    assert "对应不止一个区县：A:1, B:x" in error.value.sentence("zh")
    assert "names more than one district: A:1, B:x" in error.value.sentence("en")


def test_one_district_is_no_comparison():
    for wanted in ("1", "1,East", ""):
        places = PLACES if wanted == "1" else PLACES[:1]
        with pytest.raises(DataError) as error:
            choose_places(places, wanted)
        assert "只有一个区县（1 东区）" in error.value.sentence("zh")
        assert "Only one district (1 东区)" in error.value.sentence("en")


def test_two_districts_of_one_name_are_refused():
    twins = [*PLACES[:2], Place("A", "3", ("西区", "Wild West"), "district", (2022,))]
    with pytest.raises(DataError) as error:
        choose_places(twins)
    assert "名称“西区”出现了2次" in error.value.sentence("zh")
    assert "The name `西区` stands 2 times" in error.value.sentence("en")


def test_years_that_two_have_unless_asked():
    chosen = choose_places(PLACES, "A:1,2,b:x")
    assert choose_years(chosen) == (2022,)
    assert choose_years(chosen, "2021..2023") == (2021, 2022, 2023)


def test_a_year_that_none_has():
    with pytest.raises(ArgumentError) as error:
        choose_years(PLACES, "2021,1999")
    assert "没有1999年的数据。现有年度：2021, 2022, 2023" in error.value.sentence("zh")
    assert "has data of 1999. There is: 2021, 2022, 2023" in error.value.sentence("en")


def test_no_year_in_common():
    apart = [Place("A", "1", ("东区",), "", (2021,)), Place("A", "2", ("西区",), "", (2022,))]
    with pytest.raises(DataError) as error:
        choose_years(apart)
    assert "没有一个年度有两个以上区县的数据（有数据的区县：1 东区, 2 西区）" in error.value.sentence("zh")
    assert "No year has data of two districts" in error.value.sentence("en")
