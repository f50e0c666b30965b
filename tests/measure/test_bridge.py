"""The bridge between the two means is an identity, on any data."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.measure.bridge import bridge_rates, effective_number, group_contributions, project_contributions
from perflib.measure.rates import project_rates
from perflib.measure.ratio import ratio_of_sums


def rated(executed, budget, **columns):
    frame = pd.DataFrame({"executed": executed, "adjusted_budget": budget, **columns})
    return project_rates(frame.astype({"executed": "float64", "adjusted_budget": "float64"}), base="adjusted")


def test_gap_of_two_projects():
    bridge = bridge_rates(rated([90, 5], [100, 10])).iloc[0]
    assert bridge["weighted_rate"] == (90 + 5) / (100 + 10)
    assert bridge["mean_rate"] == (90 / 100 + 5 / 10) / 2
    assert bridge["gap"] == pytest.approx(95 / 110 - 0.7)


cells = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 10**9), st.integers(0, 10**9)), min_size=2, max_size=40
)


@settings(max_examples=40, deadline=None)
@given(cells)
def test_the_three_forms_of_the_identity(rows):
    group, executed, budget = zip(*rows, strict=True)
    rates = rated(executed, budget, department=group)
    bridge = bridge_rates(rates)
    if not bridge.loc[0, "projects"]:
        assert rates["rate"].isna().all()
        return
    b = bridge.iloc[0]
    scale = max(1, rates["rate"].max())
    assert b["covariance"] / b["mean_budget"] == pytest.approx(b["gap"], abs=1e-9 * scale)
    assert project_contributions(rates)["contribution"].sum() == pytest.approx(b["gap"], abs=1e-9 * scale)
    by_group = group_contributions(rates, group="department")
    assert by_group["contribution"].sum() == pytest.approx(b["gap"], abs=1e-9 * scale)
    if not np.isnan(b["correlation"]):
        assert b["correlation"] * b["cv_budget"] * b["sd_rate"] == pytest.approx(b["gap"], abs=1e-9 * scale)
    assert b["projects"] + b["left_out"] == len(rates)


def test_groups_are_bridged_apart():
    rates = rated([90, 5, 1, 3], [100, 10, 2, 3], district=["a", "a", "b", "b"])
    both = bridge_rates(rates, by=["district"])
    alone = bridge_rates(rates[rates["district"] == "b"])
    assert both.set_index("district").loc["b", "gap"] == alone.loc[0, "gap"]


def test_all_rates_equal_have_no_gap():
    bridge = bridge_rates(rated([50, 5], [100, 10])).iloc[0]
    assert bridge["gap"] == 0
    assert np.isnan(bridge["correlation"])


def test_effective_number_is_one_for_one_and_n_for_equals():
    assert effective_number([7]) == 1
    assert effective_number([3.0] * 9) == pytest.approx(9)
    assert effective_number([0.0, np.nan]) == 0
    assert effective_number([1e150] * 3) == pytest.approx(3)


def test_jincheng_2015_weighted_and_simple(shared_data):
    """晋城 2015 Jan-Sep: published weighted rate 62.8 %, mean of the eight published rates 61.0 %."""
    table = pd.read_csv(shared_data / "china" / "spending_progress.csv")
    part = table[table["parent"] == "山西晋城"]
    rate = part["pct_of_budget_as_published"].str.rstrip("%").astype(float) / 100
    rates = rated(part["expenditure_wan"] * 10_000, part["expenditure_wan"] * 10_000 / rate)
    bridge = bridge_rates(rates).iloc[0]
    assert part["expenditure_wan"].sum() == 1_076_000
    assert (round(bridge["weighted_rate"] * 100, 1), round(bridge["mean_rate"] * 100, 1)) == (62.8, 61.0)
    worst = project_contributions(rates).assign(region=part["region"].to_numpy())
    assert worst.sort_values("contribution")["region"].iloc[-1] == "开发区"


def test_published_working_paper(oracles):
    checks = json.loads((oracles / "cn_selfreview_worked_numbers.json").read_text("utf-8"))["checks"]
    ratios = pd.DataFrame([c for c in checks if "pct" in c])
    rate = ratio_of_sums(ratios["num"], ratios["den"])["rate"]
    printed = [82.65, 84.42, 53.6]
    assert ratios["pct"].tolist() == printed
    assert [round(100 * r, d) for r, d in zip(rate, [2, 2, 1], strict=True)] == printed


def test_where_no_project_has_a_rate_the_means_are_na():
    rates = pd.DataFrame({"executed": [0.0, 0.0], "budget": [0.0, 0.0], "rate": [float("nan")] * 2})
    row = bridge_rates(rates).iloc[0]
    assert (row["projects"], row["left_out"]) == (0, 2) and pd.isna(row["mean_rate"]) and pd.isna(row["gap"])
