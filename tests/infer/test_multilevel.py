"""The multilevel model against published fits, against MixedLM, and by simulation."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.multilevel import fit_multilevel

# Davies & Goldsmith (1972), as lme4 prints them: yield of dyestuff from 6 batches of 5 samples.
DYESTUFF = """1545 1440 1440 1520 1580 1540 1555 1490 1560 1495 1595 1550 1605 1510 1560
1445 1440 1595 1465 1545 1595 1630 1515 1635 1625 1520 1455 1450 1480 1445"""
# Box & Tiao (1973): made so that batches don't differ.
DYESTUFF2 = """7.298 3.846 2.434 9.566 7.990 5.220 6.556 0.608 11.788 -0.892 0.110 10.386 13.434 5.510 8.166
2.212 4.852 7.092 9.288 4.980 0.282 9.014 4.458 9.446 7.198 1.722 4.782 8.106 0.758 3.758"""


def batches(text):
    return pd.DataFrame(
        {"district": np.repeat(list("ABCDEF"), 5), "rate": np.array(text.split(), dtype=float)}
    )


def variance(model):
    return model.set_index("level")["variance"]


def test_dyestuff():
    model = fit_multilevel(batches(DYESTUFF), department=None)
    found = variance(model)
    assert (found["district"], found["project"]) == pytest.approx((1764.05, 2451.25), abs=0.01)


def test_a_variance_of_zero_is_zero_and_said():
    model = fit_multilevel(batches(DYESTUFF2), department=None)
    found = variance(model)
    assert found["district"] == 0
    assert found["project"] == pytest.approx(13.806, abs=5e-4)


def world(rng, *, districts=12, departments=4, projects=5, size=0.08):
    n = districts * departments * projects
    district = np.repeat(np.arange(districts), departments * projects)
    department = np.repeat(np.arange(districts * departments), projects)
    noise = rng.normal(0, size, districts)[district] + rng.normal(0, 0.1, districts * departments)[department]
    rate = 0.8 + noise + rng.normal(0, 0.2, n)
    return pd.DataFrame({"district": district, "department": department, "rate": rate})


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
def test_mixedlm_is_the_twin():
    import statsmodels.formula.api as smf

    frame = world(np.random.default_rng(1), districts=15)
    model = fit_multilevel(frame)
    twin = smf.mixedlm(
        "rate ~ 1",
        frame,
        groups="district",
        re_formula="1",
        vc_formula={"d": "0 + C(department)"},
    ).fit(reml=True)
    found = variance(model)
    assert found["project"] == pytest.approx(twin.scale, rel=1e-3)
    assert found["department"] == pytest.approx(twin.vcomp[0], rel=0.01)
    assert found["district"] == pytest.approx(float(twin.cov_re.iloc[0, 0]), rel=0.02)


def test_weights_are_repeated_projects_of_smaller_error():
    """A project of weight 2 counts as the mean of two: the same estimates as by hand on a balanced table."""
    frame = world(np.random.default_rng(2))
    heavy = frame.assign(budget=7.0)
    plain, weighted = fit_multilevel(frame), fit_multilevel(heavy, weight="budget")
    np.testing.assert_allclose(variance(plain), variance(weighted), rtol=1e-9)


def test_shares_add_up_and_row_order_does_not_matter():
    frame = world(np.random.default_rng(4))
    one, two = fit_multilevel(frame), fit_multilevel(frame.sample(frac=1, random_state=1))
    assert one["share"].sum() == pytest.approx(1)
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_real_districts(madrid_programmes):
    """Madrid 2022: the district is a small part of the difference between programmes."""
    rows = madrid_programmes[madrid_programmes["year"] == 2022]
    model = fit_multilevel(rows, department=None)
    assert model.set_index("level").loc["district", "share"] < 0.1


@pytest.mark.parametrize("change", [{"district": 1}, {"rate": 0.9}])
def test_nothing_to_split(change):
    frame = world(np.random.default_rng(5)).assign(**change)
    with pytest.raises(DataError, match="three districts at least"):
        fit_multilevel(frame)
