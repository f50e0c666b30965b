import json

from hypothesis import given
from hypothesis import strategies as st

from perflib.show.facts import Fact, facts_json, read_facts, round_to_sum, stored


def made(id: str, value=0.953, *, unit: str = "share", **trail) -> Fact:
    words = {
        "label_zh": "执行率",
        "label_en": "Execution rate",
        "formula_zh": "执行数÷预算数",
        "formula_en": "a / b",
    }
    trail = {"table": "projects", "filter": "", "rows": 961, "base": None, "rules": None} | trail
    return Fact(
        id=id, value=stored(value, unit), unit=unit, **words, **trail, input_sha256="0" * 64, kind="number"
    )


def test_a_fact_prints_in_both_languages():
    fact = made("rate")
    assert (fact.text("zh"), fact.label("zh"), fact.formula("en")) == ("95.3%", "执行率", "a / b")


def test_numbers_are_kept_to_twelve_digits_and_money_to_the_cent():
    assert made("a", 1 / 3).value == 0.333333333333
    assert made("b", 0.1 + 0.2, unit="money").value == 0.3


def test_facts_json_is_sorted_and_reads_back():
    facts = {id: made(id, None, reason="no_budget") for id in ("b", "a")}
    text = facts_json(facts, {"tables/x.csv": "0"})
    assert list(json.loads(text)["facts"]) == ["a", "b"]
    assert read_facts(text) == facts


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_printed_shares_add_up(weights):
    total = sum(weights)
    shares = [w / total for w in weights] if total else [1.0] + [0.0] * (len(weights) - 1)
    rounded = round_to_sum(shares)
    assert round(sum(rounded), 9) == 1
    assert all(abs(r - s) < 0.001 + 1e-12 for r, s in zip(rounded, shares, strict=True))
