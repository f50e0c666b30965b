"""Control charts: limits from the years before alone, with their trend and their memory."""

import numpy as np
import pytest

from benchmarks.honesty import remembering
from perflib.infer.readings import FEWEST_BEFORE, control_chart

USUAL = np.resize([5.0, 7.0, 6.0, 4.0, 6.0, 5.0], 48)


def test_centre_and_limits_come_from_the_years_before():
    calm = control_chart([*USUAL, 5, 6, 5], baseline=48)
    moved = control_chart([*USUAL, 25, 26, 25], baseline=48)
    for column in ("centre", "low", "high"):
        np.testing.assert_allclose(calm[column], moved[column])
    # The line through the readings and the spread around it, by hand.
    slope, start = np.polyfit(np.arange(48), USUAL, 1)
    np.testing.assert_allclose(calm["centre"], start + slope * np.arange(51))


def test_a_shift_stands_out_and_the_months_before_it_do_not():
    chart = control_chart([*USUAL, *(USUAL[:6] + 7)], baseline=48)
    assert chart["is_outside"].tolist() == [False] * 48 + [True] * 6
    assert chart["is_shift"].tolist() == [False] * 50 + [True] * 4  # a mean takes three readings


def test_a_trend_that_goes_on_is_no_signal():
    rising = USUAL + 0.3 * np.arange(48)
    ahead = USUAL[:12] + 0.3 * np.arange(48, 60)
    chart = control_chart([*rising, *ahead], baseline=48)
    assert not chart[["is_outside", "is_shift"]].any(axis=None)


@pytest.mark.parametrize(("before", "reason"), [(FEWEST_BEFORE - 1, "too_short"), (FEWEST_BEFORE, None)])
def test_with_few_readings_before_the_year_nothing_is_judged(before, reason):
    chart = control_chart([*USUAL[:before], 90.0], baseline=before)
    assert chart["reason"].iloc[0] == reason
    assert chart["is_outside"].iloc[-1] == (reason is None)
    assert chart["low"].isna().all() == (reason is not None)


def test_readings_that_never_differed_are_not_judged():
    chart = control_chart([3.0] * 30 + [4.0], baseline=30)
    assert (chart["reason"] == "no_spread").all() and not chart["is_outside"].any()


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_a_year_without_change_seldom_signals(memory):
    """100 series, 24 readings and a year: 5 % aimed at, so 11 or more of 100 come about once in a hundred times."""
    rng = np.random.default_rng(5)
    charts = [control_chart(remembering(rng, 36, memory), baseline=24) for _ in range(100)]
    assert sum(c[["is_outside", "is_shift"]].any(axis=None) for c in charts) <= 10


def test_only_the_years_readings_are_watched():
    odd = USUAL.copy()
    odd[10] = 30
    chart = control_chart([*odd, 5.0], baseline=48)
    assert not chart["is_outside"].any() and chart["is_watched"].sum() == 1
