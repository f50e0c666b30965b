"""A group's judgements from importances, by arithmetic, and what AHP makes of them."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.review_ranks import ahp_weights, judge_importance


def _rows(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["rater", "criterion", "score"])


def test_the_ratio_is_the_geometric_mean_over_those_who_rated_both():
    table = judge_importance(
        _rows(
            ("a", "effect", 5), ("a", "output", 2), ("a", "output", 3),
            ("b", "effect", 4), ("b", "output", 4), ("c", "effect", 1), ("d", "output", None),
        )
    )  # fmt: skip
    row = table.set_index(["first", "second"]).loc[("effect", "output")]
    assert row["ratio"] == pytest.approx((5 / ((2 + 3) / 2) * (4 / 4)) ** (1 / 2))
    assert row["raters"] == 2


def test_a_pair_that_nobody_rated_is_left_out():
    table = judge_importance(_rows(("a", "effect", 5), ("b", "output", 4)))
    assert table.empty and list(table.columns) == ["first", "second", "ratio", "raters"]


def test_where_all_rated_everything_ahp_gives_back_the_importances():
    table = judge_importance(_rows(("a", "x", 4), ("a", "y", 2), ("a", "z", 1)))
    square = pd.DataFrame(np.eye(3), index=list("xyz"), columns=list("xyz"))
    for row in table.itertuples():
        square.loc[row.first, row.second], square.loc[row.second, row.first] = row.ratio, 1 / row.ratio
    found = ahp_weights(square)
    assert found["weight"].tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert found["cr"].iloc[0] == pytest.approx(0, abs=1e-9)


def test_input_is_unchanged_and_the_order_of_rows_does_not_matter():
    rows = _rows(("a", "x", 4), ("a", "y", 2), ("b", "x", 3), ("b", "y", 5))
    before = rows.copy()
    one, two = judge_importance(rows), judge_importance(rows[::-1])
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_frame_equal(one, two)
