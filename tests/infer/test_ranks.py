"""Sets of ranks: they cover, they are never wider than Bonferroni's, and the shortcut is exact."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.errors import DataError
from perflib.infer.ranks import rank_pairs, rank_sets, tiers


def ranked(x, se, **options):
    frame = pd.DataFrame({"district": [f"d{i:04d}" for i in range(len(x))], "value": x, "se": se})
    return rank_sets(frame, **options)


def test_sets_cover():
    """95 % sets over 200 worlds of 10 districts: at least 95 %, less 2 s.e. of chance."""
    rng = np.random.default_rng(3)
    truth = np.array([0.95, 0.95, 0.9, 0.9, 0.88, 0.85, 0.85, 0.8, 0.7, 0.6])
    best, worst = 1 + (truth > truth[:, None]).sum(axis=1), 10 - (truth < truth[:, None]).sum(axis=1)
    together = []
    for world in range(200):
        se = rng.uniform(0.02, 0.08, 10)
        table = ranked(rng.normal(truth, se), se, draws=300, seed=world).sort_values("district")
        together.append(np.all((table["rank_low"] <= worst) & (table["rank_high"] >= best)))
    assert np.mean(together) >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / 200)


def test_all_equal_are_told_apart_in_5_per_cent_at_most():
    rng = np.random.default_rng(4)
    wrong = [
        (ranked(rng.normal(0, 1, 12), np.ones(12), draws=300, seed=w)["rank_low"] > 1).any()
        for w in range(200)
    ]
    assert np.mean(wrong) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


units = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=2, max_size=14)


@settings(max_examples=40, deadline=None)
@given(units, st.integers(0, 99))
def test_a_set_contains_the_rank(rows, seed):
    x, se = (np.array(v) for v in zip(*rows, strict=True))
    table = ranked(x, se, draws=200, seed=seed).sort_values("district")
    assert (table["rank_low"] <= table["rank"]).all() and (table["rank"] <= table["rank_high"]).all()


def test_far_apart_units_have_one_rank_and_a_tier_each():
    table = ranked([1.0, 3.0, 2.0], [0.01] * 3)
    assert table["district"].tolist() == ["d0001", "d0002", "d0000"]
    assert table[["rank", "rank_low", "rank_high", "tier"]].to_numpy().tolist() == [
        [i] * 4 for i in (1, 2, 3)
    ]


def test_lowest_first_turns_the_order():
    assert ranked([1.0, 3.0], [0.01] * 2, highest_first=False)["district"].tolist() == ["d0000", "d0001"]


def test_the_reverse_of_a_rejected_pair_stays_in_the_family():
    """Three clear leaders, three clear trailers: stepping down must not drop both directions of a pair."""
    table = ranked([5, 5, 5, 0, 0, 0], [0.5] * 6, draws=4000).sort_values("district")
    assert table["rank_low"].tolist() == [1, 1, 1, 4, 4, 4]
    assert table["rank_high"].tolist() == [3, 3, 3, 6, 6, 6]
    assert table["tier"].tolist() == [1, 1, 1, 2, 2, 2]


def test_equal_units_share_rank_and_tier():
    table = ranked([0.8] * 5, [0.02] * 5)
    assert table["rank"].tolist() == [1] * 5
    assert (table["rank_low"].unique().tolist(), table["rank_high"].unique().tolist()) == ([1], [5])
    assert table["tier"].tolist() == [1] * 5


def test_no_cut_where_a_set_reaches_across():
    assert tiers(np.array([1, 2, 3, 4]), np.array([1, 1, 2, 4]), np.array([2, 3, 3, 4])).tolist() == [
        1,
        1,
        1,
        2,
    ]


def test_a_unit_without_an_error_is_not_ranked():
    table = ranked([1.0, 2.0, 3.0], [0.1, 0.1, np.nan])
    assert table["reason"].tolist()[-1] == "no_standard_error"
    assert table["rank"].isna().tolist() == [False, False, True]


def test_an_interval_of_the_estimate_is_never_taken_for_ranks():
    frame = pd.DataFrame({"district": list("abc"), "value": [0.9, 0.5, 0.7], "se": [0.01, 0.01, np.nan]})
    table = rank_sets(frame.assign(rank_low=7, rank_high=9)).set_index("district")
    assert table.loc["c", ["rank_low", "rank_high"]].isna().all()
    assert table.loc["a", "rank_low"] == 1


def test_it_works_for_two_units_and_for_2843_counties():
    assert len(ranked([0.5, 0.9], [0.1, 0.1])) == 2
    rng = np.random.default_rng(6)
    table = ranked(rng.normal(0.8, 0.1, 2843), rng.uniform(0.01, 0.05, 2843), draws=200)
    assert (table["rank_low"] <= table["rank_high"]).all()


@pytest.mark.parametrize(
    ("x", "se", "message"), [([1.0], [0.1], "Only 1 unit"), ([1.0, 2.0], [0.0, 0.1], "Only 1 unit")]
)
def test_too_few_to_rank(x, se, message):
    with pytest.raises(DataError, match=message):
        ranked(x, se)


def test_two_districts_of_one_name():
    frame = pd.DataFrame({"district": ["East", "East"], "value": [1.0, 2.0], "se": [0.1, 0.1]})
    with pytest.raises(DataError, match="`East` stands 2 times"):
        rank_sets(frame)


def test_pairs_are_named_where_no_clean_cut_exists():
    frame = pd.DataFrame({"district": list("abc"), "value": [0.9, 0.8, 0.7], "se": [0.04, 0.04, 0.04]})
    assert rank_sets(frame)["tier"].tolist() == [1, 1, 1]
    pair = rank_pairs(frame).iloc[0]
    assert len(rank_pairs(frame)) == 1
    assert (pair["district"], pair["other"]) == ("a", "c")
    assert (pair["value"], pair["se"]) == pytest.approx((0.9 - 0.7, 0.04 * np.sqrt(2)))
