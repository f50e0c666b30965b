import numpy as np
import pytest

from perflib.infer.boosting import _weighted_medians, fit_boosted, predict_boosted


def _naive_median(value, weight):
    order = np.argsort(value)
    running = 0.0
    for i in order:
        running += weight[i]
        if running >= sum(weight) / 2:
            return value[i]
    return 0.0


def test_weighted_medians_are_those_of_a_plain_loop():
    rng = np.random.default_rng(0)
    value, weight, group = rng.normal(size=200), rng.uniform(0.1, 5, 200), rng.integers(0, 7, 200)
    fast = _weighted_medians(value, weight, group, 8)
    slow = [_naive_median(value[group == g], weight[group == g]) for g in range(8)]
    assert fast == pytest.approx(slow)


def test_median_of_steps_is_found():
    rng = np.random.default_rng(1)
    x = rng.uniform(size=(2000, 3))
    y = np.where(x[:, 0] > 0.5, 2.0, 0.0) + np.where(x[:, 1] > 0.25, 1.0, 0.0)
    y[::10] += 100  # a tenth of wild values moves a mean, not a median
    model = fit_boosted(x, y, np.ones(2000), loss="median", seed=0, share=1.0, rounds=120, smallest=20)
    got = predict_boosted(model, np.array([[0.9, 0.9, 0.5], [0.1, 0.9, 0.5], [0.1, 0.1, 0.5]]))
    assert got == pytest.approx([3.0, 1.0, 0.0], abs=0.1)


def test_probabilities_are_those_of_the_groups():
    rng = np.random.default_rng(2)
    x = rng.uniform(size=(4000, 2))
    p = np.where(x[:, 0] > 0.5, 0.8, 0.1)
    y = (rng.uniform(size=4000) < p).astype(float)
    model = fit_boosted(x, y, np.ones(4000), loss="logistic", seed=0, share=1.0, rounds=60, depth=2)
    got = predict_boosted(model, np.array([[0.9, 0.5], [0.1, 0.5]]))
    # 2000 draws a side: standard error below 0.01, the rest is what trees of noise add
    assert got == pytest.approx([0.8, 0.1], abs=0.06)


def test_same_seed_same_model_and_seed_matters():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(300, 4)), rng.normal(size=300)
    fits = [
        predict_boosted(fit_boosted(x, y, np.ones(300), loss="median", seed=s, rounds=20), x)
        for s in (5, 5, 6)
    ]
    assert np.array_equal(fits[0], fits[1])
    assert not np.array_equal(fits[0], fits[2])


def test_a_constant_target_and_constant_features_do_no_harm():
    x, y = np.zeros((100, 2)), np.full(100, 0.7)
    model = fit_boosted(x, y, np.ones(100), loss="median", seed=0, rounds=5)
    assert predict_boosted(model, x[:3]) == pytest.approx([0.7] * 3)
