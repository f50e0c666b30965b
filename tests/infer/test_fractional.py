"""Fractional logit by hand and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from perflib.data.errors import DataError
from perflib.infer.fractional import fractional_logit, marginal_effects


def world(rng, districts=30, size=40, slope=0.8):
    n = districts * size
    district = np.repeat(np.arange(districts), size)
    x = rng.normal(size=n)
    kind = rng.choice(["build", "buy"], n)
    mean = 1 / (
        1 + np.exp(-(1 + slope * x + 0.5 * (kind == "buy") + rng.normal(0, 0.2, districts)[district]))
    )
    return pd.DataFrame(
        {"district": district, "x": x, "kind": kind, "rate": rng.beta(4 * mean, 4 * (1 - mean))}
    )


def test_marginal_effects_by_small_steps():
    frame = world(np.random.default_rng(1))
    table = fractional_logit(frame, covariates=["x", "kind"]).set_index("term")
    assert table.index.tolist() == ["x", "kind=buy"]
    slope, bought = table["coefficient"]
    buys = (frame["kind"] == "buy").astype(float)

    def mean_rate(intercept, shift, kind):
        return np.mean(1 / (1 + np.exp(-(intercept + slope * (frame["x"] + shift) + bought * kind))))

    # With a logit link the mean prediction is the mean rate: that gives the intercept.
    intercept = optimize.brentq(lambda c: mean_rate(c, 0, buys) - frame["rate"].mean(), -5, 5)
    step = (mean_rate(intercept, 1e-5, buys) - mean_rate(intercept, -1e-5, buys)) / 2e-5
    assert table.loc["x", "value"] == pytest.approx(step, rel=1e-5)
    contrast = mean_rate(intercept, 0, 1) - mean_rate(intercept, 0, 0)
    assert table.loc["kind=buy", "value"] == pytest.approx(contrast, rel=1e-5)


def test_interval_covers():
    """95 % interval of a marginal effect over 150 worlds of 30 districts, accepted 90-99 % (two s.e.)."""
    rng = np.random.default_rng(2)
    big = fractional_logit(world(rng, districts=400, size=200), covariates=["x", "kind"])
    truth = big.set_index("term").loc["x", "value"]
    rows = [fractional_logit(world(rng, size=20), covariates=["x", "kind"]).iloc[0] for _ in range(150)]
    hits = [(r["low"] <= truth <= r["high"]) for r in rows]
    assert 0.90 <= np.mean(hits) <= 0.99


def test_zeros_and_ones_are_kept_and_more_is_clipped():
    frame = world(np.random.default_rng(3)).assign(rate=lambda t: t["rate"].round(0))
    frame.loc[:4, "rate"] = 1.3
    table = fractional_logit(frame, covariates=["x"])
    assert table["clipped"].tolist() == [5]
    assert table["projects"].tolist() == [len(frame)]


def test_errors_are_those_of_refitting_without_each_district():
    import statsmodels.api as sm

    frame = world(np.random.default_rng(7), districts=9, size=12)
    fits = [
        sm.GLM(part["rate"], sm.add_constant(part[["x"]]), family=sm.families.Binomial()).fit().params["x"]
        for part in (frame[frame["district"] != d] for d in range(9))
    ]
    row = fractional_logit(frame, covariates=["x"]).iloc[0]
    assert row["coefficient_error"] == pytest.approx(
        np.sqrt(8 / 9 * ((fits - np.mean(fits)) ** 2).sum()), rel=0.03
    )


@pytest.mark.parametrize("weight", [None, "budget"])
def test_a_circumstance_of_districts_is_covered_with_a_dozen_of_them(weight):
    """95 % intervals over 200 worlds of 12 districts with effects of their own: 93-97 %, three s.e. of chance at most."""
    rng, hits = np.random.default_rng(4), []
    for _ in range(200):
        x, own = rng.standard_normal(12), 0.5 * rng.standard_normal(12)
        frame = pd.DataFrame(
            {"district": np.repeat(np.arange(12), 40), "x": np.repeat(x, 40), "own": np.repeat(own, 40)}
        )
        mean = 1 / (1 + np.exp(-(1 + 0.4 * frame["x"] + frame["own"])))
        frame["rate"], frame["budget"] = rng.beta(4 * mean, 4 * (1 - mean)), rng.pareto(2, 480) + 1
        row = fractional_logit(frame, covariates=["x"], weight=weight).iloc[0]
        z = stats.t.isf(0.025, 10) * row["coefficient_error"]
        hits.append(abs(row["coefficient"] - 0.4 * 0.95) <= z)  # the mean of logits shrinks a little
    assert 0.91 <= np.mean(hits) <= 0.99


def test_weights_repeat_projects():
    frame = world(np.random.default_rng(4), districts=8, size=10)
    twice = pd.concat([frame, frame[frame["x"] > 0]])
    weighted = fractional_logit(frame.assign(b=1.0 + (frame["x"] > 0)), covariates=["x"], weight="b")
    np.testing.assert_allclose(
        weighted["value"], fractional_logit(twice, covariates=["x"])["value"], rtol=1e-7
    )


def test_the_unit_of_an_amount_does_not_matter():
    rows = world(np.random.default_rng(3))
    rows["amount"] = np.random.default_rng(4).lognormal(22, 1, len(rows))
    covariates = [c for c in ("x", "amount") if c in rows]
    yuan = fractional_logit(rows, covariates=covariates)
    millions = fractional_logit(rows.assign(amount=rows["amount"] / 1e6), covariates=covariates)
    unit = np.where(yuan["term"] == "amount", 1e6, 1.0)
    for name in ("value", "se", "low", "high"):
        np.testing.assert_allclose(millions[name], yuan[name] * unit, rtol=1e-6)
    np.testing.assert_allclose(millions["p_value"], yuan["p_value"], rtol=1e-6)


def test_the_row_order_does_not_matter():
    frame = world(np.random.default_rng(5), districts=6, size=10)
    mixed = frame.sample(frac=1, random_state=1)
    columns = ["value", "low", "high"]
    one, two = (fractional_logit(f, covariates=["x", "kind"])[columns] for f in (frame, mixed))
    np.testing.assert_allclose(one, two, rtol=1e-9)


@pytest.mark.parametrize("change", [{"rate": 0.8}, {"district": 1}, {"x": 1.0}])
def test_nothing_to_explain(change):
    with pytest.raises(DataError, match="three clusters"):
        fractional_logit(world(np.random.default_rng(6)).assign(**change), covariates=["x"])


def test_a_district_s_own_covariates_are_no_more_than_one_for_five():
    rows = world(np.random.default_rng(2), districts=10, size=30).assign(
        adjusted_budget=100.0, executed=lambda t: 100 * t["rate"], project=lambda t: t.index.astype(str)
    )
    own = pd.DataFrame(
        {"district": range(10), "a": range(10), "b": np.arange(10) ** 2, "c": np.arange(10) % 3}
    )
    rows = rows.drop(columns="rate").merge(own, on="district")
    table = marginal_effects(rows, of=["kind", "a", "b", "c", "x", "nowhere"])
    assert table["factor"].tolist() == ["kind", "a", "b", "x"]  # in the order in which they were asked for
    assert table["level"].tolist()[0] == "buy" and table["level"].isna().sum() == 3
    assert marginal_effects(rows, of=["nowhere"]).empty
