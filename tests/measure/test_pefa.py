"""PEFA: the bundled example, the properties of the variance, and the rule of three years."""

import json
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.measure.pefa import pefa_scores, pefa_years, reserve_band, weakest_link


def budget_lines(budget, actual, year=2022, **columns):
    frame = pd.DataFrame({"initial_budget": budget, "executed": actual}).astype("float64")
    heads = [f"h{i:02d}" for i in range(len(frame))]
    return frame.assign(**{"year": year, "function": heads, "economic": heads, **columns})


def years_of(lines, **options):
    return pefa_years(lines, function="function", economic="economic", **options)


def value(years, indicator):
    return years.set_index("pefa_indicator").loc[indicator, "pefa_value"]


def test_the_bundled_example(oracles):
    example = json.loads((oracles / "pefa_pi1_pi2.json").read_text("utf-8"))["example"]
    expected = example["expected"]
    lines = budget_lines(example["budget"], example["actual"])
    assert 100 * value(years_of(lines), "PI-1") == pytest.approx(expected["pi1_outturn_pct"], abs=1e-12)
    assert 100 * value(years_of(lines), "PI-2.1") == pytest.approx(expected["pi2_variance_pct"], abs=1e-12)


amounts = st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=3, max_size=15)


@settings(max_examples=10, deadline=None)
@given(amounts)
def test_merging_heads_never_raises_pi2(rows):
    budget, actual = zip(*rows, strict=True)
    lines = budget_lines(budget, actual)
    merged = lines.assign(function=lines["function"].replace({"h01": "h00"}))
    assert value(years_of(merged), "PI-2.1") <= value(years_of(lines), "PI-2.1") + 1e-15


@pytest.mark.parametrize(
    ("executed", "band"),
    [(94.99, "B"), (95, "A"), (105, "A"), (105.01, "B"), (90, "B"), (85, "C"), (84.99, "D"), (115, "C")],
)
def test_outturn_bands_include_their_ends(executed, band):
    years = years_of(budget_lines([100], [executed])).set_index("pefa_indicator")
    assert years.loc["PI-1", "band"] == band


@pytest.mark.parametrize(("shifted", "band"), [(2.49, "A"), (2.5, "B"), (4.99, "B"), (5, "C"), (7.5, "D")])
def test_variance_bands_exclude_their_end(shifted, band):
    years = years_of(budget_lines([50, 50], [50 + shifted, 50 - shifted])).set_index("pefa_indicator")
    assert years.loc["PI-2.1", "band"] == band


@pytest.mark.parametrize(
    ("per_cent", "band"), [("2.99", "A"), ("3", "B"), ("6", "B"), ("6.01", "C"), ("9.99", "C"), ("10", "D")]
)
def test_reserve_bands(per_cent, band):
    assert reserve_band(Fraction(per_cent) / 100) == band


def three_years(executed, **columns):
    parts = [
        budget_lines([60, 40], [0.6 * e, 0.4 * e], year=2020 + i, **columns) for i, e in enumerate(executed)
    ]
    return years_of(pd.concat(parts, ignore_index=True), contingency="reserve")


def test_two_of_three_years_earn_the_letter():
    scores = pefa_scores(three_years([96, 50, 91], reserve=False)).set_index("pefa_indicator")
    assert scores.loc["PI-1", "score"] == "B"
    assert pefa_scores(three_years([96, 50, 97], reserve=False))["score"].iloc[0] == "A"
    assert scores.loc["PI-2.3", "score"] == "A"
    assert scores.loc["PI-2", "score"] == "A"


def test_fewer_than_three_years_have_no_score_but_a_reason():
    scores = pefa_scores(three_years([96, 97], reserve=False))
    assert scores["score"].isna().all()
    assert scores["reason"].iloc[0] == "fewer_than_three_years"


def test_a_gap_between_years_is_no_third_year():
    years = three_years([96, 97, 98], reserve=False)
    years["year"] = years["year"].replace({2020: 2019})
    assert pefa_scores(years)["score"].isna().all()


def test_contingency_that_nobody_marked_is_not_zero():
    years = years_of(budget_lines([100, 20], [90, 20])).set_index("pefa_indicator")
    assert years.loc["PI-2.3", "reason"] == "contingency_not_marked"


def test_interest_and_contingency_are_left_out_where_the_rule_says():
    lines = budget_lines(
        [80, 15, 5], [80, 30, 5], interest=[False, True, False], reserve=[False, False, True]
    )
    years = years_of(lines, interest="interest", contingency="reserve").set_index("pefa_indicator")
    assert years["heads"].to_dict() == {"PI-1": 1, "PI-2.1": 1, "PI-2.2": 2, "PI-2.3": 1}
    assert years.loc["PI-2.3", "pefa_value"] == 5 / 100


def test_one_head_is_no_composition_and_a_blank_amount_no_zero():
    years = years_of(budget_lines([100, 20], [90, np.nan])).set_index("pefa_indicator")
    assert years.loc["PI-1", "pefa_value"] == 90 / 100
    assert years.loc["PI-2.1", "reason"] == "one_head" and pd.isna(years.loc["PI-2.1", "pefa_value"])
    lines = budget_lines([100, 20], [90, 20], economic=None)
    assert "PI-2.2" not in set(
        pefa_years(lines, function="function", economic=["economic"])["pefa_indicator"]
    )
    assert pefa_years(budget_lines([100], [np.nan]), function="function", economic="economic").empty


def test_no_budget_has_no_value():
    years = years_of(budget_lines([0], [10])).set_index("pefa_indicator")
    assert years.loc["PI-1", "reason"] == "no_budget"
    assert pd.isna(years.loc["PI-2.1", "pefa_value"])


@pytest.mark.parametrize(("letters", "score"), [("AAA", "A"), ("ABB", "B+"), ("DAA", "D+"), ("CCC", "C")])
def test_weakest_link(letters, score):
    assert weakest_link(list(letters)) == score
