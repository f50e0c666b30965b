"""Every sentence of the evaluation topics is there in both languages, with the same fields, and is used."""

import re
import string
import tomllib

import pytest

from perflib.data.places import PACKAGE, shared_folder
from perflib.data.text import say

TOPICS = {
    t: tomllib.loads((shared_folder("text/topics") / f"{t}.toml").read_text("utf-8"))
    for t in ("evaluation", "evaluation_reasons")
}
CODE = "".join(f.read_text("utf-8") for room in ("infer", "measure") for f in (PACKAGE / room).glob("*.py"))


def _fields(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_have_the_same_fields(topic):
    for name, both in TOPICS[topic].items():
        assert set(both) == {"zh", "en"}, name
        assert _fields(both["zh"]) == _fields(both["en"]), name


def test_every_sentence_is_raised_somewhere():
    assert set(re.findall(r'"evaluation\.([a-z_]+)"', CODE)) == set(TOPICS["evaluation"])


def test_every_reason_is_given_somewhere():
    unused = [name for name in TOPICS["evaluation_reasons"] if f'"{name}"' not in CODE]
    assert unused == []
    assert say("evaluation_reasons.panel_too_small", "zh") == "专家组过小，只列离散程度"
