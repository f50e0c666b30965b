"""Numbers of an edited text: which are facts, which were, which are nothing of the kind."""

import pytest

from perflib.data.documents import Block
from perflib.show.facts import Fact
from perflib.show.proof import numbers_in, proof


def fact(id: str, value, unit: str, label: str = "执行率") -> Fact:
    return Fact(id, value, unit, label, label, "", "", "projects", "", 7, None, None, "0", "number")


FACTS = {f.id: f for f in (
    fact("40.rate", 0.9534, "share", "预算执行率"), fact("40.executed", 207_654_321.0, "money", "全年执行数"),
    fact("40.projects", 961, "count", "项目数"), fact("40.gap", 0.012, "difference", "与上年之差"),
    fact("50.score", 93.28, "score", "平均得分"),
)}  # fmt: skip


def verdicts(text: str, **options) -> list[tuple]:
    found = proof([Block(1, text)], FACTS, **options)
    return list(zip(found["words"], found["verdict"], strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("执行率95.3%，", [("95.3%", "equal")]),
        ("执行率约95%", [("95%", "rounded")]),
        ("执行率９５.３％", [("95.3%", "equal")]),
        ("执行2.08亿元", [("2.08亿元", "equal")]),
        ("执行2.1亿元", [("2.1亿元", "rounded")]),
        ("执行20,765.43万元", [("20,765.43万元", "equal")]),
        ("961个项目", [("961", "equal")]),
        ("提高1.2个百分点", [("1.2个百分点", "equal")]),
        ("平均93.28分", [("93.28", "equal")]),
        ("执行率93.5%", [("93.5%", "not_found")]),
        ("961%", [("961%", "not_found")]),
        ("执行961万元", [("961万元", "not_found")]),
    ],
)
def test_a_number_is_equal_rounded_or_not_found(text, expected):
    assert verdicts(text) == expected


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("2023年10月31日", "date"), ("2023年度", "date"), ("1—10月", "date"), ("2022—2023年", "date"), ("in 2023,", "date"),
        ("财预〔2020〕10号", "reference"), ("GB/T 9704-2012", "reference"), ("第3条", "reference"), ("表3", "reference"),
        ("1．总体情况", "enumeration"), ("（2）下一步", "enumeration"), ("3. Findings", "enumeration"),
    ],
)  # fmt: skip
def test_dates_rule_numbers_and_enumerations_are_told_apart(text, verdict):
    assert {v for _, v in verdicts(text)} == {verdict}


def test_what_was_true_of_another_run_is_stale():
    earlier = {"2022": {"40.rate": fact("40.rate", 0.911, "share", "预算执行率")}}
    found = proof([Block(4, "预算执行率91.1%。")], FACTS, earlier=earlier)
    row = found.iloc[0]
    assert (row["verdict"], row["run"], row["is"], row["paragraph"]) == ("stale", "2022", "95.3%", 4)


def test_the_nearest_fact_is_named():
    row = proof([Block(1, "全年执行数2.18亿元")], FACTS).iloc[0]
    assert (row["verdict"], row["fact"]) == ("not_found", "40.executed")


def test_words_of_the_report_itself_are_no_error():
    assert verdicts("500万以上的项目", printed=["新增500万以上的项目"]) == [("500万", "as_printed")]


def test_a_decimal_is_no_enumeration_and_a_year_no_count():
    assert [n.text for n in numbers_in("3.5亿元")[0]] == ["3.5亿元"]
    assert numbers_in("2023")[0] == []
