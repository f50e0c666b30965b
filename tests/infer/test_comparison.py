"""Groups side by side, from the projects themselves: each expected value by hand, or by a slower way."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from perflib.data.errors import ArgumentError
from perflib.infer.comparison import contributions, decompose, ranks, shrink
from perflib.infer.decomposition import decompose_rates
from perflib.infer.funnel import funnel
from perflib.infer.rates import rates
from perflib.infer.spread import project_variance


def projects(districts: int = 4, per: int = 30, years=(2023,), seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = districts * per * len(years)
    frame = pd.DataFrame({
        "district": np.repeat([f"c{i}" for i in range(districts)], per * len(years)),
        "year": np.tile(np.repeat(years, per), districts), "project": [f"P{i}" for i in range(n)], "policy": None,
        "class": np.resize(["public", "specific", "specific"], n), "adjusted_budget": rng.lognormal(12, 1, n),
    })  # fmt: skip
    return frame.assign(executed=frame["adjusted_budget"] * rng.beta(8, 1, n))


def half(rows: pd.DataFrame, district: str, year: int = 2023) -> pd.DataFrame:
    low = (rows["district"] == district) & (rows["year"] == year)
    return rows.assign(executed=rows["executed"].where(~low, rows["executed"] * 0.5))


def test_a_district_far_below_is_claimed_and_like_ones_are_not():
    rows = half(projects(8, years=(2022, 2023)), "c4")
    table = funnel(rows, by=["year", "district"]).set_index(["year", "district"])
    assert table.loc[(2023, "c4"), "verdict"] == "below"
    assert table.loc[2022, "verdict"].eq("alike").all()
    assert table["is_claimed"].sum() == 1 and len(table) == 2 * 8


def test_all_years_are_one_family():
    rows = half(projects(8, years=(2022, 2023)), "c4")
    table = funnel(rows, by=["year", "district"], draws=300)
    smallest = table["p_value"].min()  # of n tests the smallest is multiplied by n (Benjamini and Hochberg)
    assert table["p_adjusted"].min() == pytest.approx(smallest * len(table))


def test_the_rate_of_a_funnel_is_that_of_the_rates_whatever_has_no_budget():
    rows = projects()
    bare = pd.DataFrame({"district": ["c1"], "year": [2023], "project": ["X"], "policy": [None], "class": ["public"],
                         "adjusted_budget": [0.0], "executed": [5e5]})  # fmt: skip
    both = pd.concat([rows, bare], ignore_index=True)
    found = funnel(both, draws=200).set_index("district")["rate"]
    assert found.to_dict() == pytest.approx(
        rates(both, by="district").set_index("district")["rate"].to_dict()
    )


def test_projects_without_a_policy_are_not_one():
    rows = projects().assign(policy=None)
    assert funnel(rows, draws=200)["decisions"].tolist() == [30] * 4
    rows.loc[rows["district"] == "c0", "policy"] = "roads"
    assert funnel(rows, draws=200)["decisions"].tolist() == [1, 30, 30, 30]


def test_below_five_effective_projects_there_is_no_rank_and_no_claim():
    rows = pd.concat([half(projects(6), "c5"), half(projects(1, per=3), "c0").assign(district="few")])
    table = ranks(rates(rows, by="district", together="policy")).set_index("district")
    assert pd.isna(table.loc["few", "tier"]) and table["tier"].notna().sum() == 6
    assert funnel(rows, draws=200).set_index("district").loc["few", "verdict"] == "too_few"
    alone = ranks(rates(rows.query("district in ['few', 'c1']"), by="district"))
    assert alone["rank_low"].isna().all()  # one by itself has no rank


def test_three_rows_learn_nothing_from_each_other():
    table = pd.DataFrame({"d": list("abc"), "rate": [0.5, 0.6, 0.7], "se": [0.1] * 3})
    assert shrink(table)["shrunken"].isna().all()


def test_a_pair_is_split_by_hand():
    rows = pd.DataFrame({
        "district": ["a", "a", "b", "b"], "project": list("wxyz"), "policy": None, "kind": ["p", "q", "p", "q"],
        "adjusted_budget": [50.0, 50.0, 25.0, 75.0], "executed": [40.0, 30.0, 22.5, 60.0],
    })  # fmt: skip
    split = decompose(rows, by="kind", against="b").set_index("district")
    assert split.index.tolist() == ["a"]
    w, r, v, s = (0.5, 0.5), (0.8, 0.6), (0.25, 0.75), (0.9, 0.8)
    mix = sum((w[i] - v[i]) * (r[i] + s[i]) / 2 for i in range(2))
    rate = sum((r[i] - s[i]) * (w[i] + v[i]) / 2 for i in range(2))
    own = split.loc["a"]
    assert (own["mix_effect"], own["rate_effect"]) == (pytest.approx(mix), pytest.approx(rate))
    assert own["difference"] == pytest.approx(0.7 - 0.825)


def test_the_error_of_a_pair_is_that_of_moving_each_project():
    rows = projects(2, per=12).assign(department="x", variance=0.0)
    rows["executed"] *= 0.5  # far from what is possible, where the bounds would end
    kinds, sides = rows["class"].to_numpy(), rows["district"].to_numpy()
    b = rows["adjusted_budget"].to_numpy()
    rate = (rows["executed"] / rows["adjusted_budget"]).to_numpy()
    variance, freedom = project_variance(rate, b, pd.factorize(sides)[0], pd.factorize(kinds)[0])
    for part in ("mix_effect", "rate_effect"):
        found = decompose_rates(rows.assign(budget=b), by=["class"], against="c1").iloc[0]
        slopes = []
        for i in range(len(rows)):  # every part is linear in each project's spending
            more = rows.assign(budget=b, executed=rows["executed"] + np.where(rows.index == i, b[i], 0))
            slopes.append(decompose_rates(more, by=["class"], against="c1").iloc[0][part] - found[part])
        error = np.sqrt((np.square(slopes) * variance).sum())
        assert found[f"{part}_high"] - found[part] == pytest.approx(stats.t.isf(0.025, freedom) * error)


def test_an_unknown_unit_and_kinds_that_say_nothing():
    with pytest.raises(ArgumentError, match="no `c9`"):
        decompose(projects(), by="class", against="c9")
    plain = projects().assign(**{"class": None})
    assert decompose(plain, by="class").empty and contributions(plain, by="class").empty


def test_contributions_add_up_to_the_difference_whatever_has_no_budget():
    rows = projects()
    rows.loc[rows.index[:2], "adjusted_budget"] = 0.0
    split = decompose(rows, by="class").set_index("district")
    parts = contributions(rows, by="class").groupby("district")[["mix_effect", "rate_effect"]].sum()
    assert parts.sum(axis=1).to_dict() == pytest.approx(split["difference"].to_dict())
    sums = rows.groupby("district")[["executed", "adjusted_budget"]].sum()
    expected = (
        sums["executed"] / sums["adjusted_budget"] - sums["executed"].sum() / sums["adjusted_budget"].sum()
    )
    assert split["difference"].to_dict() == pytest.approx(expected.to_dict())


def test_districts_of_one_project_each_are_not_told_apart():
    rows = projects(4, per=1)
    apart = ranks(rates(rows, by="district"), pairs=True)
    assert apart.empty and list(apart)[:3] == ["district", "other", "value"]
    assert contributions(rows[:0], by="class")["mix_effect"].dtype == float
