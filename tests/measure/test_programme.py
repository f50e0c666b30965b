"""One programme in many districts: outputs of unlike units are never added up, and every gap has its reason."""

import pandas as pd
import pytest

from perflib.measure.programme import (
    common_outputs,
    name_programmes,
    pair_levels,
    programme_indicators,
    programme_money,
    unit_costs,
)
from perflib.measure.reviews import city_evaluations, own_evaluations


def projects(**more) -> pd.DataFrame:
    rows = [("a", "p1", "养老", 100.0, 90.0), ("a", "p2", "养老", 50.0, 60.0), ("b", "p1", "养老", 200.0, 180.0),
            ("c", "p1", "养老", 0.0, 0.0), ("c", "p9", "其他", 10.0, 10.0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["district", "project", "policy", "adjusted_budget", "executed"])
    return table.assign(year=2022, **more)


def indicators(*rows: tuple) -> pd.DataFrame:
    """district, subject kind, subject, name, unit, target, actual."""
    columns = ["district", "subject_kind", "subject", "name", "unit", "target", "actual"]
    return pd.DataFrame(rows, columns=columns).assign(year=2022, month=12)


def policy(district: str, name: str, unit: str, actual, target=10.0) -> tuple:
    return (district, "policy", "养老", name, unit, target, actual)


def costs_of(*rows: tuple) -> pd.DataFrame:
    named = name_programmes(projects())
    table = unit_costs(programme_indicators(indicators(*rows), named), programme_money(named))
    return table.set_index(["district", "output", "unit"])


def test_money_is_summed_by_district_and_the_rate_names_its_base():
    table = programme_money(name_programmes(projects())).set_index(["programme", "district"])
    assert table.loc[("养老", "a"), "executed"] == 90 + 60
    assert table.loc[("养老", "a"), "rate"] == pytest.approx((90 + 60) / (100 + 50))
    assert pd.isna(table.loc[("养老", "c"), "rate"])


def test_the_first_column_that_districts_share_makes_the_programme():
    own = projects().assign(policy=lambda d: d["district"] + d["policy"], function=["1", "1", "1", "1", "2"],
                            unit=["Mayores", "Otro", "Mayores", "Mayores", "x"])  # fmt: skip
    named = name_programmes(own)
    assert named["programme"].tolist() == ["1", "1", "1", "1", "2"]
    assert named.loc[0, "programme_name"] == "Mayores"
    lonely = own.assign(function=["1", "1", "2", "3", "3"])
    assert name_programmes(lonely.drop(columns=["unit"]))["programme"].isna().all()


def test_money_per_unit_by_output_and_what_was_reached():
    table = costs_of(
        policy("a", "助餐", "人次", 30.0, 40.0),
        policy("a", "床位", "张", 5.0),
        policy("b", "助餐 ", "人次", 60.0),
    )
    assert table.loc[("a", "助餐", "人次"), "unit_cost"] == pytest.approx((90 + 60) / 30)
    assert table.loc[("a", "助餐", "人次"), "reached"] == pytest.approx(30 / 40)
    assert table.loc[("a", "床位", "张"), "unit_cost"] == pytest.approx((90 + 60) / 5)
    assert table.loc[("b", "助餐", "人次"), "unit_cost"] == pytest.approx(180 / 60)


@pytest.mark.parametrize(
    ("row", "reason"),
    [(policy("c", "助餐", "人次", 0.0), "zero_output"), (policy("c", "助餐", "人次", None), "not_reported"),
     (policy("c", "助餐", "份", 7.0), "unit_differs"), (policy("c", "助餐", "人次", 7.0), "no_money")],
)  # fmt: skip
def test_a_cost_that_cannot_be_had_says_why(row, reason):
    table = costs_of(policy("a", "助餐", "人次", 30.0), policy("b", "助餐", "人次", 60.0), row)
    one = table.xs("c").iloc[0]
    assert one["reason"] == reason and pd.isna(one["unit_cost"])


def test_outputs_of_unlike_units_are_never_added():
    table = costs_of(
        policy("a", "助餐", "人次", 30.0), policy("a", "助餐", "份", 5.0), policy("b", "助餐", "人次", 60.0)
    )
    assert table.loc["a", "actual"].tolist() == [30.0, 5.0] or table.loc["a", "actual"].tolist() == [
        5.0,
        30.0,
    ]


def test_projects_add_up_and_a_repeated_row_counts_once():
    rows = [("a", "project", "p1", "床位", "张", 1.0, 2.0), ("a", "project", "p2", "床位", "张", 3.0, 4.0),
            ("a", "project", "p2", "床位", "张", 3.0, 4.0)]  # fmt: skip
    table = costs_of(*rows)
    assert table.loc[("a", "床位", "张"), ["target", "actual"]].tolist() == [1 + 3, 2 + 4]
    whole = costs_of(*rows, policy("a", "床位", "张", 9.0))
    assert whole.loc[("a", "床位", "张"), "actual"] == 9, "the policy's own row counts before its projects'"


def test_shares_money_and_satisfaction_are_no_outputs():
    named = name_programmes(projects())
    rows = [policy("a", "服务对象满意度", "%", 91.0), policy("a", "成本", "元", 5.0), policy("a", "RATIO X", "RATIO", 5.0),
            policy("a", "ESTUDIOS DE SATISFACCIÓN", "NÚMERO", 2.0)]  # fmt: skip
    kinds = programme_indicators(indicators(*rows), named).set_index("output")["kind"]
    assert kinds.to_dict() == {"服务对象满意度": "satisfaction", "成本": "other", "RATIO X": "other",
                               "ESTUDIOS DE SATISFACCIÓN": "output"}  # fmt: skip


def test_common_outputs_are_those_of_at_least_half():
    table = costs_of(
        policy("a", "助餐", "人次", 30.0), policy("b", "助餐", "人次", 60.0), policy("a", "床位", "张", 5.0)
    )
    assert common_outputs(table.reset_index(), year=2022)["output"].tolist() == ["助餐"]


def evaluations(*rows: tuple) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["district", "level", "score", "round"])
    return table.assign(
        year=2022, subject_kind="policy", subject="养老", kind="finance", evaluator=table["level"]
    )


def test_scores_of_both_levels_are_paired_and_a_missing_one_is_named():
    rows = evaluations(("a", "district", 88.0, 1), ("a", "city", 84.0, 1), ("b", "district", 90.0, 1),
                       ("c", "city", 70.0, 1), ("a", "district", 86.0, 2))  # fmt: skip
    table = pair_levels(rows, name_programmes(projects())).set_index("district")
    assert table.loc["a", ["district_score", "city_score", "difference"]].tolist() == [
        86.0,
        84.0,
        86.0 - 84.0,
    ]
    assert table["reason"].tolist() == [None, "no_city_score", "no_district_score"]


def test_levels_split_the_rows_and_lose_none():
    rows = evaluations(("a", "district", 1.0, 1), ("a", "city", 2.0, 1), ("a", None, 3.0, 1))
    assert own_evaluations(rows)["score"].tolist() == [1.0, 3.0]
    assert city_evaluations(rows)["score"].tolist() == [2.0]
    assert len(own_evaluations(rows.drop(columns="level"))) == 3
