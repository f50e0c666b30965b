"""Indicators read every month: which are charted and cut, and what of them is told."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.readings import control_points, level_changes, monthly_readings


def indicators(years, actual):
    ids = {"subject_kind": "policy", "subject": "p", "indicator": "i", "name": "n", "unit": "u"}
    months = {"year": np.repeat(years, 12), "month": [*range(1, 13)] * len(years)}
    return pd.DataFrame({**months, **ids, "actual": actual})


def test_a_series_that_adds_up_or_has_a_gap_is_not_cut():
    assert monthly_readings(indicators([2020, 2021, 2022], np.tile(np.arange(12.0), 3))).empty
    assert monthly_readings(indicators([2020, 2021, 2022], np.resize([1.0, 0.9], 36)).drop(index=5)).empty


def test_a_change_is_told_by_its_month():
    flat = np.resize([1.0, 0.9, 1.1], 36) + np.repeat([0, 5], 18)
    found = level_changes(monthly_readings(indicators([2020, 2021, 2022], flat)))
    assert found["change_month"].tolist() == ["2021-07"]
    assert found["level_change"].iloc[0] == pytest.approx(5, abs=0.1)


def test_a_series_that_adds_up_is_charted_by_its_increments():
    rows = indicators([2022, 2023], np.tile(10.0 * np.arange(1, 13), 2))
    points = control_points(rows, year=2023, month=6)
    assert len(points) == 12 + 6
    assert (points["value"] == 10).all() and points["adds_up"].all()
    assert (points["reason"] == "too_short").all() and not points["is_signal"].any()


def test_the_year_is_held_against_the_years_before():
    usual = np.resize([5.0, 7.0, 6.0, 4.0], 36)
    points = control_points(
        indicators([2020, 2021, 2022, 2023], [*usual, *(usual[:12] + 9)]), year=2023, month=4
    )
    assert points["is_worse"].all()  # nobody says which side is good
    assert len(points) == 24  # the last two years of readings are shown
    assert points.loc[points["is_recent"], "is_signal"].tolist() == [True] * 4
    assert not points.loc[~points["is_recent"], "is_signal"].any()


@pytest.mark.parametrize(("direction", "worse"), [("at_most", True), ("at_least", False)])
def test_a_rise_is_worse_where_less_is_wanted(direction, worse):
    usual = np.resize([5.0, 7.0, 6.0, 4.0], 36)
    rows = indicators([2020, 2021, 2022, 2023], [*usual, *(usual[:12] + 9)]).assign(direction=direction)
    assert set(control_points(rows, year=2023, month=4).query("is_recent")["is_worse"]) == {worse}
