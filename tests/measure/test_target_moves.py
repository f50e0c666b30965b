"""Targets that moved during the year: which way, and whether the move is what met them."""

import pandas as pd

from perflib.measure.target_moves import count_moves, target_moves

ROWS = pd.DataFrame(
    {
        "district": "a",
        "year": 2023,
        "subject_kind": "project",
        "subject": ["p", "p", "q", "q", "q", "r"],
        "indicator": list("abcdef"),
        "direction": ["at_least", "at_least", "at_most", "at_most", "equal", "at_least"],
        "target_initial": [100.0, 100.0, 10.0, 0.0, 5.0, None],
        "target": [80.0, 100.0, 12.0, 1.0, 6.0, 9.0],
        "actual": [90.0, 90.0, 12.0, None, 5.0, 9.0],
    }
)


def test_moves_and_what_they_did():
    moved = target_moves(ROWS).set_index("indicator")
    assert list(moved.index) == ["a", "c", "d", "e"]
    assert moved["moved_by"].tolist() == [-20, 2, 1, 1]
    assert moved["moved_share"].fillna(-9).tolist() == [-20 / 100, 2 / 10, -9, 1 / 5]
    assert moved["is_eased"].fillna(False).tolist() == [True, True, True, False]
    assert moved["is_met_by_move"].to_dict() == {"a": True, "c": True, "d": False, "e": False}
    assert moved.loc["e", "met_initial"] and not moved.loc["e", "met_final"]


def test_counts_by_subject_and_in_all():
    table = count_moves(ROWS, by=["subject"]).set_index("subject")
    assert table.loc["p"].drop("reason").tolist() == [2, 1, 1, 0, 1, 1 / 2]
    assert table.loc["q", ["indicators", "moved", "eased", "tightened", "met_by_move"]].tolist() == [
        3,
        3,
        2,
        0,
        1,
    ]
    assert "r" not in table.index
    assert count_moves(ROWS)["moved"].tolist() == [4]


def test_nothing_moved():
    still = ROWS.assign(target=ROWS["target_initial"])
    assert target_moves(still).empty and count_moves(still)["moved"].tolist() == [0]
