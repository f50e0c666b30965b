"""Exact comparison: the decimal that was meant, and ratios without division."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.measure.ratio import NANO, as_nano, count_reached, exceeds, reaches

DECIMALS = st.decimals(min_value=-100_000_000, max_value=100_000_000, places=6)


@given(st.lists(DECIMALS, min_size=1, max_size=8))
def test_the_decimal_that_was_meant(values):
    read = as_nano(pd.Series([float(v) for v in values]))
    assert read.tolist() == [int(v * NANO) for v in values]


def test_noise_of_sums_does_not_move_a_number():
    assert as_nano(pd.Series([0.1 + 0.2, 0.3, 79.995, 1e12 + 0.25])).tolist() == [
        300_000_000, 300_000_000, 79_995_000_000, (10**12) * NANO + 250_000_000,
    ]  # fmt: skip


def test_na_is_zero_and_the_input_stays():
    values = pd.Series([None, 1.5])
    assert as_nano(values).tolist() == [0, 1_500_000_000]
    assert values.isna().tolist() == [True, False]


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.decimals(min_value=0, max_value=2, places=4))
def test_ratios_compare_as_fractions(over, under, line):
    numbers = np.array([over], dtype=object), np.array([under], dtype=object)
    assert reaches(*numbers, line)[0] == (Decimal(over) >= line * under)
    assert exceeds(*numbers, line)[0] == (Decimal(over) > line * under)


@pytest.mark.parametrize(("over", "expected"), [(599, 0), (600, 1), (799, 1), (800, 2)])
def test_lines_reached(over, expected):
    lines = [Decimal("0.6"), Decimal("0.8")]
    assert count_reached(np.array([over], dtype=object), 1000, lines).tolist() == [expected]
