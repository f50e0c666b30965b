"""What the public functions say of a frame or a name that is not what they take: one sentence of their own."""

import numpy as np
import pandas as pd
import pytest

import perflib as pf
from perflib.data.errors import ArgumentError, DataError

N = 48
RNG = np.random.default_rng(5)
ROWS = pd.DataFrame(
    {"district": np.repeat(["01", "02", "03", "04"], N // 4), "year": np.resize([2022, 2023], N),
     "project": [f"P{i}" for i in range(N)], "department": np.resize(["a", "b", "c"], N),
     "class": np.resize(["public", "specific"], N), "policy": [f"Q{i}" for i in range(N)],
     "initial_budget": 100.0, "adjusted_budget": RNG.integers(50, 150, N) * 1.0}
).assign(executed=lambda t: (t["adjusted_budget"] * RNG.uniform(0.5, 1, N)).round(2))  # fmt: skip
RATED = pf.project_rates(ROWS, base="adjusted")
STARTS = pd.DataFrame({"district": ["01"], "year": [2023]})

OF_PROJECTS = {  # name → (the function of a frame of projects, the column that it can't do without)
    "rates": (lambda f: pf.rates(f, by="district", draws=50), "district"),
    "rates together": (lambda f: pf.rates(f, together="policy", draws=50), "policy"),
    "funnel": (lambda f: pf.funnel(f, draws=50), "district"),
    "share": (lambda f: pf.share(f, "rate < 0.5", by="class"), "class"),
    "decompose": (lambda f: pf.decompose(f, by="class"), "district"),
    "contributions": (lambda f: pf.contributions(f, by="class"), "class"),
    "changes": (pf.changes, "year"),
    "over_years": (lambda f: pf.over_years(f, draws=50), "district"),
    "event_study": (lambda f: pf.event_study(f, STARTS), "district"),
    "variance_parts": (pf.variance_parts, "district"),
    "marginal_effects": (lambda f: pf.marginal_effects(f, of="class"), "district"),
    "balance": (lambda f: pf.balance(f, by="department"), "department"),
    "head_of": (pf.head_of, "department"),
    "pefa_years": (lambda f: pf.pefa.pefa_years(f, function="department", economic="class"), "department"),
    "group_contributions": (
        lambda f: pf.bridge.group_contributions(pf.project_rates(f, base="adjusted"), group="class"),
        "class",
    ),
    "assess_departments": (lambda f: pf.assess_departments(f, year=2023), "department"),
    "named": (lambda f: pf.named(pd.DataFrame({"subject": ["P1"]}), f), "department"),
}


@pytest.mark.parametrize("name", OF_PROJECTS)
def test_a_column_that_is_missing_is_named_with_those_there_are(name):
    ask, column = OF_PROJECTS[name]
    with pytest.raises(ArgumentError, match=rf"no column `{column}`.*project.*Did you mean"):
        ask(ROWS.drop(columns=column).assign(unit="u", name="n"))


@pytest.mark.parametrize("name", OF_PROJECTS)
@pytest.mark.parametrize("found", [None, [{"district": "01"}]])
def test_what_is_no_frame_is_told_so(name, found):
    with pytest.raises(ArgumentError, match="takes a frame"):
        OF_PROJECTS[name][0](found)


@pytest.mark.parametrize("ask", [
    lambda f: pf.spread(f, line=0.9), pf.unspent, pf.bridge.bridge_rates, pf.bridge.project_contributions,
])  # fmt: skip
def test_projects_without_their_rates_are_told_where_these_come_from(ask):
    with pytest.raises(ArgumentError, match=r"pf\.project_rates"):
        ask(ROWS)


def test_one_column_needs_no_list_and_a_column_named_twice_counts_once():
    for by in ("district", ["district"], ("district", "district")):
        assert len(pf.balance(ROWS, by=by, measures=["lapse_rate"])) == 4
        assert len(pf.bridge.bridge_rates(RATED, by=by)) == 4
        assert len(pf.rates(ROWS, by=by, verdicts=False)) == 4
    assert len(pf.marginal_effects(ROWS, of="class")) == 1


def test_a_project_that_stands_twice_is_refused_as_its_money_would_count_twice():
    twice = ROWS.merge(pd.DataFrame({"project": ["P3", "P3"], "reading": [1, 2]}), how="left")
    for ask in (lambda f: pf.rates(f, by="district"), lambda f: pf.funnel(f, draws=50), pf.changes):
        with pytest.raises(DataError, match=r"P3 of 01 stands twice in 2023.*1 row"):
            ask(twice)


def test_an_infinite_amount_is_not_reported_and_never_a_sum():
    rows = ROWS.assign(executed=ROWS["executed"].where(ROWS.index != 5, np.inf))
    blank = ROWS.assign(executed=ROWS["executed"].where(ROWS.index != 5))
    assert pf.project_rates(rows, base="adjusted")["reason"].tolist()[5] == "not_reported"
    for ask in (
        lambda f: pf.rates(f, by="district", draws=50),
        lambda f: pf.totals(f, ["executed"]),
        pf.changes,
    ):
        pd.testing.assert_frame_equal(ask(rows), ask(blank))


@pytest.mark.parametrize("kind", ["Float64", "double[pyarrow]", object])
def test_amounts_of_any_kind_give_the_same(kind):
    rows = ROWS.astype({"adjusted_budget": kind, "executed": kind})
    assert str(pf.project_rates(rows, base="adjusted")["rate"].dtype) == "float64"
    for ask in (lambda f: pf.event_study(f, STARTS).study, pf.changes,
                lambda f: pf.spread(pf.project_rates(f, base="adjusted"), line=0.9)):  # fmt: skip
        pd.testing.assert_frame_equal(ask(rows), ask(ROWS))


@pytest.mark.parametrize("name", ["rates", "funnel", "share", "decompose", "changes", "variance_parts"])
def test_an_index_that_bears_the_name_of_a_column_is_no_trouble(name):
    ask = OF_PROJECTS[name][0]
    pd.testing.assert_frame_equal(ask(ROWS.set_index(["district", "year"], drop=False)), ask(ROWS))


def test_tables_of_rates_may_have_such_an_index_too_and_be_ranked_again():
    rates = pf.rates(ROWS, by="district", verdicts=False)
    named = rates.set_index("district", drop=False)
    for ask in (pf.ranks, pf.shrink):
        pd.testing.assert_frame_equal(ask(named).reset_index(drop=True), ask(rates))
    pd.testing.assert_frame_equal(pf.ranks(pf.ranks(rates)), pf.ranks(rates))
    assert pf.plot.dots(named, y="district").in_short == pf.plot.dots(rates, y="district").in_short
    places = pd.DataFrame({"district": list("abc"), "population": [1.0, 2, 4]})
    pd.testing.assert_frame_equal(pf.nearest(places.set_index("district", drop=False)), pf.nearest(places))


def test_sums_that_are_there_have_no_reason():
    assert pf.totals(ROWS, ["executed"])["reason"].isna().all()
    assert pf.totals(ROWS, ["executed", "lapsed"])["reason"].tolist() == ["not_reported"]


def test_a_district_may_be_a_number_and_an_unknown_one_is_told():
    rows = ROWS.assign(district=ROWS["district"].str.replace("0", "33"))
    rates = pf.rates(rows, by="district", verdicts=False)
    for code in ("332", 332):
        assert pf.decompose(rows, by="class", against=code)["district"].tolist() == ["331", "333", "334"]
        assert set(pf.contributions(rows, by="class", against=code)["district"]) == {"331", "333", "334"}
        found = pf.event_study(rows, pd.DataFrame({"district": [code], "year": [2023]})).districts
        assert found.set_index("district")["role"]["332"] == "starter"
        assert pf.gap(rates, code, 333)["peers"].item() == 1
    for ask in (
        lambda: pf.decompose(rows, by="class", against="nowhere"),
        lambda: pf.contributions(rows, by="class", against="nowhere"),
        lambda: pf.event_study(rows, pd.DataFrame({"district": ["nowhere"], "year": [2023]})),
    ):
        with pytest.raises(ArgumentError, match=r"no `nowhere`.*331, 332"):
            ask()


@pytest.mark.parametrize("where", ["rate <", "rte < 0.5", "rate", "rate + 1", "", "1"])
def test_a_share_is_of_what_holds_or_does_not(where):
    with pytest.raises(ArgumentError, match=r"no condition.*rate < 0\.5"):
        pf.share(ROWS, where, by="district")


def test_a_share_counts_every_project_in_groups_without_a_name_too_and_of_all():
    rows = ROWS.assign(department=ROWS["department"].where(ROWS.index % 4 > 0))
    assert pf.share(rows, "rate < 0.8", by="department")["projects"].sum() == N
    whole = pf.share(rows, "rate < 0.8", by=())
    assert whole.columns[0] == "projects" and whole["projects"].tolist() == [N]


@pytest.mark.parametrize("ask", [
    lambda f: pf.rates(f, by="executed"), lambda f: pf.share(f, "rate < 0.5", by="count"),
    lambda f: pf.decompose(f, by="district"), lambda f: pf.contributions(f, by="executed"),
    lambda f: pf.funnel(f, by="budget"),
])  # fmt: skip
def test_a_column_that_the_result_has_of_its_own_is_no_grouping(ask):
    with pytest.raises(ArgumentError, match="Rename yours first"):
        ask(ROWS.assign(count=1, budget=1))


@pytest.mark.parametrize("by", ["year", [], ["district", "class"]])
def test_a_funnel_and_years_together_are_of_one_grouping(by):
    for ask in (pf.funnel, pf.over_years):
        with pytest.raises(ArgumentError, match="one column"):
            ask(ROWS, by=by)
    assert len(pf.over_years(ROWS, by=["district"], draws=50)) == 4


def test_rows_of_one_name_can_not_be_ranked_shrunk_or_compared():
    rates = pf.rates(ROWS, by=["district", "class"], verdicts=False)
    about = pd.DataFrame({"district": ["01", "01", "02"], "population": [1.0, 2.0, 3.0]})
    for ask in (lambda: pf.ranks(rates), lambda: pf.shrink(rates), lambda: pf.nearest(about)):
        with pytest.raises(DataError, match="stands 2 times"):
            ask()


def test_peers_are_asked_for_by_one_covariate_or_several_and_by_their_number():
    about = pd.DataFrame({"district": ["01", "02", "03"], "population": [1.0, 2.0, 4.0]})
    one = pf.nearest(about, covariates="population", peers=1)
    pd.testing.assert_frame_equal(one, pf.nearest(about, covariates=["population"], peers=1))
    assert len(one) == 3 and len(pf.nearest(about, peers=-1)) == 0


def test_a_stage_that_no_rule_knows_is_told():
    with pytest.raises(ArgumentError, match=r"no `selfevaluation`.*self_evaluation"):
        pf.judged_year(pf.rules("national-2020"), "selfevaluation", 2023)


@pytest.mark.parametrize("ask", [lambda f: pf.funnel(f, draws=50), pf.changes, pf.over_years])
def test_rows_that_do_not_say_their_district_are_counted_and_not_passed_over(ask):
    with pytest.raises(DataError, match=r"12 of 48 rows have no `district`"):
        ask(ROWS.assign(district=ROWS["district"].where(ROWS["district"] != "03")))


def test_a_year_may_be_text_and_what_is_none_is_told():
    pd.testing.assert_frame_equal(pf.changes(ROWS, since="2022"), pf.changes(ROWS, since=2022))
    with pytest.raises(ArgumentError, match="year must be a number"):
        pf.changes(ROWS, since="first")


def test_an_unknown_measure_is_told_and_one_needs_no_list():
    assert pf.balance(ROWS, measures="lapse_rate")["measure"].tolist() == ["lapse_rate"]
    with pytest.raises(ArgumentError, match=r"no `lapse`.*lapse_rate"):
        pf.balance(ROWS, measures=["lapse"])


def test_nothing_drawn_and_no_base_are_told():
    for ask in (pf.rates, pf.funnel, pf.over_years, lambda f, **o: pf.event_study(f, STARTS, **o)):
        with pytest.raises(ArgumentError, match="`draws` must be at least 1, not 0"):
            ask(ROWS, draws=0)
    for base in ([], None, 1, ["initial", None]):
        with pytest.raises(ArgumentError, match="`base` must be one of initial, adjusted, received"):
            pf.rates(ROWS, base=base)


def test_progress_of_ones_own_needs_no_columns_of_goals():
    months = ROWS.loc[ROWS.index.repeat(12), ["district", "year", "project", "adjusted_budget", "executed"]]
    months = months.assign(month=np.tile(np.arange(1, 13), N)).reset_index(drop=True)
    months["executed"] = (months["executed"] * months["month"] / 12).round(2)
    ends = pf.forecast(months, ROWS, by="class", year="2023", month=6)
    assert ends["executed"].sum() == pytest.approx(
        months.query("year == 2023 and month == 6")["executed"].sum()
    )
    with pytest.raises(ArgumentError, match="no column `month`"):
        pf.forecast(ROWS, months)


@pytest.mark.parametrize("found", [None, [{"rate": 1}]])
def test_a_plot_is_of_a_frame(found):
    with pytest.raises(ArgumentError, match="takes a frame"):
        pf.plot.dots(found, y="district")


def test_breaks_of_definition_need_their_year():
    breaks = pd.DataFrame({"district": ["01"], "since": [2023]})
    for ask in (pf.changes, lambda f, **more: pf.over_years(f, joint=True, draws=50, **more)):
        with pytest.raises(ArgumentError, match="no column `year`"):
            ask(ROWS, breaks=breaks)


def test_one_sum_needs_no_list():
    pd.testing.assert_frame_equal(pf.totals(ROWS, "executed"), pf.totals(ROWS, ["executed"]))
    assert pf.totals(ROWS, "lapsed")["reason"].tolist() == ["not_reported"]
    with pytest.raises(ArgumentError, match="takes a frame"):
        pf.totals(None, "executed")


def test_two_cities_may_number_districts_and_projects_alike():
    both = pd.concat([ROWS.assign(source="A"), ROWS.assign(source="B")], ignore_index=True)
    assert len(pf.rates(both, by=["source", "district"], verdicts=False)) == 8
    with pytest.raises(DataError, match="stands twice"):
        pf.rates(pd.concat([both, both[:1]]), by=["source", "district"], verdicts=False)


def test_what_is_no_condition_is_told_whatever_it_is():
    with pytest.raises(ArgumentError, match="no condition") as caught:
        pf.share(ROWS, lambda rows: rows["rate"] < 0.5, by="class")
    assert "lambda" in str(caught.value)


def test_a_gap_is_of_one_row_each():
    by_year = pf.rates(ROWS, by=["district", "year"], verdicts=False)
    with pytest.raises(DataError, match="`01` stands 2 times"):
        pf.gap(by_year, "01", ["02"])
    assert pf.gap(by_year.query("year == 2023"), "01", ["02"])["peers"].tolist() == [1]


def test_a_break_may_name_its_district_by_a_number():
    rows = ROWS.assign(district=ROWS["district"].replace({"01": "11", "02": "12"}))
    text, number = (pd.DataFrame({"district": [code], "year": [2023]}) for code in ("11", 11))
    pd.testing.assert_frame_equal(pf.changes(rows, breaks=number), pf.changes(rows, breaks=text))
    joint = [pf.over_years(rows, joint=True, breaks=breaks, draws=50) for breaks in (number, text)]
    pd.testing.assert_frame_equal(*joint)
    assert joint[0]["groups"].item() == 3


def test_a_rate_below_zero_lies_within_its_bounds():
    found = pf.rates(ROWS.assign(executed=-ROWS["executed"]), by="class", verdicts=False)
    assert (found["low"] <= found["rate"]).all() and (found["rate"] <= found["high"]).all()
