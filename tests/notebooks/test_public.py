"""The public edition of every page: no working papers, no rater by name, no small count."""

import re

import pytest

from perflib.data.book import load_book
from tests.notebooks.cells import write_notebook
from tests.notebooks.test_words import PAGES


OF_NOBODY = {"agreement.raters_needed", "named.rules", "piled.heaped_marks", "bunched.bunched_lines", "counts.above",
             "here.claimed", "work.done", "work.open"}  # fmt: skip
"""Counts of raters needed, rules, marks, lines between grades, districts and pieces of planned work: they tell of no
person and no project."""


@pytest.fixture(scope="module")
def raters():
    return set(load_book("sample").table("ratings")["rater"].dropna())


@pytest.mark.parametrize("name", [p.stem for p in PAGES if p.stem[:2] != "00"])
def test_the_public_edition_holds_back_what_is_not_for_all(name, raters, tmp_path):
    written = write_notebook(name, tmp_path, data="sample", edition="public")
    assert not (written.folder / "lists").exists()
    assert not [rater for rater in raters if rater in written.page]
    assert not re.search(r"\(\d+\.0\)", written.page)  # a count beside a name is whole
    facts = [(id, f) for id, f in written.facts.items() if id not in OF_NOBODY]
    assert not [
        id for id, f in facts if f["unit"] == "count" and f["value"] is not None and 0 < f["value"] < 5
    ]
