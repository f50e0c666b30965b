"""What a page's text asks of a cell is what that cell can hold."""

import re
import tomllib

import pytest

from perflib.data.places import shared_folder
from perflib.data.text import topic_keys
from perflib.show.labels import column

PAGES = sorted(shared_folder("text").glob("[0-9]*.toml"))
ASKED = re.compile(r"(\w+)\.(\w+)\.value [!=]= '(\w+)'")


@pytest.mark.parametrize("page", PAGES, ids=[p.stem for p in PAGES])
def test_no_code_is_looked_for_in_a_cell_that_is_printed_in_words(page):
    text = page.read_text("utf-8")
    own = tomllib.loads(text).get("columns", {})
    for frame, name, code in ASKED.findall(text):
        declared = own.get(f"{frame}.{name}") or own.get(name)
        general = column(name, or_none=True)
        codes = declared.get("codes") if declared else general and general.codes
        assert not codes or code not in topic_keys(codes), f"{frame}.{name} == '{code}' is never true"
