import pytest

from perflib.run.help import chosen_language


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["--lang", "zh"], {"PERFLIB_LANG": "en"}, "zh"),
        (["report", "--lang=en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"PERFLIB_LANG": "zh", "LANG": "en_US"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "de_DE", "LANG": "zh_CN"}, "en"),
        (["--lang"], {}, "en"),
        (["--lang", "fr"], {}, "en"),
    ],
)
def test_option_then_variable_then_locale(arguments, environment, expected):
    assert chosen_language(arguments, environment) == expected
