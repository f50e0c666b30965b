"""Rates of groups: sums, bases and verdicts in one frame."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.errors import ArgumentError
from perflib.infer.rates import rates
from perflib.measure.spread import unspent_money


def projects():
    return pd.DataFrame(
        {"department": ["a", "a", "b"], "year": [2022, 2023, 2023], "initial_budget": [10.0, 0.0, 20.0],
         "adjusted_budget": [10.0, 10.0, 20.0], "executed": [9.0, 5.0, 20.0]}
    )  # fmt: skip


def test_a_rate_travels_with_its_sums_and_its_base():
    table = rates(projects(), by="department", base=["initial", "adjusted"]).set_index(["department", "base"])
    own = table.loc[("a", "adjusted")]
    assert (own["budget"], own["executed"], own["rate"]) == (10 + 10, 9 + 5, (9 + 5) / (10 + 10))
    assert own["mean_rate"] == pytest.approx((9 / 10 + 5 / 10) / 2)
    assert table.loc[("a", "initial"), "executed_without_budget"] == 5


def test_without_groups_there_is_one_row_a_base():
    table = rates(projects())
    assert table["projects"].tolist() == [3] and table["rate"].tolist() == [(9 + 5 + 20) / (10 + 10 + 20)]


def test_what_stands_alone_differs_from_nothing_and_gets_no_verdict():
    many = projects().loc[[0] * 30].assign(executed=[float(n % 10) for n in range(30)])
    assert rates(many)["verdict"].isna().all() and rates(many, by="year")["verdict"].isna().all()
    assert rates(many, by="department")["verdict"].isna().all()
    assert rates(projects(), by="department")["verdict"].tolist() == ["too_few", "too_few"]


def test_an_unknown_column_names_those_there_are_and_the_nearest():
    with pytest.raises(ArgumentError, match=r"departement.*executed.*Did you mean `department`"):
        rates(projects(), by="departement")


def test_the_trail_of_the_rows_goes_along():
    frame = projects()
    frame.attrs = {"table": "projects", "filter": "all"}
    assert rates(frame, by=["year"]).attrs == frame.attrs


def test_money_without_a_budget_moves_the_interval_along_with_the_rate():
    rng = np.random.default_rng(1)
    n = 40
    frame = pd.DataFrame({"district": np.resize(["a", "b"], n), "project": [f"P{i}" for i in range(n)],
                          "adjusted_budget": rng.lognormal(12, 1, n)})  # fmt: skip
    frame["executed"] = frame["adjusted_budget"] * rng.beta(8, 1, n)
    more = pd.DataFrame({"district": ["a"], "project": ["X"], "adjusted_budget": [0.0], "executed": [1e6]})
    plain = rates(frame, by="district", verdicts=False).set_index("district")
    moved = rates(pd.concat([frame, more]), by="district", verdicts=False).set_index("district")
    by = 1e6 / plain.loc["a", "budget"]
    assert moved.loc["a", "rate"] == pytest.approx(plain.loc["a", "rate"] + by)
    assert moved.loc["a", "low"] == pytest.approx(plain.loc["a", "low"] + by)
    assert moved.loc["b", ["low", "high"]].tolist() == plain.loc["b", ["low", "high"]].tolist()
    assert "verdict" not in moved


def test_two_seeds_say_the_same_of_the_sample():
    rows = load_book("sample").projects
    one, two = (rates(rows, by=["year", "district"], seed=seed) for seed in (1, 2))
    assert len(one) == 60 and (one["verdict"] == two["verdict"]).sum() >= 58
    near = 4 * np.hypot(one["p_error"], two["p_error"]) + 1e-12
    assert ((one["p_value"] - two["p_value"]).abs() <= near)[one["p_value"].notna()].all()


def test_what_is_no_frame_and_what_is_not_rated_is_told():
    with pytest.raises(ArgumentError, match="takes a frame"):
        rates("projects")
    with pytest.raises(ArgumentError, match="project_rates"):
        unspent_money(pd.DataFrame({"executed": [1.0]}))


def test_a_base_named_twice_is_told_once():
    projects = pd.DataFrame({"project": ["P1"], "district": "a", "year": 2023, "department": "d", "initial_budget": 10.0,
                             "adjusted_budget": 10.0, "executed": 9.0})  # fmt: skip
    assert rates(projects, base=["initial", "initial"], verdicts=False)["base"].tolist() == ["initial"]
