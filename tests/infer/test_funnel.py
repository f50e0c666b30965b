"""The funnel of money flags what it says it flags: held by simulation, with fixed seeds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from perflib.data.errors import DataError
from perflib.data.places import SHELF
from perflib.infer.funnel import funnel, money_funnel


def identical_districts(rng, *, districts=16, low=30, high=150):
    """Method M4's set-up: skewed budgets, rates with a spike at 1, no difference between districts."""
    group = np.repeat(np.arange(districts), rng.integers(low, high, districts))
    budget = np.exp(rng.normal(0, 1.2, len(group))).round(2) + 0.01
    rate = np.where(rng.random(len(group)) < 0.35, 1.0, rng.beta(4, 1.2, len(group)))
    return pd.DataFrame({"district": group, "budget": budget, "executed": budget * rate})


def flagged_with_money_as_trials(rates):
    """The fault that this module is for: ten thousand yuan counted as trials of a proportion."""
    sums = rates.groupby("district")[["executed", "budget"]].sum()
    centre = sums["executed"].sum() / sums["budget"].sum()
    trials = sums["budget"] * 100  # budgets of about 1 million yuan, in 万元
    z = (sums["executed"] / sums["budget"] - centre) / np.sqrt(centre * (1 - centre) / trials)
    return (z.abs() > stats.norm.isf(0.025)).mean()


def test_identical_districts_are_flagged_at_the_nominal_5_per_cent():
    """Nominal 5 %, accepted 3.5-6.5 %; 250 × 16 districts, so chance alone moves it by 0.7 points."""
    rng = np.random.default_rng(20)
    worlds = [identical_districts(rng) for _ in range(250)]
    tables = [money_funnel(w, draws=400, seed=i) for i, w in enumerate(worlds)]
    assert 0.035 <= np.mean([t["is_outside"].mean() for t in tables]) <= 0.065
    assert np.mean([flagged_with_money_as_trials(w) for w in worlds]) > 0.5


def test_small_districts_are_flagged_at_the_level_too():
    rng = np.random.default_rng(21)
    worlds = [identical_districts(rng, low=5, high=40) for _ in range(80)]
    flagged = np.mean([money_funnel(w, draws=400, seed=i)["is_outside"].mean() for i, w in enumerate(worlds)])
    assert 0.03 <= flagged <= 0.07


@pytest.mark.parametrize("year", [2017, 2021, 2023])
def test_whole_programmes_of_madrid_shuffled_among_districts(madrid_programmes, year):
    """3-7 % by permutation limits; 70 × 21 districts a year, so chance moves it by 1.1 points."""
    rows = madrid_programmes[madrid_programmes["year"] == year]
    rng = np.random.default_rng(year)
    shuffled = (rows.assign(district=rng.permutation(rows["district"])) for _ in range(70))
    tables = [money_funnel(s, draws=400, seed=i) for i, s in enumerate(shuffled)]
    assert 0.03 <= np.mean([t["is_outside"].mean() for t in tables]) <= 0.07
    assert (pd.concat(tables)["method"] == "permutation").all()


def test_a_district_ten_points_lower_is_found():
    """At 50 effective projects and a spread of rates of 0.2, in at least 80 % of worlds."""
    rng = np.random.default_rng(22)
    found = []
    for _ in range(200):
        rate = np.clip(rng.normal(0.75, 0.2, (16, 50)), 0, 1.5)
        rate[0] -= 0.10
        frame = pd.DataFrame({"district": np.repeat(np.arange(16), 50), "budget": 1.0})
        table = money_funnel(frame.assign(executed=rate.ravel()), draws=400)
        assert table["effective"].iloc[0] == pytest.approx(50)
        found.append(table["is_outside"].iloc[0] and table["rate"].iloc[0] < table["low"].iloc[0])
    assert np.mean(found) >= 0.80


SMALL = pd.DataFrame(
    {
        "district": ["a", "a", "a", "b", "b", "b", "c"],
        "type": ["x", "y", "x", "x", "y", "y", "x"],
        "budget": [10.0, 20.0, 5.0, 8.0, 40.0, 2.0, 7.0],
        "executed": [9.0, 10.0, 5.0, 8.0, 22.0, 1.0, 3.5],
    }
)


def test_the_centre_is_the_rate_of_all():
    centre = money_funnel(SMALL, draws=100)["centre"]
    assert centre.tolist() == pytest.approx([SMALL["executed"].sum() / SMALL["budget"].sum()] * 3)


def test_projects_of_one_programme_count_once():
    table = money_funnel(SMALL, cluster="type", draws=100).set_index("district")
    assert table["decisions"].to_dict() == {"a": 2, "b": 2, "c": 1}
    assert table.loc["a", "effective"] == pytest.approx(35**2 / (15**2 + 20**2))


def test_projects_without_a_programme_stand_by_themselves():
    rows = SMALL.assign(type=["x", "x", None, None, None, "y", "x"])
    table = money_funnel(rows, cluster="type", draws=100)
    assert table.set_index("district")["decisions"].to_dict() == {"a": 2, "b": 3, "c": 1}


def test_one_project_is_not_tested():
    table = money_funnel(SMALL, draws=200).set_index("district")
    assert table.loc["c", "effective"] == 1 and np.isnan(table.loc["c", "p_value"])


def test_all_rates_equal_flags_nobody():
    same = SMALL.assign(executed=SMALL["budget"] * 0.7)
    table = money_funnel(same, draws=100)
    assert not table[["is_outside", "is_unusual"]].any(axis=None)
    assert table["tau2"].iloc[0] == 0


def test_one_district_is_refused_with_its_name():
    with pytest.raises(DataError, match=r"Only one district \(a\)"):
        money_funnel(SMALL[SMALL["district"] == "a"])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 1000))
def test_row_order_and_currency_do_not_matter(seed, factor):
    rows = identical_districts(np.random.default_rng(seed), districts=4, low=3, high=9)
    scaled = rows.sample(frac=1, random_state=seed).assign(
        executed=lambda t: t["executed"] * factor, budget=lambda t: t["budget"] * factor
    )
    columns = ["rate", "se", "low", "low_outer"]
    got, expected = (money_funnel(f, draws=100)[columns] for f in (scaled, rows))
    pd.testing.assert_frame_equal(got, expected, rtol=1e-9, atol=1e-9)


def test_true_differences_widen_the_predictive_limits_only():
    rng = np.random.default_rng(5)
    rows = identical_districts(rng)
    effect = rng.normal(0, 0.1, 16)[rows["district"]]
    moved = rows.assign(executed=rows["executed"] + rows["budget"] * effect)
    table = money_funnel(moved, draws=400)
    assert table["tau2"].iloc[0] == pytest.approx(0.01, abs=0.007)
    assert table["is_outside"].sum() > table["is_unusual"].sum()


def test_groups_that_report_no_spending_are_no_groups_to_compare():
    projects = pd.DataFrame(
        {
            "district": list("aaabbb"),
            "project": range(6),
            "adjusted_budget": 10.0,
            "executed": [9.0, 8, 7] + [np.nan] * 3,
        }
    )
    assert funnel(projects, together="project").empty
    assert funnel(projects.assign(executed=np.nan), together="project").empty
    assert len(funnel(projects.fillna({"executed": 5.0}), together="project")) == 2


def test_a_shared_funnel_is_the_funnel_of_its_own_rows_and_options(tmp_path, monkeypatch):
    rows = identical_districts(np.random.default_rng(3), districts=4)
    asked = [{"seed": 0}, {"seed": 1}, {"seed": 0, "confidence": 0.8}, {"seed": 0, "draws": 300}, {"seed": 0}]
    alone = [money_funnel(rows, **{"draws": 200, **one}) for one in asked]
    monkeypatch.setenv(SHELF, str(tmp_path))
    tmp_path.chmod(0o700)
    for one, plain in zip(asked, alone, strict=True):
        pd.testing.assert_frame_equal(money_funnel(rows, **{"draws": 200, **one}), plain)
    assert len(list(tmp_path.glob("*.limits.result"))) == 4  # the fifth was taken, not dealt
    assert not alone[0]["low"].equals(alone[1]["low"])
