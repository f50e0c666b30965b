"""Notebook 50 on self-evaluation: what adds up on the sample, and what thin or faulty forms do."""

import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.measure.self_scores import STATUSES, printed_rates
from tests.notebooks.cells import folder_of, project
from tests.notebooks.cells import indicator as sound


def form(subject: str = "P1", **columns) -> dict:
    row = {"district": "330199", "year": 2022, "subject_kind": "project", "subject": subject, "kind": "self",
           "evaluator": "教育局", "round": 1, "status": "accepted", "score": 95, "grade": "优"}  # fmt: skip
    return {**row, **columns}


def indicator(code: str, **columns) -> dict:
    return sound(code, **{"year": 2022, **columns})


@pytest.fixture
def run(run_cells, tmp_path):
    """run(forms, …): the names that the notebook leaves on a few forms of 2022."""

    def of(forms: list[dict], lang: str = "zh", **tables):
        tables = {"projects": [project(year=2022), project(year=2023)], "evaluations": forms, **tables}
        return run_cells("50", lang=lang, data=folder_of(tmp_path, **{k: v for k, v in tables.items() if v}))

    return of


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_adds_up(run_cells, lang):
    names = run_cells("50", lang=lang)
    facts = names["page"].facts()
    value = {id: fact.value for id, fact in facts.items()}
    assert (value["judged.fiscal_year"], value["totals.self_evaluated"]) == (2022, 961)
    assert round(value["totals.mean_rate"], 3) == 0.953
    assert value["duty.owing"] == 961 and value["duty.coverage_share"] == 1
    assert names["grades"]["count"].sum() == 961
    assert names["counts"][[f"status_{s}" for s in STATUSES]].sum(axis=1).item() == value["duty.owing"]
    assert value["deviations.recomputed"] + value["deviations.not_recomputed"] == 961
    parts = names["pf"].self_evaluation.reported_totals(names["reported"]).iloc[0]
    split = parts[["rates_agree", "rates_rounded", "rates_contradict", "rates_late", "rates_other_base"]]
    assert split.sum() == parts["rates_reported"]
    assert value["low.low_best"] == names["low"]["is_best"].sum() > 0
    assert facts["piled.heaped_scores"].rows >= value["piled.heaped_scores"] >= 5  # scores, not marks
    marked = {"zh": "突出显示{}个", "en": "{} of them marked"}[lang].format(value["low.low_best"])
    assert marked in names["page"].markdown()  # the corner of the figure has as many dots
    assert not [id for id, f in facts.items() if not (f.formula_zh and f.formula_en and f.table and f.filter)]


def test_self_evaluations_that_the_calendar_leaves_to_the_next_year_are_told(run):
    assert "later.later" not in run([form()])["page"].facts()
    assert run([form(), form(year=2023)])["page"].facts()["later.later"].value == 1


def test_where_one_part_of_the_reported_rates_is_hidden_none_is_printed(run_cells, tmp_path):
    codes = [f"P{n}" for n in range(12)]
    tables = {"projects": [project(c, year=y) for c in codes for y in (2022, 2023)],
              "evaluations": [form(c, reported_rate="90%" if n < 10 else "70%") for n, c in enumerate(codes)]}  # fmt: skip
    told = {}
    for edition in ("internal", "public"):
        names = run_cells("50", data=folder_of(tmp_path, **tables), edition=edition)
        told[edition] = {id for id in names["page"].facts() if id.startswith("reported.rates_")}
    assert {"reported.rates_agree", "reported.rates_contradict"} < told["internal"]
    assert told["public"] == {"reported.rates_reported"}


@pytest.mark.parametrize(
    ("forms", "message"),
    [([form(score=104)], "found 104, outside the range 0–100"),
     ([form(score=90), form(score=80)], "more than once, in rows 2, 3")],
)  # fmt: skip
def test_faulty_forms_are_a_message(run, forms, message):
    with pytest.raises(DataError, match=message):
        run(forms)


def test_the_last_round_speaks_for_the_project(run):
    totals = run([form(score=90), form(score=80, round=2)])["totals"].iloc[0]
    assert (totals["self_evaluated"], totals["mean_score"]) == (1, 80)


def test_weights_of_110_have_no_score_by_rule(run):
    names = run([form()], indicators=[indicator(code, weight=55, actual=10) for code in ("Z1", "Z2")])
    assert names["scores"]["score_by_rule"].isna().all()
    why = names["pf"].self_evaluation.unscored(names["scores"], names["indicators"], rules=names["rule"])
    assert "权重合计不符" in [names["page"].cell("unscored_reason", code) for code in why["unscored_reason"]]


def test_the_deviation_is_reported_less_by_rule(run):
    rows = [indicator(code, actual=actual) for code, actual in (("Z1", 10), ("Z2", 8))]
    scores = run([form(score=95)], indicators=rows)["scores"]
    by_rule = 45 + 45 * 8 / 10 + 10 * 900_000 / 1_000_000
    assert scores["deviation"].item() == pytest.approx(95 - by_rule)


def test_contradiction_is_told_from_rounding(run):
    projects = [project(f"P{i}", year=2022, executed=e) for i, e in enumerate((334_300, 310_800, 900_000))]
    forms = [form("P0", reported_rate=1.0), form("P1", reported_rate=0.31), form("P2", reported_rate=0.9)]
    names = run(forms, projects=[*projects, project(year=2023)])
    assert names["pf"].self_evaluation.contradicted(names["reported"])["project"].tolist() == ["P0"]
    totals = names["pf"].self_evaluation.reported_totals(names["reported"]).iloc[0]
    assert (totals["rates_rounded"], totals["rates_agree"]) == (1, 1)


def test_without_a_catalogue_of_the_year_nothing_is_said_of_who_owes(run):
    row = {"district": "330199", "year": 2019, "scope": "class", "item": "specific", "self_evaluation": True}
    page = run([form()], catalogue=[row])["page"]
    assert "duty.owing" not in page.facts() and "came.status_accepted" in page.facts()


def test_returned_and_missing_ones_are_listed(run):
    projects = [project(f"P{i}", year=2022) for i in range(3)]
    names = run([form("P0"), form("P1", status="returned")], projects=[*projects, project(year=2023)])
    assert names["late"]["project"].tolist() == ["P1", "P2"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_indicators_alone_tell_what_was_attained(run, lang):
    rows = [indicator("Z1", actual=10, direction=None), indicator("Z2", actual=5, direction=None)]
    facts = run([], lang=lang, indicators=rows)["page"].facts()
    assert facts["attained.attained_share"].value == 1 / 2
    assert not [id for id in facts if id.startswith(("totals.", "duty.", "deviations."))]


def test_rates_are_printed_with_the_decimals_they_have():
    assert printed_rates(pd.Series([0.9713, 1.0, 0.5, None])).tolist()[:3] == ["97.13%", "100%", "50%"]


def test_forms_of_the_work_year_are_taken_where_there_are_none_of_the_year_before(run):
    names = run([form(year=2023)])
    page = names["page"].markdown()
    assert names["when"] == 2023 and len(names["own"]) == 1 and "没有上一年度的自评" in page
    assert run([form(year=2022), form(year=2023)])["when"] == 2022
