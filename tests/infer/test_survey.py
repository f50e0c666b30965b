import json

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.questionnaire import estimate_mean, estimate_ratio


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


def test_stratified_sample_equals_r_survey(api):
    expected, frames = api
    strat = frames["strat"]
    _agrees(estimate_mean(strat, "api00", stratum="stype"), expected["strat_mean_api00"])
    _agrees(
        estimate_ratio(strat, "api.stu", "enroll", stratum="stype"), expected["strat_ratio_apistu_enroll"]
    )
    assert estimate_mean(strat, "api00", stratum="stype")["df"] == 200 - 3


def test_full_count_has_no_error():
    sample = pd.DataFrame({"y": [1.0, 2.0, 6.0], "inclusion_probability": 1.0})
    got = estimate_mean(sample, "y")
    assert (got["value"], got["low"], got["high"], got["se"]) == (3, 3, 3, 0)


@pytest.mark.parametrize("bad", [np.nan, 0.0, -0.1, 1.2])
def test_a_probability_that_is_none_is_refused(bad):
    sample = pd.DataFrame({"y": [1.0, 2.0], "inclusion_probability": [0.5, bad]})
    with pytest.raises(DataError, match="1 of 2 rows"):
        estimate_mean(sample, "y")


def test_ratio_over_nothing_is_na():
    sample = pd.DataFrame({"y": [1.0, 2.0], "x": 0.0, "inclusion_probability": 0.5})
    assert np.isnan(estimate_ratio(sample, "y", "x")["value"])
