import numpy as np
import pandas as pd
import pytest

from perflib.infer.inflation import (
    checks_needed,
    estimate_inflation,
    naive_inflation,
    predict_rescores,
)
from perflib.infer.sampling import plan_sample

N, TRUTH = 961, 3.67


def _world(seed=3):
    """961 projects whose inflation grows with risk; its mean is 3.67 exactly."""
    rng = np.random.default_rng(seed)
    risk = rng.lognormal(0, 0.75, N)
    d = 1.6 * risk + rng.normal(0, 3, N)
    d += TRUTH - d.mean()
    own = np.clip(rng.normal(94, 3, N), 70, 100)
    return pd.DataFrame(
        {"project": [f"p{i:03d}" for i in range(N)], "risk": risk, "self_score": own, "true": own - d}
    )


def _by_risk(world, n, rng):
    """A systematic sample with probability proportional to risk alone: every project positive, no random part."""
    p = np.minimum(1, n * world["risk"] / world["risk"].sum()).to_numpy()
    order = rng.permutation(N)
    edges = np.cumsum(p[order])
    points = rng.random() + np.arange(round(p.sum()))
    hit = order[np.minimum(np.searchsorted(edges, np.minimum(points, edges[-1] - 1e-9), side="right"), N - 1)]
    drawn = np.zeros(N, dtype=bool)
    drawn[hit] = True
    return world.assign(inclusion_probability=p, check_score=world["true"].where(drawn))


def _repeat(n, times, seed=5):
    rng, world = np.random.default_rng(seed), _world()
    samples = [_by_risk(world, n, rng) for _ in range(times)]
    return pd.DataFrame([estimate_inflation(s) for s in samples]), pd.DataFrame(
        [naive_inflation(s) for s in samples]
    )


def _coverage(found):
    return ((found["low"] <= TRUTH) & (found["high"] >= TRUTH)).mean()


@pytest.mark.parametrize(("n", "width"), [(10, 11.4), (20, 5.7), (40, 3.3), (80, 2.1)])
def test_weighted_interval_covers_and_naive_mean_does_not(n, width):
    weighted, naive = _repeat(n, 300)
    # 300 samples: three standard errors of 95 % are 3.8 points. Plain t reaches about 90 % at n = 10.
    assert _coverage(weighted) >= 0.95 - 0.038
    assert (weighted["high"] - weighted["low"]).mean() == pytest.approx(width, rel=0.1)
    assert weighted["value"].mean() == pytest.approx(TRUTH, abs=0.2)
    assert naive["value"].mean() > TRUTH + 1.2
    if n >= 40:
        assert _coverage(naive) < 0.5


@pytest.mark.parametrize("n", [10, 20, 40])
def test_skewed_differences_with_many_exact_agreements_are_covered(n):
    """45 % zeros and a gamma tail, checked with equal chances; 93-97 % of 400 samples, 90 % with ten checks."""
    rng, hits = np.random.default_rng(n), []
    for _ in range(400):
        d = np.where(rng.random(n) < 0.45, 0.0, rng.gamma(1.0, 6.0, n))
        got = estimate_inflation(
            pd.DataFrame({"self_score": 90.0, "check_score": 90 - d, "inclusion_probability": 1e-6})
        )
        hits.append(got["low"] <= 0.55 * 6 <= got["high"])
    assert (0.90 if n == 10 else 0.93) <= np.mean(hits) <= 0.98


def test_by_hand():
    frame = pd.DataFrame(
        {
            "self_score": [95.0, 92, 90, 88],
            "check_score": [90.0, 80, 89, np.nan],
            "inclusion_probability": [0.5, 1, 0.25, 0.5],
        }
    )
    got = estimate_inflation(frame)
    assert got["value"] == pytest.approx((5 / 0.5 + 12 / 1 + 1 / 0.25) / (2 + 1 + 4))
    assert got["n"] == 3


def test_full_count_has_no_error():
    world = _world().assign(inclusion_probability=1.0, check_score=lambda f: f["true"])
    got = estimate_inflation(world.head(200))
    assert got["low"] == got["high"] == got["value"]


def test_picked_by_hand_gives_no_figure_for_the_district():
    frame = pd.DataFrame(
        {"self_score": [95.0, 92, 90], "check_score": [90.0, 80, 89], "inclusion_probability": np.nan}
    )
    got = estimate_inflation(frame)
    assert got["reason"] == "no_inclusion_probability"
    assert np.isnan(got["value"])
    assert predict_rescores(frame.assign(check_score=[90.0, 80, np.nan]))["value"].isna().all()
    assert naive_inflation(frame)["value"] == (5 + 12 + 1) / 3


def test_two_checks_are_too_few():
    frame = pd.DataFrame({"self_score": [95.0, 92], "check_score": [90.0, 80], "inclusion_probability": 0.1})
    assert estimate_inflation(frame)["reason"] == "too_few_checks"


@pytest.mark.parametrize(("checks", "is_finite"), [(18, False), (19, True)])
def test_nineteen_checks_are_needed_for_95_per_cent(checks, is_finite):
    assert checks_needed(0.95) == 19
    rng = np.random.default_rng(1)
    own = rng.normal(90, 2, 60)
    check = np.where(np.arange(60) < checks, own - rng.normal(3, 1, 60), np.nan)
    table = predict_rescores(
        pd.DataFrame({"self_score": own, "check_score": check, "inclusion_probability": 0.3})
    )
    unchecked = table[~table["is_checked"]]
    assert unchecked["value"].notna().all()
    assert unchecked["low"].notna().all() == is_finite
    assert unchecked["reason"].isna().all() == is_finite


def test_equal_weights_are_full_conformal_by_brute_force():
    rng = np.random.default_rng(2)
    d = rng.normal(3, 2, 25)
    frame = pd.DataFrame(
        {
            "self_score": [50.0] * 26,
            "check_score": [*(50 - d), np.nan],
            "inclusion_probability": 0.4,
        }
    )
    row = predict_rescores(frame, confidence=0.9).iloc[-1]
    grid = np.arange(-10, 15, 0.005)
    kept = []
    for new in grid:
        everyone = np.append(d, new)
        strange = np.abs(everyone - everyone.mean())
        if (strange >= strange[-1] - 1e-12).mean() > 0.1:
            kept.append(new)
    assert 50 - row["high"] == pytest.approx(min(kept), abs=0.01)
    assert 50 - row["low"] == pytest.approx(max(kept), abs=0.01)


def test_predicted_rescores_cover_the_unchecked_of_a_planned_sample():
    world = _world()
    hits = []
    for seed in range(40):
        plan = plan_sample(world.rename(columns={"risk": "adjusted_budget"}), 30, seed=seed)
        frame = plan.assign(check_score=plan["true"].where(plan["is_drawn"]))
        table = predict_rescores(frame)
        rest = table[~table["is_checked"]]
        hits.append(((rest["low"] <= rest["true"]) & (rest["true"] <= rest["high"])).mean())
    assert np.mean(hits) >= 0.94


def test_bounds_stay_on_the_scale_and_input_is_unchanged():
    rng, world = np.random.default_rng(4), _world()
    sample = _by_risk(world, 40, rng)
    before = sample.copy()
    table = predict_rescores(sample)
    assert table[["value", "low", "high"]].max().max() <= 100
    assert len(table) == N
    pd.testing.assert_frame_equal(sample, before)
