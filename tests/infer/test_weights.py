import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.errors import DataError
from perflib.infer.review_ranks import (
    ahp_weights,
    entropy_weights,
    rank_stability,
    score_units,
)


@pytest.fixture(scope="module")
def mcdm(oracles):
    return json.loads((oracles / "mcdm_expected.json").read_text())


@pytest.fixture(scope="module")
def units(mcdm):
    return pd.DataFrame(mcdm["matrix"], index=list("vwxyz"), columns=list("abcd"))


def test_ahp(mcdm):
    case = mcdm["ahp"]
    table = ahp_weights(pd.DataFrame(case["A"]))
    assert table["weight"].to_list() == pytest.approx(case["weights"], abs=1e-9)
    assert table["cr"].iloc[0] == pytest.approx(case["CR"])


def test_contradicting_judgements_are_inconsistent():
    a = pd.DataFrame([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])
    assert (ahp_weights(a)["cr"] > 0.1).all()


def equal(units):
    return pd.Series(1 / units.shape[1], index=units.columns)


def test_entropy(mcdm, units):
    assert entropy_weights(units).to_list() == pytest.approx(mcdm["entropy_weights"])


def test_weights_of_columns_without_spread():
    flat = pd.DataFrame({"a": [1.0, 1, 1], "b": [1.0, 2, 3]})
    assert entropy_weights(flat).to_list() == pytest.approx([0, 1])
    assert entropy_weights(flat[["a", "a"]]).to_list() == [0.5, 0.5]


def test_zeros_are_no_trouble_to_entropy_but_negatives_are():
    assert entropy_weights(pd.DataFrame({"a": [0.0, 1], "b": [1.0, 1]})).to_list() == pytest.approx([1, 0])
    with pytest.raises(DataError, match="1 are below"):
        entropy_weights(pd.DataFrame({"a": [-1.0, 1], "b": [1.0, 1]}))


def test_weighted_sum_is_a_mean():
    units = pd.DataFrame({"a": [0.0, 10], "b": [5.0, 0]}, index=["x", "y"])
    got = score_units(units, pd.Series({"a": 3, "b": 1}))
    assert got.to_list() == pytest.approx([1 / 4, 3 / 4])


def test_stability_sums_to_one_and_sees_a_dominating_unit(units):
    table = rank_stability(units, equal(units), draws=500, seed=1)
    assert table.groupby("unit")["probability"].sum().to_list() == pytest.approx([1] * 5)
    sure = pd.DataFrame({"a": [3.0, 2, 1], "b": [3.0, 2, 1]}, index=["x", "y", "z"])
    table = rank_stability(sure, equal(sure), draws=100)
    assert table.query("probability == 1")[["unit", "rank"]].to_numpy().tolist() == [
        ["x", 1],
        ["y", 2],
        ["z", 3],
    ]
    assert rank_stability(units, equal(units), draws=50, seed=4).equals(
        rank_stability(units, equal(units), draws=50, seed=4)
    )


@given(st.integers(0, 5000))
@settings(max_examples=30, deadline=None)
def test_row_order_and_scale_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    units = pd.DataFrame(rng.random((6, 3)) + 0.01, index=list("uvwxyz"), columns=list("abc"))
    w = entropy_weights(units)
    a, b = score_units(units, w), score_units(units.iloc[::-1] * 7, w)
    np.testing.assert_allclose(a, b[a.index])
    np.testing.assert_allclose(w, entropy_weights(units * 7))
