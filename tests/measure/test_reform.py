"""Starts of reforms and breaks of definition, as work items tell them."""

import pandas as pd
import pytest

from perflib.measure.reform import definition_breaks, reform_starts, widest_reform


def items(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["district", "year", "kind", "title", "date"])


@pytest.mark.parametrize(
    ("date", "first"), [("2021-01-01", 2021), ("2021-06-30", 2021), ("2021-07-01", 2022), (None, 2020)]
)
def test_a_start_in_the_second_half_counts_from_the_next_year(date, first):
    starts = reform_starts(items(("a", 2020, "reform", "r", date)))
    assert starts["year"].tolist() == [first]


def test_a_reform_recorded_again_began_with_the_first():
    rows = items(
        ("a", 2022, "reform", "r", "2022-02-01"), ("a", 2020, "reform", "r", "2020-02-01"),
        ("b", 2021, "rule", "r", "2021-02-01"),
    )  # fmt: skip
    starts = reform_starts(rows)
    assert starts[["district", "year"]].to_numpy().tolist() == [["a", 2020]]


def test_the_widest_reform_and_then_the_districts_own():
    one = ("reform", "x", "2021-01-01")
    starts = reform_starts(items(("a", 2021, *one), ("b", 2021, "reform", "y", "2020-01-01")))
    assert widest_reform(starts, district="a") == "x"
    assert widest_reform(starts) == "y"
    both = reform_starts(
        items(("a", 2021, *one), ("c", 2021, *one), ("b", 2021, "reform", "y", "2020-01-01"))
    )
    assert widest_reform(both, district="b") == "x"
    assert widest_reform(reform_starts(items())) is None


def test_breaks_have_the_year_of_their_date_or_the_work_year():
    rows = items(
        ("a", 2021, "definition_break", "t", "2022-01-01"), ("b", 2021, "definition_break", "t", None),
        ("b", 2021, "plan", "u", None),
    )  # fmt: skip
    assert definition_breaks(rows)[["district", "year"]].to_numpy().tolist() == [["a", 2022], ["b", 2021]]
