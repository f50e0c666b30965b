import numpy as np
import pandas as pd
import pytest

from perflib.data.rules import load_rules
from perflib.infer import heaping as module
from perflib.infer.heaping import mechanical_bunching, round_marks

N = 961


def bunching(scores, thresholds=(60, 80, 90)):
    return module.bunching(scores, thresholds=thresholds)


def _gamma(rng):
    return 100 - rng.gamma(2, 4, N)


def _beta(rng):
    return 100 * rng.beta(18, 1.6, N)


def _clipped(rng):
    return np.minimum(100, rng.normal(94, 6, N))


SHAPES = {"gamma": _gamma, "beta": _beta, "clipped": _clipped}


def _plant(rng, x, start, threshold=90, n=48):
    """5 % of all scores, moved from just below the threshold to it."""
    movable = rng.permutation(np.flatnonzero((x >= start) & (x < threshold)))[:n]
    assert len(movable) == n
    return np.where(np.isin(np.arange(len(x)), movable), threshold, x)


def _rejects(x):
    return bunching(pd.Series(x), thresholds=[90])["p"].iloc[0] < 0.05


@pytest.mark.parametrize(("shape", "decimals"), [("gamma", 2), ("beta", 0), ("clipped", 1)])
def test_size_is_nominal(shape, decimals):
    # 400 samples: three standard errors of 5 % are 3.3 points.
    rng = np.random.default_rng(11)
    rate = np.mean([_rejects(SHAPES[shape](rng).round(decimals)) for _ in range(400)])
    assert 0.02 <= rate <= 0.083


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("start", "decimals"), [(88, 2), (87, 1), (85, 0)])
def test_power_is_at_least_four_in_five(shape, start, decimals):
    rng = np.random.default_rng(12)
    hits = [_rejects(_plant(rng, SHAPES[shape](rng).round(decimals), start)) for _ in range(100)]
    assert np.mean(hits) >= 0.8


def test_equal_rounding_everywhere_is_not_bunching():
    rng = np.random.default_rng(13)

    def rounded():
        x = _gamma(rng).round(1)
        return np.where(rng.random(N) < 0.4, np.round(x / 5) * 5, x)

    samples = [rounded() for _ in range(150)]
    assert np.mean([_rejects(x) for x in samples]) <= 0.12


def test_excess_counts_what_was_planted_and_its_interval_holds_it():
    """48 scores planted in 60 worlds; a 90 % interval holds them in at least 85 %, two standard errors of chance."""
    rng = np.random.default_rng(14)
    found = pd.concat([bunching(pd.Series(_plant(rng, _gamma(rng), 88)), thresholds=[90]) for _ in range(60)])
    assert found["value"].mean() == pytest.approx(48, abs=8)
    assert ((found["low"] <= 48) & (found["high"] >= 48)).mean() >= 0.85
    assert (found["p"] < 0.05).mean() >= 0.6


@pytest.mark.parametrize("n", [0, 15, 30, 48])
def test_the_interval_says_what_the_test_says(n):
    rng = np.random.default_rng(15)
    for _ in range(15):
        row = bunching(pd.Series(_plant(rng, _gamma(rng).round(1), 88, n=n)), thresholds=[90]).iloc[0]
        assert (row["p"] < 0.05) == (row["low"] > 0)
        assert row["low"] <= row["value"] <= row["high"]


def test_a_score_on_the_threshold_counts_as_above():
    x = pd.Series([89.99] * 30 + [90.0] * 40 + [90.01] * 5 + list(np.linspace(80.5, 97.5, 60)))
    row = bunching(x, thresholds=[90]).iloc[0]
    assert row["n_above"] >= 45
    assert row["n_below"] >= 30


def test_few_scores_at_a_threshold_are_said_not_tested():
    x = pd.Series(_gamma(np.random.default_rng(16)))
    table = bunching(x).set_index("threshold")
    assert table.loc[60, "reason"] == "too_few_scores"
    assert np.isnan(table.loc[60, "p"])
    assert np.isnan(table.loc[60, "p_adjusted"])
    assert table.loc[90, "p_adjusted"] >= table.loc[90, "p"]


def test_nothing_but_missing_or_full_scores_gives_no_test():
    assert bunching(pd.Series([100.0] * 500 + [np.nan]))["reason"].eq("too_few_scores").all()
    assert len(bunching(pd.Series([], dtype=float))) == 3


def test_scores_at_the_ceiling_take_no_part():
    rng = np.random.default_rng(17)
    x = _gamma(rng)
    a, b = bunching(pd.Series(x)), bunching(pd.Series([*x, *[100.0] * 400]))
    pd.testing.assert_frame_equal(a, b)


def test_row_order_does_not_matter():
    rng = np.random.default_rng(18)
    x = pd.Series(_gamma(rng))
    a = bunching(x)
    pd.testing.assert_frame_equal(a, bunching(x.sample(frac=1, random_state=1)))


@pytest.mark.parametrize(("other", "decimals"), [(70, 0), (70.1, 1), (70.05, 2), (69.8 + 0.1 + 0.2, 1)])
def test_neighbours_are_as_many_as_the_scores_have_decimals(other, decimals):
    x = pd.DataFrame({"score": [90.0] * 30 + [89.0] * 10 + [other]})
    table = round_marks(x, rules=load_rules("national-2020")).set_index("score_line")
    assert table.loc[90, "expected_on_mark"] == 10 / (4 * 10**decimals)


def test_heaps_against_arithmetic():
    x = pd.Series([88] * 4 + [89] * 6 + [90] * 30 + [91] * 5 + [92] * 5 + [100] * 10, dtype=float)
    table = round_marks(pd.DataFrame({"score": x}), rules=load_rules("national-2020"))
    table = table.set_index("score_line")
    assert table.loc[90, "expected_on_mark"] == (4 + 6 + 5 + 5) / 4
    assert table.loc[90, "heap_p"] < 1e-6
    assert table.loc[95, "reason"] == "too_few_scores"
    assert table.loc[100, "reason"] == "ceiling"
    assert table.loc[100, "on_mark"] == 10


def test_full_marks_and_low_rates_bunch_mechanically():
    rng = np.random.default_rng(20)
    points = pd.Series(np.where(rng.random(N) < 0.6, 90.0, 90 - rng.gamma(2, 3, N)))
    honest = pd.Series(10 * np.where(rng.random(N) < 0.3, rng.random(N) * 0.05, rng.beta(20, 1, N)))
    row = mechanical_bunching(points, honest, thresholds=[90], draws=200).iloc[0]
    assert row["value"] > 100
    assert row["share"] > 0.9


def test_marks_that_are_tuned_to_the_total_are_not_mechanical():
    rng = np.random.default_rng(21)
    points = pd.Series(90 - rng.gamma(2, 3, N))
    execution = pd.Series(10 * rng.beta(8, 2, N))
    total = points + execution
    tuned = points.where(~total.between(88, 90, inclusive="left"), 90 - execution)
    row = mechanical_bunching(tuned, execution, thresholds=[90], draws=200).iloc[0]
    assert row["share"] < 0.8
