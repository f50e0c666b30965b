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


@pytest.mark.parametrize("quantity", ["base_rate", "brier", "average_precision"])
def test_weighted_evaluation_is_unbiased_where_the_naive_one_is_not(rounds, quantity):
    gaps = []
    for predicted in rounds:
        table = evaluate_scores(predicted, draws=0).set_index(["quantity", "is_weighted"])["value"]
        full = evaluate_scores(_truth(predicted), draws=0).set_index(["quantity", "is_weighted"])["value"]
        gaps.append([table[quantity, flag] - full[quantity, True] for flag in (True, False)])
    gaps = np.array(gaps)
    mean, se = gaps.mean(axis=0), gaps.std(axis=0, ddof=1) / np.sqrt(len(gaps))
    # A ratio of weighted sums over some 160 audited projects keeps a bias of the order 1/n.
    assert abs(mean[0]) < 3 * se[0] + 0.01
    assert mean[1] > 5 * se[1]
    assert mean[1] > 4 * abs(mean[0])


def test_weighted_lift_is_that_of_all_projects_and_the_naive_one_is_too_small(rounds):
    weighted, naive, full = (
        np.mean([lift_at(f(p), [80], is_weighted=w)["lift"].iloc[0] for p in rounds])
        for f, w in ((lambda p: p, True), (lambda p: p, False), (_truth, True))
    )
    assert weighted == pytest.approx(full, rel=0.1)
    assert naive < 0.75 * full


def test_lift_by_hand():
    predicted = pd.DataFrame(
        {
            "risk": [0.9, 0.8, 0.3, 0.2],
            "is_audited": [True, False, True, True],
            "is_material": [1.0, np.nan, 0.0, 1.0],
            "audit_probability": [1.0, 0.5, 0.5, 0.25],
        }
    )
    table = lift_at(predicted, [1, 2, 4, 9]).set_index("k")
    assert list(table.index) == [1, 2, 4, 4]
    assert table.loc[1, "precision"] == 1
    assert table.loc[1, "recall"] == 1 / (1 + 4)
    assert table.loc[1, "lift"] == pytest.approx(1 / (5 / 7))
    assert table.loc[2, "n_audited"] == 1
    assert table["lift"].iloc[-1] == pytest.approx(1)


def test_the_interval_of_a_lift_is_that_of_its_share():
    """Three of the four riskiest had a finding, four of all eight: a lift of 1.5, as unsure as three in four."""
    predicted = pd.DataFrame(
        {"risk": np.arange(8, 0, -1) / 10, "is_audited": True, "is_material": [1, 1, 1, 0, 1, 0, 0, 0]}
    )
    row = lift_at(predicted, [4], is_weighted=False).iloc[0]
    assert row["lift"] == pytest.approx((3 / 4) / (4 / 8))
    z2 = 1.959964**2  # Wilson's interval of 3 in 4
    half = np.sqrt(z2 * (z2 + 4 * 3 * (1 - 3 / 4)))
    assert row["lift_low"] == pytest.approx((2 * 3 + z2 - half) / (2 * (4 + z2)) / (4 / 8), rel=1e-6)
    assert row["lift_high"] == pytest.approx((2 * 3 + z2 + half) / (2 * (4 + z2)) / (4 / 8), rel=1e-6)


def test_calibration_of_a_true_score():
    world = _world.make_world(seed=9, years=1, n=8000).assign(risk=lambda w: w["chance"])
    table = calibration(world)
    assert (table["predicted"] - table["observed"]).abs().max() < 0.06
    naive = calibration(world, is_weighted=False)
    assert table["n"].sum() == naive["n"].sum() == world["is_audited"].sum()


def test_intervals_follow_the_seed_and_hold_the_value():
    world = _world.make_world(seed=9, years=1, n=500).assign(risk=lambda w: w["chance"])
    a = evaluate_scores(world, seed=3, draws=50)
    assert ((a["low"] <= a["value"]) & (a["value"] <= a["high"])).all()
    pd.testing.assert_frame_equal(a, evaluate_scores(world, seed=3, draws=50))


def test_average_precision_against_a_loop_with_ties():
    predicted = pd.DataFrame(
        {
            "risk": [0.9, 0.5, 0.5, 0.1],
            "is_material": [1.0, 0, 1, 1],
            "is_audited": True,
            "audit_probability": 1.0,
        }
    )
    table = evaluate_scores(predicted, draws=0).set_index(["quantity", "is_weighted"])["value"]
    assert table["average_precision", True] == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3 + 1 / 3 * 3 / 4)


def test_an_audit_without_its_probability_is_refused():
    world = _world.make_world(years=1).assign(risk=0.5)
    world.loc[world["is_audited"].idxmax(), "audit_probability"] = np.nan
    with pytest.raises(DataError, match="1 of"):
        lift_at(world, [10])
