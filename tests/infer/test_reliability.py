import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.errors import DataError
from perflib.infer.reliability import cronbach_alpha, icc, krippendorff_alpha, mcdonald_omega, mean_squares

# Shrout & Fleiss 1979, table 2: six persons, four judges.
SHROUT_FLEISS = pd.DataFrame(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def test_icc_prints_shrout_and_fleiss_and_equals_psych_with_its_bounds(oracles):
    expected = json.loads((oracles / "icc_shrout_fleiss_expected.json").read_text())
    got, want = icc(pd.DataFrame(expected["data"])), expected["results"][1]
    assert round(icc(SHROUT_FLEISS)["value"], 2) == 0.29
    assert got["value"] == pytest.approx(want["ICC"], abs=1e-10)
    assert got["low"] == pytest.approx(want["lower bound"], abs=1e-9)
    assert got["high"] == pytest.approx(want["upper bound"], abs=1e-9)


def test_mean_squares_against_a_loop():
    x = SHROUT_FLEISS.to_numpy(float)
    rows = sum(4 * (row.mean() - x.mean()) ** 2 for row in x) / 5
    assert mean_squares(SHROUT_FLEISS)["rows"] == pytest.approx(rows)


def test_icc_leaves_incomplete_rows_out_and_keeps_its_input():
    wide = pd.concat([SHROUT_FLEISS, pd.DataFrame([[np.nan, 3, 4, 5]])], ignore_index=True)
    before = wide.copy()
    assert icc(wide)["n"] == 6
    pd.testing.assert_frame_equal(wide, before)


def test_icc_of_ratings_without_spread_is_na():
    assert np.isnan(icc(pd.DataFrame(np.full((4, 3), 80.0)))["value"])


def test_icc_of_one_row_is_refused():
    with pytest.raises(DataError, match="1 complete rows by 4 raters"):
        icc(SHROUT_FLEISS.head(1))


@given(st.lists(st.lists(st.integers(60, 100), min_size=3, max_size=3), min_size=4, max_size=12))
@settings(max_examples=40, deadline=None)
def test_scale_and_origin_do_not_matter_to_icc(table):
    wide = pd.DataFrame(table, dtype=float)
    a, b = icc(wide)["value"], icc(wide * 10 + 7)["value"]
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_krippendorff_published(oracles):
    expected = json.loads((oracles / "reliability_expected.json").read_text())
    for name, places in (("krippendorff_15", 3), ("krippendorff_12", 6)):
        wide = pd.DataFrame(expected[name]["data"], dtype=float).T
        value = expected[name]["expected"]["interval"]
        assert krippendorff_alpha(wide, draws=0)["value"] == pytest.approx(value, abs=0.6 * 10**-places)


def test_krippendorff_interval_holds_its_value_and_follows_the_seed():
    wide = SHROUT_FLEISS
    a = krippendorff_alpha(wide, seed=3)
    assert a["low"] <= a["value"] <= a["high"]
    assert a.equals(krippendorff_alpha(wide, seed=3))


def test_krippendorff_without_any_difference_is_na():
    assert np.isnan(krippendorff_alpha(pd.DataFrame(np.ones((3, 2))), draws=0)["value"])


def test_cronbach_alpha_is_icc3k(oracles):
    # Raw alpha is ICC(3,k), and Feldt's bounds are its F bounds.
    expected = json.loads((oracles / "icc_shrout_fleiss_expected.json").read_text())
    got = cronbach_alpha(SHROUT_FLEISS)
    assert got["value"] == pytest.approx(expected["alpha_raw"])
    assert got["low"] == pytest.approx(expected["results"][5]["lower bound"])
    assert got["high"] == pytest.approx(expected["results"][5]["upper bound"])


def test_omega_finds_the_planted_loadings():
    rng = np.random.default_rng(5)
    loadings = np.array([0.9, 0.7, 0.5, 0.6])
    factor = rng.normal(size=(4000, 1))
    x = pd.DataFrame(factor * loadings + rng.normal(size=(4000, 4)) * np.sqrt(1 - loadings**2))
    truth = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    got = mcdonald_omega(x.head(4000), draws=40)
    assert got["value"] == pytest.approx(truth, abs=0.02)
    assert got["low"] < truth < got["high"]
    assert got["value"] >= cronbach_alpha(x)["value"] - 1e-6


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sentence_is_said_in_both_languages(lang):
    error = DataError("evaluation.too_few_ratings", rows=1, columns=4)
    assert "4" in error.sentence(lang)
