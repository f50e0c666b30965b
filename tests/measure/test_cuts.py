"""Kinds of cuts are never merged, and only movements of the budget reconcile it."""

import pandas as pd

from perflib.data.rules import load_rules
from perflib.measure.cuts import by_stage, of_work_year

KEY = {"district": "a", "year": 2023}
MOVES = pd.DataFrame(
    [
        {**KEY, "project": "p", "basis": "request", "stage": "ex_ante", "amount": -100.0},
        {**KEY, "project": "p", "basis": "budget", "stage": "mid_year", "amount": -30.10},
        {**KEY, "project": "p", "basis": "budget", "stage": "mid_year", "amount": -0.20},
        {**KEY, "project": "q", "basis": "budget", "stage": "mid_year", "amount": -5.0},
        {**KEY, "project": "q", "basis": "budget", "stage": "mid_year", "amount": 5.0},
        {**KEY, "project": "q", "basis": "budget", "stage": "recovery", "amount": -7.0},
        {**KEY, "project": "q", "basis": "request", "stage": "cost_review", "amount": -8.0},
        {**KEY, "project": "q", "basis": "budget", "stage": "supplement", "amount": 50.0},
        {**KEY, "project": "gone", "basis": "budget", "stage": "virement", "amount": -1.0},
    ]
)
PROJECTS = pd.DataFrame(
    {
        **KEY,
        "project": ["p", "q", "r"],
        "initial_budget": [100.0, 10.0, None],
        "adjusted_budget": [69.70, 53.01, 5.0],
    }
)


def test_every_kind_has_its_own_row_and_no_total():
    table = by_stage(MOVES)
    assert table["stage"].tolist() == ["ex_ante", "cost_review", "mid_year", "recovery"]
    assert table["amount"].tolist() == [100.0, 8.0, 35.30, 7.0]
    assert table["basis"].tolist() == ["request", "request", "budget", "budget"]
    assert table["movements"].tolist() == [1, 1, 3, 1] and table["projects"].tolist() == [1, 1, 2, 1]


def test_ex_ante_cuts_are_those_of_the_budget_that_was_appraised():
    moves = pd.DataFrame(
        {"stage": ["ex_ante", "ex_ante", "mid_year", "mid_year"], "year": [2023, 2024, 2023, 2024]}
    )
    found = of_work_year(moves, load_rules("binjiang-2023"), year=2023)
    assert found.to_numpy().tolist() == [["ex_ante", 2024], ["mid_year", 2023]]
