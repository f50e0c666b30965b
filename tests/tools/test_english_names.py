"""English pages of the sample show English names only."""

import json
import re

import pytest

from perflib.data.places import shared_folder

HAN = re.compile(r"[㐀-鿿]")
STORED = sorted((shared_folder("notebooks") / "en").glob("[0-9]*.ipynb"))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_english_notebooks_show_no_chinese(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    told = ["".join(text) for cell in cells for output in cell.get("outputs", [])
            for kind, text in output.get("data", {}).items() if kind.startswith("text/")]  # fmt: skip
    assert told or path.stem.startswith("00")
    assert not [
        text[max(found.start() - 40, 0) : found.end() + 40] for text in told if (found := HAN.search(text))
    ]
