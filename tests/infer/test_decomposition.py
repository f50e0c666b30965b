"""Mix and rate: Das Gupta's published examples, the identities, and the resampling."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.errors import DataError
from perflib.infer.decomposition import (
    category_contributions,
    decompose_rates,
    kitagawa,
)


@pytest.fixture
def das_gupta(oracles):
    return json.loads((oracles / "dasgupta_decomposition.json").read_text("utf-8"))


def test_mix_and_rate_of_household_headship(das_gupta):
    """Das Gupta (1993), example 5.1: 44.7268 to 47.6940, mix 1.2269 (41.35 %), rate 1.7403 (58.65 %)."""
    example = das_gupta["eg5_1"]
    share = {y: np.array(v) / 100 for y, v in example["share_pct"].items()}
    rate = {y: np.array(v) for y, v in example["rate"].items()}
    mix, effect = kitagawa(share["y1985"], rate["y1985"], share["y1970"], rate["y1970"])
    expected = example["expected"]
    assert (mix.sum(), effect.sum()) == pytest.approx(
        (expected["mix_effect"], expected["rate_effect"]), abs=5e-5
    )
    assert 100 * mix.sum() / (mix + effect).sum() == pytest.approx(expected["pct_mix"], abs=5e-3)


tables = st.lists(st.tuples(*[st.floats(0.01, 10)] * 4), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_identities(rows):
    a, r, b, s = (np.array(v) for v in zip(*rows, strict=True))
    a, b = a / a.sum(), b / b.sum()
    mix, effect = kitagawa(a, r, b, s)
    assert mix.sum() + effect.sum() == pytest.approx((a * r).sum() - (b * s).sum(), abs=1e-9)
    back = kitagawa(b, s, a, r)
    assert back[0].sum() == pytest.approx(-mix.sum(), abs=1e-9)


def projects(seed=0, districts=4, departments=8):
    rng = np.random.default_rng(seed)
    n = districts * departments * 3
    frame = pd.DataFrame(
        {
            "district": np.repeat(np.arange(districts), departments * 3),
            "department": np.tile(np.repeat(np.arange(departments), 3), districts),
            "category": rng.choice(["x", "y", "z"], n),
            "fund": rng.choice(["p", "q"], n),
            "budget": rng.uniform(1, 10, n),
        }
    )
    return frame.assign(executed=frame["budget"] * rng.beta(5, 2, n))


@pytest.mark.parametrize(("by", "kinds"), [(["category"], 3), (["category", "fund"], 6)])
def test_parts_add_up_for_every_district_and_level(by, kinds):
    table = decompose_rates(projects(), by=by, cluster="department")
    np.testing.assert_allclose(
        table["mix_effect"] + table["rate_effect"], table["rate"] - table["pool"], atol=1e-12
    )
    assert table["categories"].unique().tolist() == [kinds]


def test_contributions_of_categories_sum_to_the_parts():
    table = decompose_rates(projects(), by=["category", "fund"]).set_index("district")
    parts = (
        category_contributions(projects(), by=["category", "fund"])
        .groupby("district")[["mix_effect", "rate_effect"]]
        .sum()
    )
    np.testing.assert_allclose(parts.to_numpy(), table[["mix_effect", "rate_effect"]].to_numpy(), atol=1e-12)


def test_a_missing_category_is_mix_only_and_its_share_is_told():
    frame = pd.DataFrame(
        {
            "district": ["a", "b", "b"],
            "category": ["x", "x", "y"],
            "budget": [10.0, 10.0, 20.0],
            "executed": [9.0, 9.0, 8.0],
        }
    )
    table = decompose_rates(frame, by=["category"]).set_index("district")
    assert table.loc["a", "imputed_share"] == 20 / 40
    assert table.loc["b", "imputed_share"] == 0
    assert table.loc["a", "rate_effect"] == pytest.approx(0)
    assert table.loc["a", "difference"] == pytest.approx(9 / 10 - 26 / 40)


def test_the_error_is_that_of_drawing_the_rates_anew():
    """Rates drawn anew around their kinds' means, budgets as they are: the spread of the parts is the error."""
    frame = projects(3)
    table = decompose_rates(frame, by=["category"]).set_index("district")
    rng = np.random.default_rng(2)
    drawn = [
        decompose_rates(frame.assign(executed=frame["budget"] * rng.beta(5, 2, len(frame))), by=["category"])
        for _ in range(300)
    ]
    z = 1.99  # of t with about 80 degrees of freedom
    for part in ("difference", "mix_effect", "rate_effect"):
        spread = np.std([t[part] for t in drawn], axis=0)
        error = (table[f"{part}_high"] - table[f"{part}_low"]) / 2 / z
        np.testing.assert_allclose(error, spread, rtol=0.25)


def test_what_a_department_has_in_common_widens_the_interval():
    frame = projects(4)
    common = np.random.default_rng(1).normal(0, 0.3, 32)[frame["district"] * 8 + frame["department"]]
    moved = frame.assign(executed=frame["executed"] + frame["budget"] * common)
    alone, together = (decompose_rates(moved, by=["category"], cluster=c) for c in (None, "department"))
    assert (together["rate_effect_high"] - alone["rate_effect_high"]).gt(0).all()


def test_intervals_of_the_parts_cover():
    """95 % intervals over 60 worlds of 10 districts, departments with a shortfall of their own: 93-97 %."""
    rng, hits = np.random.default_rng(8), []
    for _ in range(60):
        n = 600
        frame = pd.DataFrame({"district": np.repeat(np.arange(10), 60), "department": rng.integers(8, size=n),
                              "category": rng.choice(list("xyz"), n), "budget": rng.pareto(1.8, n) + 1})  # fmt: skip
        shift = rng.normal(0, 0.03, (10, 8))[frame["district"], frame["department"]]
        far = frame["category"].map({"x": 0.05, "y": 0.3, "z": 0.8})
        rate = 1 - far * rng.beta(1, 1.5, n) * (rng.random(n) < 0.5) + shift
        true = frame.assign(executed=frame["budget"] * (1 - far * 0.2))
        want = decompose_rates(true, by=["category"])
        got = decompose_rates(
            frame.assign(executed=frame["budget"] * rate), by=["category"], cluster="department"
        )
        hits.append(
            (
                (got["rate_effect_low"] <= want["rate_effect"])
                & (want["rate_effect"] <= got["rate_effect_high"])
            ).mean()
        )
    assert 0.93 <= np.mean(hits) <= 0.97


def test_one_district_is_refused():
    with pytest.raises(DataError, match="Only one district"):
        decompose_rates(projects(districts=1), by=["category"])


def test_simpson_is_told_apart():
    """Better in every category and yet lower in all: the rate is positive, the mix outweighs it."""
    frame = pd.DataFrame(
        {
            "district": ["a", "a", "b", "b"],
            "category": ["easy", "hard"] * 2,
            "budget": [10.0, 90.0, 90.0, 10.0],
            "executed": [9.9, 63.0, 85.5, 6.0],
        }
    )
    row = decompose_rates(frame, by=["category"]).set_index("district").loc["a"]
    assert row["difference"] < 0 < row["rate_effect"]


def test_no_bound_passes_what_is_possible():
    """Nearly all is spent, and few projects say so: a rate can't be far above the pool's, however unsure it is."""
    rows = pd.DataFrame({"district": ["a"] * 4 + ["b"] * 4, "kind": list("xxyyxxyy"), "budget": 10.0,
                         "executed": [10.0, 10, 10, 9, 0, 10, 10, 10]})  # fmt: skip
    for row in decompose_rates(rows, by=["kind"]).to_dict("records"):
        assert -row["pool"] <= row["difference_low"] and row["difference_high"] <= 1 - row["pool"] + 1e-12
        assert row["mix_effect_low"] == row["mix_effect_high"] == 0  # both fund the same kinds
        assert row["rate_effect_high"] <= 1 - row["pool"] + 1e-12
