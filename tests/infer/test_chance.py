import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.infer.conformal import chance_below


def past(residuals, *, year=2022, kind="a"):
    frame = pd.DataFrame({"year": year, "value": 0.0, "outturn": residuals, "scale": 1.0})
    return frame.assign(kind=kind)


def now(**columns):
    return pd.DataFrame({"value": [0.5], "scale": [1.0], "kind": ["a"], **columns})


def test_chance_is_the_share_of_residuals_below_the_line_with_the_new_one_half():
    known = past([-0.3, -0.1, 0.0, 0.2])
    found = chance_below(known, now(), line=pd.Series([0.45]), levels=[[]], year=2023)
    assert found.iloc[0] == pytest.approx((2 + 0.5) / (4 + 1))  # needed is -0.05: two lie below


def test_older_years_count_less():
    known = pd.concat([past([-1.0], year=2021), past([1.0], year=2022)])
    found = chance_below(known, now(), line=pd.Series([0.5]), levels=[[]], year=2023)
    assert found.iloc[0] == pytest.approx((0.7 + 0.5) / (0.7 + 1 + 1))


def test_small_groups_take_the_next_level():
    known = pd.concat([past([1.0] * 19), past([-1.0] * 30, kind="b")])
    found = chance_below(known, now(), line=pd.Series([0.5]), levels=[["kind"], []], year=2023)
    assert found.iloc[0] == pytest.approx((30 + 0.5) / (49 + 1))


def test_the_year_itself_and_later_ones_are_not_looked_at():
    known = pd.concat([past([1.0]), past([-9.0] * 50, year=2023)])
    found = chance_below(known, now(), line=pd.Series([0.5]), levels=[[]], year=2023)
    assert found.iloc[0] == pytest.approx(0.5 / 2)


def test_no_budget_and_no_past_give_no_chance():
    line = pd.Series([0.5])
    assert np.isnan(chance_below(past([1.0]), now(scale=[0.0]), line=line, levels=[[]], year=2023).iloc[0])
    assert np.isnan(chance_below(past([]), now(), line=line, levels=[[]], year=2023).iloc[0])


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30), st.floats(-2, 2), st.floats(0, 1))
def test_a_higher_line_has_no_lower_chance(residuals, line, more):
    known = past(residuals)
    low, high = (
        chance_below(known, now(), line=pd.Series([v]), levels=[[]], year=2023).iloc[0]
        for v in (line, line + more)
    )
    assert 0 < low <= high < 1
