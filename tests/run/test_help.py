import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from perflib.data.text import LANGUAGES, has_text
from perflib.run.command import app
from perflib.run.help import help_page, parameter_help, wrap

ROOT = typer.main.get_command(app)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", list(ROOT.commands))
def test_every_command_and_parameter_is_explained(name, lang):
    assert has_text(f"run_help.{name}")
    for parameter in ROOT.commands[name].params:
        assert parameter_help(name, parameter.name, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("columns", [60, 80, 100])
def test_no_line_is_wider_than_the_screen(lang, columns):
    for command in (ROOT, *ROOT.commands.values()):
        page = help_page(command, "perflib", lang, columns=columns)
        assert max(map(cell_len, page.splitlines())) <= columns


def test_chinese_help_has_no_english_words_of_the_frame():
    page = help_page(ROOT, "perflib", "zh")
    assert "Usage" not in page
    assert "Options" not in page


@given(st.text(alphabet="一二三，。ab c", max_size=80), st.integers(8, 40))
def test_wrapping_loses_nothing_but_spaces(text, width):
    assert "".join("".join(wrap(text, width)).split()) == "".join(text.split())
