"""What is declared in text/ is said: no sentence, caption, word or cell that no notebook prints."""

import json
import re
import tomllib

import pytest

from perflib.data.places import shared_folder
from tests.conftest import ROOT

PAGES = sorted(shared_folder("text").glob("[0-9][0-9]_*.toml"))


SAID_BY = {"30_dual_monitoring": "monitor.py"}  # a run that prints a page of the notebook's text


def code_of(name: str) -> str:
    cells = json.loads((shared_folder("notebooks") / f"{name}.ipynb").read_text("utf-8"))["cells"]
    run = (ROOT / "perflib" / "run" / SAID_BY[name]).read_text("utf-8") if name in SAID_BY else ""
    return "\n".join([*("".join(c["source"]) for c in cells if c["cell_type"] == "code"), run])


@pytest.mark.parametrize("file", PAGES, ids=lambda f: f.stem)
def test_every_id_is_used_by_the_notebook(file):
    text, code = tomllib.loads(file.read_text("utf-8")), code_of(file.stem)
    for kind in ("say", "tables", "figures", "words"):
        named = [
            id
            for id in text.get(kind, {})
            if f'"{id}"' in code or f"'{id}'" in code or f'f"{id.partition("_")[0]}_{{' in code
        ]
        assert named == list(text.get(kind, {})), kind
    ids = {id for kind in ("say", "tables", "figures") for id in text.get(kind, {})}
    assert set(text.get("heads", {})) <= ids


@pytest.mark.parametrize("file", PAGES, ids=lambda f: f.stem)
def test_every_cell_with_words_of_its_own_is_printed(file):
    text = tomllib.loads(file.read_text("utf-8"))
    columns, code = text.pop("columns", {}), code_of(file.stem)
    said = json.dumps(text, ensure_ascii=False)
    for key in (k for k in columns if "." in k):
        frame, _, name = key.rpartition(".")
        in_table = frame in text.get("tables", {}) and re.search(rf"\b{name}\b", code)
        assert in_table or re.search(rf"\.{name}\b", said) or f'{frame}"' in code, key


@pytest.mark.parametrize("file", PAGES, ids=lambda f: f.stem)
def test_both_languages_print_the_same_cells(file):
    for id, sides in tomllib.loads(file.read_text("utf-8"))["say"].items():
        zh, en = ({re.sub(r"\.(bare|abs)$", "", c) for c in re.findall(r"\{\{ ?(\w+\.[\w.]+)", sides[lang])}
                  for lang in ("zh", "en"))  # fmt: skip
        assert zh == en, id
