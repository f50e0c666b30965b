"""How far a score must move to stand apart: enough is enough, and much less is not."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.department_assessment import least_moves
from perflib.infer.ranks import rank_sets

DRAWS = 2000


def _tiered(scores, errors) -> pd.DataFrame:
    names = [f"d{i}" for i in range(len(scores))]
    return pd.DataFrame({"department": names, "score": scores, "se": errors, "tier": 1})


def _alone(table: pd.DataFrame, name: str, change: float, *, first: bool) -> bool:
    moved = table.drop(columns="tier").copy()
    moved.loc[moved["department"] == name, "score"] += change
    sets = rank_sets(moved, unit="department", value="score", draws=DRAWS, seed=0)
    tier = sets.set_index("department")["tier"]
    edge = tier.min() if first else tier.max()
    return bool(tier.nunique() > 1 and tier[name] == edge and (tier == edge).sum() == 1)


@pytest.mark.parametrize("way", ["up", "down"])
def test_the_change_is_enough_and_four_fifths_of_it_are_not(way):
    table = _tiered([84.0, 82.5, 81.0, 80.0, 79.0], [2.0, 1.5, 1.0, 2.5, 1.2])
    moves = least_moves(table, draws=DRAWS)
    sign = 1 if way == "up" else -1
    for row in moves[moves["move_direction"] == way].itertuples():
        assert _alone(table, row.department, sign * (row.marks_needed + 1e-6), first=way == "up")
        assert not _alone(table, row.department, sign * 0.8 * row.marks_needed, first=way == "up")


def test_two_departments_by_arithmetic():
    moves = least_moves(_tiered([90.0, 85.0], [3.0, 4.0]), draws=20_000).set_index(
        ["department", "move_direction"]
    )
    # Of two there is one pair: the largest of its two differences passes |z| at 95 %, 1.96 x 5.
    assert moves.loc[("d0", "up"), "marks_needed"] == pytest.approx(1.96 * np.hypot(3, 4) - 5, abs=0.15)
    assert moves.loc[("d1", "up"), "marks_needed"] == pytest.approx(1.96 * np.hypot(3, 4) + 5, abs=0.15)
    assert moves["marks_room"].to_dict() == {
        ("d0", "up"): 10, ("d1", "down"): 85, ("d1", "up"): 15, ("d0", "down"): 90,
    }  # fmt: skip
    assert moves["move_possible"].eq("yes").all()


def test_a_move_beyond_the_full_marks_is_not_possible():
    moves = least_moves(_tiered([97.0, 96.0, 95.0], [4.0, 4.0, 4.0]), draws=DRAWS)
    assert moves.loc[moves["move_direction"] == "up", "move_possible"].eq("no").all()
    assert moves.loc[moves["move_direction"] == "down", "move_possible"].eq("yes").all()


def test_who_stands_apart_needs_nothing_and_one_alone_gives_no_rows():
    moves = least_moves(_tiered([90.0, 50.0, 49.0], [1.0, 1.0, 1.0]), draws=DRAWS)
    assert moves.iloc[0][["department", "move_direction", "marks_needed"]].tolist() == ["d0", "up", 0]
    assert least_moves(_tiered([90.0], [1.0])).empty
    assert least_moves(_tiered([90.0, 80.0], [1.0, 1.0]).assign(tier=pd.NA)).empty
