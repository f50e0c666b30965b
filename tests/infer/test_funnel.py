"""Count funnels against the published test tables of PHEindicatormethods."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.funnel import (
    flag_proportions,
    flag_ratios,
    overdispersed_proportions,
    overdispersion,
    poisson_limits,
    proportion_limits,
)

# The published Poisson tables were solved by iteration to about 1e-7 expected events: one event has
# 0.025317898 there, where -ln(0.975) = 0.025317808 is exact (see the closed form below).
PUBLISHED = {"rtol": 4e-7, "atol": 1e-7}
NAMES = {
    "High (0.001)": "high_3s",
    "High (0.025)": "high_2s",
    "Low (0.001)": "low_3s",
    "Low (0.025)": "low_2s",
    "Not significant": "none",
}


def test_proportion_limits_of_phe(oracles):
    table = pd.read_csv(oracles / "phe_funnel_prop_outputs.csv")
    got = proportion_limits(table["Population"], table["Baseline"].iloc[0] / 100)
    columns = {
        "low_2s": "Lower2s0025limit",
        "high_2s": "Upper2s0025limit",
        "low_3s": "Lower3s0001limit",
        "high_3s": "Upper3s0001limit",
    }
    for ours, theirs in columns.items():
        np.testing.assert_allclose(100 * got[ours], table[theirs], atol=1e-6)


def test_significance_of_phe_proportions(oracles):
    table = pd.read_csv(oracles / "phe_funnel_prop_inputs.csv")
    got = flag_proportions(table["numerator"], table["denominator"])
    assert got["flag"].tolist() == table["significance"].map(NAMES).tolist()


def _theirs(line):
    return line.replace("low", "lower").replace("high", "upper")


def test_poisson_limits_of_phe_ratios(oracles):
    table = pd.read_csv(oracles / "phe_funnel_ratio_outputs.csv")
    got = poisson_limits(table["Observed_events"])
    for line in ("low_2s", "high_2s", "low_3s", "high_3s"):
        np.testing.assert_allclose(got[line], table[f"{_theirs(line)}_exp_events"], **PUBLISHED)


def test_poisson_limits_of_phe_rates(oracles):
    table = pd.read_csv(oracles / "phe_funnel_rate_outputs.csv")
    got = poisson_limits(table["Events"])
    baseline, years = table["baseline"].iloc[0] / 100_000, 3
    for line in ("low_2s", "high_2s", "low_3s", "high_3s"):
        expected = table[f"{_theirs(line)}_population_1_year"] * years * baseline
        np.testing.assert_allclose(got[line], expected, **PUBLISHED)


def test_significance_of_phe_ratios(oracles):
    table = pd.read_csv(oracles / "phe_funnel_ratio_inputs.csv")
    got = flag_ratios(table["obs"], table["expected"])
    assert got["flag"].tolist() == table["significance"].map(NAMES).tolist()


def test_overdispersion_of_phe_proportions(oracles):
    """FunnelPlotR 0.5 on the same data: phi 242.277, tau2 0.001432923."""
    table = pd.read_csv(oracles / "phe_funnel_prop_inputs.csv")
    got = overdispersed_proportions(table["numerator"], table["denominator"])
    assert got["phi"] == pytest.approx(242.277, abs=5e-4)
    assert got["tau2"] == pytest.approx(0.001432923, abs=5e-10)


def test_no_overdispersion_where_units_differ_by_chance_only():
    z = np.random.default_rng(1).normal(size=400)
    assert overdispersion(z, np.full(400, 50.0), winsorised=0)["tau2"] < 0.003
    assert overdispersion([0.5], [1.0])["tau2"] == 0


def test_the_upper_line_of_one_event_in_closed_form():
    assert poisson_limits([1])["high_2s"].iloc[0] == pytest.approx(-np.log(0.975), rel=1e-12)


def test_on_a_line_is_not_outside_it():
    assert flag_proportions([50, 50], [100, 100])["flag"].tolist() == ["none", "none"]
    limit = proportion_limits([100], 0.5)["high_2s"].iloc[0]
    assert flag_proportions([100 * limit], [100], centre=0.5)["flag"].tolist() == ["none"]
