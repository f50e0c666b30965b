import numpy as np
import pandas as pd
import pytest

from perflib.infer.outlook import is_failing, outlook, propose_action


@pytest.mark.parametrize(("outturn", "fails"), [(79.99, True), (80.0, False), (80.01, False)])
def test_failing_is_below_four_fifths_exactly(outturn, fails):
    assert is_failing(pd.Series([outturn]), pd.Series([100.0])).tolist() == [fails]


def test_the_line_is_not_moved_by_binary_fractions():
    # 0.8 × 0.35 is 0.27999999999999997 as a double
    assert is_failing(pd.Series([0.28]), pd.Series([0.35])).tolist() == [False]


def test_without_budget_or_outturn_nothing_fails():
    assert is_failing(pd.Series([0.0, np.nan]), pd.Series([0.0, 5.0])).isna().all()


@pytest.mark.parametrize(
    ("p", "word"), [(0.9, "certain"), (0.899, "possible"), (0.1, "possible"), (0.0999, "impossible")]
)
def test_outlook_bands(p, word):
    assert outlook(pd.Series([p])).tolist() == [word]


def test_outlook_of_nothing_is_na():
    assert outlook(pd.Series([np.nan])).isna().all()


def test_proposals():
    units = pd.DataFrame(
        {
            "adjusted_budget": [100.0] * 5,
            "executed": [50.0, 0.0, 20.0, 40.0, 0.0],
            "committed": [50.0, 0.0, 30.0, 60.0, 0.0],
            "value": [95.0, 2.0, 45.0, 70.0, 0.0],
            "p_failing": [0.1, 0.9, 0.9, 0.9, np.nan],
        }
    )
    assert propose_action(units).tolist() == ["continue", "stop", "reallocate", "cut", "continue"]
