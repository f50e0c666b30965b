"""The templates that ship: no number of their own, the same blocks and facts in both languages."""

import re

import pytest

from perflib.data.places import shared_folder
from perflib.show.facts import Facts
from perflib.show.template import Template, template_text
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


@pytest.mark.parametrize("tag", ["{% if f.rate.value %}{{ f.rate }}{% endif %}", "{{ f.rate }}"])
def test_no_block_runs_into_the_heading_below(tag, tmp_path):
    """Jinja eats the end of a line that closes with a tag; a heading needs a blank line above it."""
    (tmp_path / "en").mkdir()
    text = f"# A\n\n{{% block said %}}\n{tag}\n{{% endblock %}}\n\n## B\n"
    (tmp_path / "en" / "told.md").write_text(text, "utf-8")
    words = {"zh": "率", "en": "Rate", "formula_zh": "甲÷乙", "formula_en": "a / b"}
    facts = Facts("told", currency="EUR", input_sha256="0" * 64, declared={"rate": words})
    facts.add("rate", 0.5, unit="share", table="projects", rows=9)
    page = Template("told", "en", folder=tmp_path).page(facts, figure=str, table=str)
    assert re.search(r"50\.0%\]\{[^}]*\}\n\n+## B", page)


@pytest.mark.parametrize("name", NAMES)
def test_the_word_none_is_left_to_missing_values(name):
    # Reports are searched for values that were printed raw; a sentence that begins so would hide one.
    assert not re.search(r"\bNone\b", source(name, "en"))
