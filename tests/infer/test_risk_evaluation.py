import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.risk import calibration, evaluate_scores, lift_at, predict_later_years

_spec = importlib.util.spec_from_file_location("risk_world", Path(__file__).with_name("test_risk.py"))
_world = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_world)


@pytest.fixture(scope="module")
def rounds():
    """Twenty worlds, each scored on its last year by a model of the years before."""
    kept = []
    for seed in range(20):
        world = _world.make_world(seed=seed, years=3, n=800)
        kept.append(predict_later_years(world, features=_world.FEATURES, first_year=2020, penalty=1.0))
    return kept


def _truth(predicted):
    return predicted.assign(is_audited=True, is_material=predicted["truth"], audit_probability=1.0)


def _measured(predicted, is_weighted=True):
    return evaluate_scores(predicted, is_weighted=is_weighted, draws=0).set_index("quantity")["value"]


@pytest.mark.parametrize("quantity", ["base_rate", "brier", "average_precision"])
def test_weighted_evaluation_is_unbiased_where_the_naive_one_is_not(rounds, quantity):
    gaps = []
    for predicted in rounds:
        full = _measured(_truth(predicted))[quantity]
        gaps.append([_measured(predicted, flag)[quantity] - full for flag in (True, False)])
    gaps = np.array(gaps)
    mean, se = gaps.mean(axis=0), gaps.std(axis=0, ddof=1) / np.sqrt(len(gaps))
    # A ratio of weighted sums over some 160 audited projects keeps a bias of the order 1/n.
    assert abs(mean[0]) < 3 * se[0] + 0.01
    assert mean[1] > 5 * se[1]
    assert mean[1] > 4 * abs(mean[0])


def test_the_interval_of_a_lift_is_that_of_its_share():
    """Three of the four riskiest had a finding, four of all eight: a lift of 1.5, as unsure as three in four."""
    predicted = pd.DataFrame({"risk": np.arange(8, 0, -1) / 10, "is_material": [1, 1, 1, 0, 1, 0, 0, 0]})
    row = lift_at(predicted, [4]).iloc[0]
    assert row[["top_k", "precision", "recall"]].tolist() == [4, 3 / 4, 3 / 4]
    assert row["lift"] == pytest.approx((3 / 4) / (4 / 8))
    z2 = 1.959964**2  # Wilson's interval of 3 in 4
    half = np.sqrt(z2 * (z2 + 4 * 3 * (1 - 3 / 4)))
    assert row["lift_low"] == pytest.approx((2 * 3 + z2 - half) / (2 * (4 + z2)) / (4 / 8), rel=1e-6)
    assert row["lift_high"] == pytest.approx((2 * 3 + z2 + half) / (2 * (4 + z2)) / (4 / 8), rel=1e-6)


def test_calibration_of_a_true_score():
    world = _world.make_world(seed=9, years=1, n=8000)
    table = calibration(world.assign(risk=world["chance"], is_material=world["truth"]), bins=5)
    assert (table["predicted"] - table["observed"]).abs().max() < 0.06
    assert table["audited_projects"].tolist() == [1600] * 5 and table["predicted"].is_monotonic_increasing


def test_intervals_follow_the_seed_and_hold_the_value():
    world = _world.make_world(seed=9, years=1, n=500).assign(risk=lambda w: w["chance"])
    a = evaluate_scores(world, is_weighted=True, seed=3, draws=50)
    assert ((a["low"] <= a["value"]) & (a["value"] <= a["high"])).all()
    pd.testing.assert_frame_equal(a, evaluate_scores(world, is_weighted=True, seed=3, draws=50))


def test_average_precision_against_a_loop_with_ties():
    predicted = pd.DataFrame(
        {
            "risk": [0.9, 0.5, 0.5, 0.1],
            "is_material": [1.0, 0, 1, 1],
            "is_audited": True,
            "audit_probability": 1.0,
        }
    )
    assert _measured(predicted)["average_precision"] == pytest.approx(
        1 / 3 * 1 + 1 / 3 * 2 / 3 + 1 / 3 * 3 / 4
    )


def test_an_audit_without_its_probability_is_refused():
    world = _world.make_world(years=1).assign(risk=0.5)
    world.loc[world["is_audited"].idxmax(), "audit_probability"] = np.nan
    with pytest.raises(DataError, match="1 of"):
        evaluate_scores(world, is_weighted=True)
