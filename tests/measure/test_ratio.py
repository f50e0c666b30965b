"""The one ratio: never over zero, never without its reason, the same on every engine."""

import duckdb
import pandas as pd
import polars as pl
import pytest

from perflib.measure.ratio import add_ratio, ratio_of_sums

CASES = pd.DataFrame(
    {
        "spent": [50.0, 0.0, 3.0, 0.0, 1.0, None, 2.0],
        "budget": [200.0, 0.0, 0.0, 0.0, -2.0, 5.0, None],
        "initial": [100.0, 0.0, 9.0, 9.0, 9.0, 9.0, 9.0],
        "expected": [
            None, "no_budget", "spent_without_budget", "adjusted_to_zero", "negative_budget", "not_reported", "not_reported",
        ],
    }
)  # fmt: skip


@pytest.mark.parametrize("convert", [pd.DataFrame, pl.from_pandas, lambda f: duckdb.connect().from_df(f)])
def test_every_reason_on_every_engine(convert):
    rated = add_ratio(convert(CASES), "spent", "budget", earlier="initial")
    table = rated.df() if isinstance(rated, duckdb.DuckDBPyRelation) else pd.DataFrame(rated.to_dict())
    if isinstance(rated, pl.DataFrame):
        table = rated.to_pandas()
    assert table["reason"].fillna("").tolist() == table["expected"].fillna("").tolist()
    assert table["rate"].iloc[0] == 50 / 200
    assert table["rate"].iloc[1:].isna().all()


def test_without_an_earlier_amount_zero_was_always_zero():
    rated = add_ratio(CASES, "spent", "budget")
    assert rated["reason"].iloc[3] == "no_budget"


def test_a_sum_over_a_sum_keeps_its_index():
    rate = ratio_of_sums(pd.Series({"a": 1, "b": 2}), pd.Series({"a": 4, "b": 0}))
    assert rate.loc["a", "rate"] == 0.25
    assert rate.loc["b", "reason"] == "spent_without_budget"


@pytest.mark.parametrize("counts", [False, True])
def test_sums_that_are_all_defined_come_out_as_beside_one_that_is_not(counts):
    over, under = pd.Series([3.0, 0.0, 7.0, 0.1]), pd.Series([9.0, 4.0, 5.0, 0.3])
    if counts:
        over, under = over.round().astype("Int64"), under.round().clip(lower=1).astype("Int64")
    alone = ratio_of_sums(over, under)
    longer = ratio_of_sums(pd.concat([over, pd.Series([1])]), pd.concat([under, pd.Series([0])]))
    pd.testing.assert_frame_equal(alone, longer.iloc[:4], check_exact=True)
    assert alone["reason"].isna().all() and longer["reason"].iloc[4] == "spent_without_budget"
