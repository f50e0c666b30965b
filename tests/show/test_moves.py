"""What moved between two runs, and why."""

from dataclasses import replace

import pandas as pd
import pytest

from perflib.show.moves import moved_facts, moved_rows
from tests.show.test_proof import fact

WAS = fact("40.rate", 0.90, "share")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"rules": "national-2020"}, "rules"),
        ({"base": "initial"}, "base"),
        ({"formula_zh": "另一种"}, "method"),
        ({"rows": 8, "input_sha256": "1"}, "rows"),
        ({"input_sha256": "1"}, "values"),
        ({"filter": "上城区"}, "scope"),
        ({}, "version"),
    ],
)
def test_why_a_fact_moved(changed, why):
    moves = moved_facts({"40.rate": WAS}, {"40.rate": replace(WAS, value=0.81, **changed)})
    assert moves["why"].tolist() == [why] and moves["weight"].tolist() == [pytest.approx(0.09 / 0.90)]


def test_key_facts_first_then_by_weight_and_what_came_and_went():
    old = {i: fact(i, 100, "count") for i in ("a", "b", "c", "gone", "same")}
    new = {
        **old,
        "a": fact("a", 90, "count"),
        "b": fact("b", 50, "count"),
        "c": fact("c", 99, "count"),
        "new": WAS,
    }
    del new["gone"]
    moves = moved_facts(old, new, first=frozenset({"c"}))
    assert moves["fact"].tolist() == ["c", "b", "a", "new", "gone"]
    assert moves["state"].tolist() == ["moved"] * 3 + ["new", "gone"]


def test_cells_of_tables_that_differ():
    old = {"t": pd.DataFrame({"项目": ["甲", "乙", "乙"], "执行数": ["1", "2", "3"]})}
    new = {"t": pd.DataFrame({"项目": ["乙", "甲", "丙"], "执行数": ["2", "9", "4"]})}
    cells = moved_rows(old, new).set_index("row")
    assert cells.loc["甲", ["state", "was", "is"]].tolist() == ["moved", "1", "9"]
    assert cells.loc["丙", "state"] == "new" and cells.loc["乙", "state"] == "gone" and len(cells) == 3
