import json

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.infer.conformal import conformal_intervals, conformal_quantile, coverage, size_bands


def test_ranks_are_those_of_the_closed_form(oracles):
    rows = json.loads((oracles / "split_conformal_exact.json").read_text("utf-8"))["rows"]
    for row in rows:
        k = 1 + conformal_quantile(np.arange(row["n"]), row["alpha"], np.ones(row["n"]))
        assert k == (row["k"] if row["k"] <= row["n"] else np.inf)
        assert row["k"] / (row["n"] + 1) == pytest.approx(row["mean_coverage"])


@pytest.mark.parametrize(("n", "is_finite"), [(18, False), (19, True)])
def test_too_few_scores_give_an_infinite_limit(n, is_finite):
    assert np.isfinite(conformal_quantile(np.arange(float(n)), 0.05, np.ones(n))) == is_finite


def test_coverage_is_the_mean_of_the_beta():
    rng = np.random.default_rng(3)
    hits = [rng.normal() <= conformal_quantile(rng.normal(size=19), 0.2, np.ones(19)) for _ in range(6000)]
    # k / (n + 1) = 16 / 20; the standard error of 6000 draws is 0.005
    assert np.mean(hits) == pytest.approx(16 / 20, abs=0.015)


def test_late_scores_count_more():
    scores, weights = np.r_[np.full(50, 10.0), np.full(50, 1.0)], np.r_[np.full(50, 0.05), np.full(50, 1.0)]
    assert conformal_quantile(scores, 0.1, weights) == 1.0
    assert conformal_quantile(scores, 0.1, np.ones(100)) == 10.0


def _past(n, year=2020, kind="a", spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    scale = rng.uniform(50, 150, n)
    end = 100 + scale * spread * rng.normal(size=n)
    return pd.DataFrame({"year": year, "type": kind, "value": 100.0, "outturn": end, "scale": scale})


def _now(kinds, scale=100.0):
    return pd.DataFrame({"type": kinds, "value": 100.0, "scale": scale})


def test_each_type_gets_its_own_width_and_a_small_one_the_width_of_all():
    past = pd.concat(
        [_past(200, kind="a", spread=0.1), _past(200, kind="b", spread=1.0, seed=1), _past(5, kind="c")]
    )
    found = conformal_intervals(
        past, _now(["a", "b", "c"]), levels=[["type"], []], confidence=0.8, year=2021, smallest=20
    )
    width = (found["high"] - found["low"]).tolist()
    assert found["group"].tolist() == ["a", "b", "all"]
    assert found["calibrated_on"].tolist() == [200, 200, 405]
    assert width[0] < width[2] < width[1]


def test_a_group_whose_tail_is_out_of_reach_takes_the_next_wider_one():
    past = pd.concat([_past(25, kind="a"), _past(200, kind="b", seed=1)])
    found = conformal_intervals(
        past, _now(["a"]), levels=[["type"], []], confidence=0.95, year=2021, smallest=20
    )
    # 25 residuals can't hold a tail of 2.5 %: that takes 39
    assert found["group"].tolist() == ["all"]
    assert np.isfinite(found[["low", "high"]]).all(axis=None)


def test_the_year_itself_is_never_used():
    past = pd.concat([_past(100, year=2020, spread=0.1), _past(100, year=2021, spread=9.0)])
    found = conformal_intervals(
        past, _now(["a"]), levels=[["type"], []], confidence=0.8, year=2021, smallest=20
    )
    assert found["calibrated_on"].tolist() == [100]
    assert found["high"][0] < 120


def test_without_a_budget_there_is_no_interval():
    found = conformal_intervals(
        _past(100), _now(["a"], scale=0.0), levels=[[]], confidence=0.8, year=2021, smallest=20
    )
    assert found[["low", "high"]].isna().all(axis=None)


def test_intervals_may_be_lopsided():
    past = _past(400, spread=0.0).assign(outturn=lambda d: d["value"] - d["scale"] * np.linspace(0, 1, 400))
    row = conformal_intervals(past, _now(["a"]), levels=[[]], confidence=0.8, year=2021, smallest=20).iloc[0]
    # residuals are even between -1 and 0: the tails lie near -0.9 and -0.1 budgets
    assert row["low"] == pytest.approx(100 - 90, abs=1)
    assert row["high"] == pytest.approx(100 - 10, abs=1)


def test_coverage_counts_ends_and_leaves_out_what_is_unknown():
    intervals = pd.DataFrame({"low": [0, 0, 0, np.nan], "high": [1, 1, 1, 1.0]})
    table = coverage(intervals, pd.Series([1.0, 2.0, np.nan, 0.5]))
    assert table[["counted", "coverage"]].iloc[0].tolist() == [2, 1 / 2]


def test_sizes_are_thirds_of_their_type():
    bands = size_bands(pd.Series([1, 2, 3, 10, 20, 30]), pd.Series(list("aaabbb")))
    assert bands.tolist() == ["small", "medium", "large"] * 2


def test_confidence_must_be_a_share():
    with pytest.raises(ArgumentError, match="must lie between 0 and 1"):
        conformal_intervals(_past(9), _now(["a"]), levels=[[]], confidence=80, year=2021, smallest=20)


def test_groups_that_are_all_too_small_take_the_coarsest_level():
    past = pd.DataFrame({"year": 2021, "value": 0.0, "outturn": range(30), "scale": 1.0, "kind": "a"})
    now = past.head(1).assign(year=2022)
    found = conformal_intervals(past, now, levels=[["kind"], []], confidence=0.8, year=2022, smallest=99)
    assert found["group"].tolist() == ["all"]
