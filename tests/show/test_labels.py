import pandas as pd
import pytest

from perflib.data.contract import tables
from perflib.data.errors import PerflibError
from perflib.show.labels import column, headings, printed_rows


def test_every_column_of_the_contract_has_a_name_in_both_languages():
    for table in tables().values():
        for name in table.names:
            assert column(name).label("zh") and column(name).label("en") != name


def test_a_raw_column_name_is_an_error():
    with pytest.raises(PerflibError, match="Column `exec_rt` has no Chinese and English name"):
        headings(pd.DataFrame({"exec_rt": [1]}), "zh")


def test_headings_carry_their_unit():
    frame = pd.DataFrame({"executed": [1.0], "execution_rate": [0.5]})
    assert list(headings(frame, "zh", "EUR").values()) == ["全年执行数（万欧元）", "执行率"]


def test_codes_are_printed_in_words():
    frame = pd.DataFrame({"reason": ["no_budget", None], "base": ["adjusted", "initial"]})
    assert printed_rows(frame, "en") == [["no budget", "adjusted budget"], ["—", "initial budget"]]


def test_no_computed_column_takes_the_words_from_the_codes_of_findings_and_evaluations():
    """A column of the same name in `words.toml` would print `audit` where the contract says 审计."""
    for table in (tables()["findings"], tables()["evaluations"]):
        for name in table.names:
            for choice in table[name].choices:
                assert column(name).cell(choice.value, "zh") == choice.zh
