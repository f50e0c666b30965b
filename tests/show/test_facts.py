import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.data.errors import PerflibError
from perflib.show.facts import Facts, facts_json, read_facts, round_to_sum

WORDS = {"zh": "执行率", "en": "Execution rate", "formula_zh": "执行数÷预算数", "formula_en": "a / b"}


def made(*ids: str, **options) -> Facts:
    return Facts("x", currency="CNY", input_sha256="0" * 64, declared=dict.fromkeys(ids, WORDS), **options)


def test_a_fact_prints_in_both_languages():
    fact = made("rate").add("rate", 0.953, unit="share", table="projects", rows=961)
    assert (fact.text("zh"), fact.label("zh"), fact.formula("en")) == ("95.3%", "执行率", "a / b")


def test_a_fact_that_nobody_declared_is_refused():
    with pytest.raises(
        PerflibError, match=r"Fact `rate` has no name and formula. Declare it in .*facts_x\.toml"
    ):
        made().add("rate", 1, unit="share", table="projects", rows=1)


def test_numbers_are_kept_to_twelve_digits_and_money_to_the_cent():
    facts = made("a", "b")
    assert facts.add("a", 1 / 3, unit="share", table="t", rows=9).value == 0.333333333333
    assert facts.add("b", 0.1 + 0.2, unit="money", table="t", rows=9).value == 0.3


def test_the_public_edition_has_no_small_counts():
    facts = made("a", "b", "c", edition="public")
    assert facts.add("a", 3, unit="count", table="t", rows=99).text("zh") == "少于5"
    assert facts.add("b", 0.5, unit="share", table="t", rows=4).text("en") == "n/a (too few to publish)"
    assert facts.add("c", 5, unit="count", table="t", rows=5).text("en") == "5"
    assert '"value": 3' not in facts_json(facts, {})


def test_a_count_of_districts_tells_of_no_one():
    facts = made("a", "b", edition="public")
    assert facts.add("a", 3, unit="count", table="t", rows=99, is_open=True).text("zh") == "3"
    assert facts.add("b", 3, unit="count", table="t", rows=4, is_open=True).value is None


def test_facts_json_is_sorted_and_reads_back():
    facts = made("b", "a")
    for id in ("b", "a"):
        facts.add(id, None, unit="share", table="t", rows=9, reason="no_budget")
    text = facts_json(facts, {"tables/x.csv": "0"})
    assert list(json.loads(text)["facts"]) == ["a", "b"]
    assert read_facts(text) == dict(facts)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_printed_shares_add_up(weights):
    total = sum(weights)
    shares = [w / total for w in weights] if total else [1.0] + [0.0] * (len(weights) - 1)
    rounded = round_to_sum(shares)
    assert round(sum(rounded), 9) == 1
    assert all(abs(r - s) < 0.001 + 1e-12 for r, s in zip(rounded, shares, strict=True))
