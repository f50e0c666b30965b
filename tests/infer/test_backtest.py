import multiprocessing

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.backtest import backtest, forecast_errors, pinball_loss
from perflib.infer.forecast import forecast_pooled, month_tables, near_months


def world(years=(2018, 2019, 2020, 2021), units=60, seed=0):
    """Units of two kinds: one spends evenly, the other in December; rates stay with the unit."""
    rng = np.random.default_rng(seed)
    unit = pd.DataFrame({"unit": [f"u{i:02d}" for i in range(units)], "late": np.arange(units) % 2 == 1})
    unit = unit.assign(budget=rng.uniform(1e4, 1e6, units).round(2), rate=rng.choice([0.5, 0.95], units))
    grid = unit.merge(pd.DataFrame({"year": list(years)}), how="cross")
    grid = grid.assign(rate=(grid["rate"] + rng.normal(0, 0.02, len(grid))).clip(0, 1))
    grid = grid.merge(pd.DataFrame({"month": [5, 6, 12]}), how="cross")
    share = np.where(
        grid["late"], np.where(grid["month"] == 12, 1.0, 0.02 * grid["month"]), grid["month"] / 12
    )
    spent = (grid["budget"] * grid["rate"] * share).round(2)
    return pd.DataFrame(
        {
            "year": grid["year"],
            "month": grid["month"],
            "unit": grid["unit"],
            "type": np.where(grid["late"], "late", "even"),
            "initial_budget": grid["budget"],
            "adjusted_budget": grid["budget"],
            "authorised": spent,
            "committed": spent,
            "executed": spent,
        }
    )


OPTIONS = {
    "keys": ["unit"],
    "types": "type",
    "years": [2020, 2021],
    "months": [6],
    "seed": 1,
    "rounds": 40,
    "models": 1,
}


@pytest.fixture(scope="module")
def tested():
    return backtest(world(), **OPTIONS)


def test_one_row_per_unit_and_year(tested):
    assert len(tested) == 60 * 2
    assert tested.groupby("year").size().tolist() == [60, 60]
    assert set(tested["size"]) == {"small", "medium", "large"}


def test_pooled_beats_time_where_units_spend_late(tested):
    errors = forecast_errors(tested, by=[]).set_index("method")["versus_straight"]
    assert errors["pooled"] < 0.2
    assert errors["last_year"] < 0.2


def test_chances_tell_the_failing_from_the_others(tested):
    failing = tested["outturn"] < 0.8 * tested["adjusted_budget"]
    assert tested.loc[failing, "p_failing"].mean() > 0.8
    assert tested.loc[~failing, "p_failing"].mean() < 0.2


def test_what_comes_later_cannot_be_seen(tested):
    """Change everything after June of the test year: no forecast may move, in a forked process either."""
    lines = world()
    later = (lines["year"] == 2021) & (lines["month"] > 6)
    changed_lines = lines.assign(executed=lines["executed"].where(~later, 1.0))
    with multiprocessing.get_context("fork").Pool(
        1
    ) as forked:  # as a warm kernel, whose parent has fitted before
        changed = forked.apply_async(backtest, (changed_lines,), OPTIONS).get(timeout=300)
    columns = ["straight_line", "last_year", "chain_ladder", "bornhuetter_ferguson", "pooled", "p_failing"]
    pd.testing.assert_frame_equal(changed[columns], tested[columns], check_exact=True)
    assert not changed["outturn"].equals(tested["outturn"])


def test_first_year_is_left_out_and_a_lone_one_is_refused():
    assert backtest(world(), **{**OPTIONS, "years": [2018, 2021]})["year"].unique().tolist() == [2021]
    alone = world(years=(2021,))
    data = month_tables(alone, keys=["unit"], months=near_months(alone, 6, reach=2), types="type")
    with pytest.raises(DataError, match="No year before 2021 is complete"):
        forecast_pooled(data, month=6, year=2021, seed=0)


def test_a_unit_without_budget_is_forecast_at_what_it_spent():
    lines = world(units=20)
    zero = (lines["unit"] == "u00") & (lines["year"] == 2021)
    lines = lines.assign(adjusted_budget=lines["adjusted_budget"].where(~zero, 0.0))
    row = backtest(lines, **{**OPTIONS, "years": [2021], "rounds": 10}).iloc[0]
    assert row["pooled"] == row["executed"]
    assert np.isnan(row["p_failing"])


def test_errors_are_sums_over_sums():
    tested = pd.DataFrame(
        {
            "year": 2020,
            "adjusted_budget": [10.0, 100.0],
            "outturn": [8.0, 60.0],
            "straight_line": [4.0, 90.0],
            "pooled": [8.0, 70.0],
        }
    )
    table = forecast_errors(tested, by=["year"], methods=["straight_line", "pooled"])
    assert table["money_error"].tolist() == [(4 + 30) / 68, (0 + 10) / 68]
    assert table["versus_straight"].tolist() == [1, 10 / 34]
    assert table["median_error"].tolist() == pytest.approx([(0.4 + 0.3) / 2, (0 + 0.1) / 2])


@pytest.mark.parametrize(("end", "loss"), [(10.0, 0.9 * 2), (6.0, 0.1 * 2), (8.0, 0)])
def test_pinball(end, loss):
    assert pinball_loss(pd.Series([end]), pd.Series([8.0]), 0.9).tolist() == pytest.approx([loss])
