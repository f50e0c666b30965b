"""Peers are near in circumstances, on a scale where twice as large is as far at any size."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.infer.comparison import gap, nearest

DISTRICTS = pd.DataFrame(
    {
        "district": ["a", "b", "c", "d"],
        "population": [100.0, 200.0, 400.0, 3200.0],
        "industry_share": [0.5, 0.5, 0.5, 0.5],
    }
)


def test_nearest_on_a_log_scale():
    table = nearest(DISTRICTS, covariates=["population"], peers=2)
    assert table.loc[table["district"] == "b", "peer"].tolist() == ["a", "c"]
    gaps = table.loc[table["district"] == "b", "distance"].tolist()
    assert gaps[0] == pytest.approx(gaps[1])
    assert gaps[0] == pytest.approx(np.log(2) / np.log(DISTRICTS["population"]).std(ddof=0))


def test_a_covariate_that_is_the_same_everywhere_is_left_out():
    both = nearest(DISTRICTS, covariates=["population", "industry_share"])
    pd.testing.assert_frame_equal(both, nearest(DISTRICTS, covariates=["population"]))
    assert both["covariates_used"].unique().tolist() == [1]


def test_more_peers_than_districts_gives_all_others():
    table = nearest(DISTRICTS, covariates=["population"], peers=10)
    assert table.groupby("district").size().tolist() == [3] * 4
    assert (table["district"] != table["peer"]).all()


def test_a_district_without_covariates_has_no_peers():
    frame = DISTRICTS.assign(population=[100.0, 200.0, 400.0, np.nan])
    table = nearest(frame, covariates=["population"])
    assert "d" not in set(table["district"]) | set(table["peer"])


def test_distances_against_a_plain_loop():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(9, 3)), columns=list("xyz")).assign(district=range(9))
    table = nearest(frame, covariates=list("xyz"), peers=8).set_index(["district", "peer"])["distance"]
    z = (frame[list("xyz")] - frame[list("xyz")].mean()) / frame[list("xyz")].std(ddof=0)
    for i, j in table.index:
        assert table[i, j] == pytest.approx(np.sqrt(((z.loc[i] - z.loc[j]) ** 2).mean()))


def test_unknown_covariate_says_what_there_is():
    with pytest.raises(ArgumentError, match=r"no covariate `gdp`.*population"):
        nearest(DISTRICTS, covariates=["gdp"])


def test_the_gap_to_peers_by_hand():
    rates = pd.DataFrame({"district": ["own", "b", "c", "bare"], "rate": [0.9, 0.5, 0.7, 0.1],
                          "low": [0.8, 0.4, 0.6, np.nan], "high": [0.95, 0.7, 0.8, np.nan]})  # fmt: skip
    row = gap(rates, "own", ["b", "c", "bare"]).iloc[0]
    assert row[["peers", "rate"]].tolist() == [2, pytest.approx((0.5 + 0.7) / 2)]
    assert row["value"] == pytest.approx(0.9 - 0.6)
    assert row["low"] == pytest.approx(0.3 - np.hypot(0.1, np.hypot(0.2, 0.1) / 2))
    assert row["high"] == pytest.approx(0.3 + np.hypot(0.05, np.hypot(0.1, 0.1) / 2))
    assert gap(rates, "own", []).iloc[0][["value", "low", "high"]].isna().all()
