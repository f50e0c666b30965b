"""The dictionary in the project is the one that the contract gives."""

from perflib.data.contract import tables
from perflib.data.places import shared_folder
from tools.dictionary import dictionary_markdown


def test_committed_dictionary_is_up_to_date():
    written = (shared_folder("data") / "DICTIONARY.md").read_text("utf-8")
    assert written == dictionary_markdown(), "run: python -m tools.dictionary > data/DICTIONARY.md"


def test_every_column_is_in_it():
    text = dictionary_markdown()
    for declared in tables().values():
        section = text.split(f"## `{declared.name}`")[1].split("\n## ")[0]
        assert [f"| `{c.name}` |" for c in declared.columns if f"| `{c.name}` |" not in section] == []
