"""Notebook 80: districts side by side, on made-up districts that are quickly read."""

import numpy as np
import pandas as pd
import pytest

from tests.notebooks.cells import folder_of, write_notebook

NAME = "80_district_comparison"


def rows(districts: int = 6, per: int = 12, years=(2022, 2023), seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = districts * per * len(years)
    budget = np.round(rng.lognormal(12, 1, n), 2)
    return pd.DataFrame({
        "district": np.repeat([f"33010{i}" for i in range(districts)], per * len(years)),
        "year": np.tile(np.repeat(years, per), districts), "project": [f"P{i}" for i in range(n)],
        "name": [f"n{i}" for i in range(n)], "department": np.resize(["a", "b", "c"], n),
        "class": np.resize(["public", "specific"], n), "category": np.resize(["x", "y", "y", "x"], n),
        "initial_budget": budget, "adjusted_budget": budget, "executed": np.round(budget * rng.beta(8, 1, n), 2),
    })  # fmt: skip


def written(tmp_path, frame: pd.DataFrame, lang: str = "en", **parameters):
    folder = folder_of(tmp_path, projects=frame.to_dict("records"))
    return write_notebook(NAME, tmp_path / "out", data=folder, lang=lang, **parameters)


def test_budget_spending_and_rate_divide_and_are_plain_sums(tmp_path):
    frame = rows()
    page = written(tmp_path, frame)
    now = frame[frame["year"] == 2023]
    budget, executed, rate = (page.value(f"pool.{c}") for c in ("budget", "executed", "rate"))
    assert (budget, executed) == (
        pytest.approx(now["adjusted_budget"].sum()),
        pytest.approx(now["executed"].sum()),
    )
    assert rate == pytest.approx(executed / budget)
    parts = page.value("parted.mix_effect") + page.value("parted.rate_effect")
    assert parts == pytest.approx(page.value("parted.difference"))
    assert page.value("counts.districts") == 6


def test_a_district_far_below_is_named(tmp_path):
    frame = rows(8, per=30)
    low = (frame["district"] == "330104") & (frame["year"] == 2023)
    frame["executed"] = frame["executed"].where(~low, frame["executed"] * 0.5)
    assert "330104低于各区县合计" in written(tmp_path, frame, "zh").page


def test_one_district_has_nothing_to_compare_and_says_so(tmp_path):
    page = written(tmp_path, rows(1), "zh")
    assert "没有可以相比的其他区县" in page.page and not page.facts


def test_a_base_that_nobody_reports_says_so(tmp_path):
    assert "no budget on this base" in written(tmp_path, rows(3), base="received").page


def test_pairs_are_named_where_no_clean_cut_exists(tmp_path):
    frame = rows(6, per=30)
    step = 1 - 0.025 * frame["district"].str[-1].astype(
        int
    )  # from one to the next too small, from end to end plain
    page = written(tmp_path, frame.assign(executed=frame["executed"] * step))
    assert page.value("counts.pairs") > 1
    assert "no clean tiers" in page.page and "can be told apart, most clearly" in page.page
    assert page.value("clearest.value") > 0


def test_money_without_and_above_a_budget_is_told_apart(tmp_path):
    frame = rows()
    late, bare = frame.index[frame["year"] == 2023][:2]
    frame.loc[[late, bare], "initial_budget"] = 0.0
    frame.loc[late, ["adjusted_budget", "executed"]] = 1000.0, 600.0
    frame.loc[bare, ["adjusted_budget", "executed"]] = 0.0, 900.0
    over = frame.index[frame["year"] == 2023][-12:]
    frame.loc[over, "executed"] = frame.loc[over, "adjusted_budget"] * 1.1
    page = written(tmp_path, frame)
    assert page.value("budgeted.created.rate") == pytest.approx(0.6)
    assert page.value("bare.executed") == 900
    assert page.value("tried.clipped") == 12 and page.value("tried.projects") == 71  # all but the bare one
    assert page.value("pool.executed") == pytest.approx(frame.loc[frame["year"] == 2023, "executed"].sum())


def test_the_ends_call_a_programme_by_its_name_where_its_policy_is_a_code(tmp_path):
    frame = rows()
    programme = pd.Series(np.resize(["Parks", "Roads", "Schools"], len(frame)))
    code = frame["district"] + "-" + programme.map({"Parks": "17102", "Roads": "15321", "Schools": "32301"})
    ends = written(tmp_path, frame.assign(policy=code, unit=programme)).table("extremes")
    budgets = frame[frame["year"] == 2023].groupby(["district", programme])["adjusted_budget"].sum()
    place, called, budget = ends.iloc[0, :3]
    assert len(ends) == 18 and budget == pytest.approx(budgets[str(place), called])
