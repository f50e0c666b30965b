"""The templates that ship: no number of their own, the same blocks and facts in both languages."""

import re

import pytest

from perflib.data.places import shared_folder
from perflib.show.template import template_text
from perflib.show.wording import undeclared_numbers

FOLDER = shared_folder("reports/templates")
NAMES = sorted(f.stem for f in (FOLDER / "zh").glob("*.md"))


def source(name: str, lang: str) -> str:
    return (FOLDER / lang / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_no_number_but_facts(name, lang):
    assert undeclared_numbers(template_text(source(name, lang))) == []


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_blocks_and_macros(name):
    parts = [set(re.findall(r"\{% (block|macro) (\w+)", source(name, lang))) for lang in ("zh", "en")]
    assert parts[0] == parts[1]


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_print_the_same_facts(name):
    facts = [set(re.findall(r"\bf\.(\w+)", source(name, lang))) for lang in ("zh", "en")]
    assert facts[0] == facts[1]
