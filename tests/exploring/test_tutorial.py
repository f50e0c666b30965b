"""The blocks of docs/tutorial.md run one after the other, and show what stands below them."""

import ast
import re

import matplotlib

from tests.conftest import ROOT

BLOCKS = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.S)


def test_every_block_shows_what_the_tutorial_says(monkeypatch):
    matplotlib.use("Agg")
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    blocks = BLOCKS.findall(text)
    assert len(blocks) == text.count("```python") >= 9
    names: dict = {}
    told = {source: shown(source, names) for source, _ in blocks}
    assert told == {source: words.rstrip("\n") for source, words in blocks}


def shown(source: str, names: dict) -> str:
    """What a cell of `source` shows: its last expression, a text as it is."""
    body = ast.parse(source).body
    last = ast.Expression(body.pop().value)
    exec(compile(ast.Module(body, []), "tutorial", "exec"), names)
    value = eval(compile(last, "tutorial", "eval"), names)
    return value if isinstance(value, str) else repr(value)


def test_its_links_lead_somewhere():
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    assert all((ROOT / "docs" / link).is_file() for link in re.findall(r"\]\(([a-z.-]+)\)", text))
