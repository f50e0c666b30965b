"""Published rates against their amounts: rounding is not a contradiction."""

import pandas as pd
import pytest

from perflib.measure.self_evaluation import check_published_rates


def status(printed, executed, budget, **columns):
    form = pd.DataFrame(
        {"published_rate": [printed], "executed": [executed], "adjusted_budget": [budget], **columns}
    )
    return check_published_rates(form).iloc[0]


@pytest.mark.parametrize(
    ("printed", "executed", "budget", "expected"),
    [
        ("51.63%", 19078, 36950, "agrees"),
        ("100%", 20, 20, "agrees"),
        ("0", 0, 102, "agrees"),
        ("86.5％", 259.45, 300, "agrees"),
        ("99%", 65.07, 65.66, "rounded_to_integer"),
        ("31.00%", 46, 148, "integer_padded"),
        ("95.45%", 95457, 100_000, "truncated"),
        ("31.50%", 46, 148, "contradicts"),
        ("100%", 66.86, 200, "contradicts"),
        ("100%", 0, 0, "no_budget"),
        ("100%", 207.45, 0, "spent_without_budget"),
        ("about 90", 90, 100, "unreadable"),
        (None, 90, 100, "not_checkable"),
        ("90%", None, 100, "not_checkable"),
        ("130%", 130, 100, "agrees"),
    ],
)
def test_each_status(printed, executed, budget, expected):
    assert status(printed, executed, budget)["status"] == expected


@pytest.mark.parametrize(("executed", "expected"), [(99_505, "agrees"), (99_504, "contradicts")])
def test_half_rounds_up(executed, expected):
    assert status("99.51%", executed, 100_000)["status"] == expected


def test_another_base_is_named():
    row = status("50%", 50, 80, initial_budget=[100.0])
    assert (row["status"], row["agrees_with"], row["is_flagged"]) == ("other_base", "initial", False)


def test_difference_is_in_percentage_points():
    assert status("100%", 66.86, 200)["difference"] == pytest.approx(100 - 33.43)


@pytest.fixture
def checked(shared_data):
    forms = pd.read_csv(
        shared_data / "china" / "self_evaluations.csv", dtype={"execution_rate_as_published": str}
    )
    amounts = {f"{c}_wan": c for c in ("initial_budget", "adjusted_budget", "executed")}
    forms = forms.rename(columns={**amounts, "execution_rate_as_published": "published_rate"})
    forms[list(amounts.values())] *= 10_000
    return check_published_rates(forms)


def test_published_forms_are_caught_each_with_its_reason(checked):
    caught = checked[checked["is_flagged"]]
    assert dict(zip(caught["department"] + caught["project"], caught["status"], strict=True)) == {
        "棠溪镇人民政府委托业务项目": "contradicts",
        "县司法局2023年全县安可替代补助资金项目": "no_initial_budget",
        "翟店镇卫生院国家基本公共卫生服务": "spent_without_budget",
        "县医疗保障局医疗救助补助资金-彩票公益金": "no_budget",
        "区住房保障(中心)城镇老旧小区改造及配套工程": "contradicts",
    }
    assert caught["notes"].str.contains("TRAP:").all()


def test_rounding_is_told_apart(checked):
    rounded = checked[checked["is_rounding"]]
    assert rounded["published_rate"].tolist() == ["99%", "31.00%"]
    assert rounded["status"].tolist() == ["rounded_to_integer", "integer_padded"]
    assert rounded["notes"].str.contains("TRAP:").all()


def test_the_other_traps_are_not_about_the_rate(checked):
    """Three TRAP rows concern weights, a score and a unit in the prose: their rates agree."""
    rest = checked[checked["notes"].str.contains("TRAP:") & ~checked["is_flagged"] & ~checked["is_rounding"]]
    assert rest["department"].tolist() == ["县水利局", "区农技中心", "县卫生健康局"]
    assert set(rest["status"]) == {"agrees"}
    assert not checked.loc[~checked["notes"].str.contains("TRAP:"), ["is_flagged", "is_rounding"]].any(
        axis=None
    )
