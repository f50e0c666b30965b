import json

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.sampling import plan_sample
from perflib.infer.survey import estimate_mean, estimate_ratio, estimate_total


@pytest.fixture(scope="module")
def api(oracles):
    expected = json.loads((oracles / "survey_api_expected.json").read_text())
    frames = {k: pd.read_csv(oracles / f"data_api{k}.csv") for k in ("srs", "strat")}
    return expected, {k: f.assign(inclusion_probability=1 / f["pw"]) for k, f in frames.items()}


def _agrees(got, want):
    assert got["value"] == pytest.approx(want["est"], rel=1e-9)
    assert got["se"] == pytest.approx(want["se"], rel=1e-7)


def test_simple_sample_equals_r_survey(api):
    expected, frames = api
    _agrees(estimate_mean(frames["srs"], "api00"), expected["srs_mean_api00"])
    _agrees(estimate_total(frames["srs"], "enroll"), expected["srs_total_enroll"])


def test_stratified_sample_equals_r_survey(api):
    expected, frames = api
    strat = frames["strat"]
    _agrees(estimate_mean(strat, "api00", stratum="stype"), expected["strat_mean_api00"])
    _agrees(estimate_total(strat, "enroll", stratum="stype"), expected["strat_total_enroll"])
    _agrees(
        estimate_ratio(strat, "api.stu", "enroll", stratum="stype"), expected["strat_ratio_apistu_enroll"]
    )
    assert estimate_mean(strat, "api00", stratum="stype")["df"] == 200 - 3


def test_full_count_has_no_error():
    sample = pd.DataFrame({"y": [1.0, 2.0, 6.0], "inclusion_probability": 1.0})
    got = estimate_mean(sample, "y")
    assert (got["value"], got["low"], got["high"], got["se"]) == (3, 3, 3, 0)


def test_by_hand_with_unequal_probabilities():
    sample = pd.DataFrame({"y": [10.0, 30.0], "inclusion_probability": [0.2, 0.5]})
    got = estimate_total(sample, "y")
    z, c = np.array([50.0, 60.0]), np.array([0.8, 0.5]) * 2
    assert got["value"] == 110
    assert got["se"] ** 2 == pytest.approx((c * (z - (c * z).sum() / c.sum()) ** 2).sum())


def test_one_unit_shows_no_spread():
    got = estimate_total(pd.DataFrame({"y": [10.0], "inclusion_probability": [0.2]}), "y")
    assert got["value"] == 50
    assert np.isnan(got["low"])


@pytest.mark.parametrize("bad", [np.nan, 0.0, -0.1, 1.2])
def test_a_probability_that_is_none_is_refused(bad):
    sample = pd.DataFrame({"y": [1.0, 2.0], "inclusion_probability": [0.5, bad]})
    with pytest.raises(DataError, match="1 of 2 rows"):
        estimate_mean(sample, "y")


def test_ratio_over_nothing_is_na():
    sample = pd.DataFrame({"y": [1.0, 2.0], "x": 0.0, "inclusion_probability": 0.5})
    assert np.isnan(estimate_ratio(sample, "y", "x")["value"])


def test_planned_samples_estimate_the_total_without_bias_and_cover_it():
    rng = np.random.default_rng(3)
    amount = rng.lognormal(12, 1, 120)
    projects = pd.DataFrame(
        {
            "project": [f"p{i:03d}" for i in range(120)],
            "adjusted_budget": amount,
            "y": amount * rng.uniform(0.05, 0.15, 120),
        }
    )
    got = []
    for s in range(150):
        plan = plan_sample(projects, 30, seed=s)
        got.append(estimate_total(plan[plan["is_drawn"]], "y"))
    values = np.array([g["value"] for g in got])
    truth = projects["y"].sum()
    assert values.mean() == pytest.approx(truth, abs=4 * values.std() / np.sqrt(150))
    covered = np.mean([g["low"] <= truth <= g["high"] for g in got])
    assert covered >= 0.90
