import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.data.text import say
from perflib.show import plots as plot
from perflib.show.numbers import format_cell, format_value


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (0.9534, "share", "95.3%", "95.3%"),
        (0.9535, "share", "95.4%", "95.4%"),  # half up, and not 95.3 as the double 0.9535 would have it
        (-0.00001, "share", "0.0%", "0.0%"),
        (3.37, "points", "3.4个百分点", "3.4 percentage points"),
        (98_660_000, "money", "9,866万元", "CNY 98.66 million"),
        (1_234_567_890, "money", "12.35亿元", "CNY 1.23 billion"),
        (12_345, "money", "1.23万元", "CNY 12,345"),
        (1.5, "money", "1.5元", "CNY 1.50"),
        (1961, "count", "1,961", "1,961"),
        (92.345, "score", "92.35分", "92.35"),
        (2022, "year", "2022", "2022"),
        ("2023-05-06", "date", "2023年5月6日", "6 May 2023"),
        ("财预〔2020〕10号", "rule", "财预〔2020〕10号", "财预〔2020〕10号"),
        (12.345, "ratio", "12.35", "12.35"),
        (-0.5, "share", "−50.0%", "−50.0%"),
    ],
)
def test_values_are_printed_in_both_languages(value, unit, zh, en):
    assert (format_value(value, unit, "zh"), format_value(value, unit, "en")) == (zh, en)


def test_other_currencies_keep_their_name():
    assert format_value(1e6, "money", "zh", currency="EUR") == "100万欧元"
    assert format_value(1e6, "money", "en", currency="EUR") == "EUR 1.00 million"


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_value_says_why(missing):
    assert format_value(missing, "share", "zh", reason="no_budget") == "不适用（未安排预算）"
    assert format_value(missing, "share", "en", reason="adjusted_to_zero") == "n/a (budget adjusted to zero)"
    assert format_value(missing, "share", "en") == "n/a"


def test_cells_leave_the_unit_to_the_head():
    assert format_cell(98_660_000, "money", "zh") == "9,866.00"
    assert format_cell(None, "money", "zh") == "—"
    assert format_cell(True, None, "zh") == "是"


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (0.8, "limit", "80%"), (0.005, "limit", "0.5%"), (1.3, "limit", "130%"),
        (0.0049, "chance", "<0.01"), (0.005, "chance", "0.01"), (0.034, "chance", "0.03"), (0.0, "chance", "<0.01"),
    ],
)  # fmt: skip
def test_limits_have_no_needless_decimals_and_no_chance_is_zero(value, unit, printed):
    assert format_value(value, unit, "zh") == format_value(value, unit, "en") == printed
    assert format_cell(value, unit, "en") == printed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_places_are_whole_or_halves(lang):
    assert format_value(21.0, "places", lang) == "21" and format_value(10.5, "places", lang) == "10.5"


def test_another_language_is_refused_in_a_sentence():
    for asked in (
        lambda: format_value(0.5, "share", "fr"),
        lambda: say("show_report.comma", "fr"),
        lambda: plot.bars(pd.DataFrame({"name": ["a"], "rate": [0.5]}), y="name", x="rate", lang="fr"),
    ):
        with pytest.raises(ArgumentError, match="Language `fr` is not available; use zh or en"):
            asked()


def test_a_month_is_printed_by_its_name():
    assert [format_value(6, "month", lang) for lang in ("zh", "en")] == ["6月", "June"]
