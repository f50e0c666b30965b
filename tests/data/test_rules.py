"""Rule files: what each set says, inheritance, and a sentence for every fault."""

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from perflib.data.errors import DataError
from perflib.data.rule_shape import CHECKS, STAGES
from perflib.data.rules import load_rules, rule_names
from perflib.data.text import has_text

MINIMAL = """id = "mine"
inherits = "national-2020"
valid_from = 2024-01-01
[title]
zh = "我的规则"
en = "My rules"
[source]
zh = "本区文件"
en = "Our own paper"
sureness = "own_choice"
"""
BAND = '[[grades]]\nkey = "{}"\nzh = "x"\nen = "x"\nlower = {}\nupper = {}\n'


def write(tmp_path, more="", name="mine"):
    file = tmp_path / f"{name}.toml"
    file.write_text(MINIMAL + more, "utf-8")
    return file


def whole_fault(name, lang="en"):
    with pytest.raises(DataError) as caught:
        load_rules(name)
    return caught.value.sentence(lang)


def fault(file, lang="en"):
    assert file.name in whole_fault(file, "zh") and file.name in whole_fault(file, "en")
    return whole_fault(file, lang)


@pytest.mark.parametrize("name", ["binjiang-2023", "incumbent", "national-2020", "sichuan-2025"])
def test_every_shipped_set_is_whole(name):
    rules = load_rules(name)
    assert rules.id == name and name in rule_names()
    assert set(rules.calendar) == set(STAGES) and set(rules.checks) == set(CHECKS)
    assert sum(rules.weights.values()) == 100
    for section in ("weights", "grades", "calendar", None):
        assert all(len(rules.cite(lang, section)) > 10 for lang in ("zh", "en"))


def test_national_weights_and_bands():
    rules = load_rules("national-2020")
    assert rules.weights == {"execution": 10, "output": 50, "effect": 30, "satisfaction": 10}
    assert [(b.zh, b.lower, b.upper) for b in rules.grades] == [
        ("优", 90, 100), ("良", 80, 90), ("中", 60, 80), ("差", 0, 60),
    ]  # fmt: skip
    assert rules.source.sureness == "general_knowledge"


def test_binjiang_inherits_all_but_its_own():
    rules, national = load_rules("binjiang-2023"), load_rules("national-2020")
    assert rules.ex_ante.threshold == 5_000_000
    assert rules.grades == national.grades and rules.weights == national.weights
    assert rules.cite("zh", "ex_ante").startswith("滨江区2023年度工作总结")
    assert rules.cite("en", "grades") == national.cite("en")
    assert (
        rules.deviation.score_gap == national.deviation.score_gap
        and rules.deviation.over_target == Decimal("1.3")
    )
    assert [rules.calendar[s] for s in ("self_evaluation", "spot_check", "key_evaluation")] == [-1, -1, -1]
    assert [rules.calendar[s] for s in ("monitoring", "assessment", "appraisal")] == [0, 0, "by_date"]


def test_sichuan_lines_and_factors():
    rules = load_rules("sichuan-2025")
    assert {(line.month, line.share) for line in rules.warning.execution_lines} == {
        (4, Decimal("0.25")), (6, Decimal("0.4")), (8, Decimal("0.6")), (10, Decimal("0.8")),
    }  # fmt: skip
    assert rules.warning.attainment_gap == Decimal("0.1")
    assert rules.downgrade.factors == (Decimal("0.9"), Decimal("0.8"), Decimal("0.7"))
    assert next(b for b in rules.grades if b.zh == "中").lower == 70


def test_rules_are_frozen_and_exact():
    rules = load_rules("incumbent")
    with pytest.raises(FrozenInstanceError):
        rules.id = "x"
    with pytest.raises(TypeError):
        rules.weights["execution"] = 1
    assert rules.warning.self_gap == Decimal("0.05") and isinstance(rules.warning.self_gap, Decimal)


def test_a_district_writes_its_own(tmp_path):
    rules = load_rules(
        write(tmp_path, "[ex_ante]\nthreshold = 2_000_000\namount_columns = ['initial_budget']\n")
    )
    assert rules.ex_ante.threshold == 2_000_000 and rules.weights["output"] == 50
    assert rules.cite("en", "ex_ante").startswith("Our own paper")
    assert rules.valid_from.year == 2024


def test_a_parent_may_lie_beside_its_child(tmp_path):
    write(tmp_path, "[reasons]\nexecution_below = 0.8\n")
    child = tmp_path / "child.toml"
    child.write_text(
        MINIMAL.replace('"national-2020"', '"mine"').replace('id = "mine"', 'id = "child"'), "utf-8"
    )
    assert load_rules(child).reasons.execution_below == Decimal("0.8")
    assert load_rules(child).reasons.adjustment_above == Decimal("0.3")


def bands(*rows):
    return "".join(BAND.format(*row) for row in rows)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (bands(("a", 90, 100), ("b", 85, 95), ("c", 0, 85)), ["`grades`", "`b`", "`a`", "90 to 95"]),
        (bands(("a", 90, 100), ("b", 80, 89), ("c", 0, 80)), ["`grades`", "89 to 90", "decimals"]),
        (bands(("a", 90, 100), ("b", 10, 90)), ["lowest", "`b`", "10", "start at: 0"]),
        (bands(("a", 90, 99), ("b", 0, 90)), ["highest", "99", "end at: 100"]),
        (bands(("a", 90, 100), ("a", 0, 90)), ["repeats"]),
        ("[ex_ant]\nthreshold = 1\n", ["unknown key `ex_ant`", "ex_ante"]),
        ("[scoring]\nmaximum = 1\n", ["unknown key `scoring.maximum`", "score_max"]),
        ("[checks.no_units]\non = true\n", ["unknown key `checks.no_units`", "no_unit"]),
        (
            "[weights]\nexecution = 10\nindicators = 100\n",
            ["110", "execution 10 + indicators 100", "to 100"],
        ),
        ("[weights]\nexecution = -10\nindicators = 110\n", ["weights.execution", "-10"]),
        ("[weights]\nexecution = '10'\nindicators = 90\n", ["weights.execution", "'10'", "a number"]),
        ("[reasons]\nexecution_below = 90\n", ["reasons.execution_below", "90", "0.9"]),
        ("[reasons]\nexecution_below = nan\n", ["reasons.execution_below", "a number"]),
        ("[calendar]\nself_evaluation = 'last'\n", ["calendar.self_evaluation", "last", "by_date"]),
        ("[consequences]\nexcellent = 'prize'\n", ["consequences.excellent", "prize", "priority"]),
        ("[consequences]\nsuperb = 'keep'\n", ["consequences", "superb", "excellent"]),
        ("[source_of.grades]\nzh = 'x'\nen = 'x'\nsureness = 'sure'\n", ["sureness", "`sure`", "digest"]),
        ("[source_of.grades]\nzh = 'x'\nsureness = 'digest'\n", ["source_of.grades.en"]),
        ("[ex_ante]\nthreshold = 1\n", ["lacks", "ex_ante.amount_columns"]),
        (
            "[warning]\nexecution_lines = [{month = 6, share = 0.4}, {month = 4, share = 0.2}]\n",
            ["months", "6, 4"],
        ),
        (
            "[warning]\nexecution_lines = [{month = 4, share = 25}]\n",
            ["lines[1].share", "25", "0 to 1"],
        ),
        ("[warning]\npace_bands = [{key='r', zh='r', en='r', lower=0.5}]\n", ["pace_bands", "no limit"]),
        ("[[grades]]\nkey = 'x'\n", ["lacks", "grades[1].zh"]),
        ("weights = 3\n", ["unknown key"]),
        ("[broken\n", ["no valid TOML"]),
    ],
)
def test_every_fault_has_its_sentence(tmp_path, more, said):
    sentence = fault(write(tmp_path, more))
    for part in said:
        assert part in sentence


def test_a_set_without_source(tmp_path):
    file = tmp_path / "bare.toml"
    file.write_text(MINIMAL.split("[source]")[0], "utf-8")
    assert "lacks `source`" in fault(file)
    assert "缺少 `source`" in fault(file, "zh")


def test_a_set_on_its_own_must_have_every_section(tmp_path):
    file = write(tmp_path)
    file.write_text(MINIMAL.replace('inherits = "national-2020"\n', ""), "utf-8")
    assert "lacks `calendar`" in fault(file)


def test_unknown_parent_and_cycle(tmp_path):
    file = write(tmp_path)
    file.write_text(MINIMAL.replace("national-2020", "regional"), "utf-8")
    assert "`inherits = regional`" in fault(file) and "binjiang-2023" in fault(file)
    file.write_text(MINIMAL.replace("national-2020", "other"), "utf-8")
    write(tmp_path, name="other").write_text(MINIMAL.replace("national-2020", "mine"), "utf-8")
    assert "mine → other → mine" in whole_fault(file)


@pytest.mark.parametrize("name", ["nowhere", "../rules/incumbent", "no/such.toml"])
def test_unknown_set_lists_the_known(name):
    assert "binjiang-2023" in whole_fault(name)
    assert "没有规则集" in whole_fault(name, "zh")


def test_what_a_set_does_not_say_is_an_error_when_asked():
    rules = load_rules("national-2020")
    with pytest.raises(DataError, match="`ex_ante`"):
        rules["ex_ante"]


def test_every_check_has_words():
    assert all(has_text(f"targets.{check}") and has_text(f"targets.{check}_remedy") for check in CHECKS)
