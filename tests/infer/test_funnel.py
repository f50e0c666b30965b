"""Count funnels against the published test tables of PHEindicatormethods."""

import numpy as np

from perflib.infer.money_funnel import overdispersion

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


def _theirs(line):
    return line.replace("low", "lower").replace("high", "upper")


def test_no_overdispersion_where_units_differ_by_chance_only():
    z = np.random.default_rng(1).normal(size=400)
    assert overdispersion(z, np.full(400, 50.0), winsorised=0)["tau2"] < 0.003
    assert overdispersion([0.5], [1.0])["tau2"] == 0
