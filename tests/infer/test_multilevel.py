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
    return model.variances.set_index("level")["variance"]


def test_dyestuff():
    model = fit_multilevel(batches(DYESTUFF), department=None)
    found = variance(model)
    assert (found["district"], found["project"]) == pytest.approx((1764.05, 2451.25), abs=0.01)
    assert model.coefficients["value"].iloc[0] == pytest.approx(1527.5)
    assert model.reason is None


def test_a_variance_of_zero_is_zero_and_said():
    model = fit_multilevel(batches(DYESTUFF2), department=None)
    found = variance(model)
    assert found["district"] == 0
    assert found["project"] == pytest.approx(13.806, abs=5e-4)
    assert model.coefficients["se"].iloc[0] == pytest.approx(0.678388, abs=1e-6)
    assert model.reason == "district_variance_zero"
    assert model.effects["value"].tolist() == [0] * 6


def world(rng, *, districts=12, departments=4, projects=5, slope=0.0, size=0.08):
    n = districts * departments * projects
    district = np.repeat(np.arange(districts), departments * projects)
    department = np.repeat(np.arange(districts * departments), projects)
    wealth = rng.normal(size=districts)[district]
    noise = rng.normal(0, size, districts)[district] + rng.normal(0, 0.1, districts * departments)[department]
    rate = 0.8 + slope * wealth + noise + rng.normal(0, 0.2, n)
    return pd.DataFrame({"district": district, "department": department, "wealth": wealth, "rate": rate})


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
def test_mixedlm_is_the_twin():
    import statsmodels.formula.api as smf

    frame = world(np.random.default_rng(1), districts=15).assign(size=lambda t: np.cos(np.arange(len(t))))
    model = fit_multilevel(frame, covariates=["wealth", "size"])
    twin = smf.mixedlm(
        "rate ~ wealth + size",
        frame,
        groups="district",
        re_formula="1",
        vc_formula={"d": "0 + C(department)"},
    ).fit(reml=True)
    found = variance(model)
    assert found["project"] == pytest.approx(twin.scale, rel=1e-3)
    assert found["department"] == pytest.approx(twin.vcomp[0], rel=0.01)
    assert found["district"] == pytest.approx(float(twin.cov_re.iloc[0, 0]), rel=0.02)
    np.testing.assert_allclose(model.coefficients["value"], twin.fe_params, atol=2e-4)
    np.testing.assert_allclose(model.coefficients["se"], twin.bse_fe, rtol=0.01)


@pytest.mark.parametrize("districts", [12, 21])
def test_interval_of_a_district_covariate_covers(districts):
    """93-97 % over 300 worlds (chance moves it by 1.3 points); the normal interval falls short."""
    rng = np.random.default_rng(districts)
    rows = []
    for _ in range(300):
        frame = world(rng, districts=districts, slope=0.05, departments=3, projects=3, size=0.1)
        rows.append(fit_multilevel(frame, covariates=["wealth"]).coefficients.iloc[1])
    table = pd.DataFrame(rows)
    covered = (table["low"] <= 0.05) & (table["high"] >= 0.05)
    assert 0.93 <= covered.mean() <= 0.97
    assert (table["freedom"] == districts - 2).all()
    normal = (table["value"] - 0.05).abs() <= 1.96 * table["se"]
    assert normal.mean() < covered.mean()


def test_weights_are_repeated_projects_of_smaller_error():
    """A project of weight 2 counts as the mean of two: the same estimates as by hand on a balanced table."""
    frame = world(np.random.default_rng(2))
    heavy = frame.assign(budget=7.0)
    plain, weighted = fit_multilevel(frame), fit_multilevel(heavy, weight="budget")
    np.testing.assert_allclose(variance(plain), variance(weighted), rtol=1e-9)


def test_effects_are_shrunken_and_in_the_order_of_the_means():
    frame = world(np.random.default_rng(3), size=0.3)
    effects = fit_multilevel(frame).effects.set_index("district")["value"]
    means = frame.groupby("district")["rate"].mean()
    off = means - means.mean()
    assert (effects.abs() <= off.abs() + 1e-9).all()
    assert effects.corr(off) > 0.999


def test_shares_add_up_and_row_order_does_not_matter():
    frame = world(np.random.default_rng(4))
    one, two = fit_multilevel(frame), fit_multilevel(frame.sample(frac=1, random_state=1))
    assert one.variances["share"].sum() == pytest.approx(1)
    pd.testing.assert_frame_equal(one.coefficients, two.coefficients, check_exact=True)


def test_real_districts(madrid_programmes):
    """Madrid 2022: the district is a small part of the difference between programmes."""
    rows = madrid_programmes[madrid_programmes["year"] == 2022]
    model = fit_multilevel(rows, department=None)
    assert model.variances.set_index("level").loc["district", "share"] < 0.1


@pytest.mark.parametrize("change", [{"district": 1}, {"rate": 0.9}])
def test_nothing_to_split(change):
    frame = world(np.random.default_rng(5)).assign(**change)
    with pytest.raises(DataError, match="three districts at least"):
        fit_multilevel(frame)
