"""Dispersion between districts, against laeken's published values and exact identities."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from perflib.infer.dispersion import (
    dispersion_by_year,
    gini,
    percentile_ratio,
    quintile_ratio,
    sigma_convergence,
)


@pytest.fixture
def incomes(oracles):
    return pd.read_csv(oracles / "data_eusilc_eqincome.csv.gz")


@pytest.fixture
def expected(oracles):
    return json.loads((oracles / "laeken_eusilc_expected.json").read_text("utf-8"))


def test_gini_and_quintile_ratio_of_laeken(incomes, expected):
    weight = next(c for c in incomes.columns if c.lower() in ("rb050", "weight", "w"))
    value = next(c for c in incomes.columns if c != weight and incomes[c].dtype.kind in "fi")
    x, w = incomes[value], incomes[weight]
    assert len(incomes) == expected["n"]
    assert 100 * gini(x, w) == pytest.approx(expected["gini"], abs=1e-9)
    assert quintile_ratio(x, w) == pytest.approx(expected["qsr"], abs=1e-9)


values = st.lists(
    st.tuples(st.floats(0.01, 100), st.floats(0.1, 10), st.sampled_from("abc")), min_size=2, max_size=30
)


def test_gini_as_mean_difference():
    x = [0.5, 0.7, 0.8, 0.95]
    pairs = [abs(a - b) for i, a in enumerate(x) for b in x[i + 1 :]]
    assert gini(x) == pytest.approx(np.mean(pairs) / (2 * np.mean(x)))


def test_all_equal_and_too_few():
    assert gini([0.9] * 6) == pytest.approx(0)
    assert np.isnan(quintile_ratio([0.9] * 3))
    assert percentile_ratio(np.arange(1, 12)) == 10 / 2
    assert np.isnan(percentile_ratio([0.0, 0.0]))


def yearly(spreads, districts=12):
    base = np.linspace(-1, 1, districts)
    return pd.concat(
        [pd.DataFrame({"year": 2015 + i, "value": 0.8 + s * base}) for i, s in enumerate(spreads)],
        ignore_index=True,
    )


def test_convergence_is_the_slope_of_log_dispersion():
    by_year = dispersion_by_year(yearly(0.1 * 0.9 ** np.arange(6)))
    slopes = sigma_convergence(by_year).set_index("measure")
    assert slopes.loc["coefficient_of_variation", "value"] == pytest.approx(np.log(0.9), abs=1e-9)
    assert slopes.loc["gini", "high"] < 0


def test_few_years_have_no_trend_and_few_districts_no_interval():
    by_year = dispersion_by_year(yearly([0.1, 0.1, 0.1], districts=2))
    assert by_year["low"].isna().all()
    assert (sigma_convergence(by_year)["reason"] == "too_few_years").all()
